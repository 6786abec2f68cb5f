// SPDX-License-Identifier: MPL-2.0

package network

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// network is one switch with its services. Frames find their way by an immutable table that each Plug
// and Unplug replaces, so nothing on their way takes a lock.
type network struct {
	id       string
	services *services
	table    atomic.Pointer[table]
	joined   atomic.Pointer[joined]
	topology *atomic.Pointer[topology] // the fabric's
	watch    stopwatch
	learned  learned
}

// table is who is plugged into a network.
type table struct {
	ports  map[string]*port // by id
	mac    map[mac]*port
	ip     map[netip.Addr]*port        // link-local ones among them
	names  map[string][]netip.Addr     // hostname in lower case, to its addresses
	own    map[netip.Addr]netip.Prefix // the services' addresses on subnets
	mtu    int                         // the smallest of the ports', and of networks behind routers that lead here
	joined *joined
}

func newTable(ports map[string]*port, j *joined) *table {
	t := &table{
		ports:  ports,
		mac:    make(map[mac]*port, len(ports)),
		ip:     make(map[netip.Addr]*port, len(ports)),
		names:  make(map[string][]netip.Addr, len(ports)),
		own:    j.gateways(),
		joined: j,
	}
	for _, id := range slices.Sorted(maps.Keys(ports)) {
		p := ports[id]
		s := p.settings.Load()
		t.mac[s.guard.mac] = p
		t.ip[s.guard.mac.linkLocal()] = p
		for _, a := range s.Addresses {
			t.ip[a.IP] = p
			name := canonical(s.Hostname)
			t.names[name] = append(t.names[name], a.IP)
			if own := servicesOn(a.Subnet); own.IsValid() && j.ip[own] == nil {
				t.own[own] = a.Subnet.CIDR
			}
		}
		if t.mtu == 0 || s.MTU < t.mtu {
			t.mtu = s.MTU
		}
	}
	for _, p := range j.ports {
		if p == p.router.outside {
			t.mtu = leastMTU(t.mtu, p.router.ports)
		}
	}
	maps.DeleteFunc(t.own, func(a netip.Addr, _ netip.Prefix) bool { return t.ip[a] != nil })
	return t
}

// leastMTU is the smallest of mtu, if it is any, and those of a router's networks: the services of an external network
// send nothing that a router could not pass on, for it does not fragment.
func leastMTU(mtu int, ports []*routerPort) int {
	for _, p := range ports {
		if mtu == 0 || p.mtu < mtu {
			mtu = p.mtu
		}
	}
	return mtu
}

// servicesOn is the services' address on a subnet: that of its DHCP port, or without one an IPv4 gateway
// that is nobody else's; invalid if there is none.
func servicesOn(s driver.Subnet) netip.Addr {
	if s.DHCPPort.IsValid() || !s.Gateway.Is4() {
		return s.DHCPPort
	}
	return s.Gateway
}

// owns tells the services' addresses.
func (t *table) owns(a netip.Addr) bool {
	_, own := t.own[a]
	return own || a == metadataAddr || a == metadataAddr6
}

// admits tells why a port with these settings cannot join, nil if it can.
func (t *table) admits(s *settings, own mac) error {
	if other := t.mac[s.guard.mac]; s.guard.mac == own || t.joined.mac[s.guard.mac] != nil || other != nil && other.settings.Load().ID != s.ID {
		return fmt.Errorf("MAC address %s is taken on network %s", s.MAC, s.NetworkID)
	}
	for _, a := range s.Addresses {
		other := t.ip[a.IP]
		if t.owns(a.IP) || other != nil && other.settings.Load().ID != s.ID {
			return fmt.Errorf("address %s is taken on network %s", a.IP, s.NetworkID)
		}
	}
	return nil
}

// with and without are called one at a time (under the fabric's lock) and publish the changed table.
func (n *network) with(p *port) {
	ports := maps.Clone(n.table.Load().ports)
	ports[p.settings.Load().ID] = p
	n.publish(newTable(ports, n.joined.Load()))
}

func (n *network) without(id string) (left int) {
	ports := maps.Clone(n.table.Load().ports)
	delete(ports, id)
	n.publish(newTable(ports, n.joined.Load()))
	return len(ports)
}

func (n *network) publish(t *table) {
	n.table.Store(t)
	n.forget(t)
	n.services.follow(t)
}

// receive takes a frame from a port's guest; f is only lent.
func (n *network) receive(p *port, f []byte) {
	pol := p.policy.Load()
	if pol.guard.announces(f) {
		return // read has followed the machine, and nobody else has to learn where it is
	}
	pk, t := readPacket(f), n.table.Load()
	if !p.lets(pol, &pk, n.serves(t, &pk)) {
		p.counters.txDropped.Add(1)
		return
	}
	p.counters.txFrames.Add(1)
	p.counters.txBytes.Add(uint64(len(f)))
	if n.answerDHCP(p, &pk) || n.answerDHCP6(p, &pk) {
		return
	}
	if from := source(f); from != pol.guard.mac {
		n.learn(p, from)
	}
	n.switchTo(t, p, &pk)
}

// serves tells what a guest may ask of the network itself, whatever its groups say: without metadata and
// names it could not be set up.
func (n *network) serves(t *table, pk *packet) bool {
	if !pk.sound || !pk.dst.IsValid() {
		return false
	}
	if to := destination(pk.frame); to != n.services.mac && t.joined.mac[to] == nil { // routers pass on what is for metadata
		return false
	}
	metadata := pk.protocol == protocolTCP && (pk.dst == metadataAddr || pk.dst == metadataAddr6) && pk.dport == metadataPort
	dns := (pk.protocol == protocolUDP || pk.protocol == protocolTCP) && pk.dport == dnsPort && t.owns(pk.dst)
	return metadata || dns
}

// answerDHCP takes what is DHCP's. It ends here, whomever it is sent to: no guest sees another's, or
// answers it, unless nobody else does.
func (n *network) answerDHCP(p *port, pk *packet) bool {
	s := p.settings.Load()
	if s.lease == nil || !pk.is(protocolUDP, false) || pk.piece == later || pk.dport != dhcpServerPort {
		return false
	}
	if udp, ok := udpIn(header.IPv4(pk.frame[ethernetLen:])); ok {
		if reply := s.answerDHCP(n.services.mac, udp.Payload()); reply != nil {
			p.send(reply)
		}
	}
	return true
}

// switchTo brings a guest's packet to whom it is for, as far as their rules let it. The table knows every
// station, but for those of port security's exceptions; a frame to an unknown one is dropped.
func (n *network) switchTo(t *table, from *port, pk *packet) {
	switch to := destination(pk.frame); {
	case to.group():
		for _, p := range t.ports {
			if p != from {
				p.pass(pk, false)
			}
		}
		for _, p := range n.joined.Load().ports {
			p.receive(pk.frame)
		}
		n.services.overhear(pk.frame)
	case to == n.services.mac:
		n.services.take(pk.frame)
	default:
		if p := n.joined.Load().mac[to]; p != nil {
			p.receive(pk.frame)
		} else if p := n.station(t, to); p != nil && p != from {
			p.pass(pk, false)
		}
	}
}
