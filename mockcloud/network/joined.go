// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// joined is which routers are on a network, and what it is to them. It does not change: each topology brings
// another.
type joined struct {
	ports    []*routerPort
	mac      map[mac]*routerPort
	ip       map[netip.Addr]*routerPort // own addresses, and the floating ones that they answer for
	external bool
	subnets  []driver.Subnet // of an external network
}

func newJoined() *joined {
	return &joined{mac: make(map[mac]*routerPort), ip: make(map[netip.Addr]*routerPort)}
}

// add makes a router's port known.
func (j *joined) add(p *routerPort) {
	j.ports = append(j.ports, p)
	j.mac[p.mac] = p
	for _, a := range p.addresses {
		j.ip[a.IP] = p
	}
	if p == p.router.outside {
		for a := range p.router.floating {
			j.ip[a] = p
		}
	}
}

// gateways are the addresses beyond which an external network leads on, and those from which the host calls: they are
// nobody's but the host's.
func (j *joined) gateways() map[netip.Addr]netip.Prefix {
	own := make(map[netip.Addr]netip.Prefix)
	if !j.external {
		return own
	}
	for _, p := range j.ports {
		if r := p.router; p == r.outside && r.caller.IsValid() {
			own[r.caller] = netip.PrefixFrom(r.caller, r.caller.BitLen())
		}
	}
	for _, s := range j.subnets {
		if s.Gateway.Is4() && j.ip[s.Gateway] == nil {
			own[s.Gateway] = s.CIDR.Masked()
		}
	}
	return own
}

// whoHas is the station that has an address on the network, as far as is known without asking.
func (n *network) whoHas(a netip.Addr) (mac, bool) {
	t, j := n.table.Load(), n.joined.Load()
	if p := t.ip[a]; p != nil {
		return p.settings.Load().guard.mac, true
	}
	if p := j.ip[a]; p != nil {
		return p.mac, true
	}
	return n.services.mac, t.owns(a)
}

// emit brings a frame of a router's, or of the network's services where by is nil, to whom it is for. What
// the services say for themselves needs no rule.
func (n *network) emit(by *routerPort, f []byte) {
	t, j, to, pk := n.table.Load(), n.joined.Load(), destination(f), readPacket(f)
	exempt := by == nil && (!pk.dst.IsValid() || t.owns(pk.src))
	switch {
	case to.group():
		for _, p := range t.ports {
			p.pass(&pk, exempt)
		}
		for _, p := range j.ports {
			if p != by {
				p.receive(f)
			}
		}
		if by != nil {
			n.services.overhear(f)
		}
	case to == n.services.mac && by != nil:
		n.services.take(f)
	default:
		if p := n.station(t, to); p != nil {
			p.pass(&pk, exempt)
		} else if p := j.mac[to]; p != nil && p != by {
			p.receive(f)
		}
	}
}
