// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"fmt"
	"net/netip"
	"sync"

	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// routing is what a fabric knows of routers. It is changed under the fabric's lock.
type routing struct {
	routers  []*router
	memories map[string]*routerMemory // by router
	stop     context.CancelFunc       // of who advertises; nil: nobody does
	done     sync.WaitGroup
}

// close ends the advertising.
func (r *routing) close() {
	if r.stop != nil {
		r.stop()
	}
	r.done.Wait()
}

// readRoutes leaves routers and floating addresses out that cannot be: nobody's rules wait for them.
func (t *topology) readRoutes() {
	keep := func(what, id string, err error) bool {
		if err != nil {
			t.refused[refused{what, id}] = err.Error()
		}
		return err == nil
	}
	routers, floating := t.Routers, t.Floating
	t.Routers, t.Floating, t.callers = nil, nil, make(map[string]netip.Addr)
	for _, r := range routers {
		if !keep("router", r.ID, checkRouter(r)) {
			continue
		}
		t.Routers = append(t.Routers, r)
		if from, err := callerOf(r, t.External[r.Outside.NetworkID]); keep("the host's way to floating IPs of the router", r.ID, err) {
			t.callers[r.ID] = from
		}
	}
	for _, a := range floating {
		if keep("floating IP", a.ID, checkFloating(a)) {
			t.Floating = append(t.Floating, a)
		}
	}
}

func checkRouter(r driver.Router) error {
	for _, p := range append([]driver.RouterPort{r.Outside}, r.Inside...) {
		if p.NetworkID == "" {
			continue
		}
		if _, err := parseMAC(p.MAC); err != nil {
			return err
		}
		for _, a := range p.Addresses {
			if !a.IP.IsValid() || !a.Subnet.CIDR.IsValid() {
				return fmt.Errorf("bad address %s on subnet %s", a.IP, a.Subnet.CIDR)
			}
		}
	}
	for _, route := range r.Routes {
		if !route.Destination.IsValid() || !route.NextHop.IsValid() {
			return fmt.Errorf("bad route %v", route)
		}
	}
	return nil
}

func checkFloating(a driver.FloatingIP) error {
	if !a.Address.Is4() || !a.Fixed.Is4() {
		return fmt.Errorf("bad addresses %s and %s", a.Address, a.Fixed)
	}
	return nil
}

// route makes the routers of a topology, on the networks that have guests and on the external ones that
// routers lead to. It tells the networks that are needed no more, to be closed without the fabric's lock.
// Called with the lock held, whenever the topology or the set of networks changes.
func (f *Fabric) route(t *topology) (left []*network) {
	if f.closed {
		return nil
	}
	wanted := f.wanted(t)
	for id, n := range f.networks {
		if !wanted[id] {
			delete(f.networks, id)
			left = append(left, n)
		}
	}
	f.routing.routers = f.makeRouters(t)
	has := make(map[*network]*joined, len(f.networks))
	for id, n := range f.networks {
		j := newJoined()
		j.subnets, j.external = t.External[id], false
		_, j.external = t.External[id]
		has[n] = j
	}
	for _, r := range f.routing.routers {
		for _, p := range r.ports {
			has[p.network].add(p)
		}
	}
	f.publish(has)
	return left
}

// wanted are the networks that there have to be: what has a port, and where routers lead out. External ones
// are made.
func (f *Fabric) wanted(t *topology) map[string]bool {
	wanted := make(map[string]bool)
	for _, p := range f.ports {
		wanted[p.network.id] = true
	}
	for _, r := range t.Routers {
		id := r.Outside.NetworkID
		if _, external := t.External[id]; !external || r.Down || wanted[id] {
			continue
		}
		if _, _, err := f.network(id); err != nil {
			f.options.Log.Error("external network not made", "network", id, "error", err)
			continue
		}
		wanted[id] = true
	}
	return wanted
}

func (f *Fabric) makeRouters(t *topology) []*router {
	kept := f.routing.memories
	f.routing.memories = make(map[string]*routerMemory, len(t.Routers))
	var routers []*router
	for _, told := range t.Routers {
		memory := kept[told.ID]
		if memory == nil {
			memory = &routerMemory{newNAT(f.options.Clock), newNeighbours(f.options.Clock)}
		}
		f.routing.memories[told.ID] = memory
		if !told.Down {
			made := newRouter(told, t.Floating, f.networks, memory, &f.buffers)
			made.caller = t.callers[told.ID]
			routers = append(routers, made)
		}
	}
	return routers
}

// publish makes the networks' new routers theirs, and has those that are new announce themselves: guests may
// remember another MAC address (Neutron: send_arp_for_ha). Those that are gone say so.
func (f *Fabric) publish(has map[*network]*joined) {
	var fresh, gone []*routerPort
	for n, j := range has {
		old := n.joined.Load()
		n.joined.Store(j)
		n.publish(newTable(n.table.Load().ports, j))
		for _, p := range j.ports {
			if before := old.mac[p.mac]; before == nil || len(before.addresses) != len(p.addresses) {
				fresh = append(fresh, p)
			}
		}
		for _, p := range old.ports {
			if p.advertises() && !j.mac[p.mac].advertises() {
				gone = append(gone, p)
			}
		}
	}
	for _, p := range gone {
		p.retire()
	}
	for _, p := range fresh {
		p.announce()
	}
	f.advertise()
}

// announce tells the guests of a network who has the router's addresses.
func (p *routerPort) announce() {
	for _, a := range p.addresses {
		if a.IP.Is4() { // some systems heed the one, some the other
			all := mac{255, 255, 255, 255, 255, 255}
			p.network.emit(p, arpPacket(all, header.ARPRequest, p.mac, a.IP, mac{}, a.IP))
			p.network.emit(p, arpPacket(all, header.ARPReply, p.mac, a.IP, all, a.IP))
		}
	}
	p.advertise(mac{}, allNodes)
}

// advertise begins to repeat advertisements once there is a router with something to say.
func (f *Fabric) advertise() {
	if f.routing.stop != nil {
		return
	}
	for _, r := range f.routing.routers {
		for _, p := range r.ports {
			if p.advertises() {
				ctx, stop := context.WithCancel(context.Background())
				f.routing.stop = stop
				f.routing.done.Go(func() { f.advertiseAll(ctx) })
				return
			}
		}
	}
}
