// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
)

// follow brings the router's stack from the table it knows to t: its own addresses, the routes to the
// subnets, and the neighbours, which are static so that no ARP of a guest can change them. Called one
// at a time. What it asks of the stack cannot fail: each entry is added and removed once.
func (r *services) follow(t *table) {
	old := r.current
	for a := range old.own {
		if _, stays := t.own[a]; !stays {
			_ = r.stack.RemoveAddress(nicID, tcpipAddr(a))
		}
	}
	for a, subnet := range t.own {
		if _, known := old.own[a]; !known {
			_ = r.addAddress(a, subnet.Bits())
		}
	}
	for a := range old.ip {
		if a.Is4() && t.ip[a] == nil {
			_ = r.stack.RemoveNeighbor(nicID, ipv4.ProtocolNumber, tcpipAddr(a))
		}
	}
	for a, p := range t.ip {
		if a.Is4() {
			_ = r.stack.AddStaticNeighbor(nicID, ipv4.ProtocolNumber, tcpipAddr(a), p.settings.Load().guard.mac.link())
		}
	}
	r.stack.SetRouteTable(t.routes())
	if t.mtu > 0 {
		r.link.SetMTU(uint32(t.mtu + ethernetLen))
	}
	r.current = t
}

// routes are the router's: each subnet is on its link, and there is nothing else.
func (t *table) routes() []tcpip.Route {
	seen := make(map[netip.Prefix]bool)
	var routes []tcpip.Route
	for _, p := range t.ports {
		for _, a := range p.settings.Load().Addresses {
			if c := a.Subnet.CIDR; a.IP.Is4() && !seen[c] {
				seen[c] = true
				to := tcpip.AddressWithPrefix{Address: tcpipAddr(c.Addr()), PrefixLen: c.Bits()}
				routes = append(routes, tcpip.Route{Destination: to.Subnet(), NIC: nicID})
			}
		}
	}
	return routes
}
