// SPDX-License-Identifier: MPL-2.0

package network

import (
	"maps"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// follow brings the services' stack from the table it knows to t: its own addresses, the routes to the
// subnets, and the neighbours, which are static so that no ARP of a guest can change them. Called one
// at a time. What it asks of the stack cannot fail: each entry is added and removed once.
func (s *services) follow(t *table) {
	old := s.current
	for a := range old.own {
		if _, stays := t.own[a]; !stays {
			_ = s.stack.RemoveAddress(nicID, tcpipAny(a))
		}
	}
	for a, subnet := range t.own {
		if _, known := old.own[a]; !known {
			_ = s.addAddress(a, subnet.Bits())
		}
	}
	has := t.neighbours()
	for a := range old.neighbours() {
		if _, stays := has[a]; !stays {
			_ = s.stack.RemoveNeighbor(nicID, protocolOf(a), tcpipAny(a))
		}
	}
	for a, hw := range has {
		_ = s.stack.AddStaticNeighbor(nicID, protocolOf(a), tcpipAny(a), hw.link())
	}
	s.stack.SetRouteTable(t.routes())
	if t.mtu > 0 {
		s.link.SetMTU(uint32(t.mtu + ethernetLen))
	}
	s.current = t
}

// neighbours are all whom the services may have to do with: guests, and what routers answer for.
func (t *table) neighbours() map[netip.Addr]mac {
	all := make(map[netip.Addr]mac, len(t.ip)+len(t.joined.ip))
	for a, p := range t.joined.ip {
		all[a] = p.mac
	}
	for a, p := range t.ip {
		all[a] = p.settings.Load().guard.mac
	}
	return all
}

// routes are the services': each subnet is on its link, and there is nothing else.
func (t *table) routes() []tcpip.Route {
	links := map[netip.Prefix]bool{netip.PrefixFrom(metadataAddr6, 64).Masked(): true}
	for _, p := range t.ports {
		for _, a := range p.settings.Load().Addresses {
			links[a.Subnet.CIDR] = true
		}
	}
	for _, s := range t.joined.subnets {
		links[s.CIDR.Masked()] = true
	}
	routes := make([]tcpip.Route, 0, len(links))
	for link := range maps.Keys(links) {
		to := tcpip.AddressWithPrefix{Address: tcpipAny(link.Addr()), PrefixLen: link.Bits()}
		routes = append(routes, tcpip.Route{Destination: to.Subnet(), NIC: nicID})
	}
	return routes
}

func protocolOf(a netip.Addr) tcpip.NetworkProtocolNumber {
	if a.Is4() {
		return ipv4.ProtocolNumber
	}
	return ipv6.ProtocolNumber
}

func (s *services) addAddress(a netip.Addr, bits int) tcpip.Error {
	return s.stack.AddProtocolAddress(nicID, tcpip.ProtocolAddress{
		Protocol:          protocolOf(a),
		AddressWithPrefix: tcpip.AddressWithPrefix{Address: tcpipAny(a), PrefixLen: bits},
	}, stack.AddressProperties{})
}
