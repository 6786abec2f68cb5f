// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
)

// overhear takes a frame to all, or to a group. The services need no answers: they know every neighbour.
func (s *services) overhear(f []byte) {
	var target netip.Addr
	switch etherType(f) {
	case header.ARPProtocolNumber:
		if request := header.ARP(f[ethernetLen:]); request.IsValid() && request.Op() == header.ARPRequest {
			target = netip.AddrFrom4([4]byte(request.ProtocolAddressTarget()))
		}
	case header.IPv6ProtocolNumber:
		if ip, ok := ipv6In(f); ok {
			if protocol, body, whole := ipv6Body(ip); whole && protocol == header.ICMPv6ProtocolNumber && len(body) >= 24 &&
				header.ICMPv6(body).Type() == header.ICMPv6NeighborSolicit {
				target = netip.AddrFrom16([16]byte(body[8:24]))
			}
		}
	}
	if target.IsValid() && s.network.table.Load().owns(target) {
		s.inject(f)
	}
}

// take takes a frame that is for the services' MAC address, of a guest or a router.
func (s *services) take(f []byte) {
	t := s.network.table.Load()
	switch etherType(f) {
	case header.ARPProtocolNumber:
		s.overhear(f)
	case header.IPv4ProtocolNumber:
		if ip, ok := ipv4In(f); ok {
			s.takeIPv4(t, f, ip)
		}
	case header.IPv6ProtocolNumber:
		if ip, ok := ipv6In(f); ok && t.owns(addr6(ip.DestinationAddress())) && !s.answerDNS6(t, f, ip) {
			s.inject(f)
		}
	}
}

func (s *services) takeIPv4(t *table, f []byte, ip header.IPv4) {
	switch to := addr4(ip.DestinationAddress()); {
	case t.owns(to):
		if !s.answerDNS4(t, f, ip) {
			s.inject(f)
		}
	case s.egress != nil && s.network.joined.Load().external && s.egress.carries(ip.TransportProtocol(), to):
		s.inject(f)
	default:
		s.prohibit(t, f, ip)
	}
}

// takeOut6 takes a packet of one of the network's guests that is for the world; false if it may not go there.
func (s *services) takeOut6(f []byte, ip header.IPv6) bool {
	protocol, _, _ := ipv6Body(ip)
	if s.network.table.Load().ip[addr6(ip.SourceAddress())] == nil || !s.egress.carries(protocol, addr6(ip.DestinationAddress())) {
		return false
	}
	s.inject(f)
	return true
}

// answerDNS4 answers a packet that is a DNS query, unless egress is to.
func (s *services) answerDNS4(t *table, f []byte, ip header.IPv4) bool {
	query, ok := udpIn(ip)
	if !ok || query.DestinationPort() != dnsPort {
		return false
	}
	reply, outside := s.resolver(t, f).answer(query.Payload())
	if outside && s.forwardsDNS() {
		return false // the stack hands it to egress
	}
	if reply != nil {
		s.network.emit(nil, udpFrame(hop{
			fromMAC: s.mac, toMAC: source(f),
			from: netip.AddrPortFrom(addr4(ip.DestinationAddress()), dnsPort),
			to:   netip.AddrPortFrom(addr4(ip.SourceAddress()), query.SourcePort()),
		}, reply))
	}
	return true
}

// forwardsDNS is whether names outside of the network are looked up for its guests. As with Neutron's DHCP agent that
// does not depend on a way out.
func (s *services) forwardsDNS() bool { return s.egress != nil && s.egress.resolver.IsValid() }

func (s *services) answerDNS6(t *table, f []byte, ip header.IPv6) bool {
	protocol, body, whole := ipv6Body(ip)
	query := header.UDP(body)
	if protocol != header.UDPProtocolNumber || !whole || len(body) < udpLen || query.DestinationPort() != dnsPort {
		return false
	}
	reply, outside := s.resolver(t, f).answer(query.Payload())
	if outside && s.forwardsDNS() {
		return false
	}
	if reply != nil {
		s.network.emit(nil, udp6Frame(hop6{
			fromMAC: s.mac, toMAC: source(f), from: addr6(ip.DestinationAddress()), to: addr6(ip.SourceAddress()), limit: 64,
		}, dnsPort, query.SourcePort(), reply))
	}
	return true
}

// prohibit tells a sender that it cannot get where it wants to; never about an error, a later fragment
// or a group (RFC 1122, 3.2.2).
func (s *services) prohibit(t *table, f []byte, ip header.IPv4) {
	to, sender := addr4(ip.DestinationAddress()), addr4(ip.SourceAddress())
	if ip.FragmentOffset() != 0 || to.IsMulticast() || to == broadcast || isError(ip) {
		return
	}
	s.network.emit(nil, prohibitedFrame(hop{
		fromMAC: s.mac, toMAC: source(f),
		from: netip.AddrPortFrom(t.serviceFor(sender), 0), to: netip.AddrPortFrom(sender, 0),
	}, ip))
}

// serviceFor is the address that the services have for who has that one.
func (t *table) serviceFor(ip netip.Addr) netip.Addr {
	best := metadataAddr
	if ip.Is6() {
		best = metadataAddr6
	}
	for own, subnet := range t.own {
		if subnet.Contains(ip) && !subnet.IsSingleIP() && (best == metadataAddr || best == metadataAddr6 || own.Less(best)) {
			best = own
		}
	}
	return best
}

// dial opens a connection to a port's guest.
func (s *services) dial(ctx context.Context, to *settings, tcpPort uint16) (net.Conn, error) {
	from, at, err := s.calls(to)
	if err != nil {
		return nil, err
	}
	return s.connect(ctx, from, netip.AddrPortFrom(at, tcpPort))
}

// calls are the addresses from and at which the services call a port's guest: its first one, IPv4 rather than IPv6.
func (s *services) calls(to *settings) (from, at netip.Addr, err error) {
	var ip netip.Addr
	for _, a := range to.Addresses {
		if !ip.IsValid() || ip.Is6() && a.IP.Is4() {
			ip = a.IP
		}
	}
	switch {
	case !ip.IsValid():
		return from, at, fmt.Errorf("port %s has no address", to.ID)
	case ip.Is6(): // on the link both always have an address
		return metadataAddr6, to.guard.mac.linkLocal(), nil
	}
	return s.network.table.Load().serviceFor(ip), ip, nil
}

// connect opens a TCP connection from the services' stack.
func (s *services) connect(ctx context.Context, from netip.Addr, to netip.AddrPort) (net.Conn, error) {
	protocol := ipv4.ProtocolNumber
	if to.Addr().Is6() {
		protocol = ipv6.ProtocolNumber
	}
	return gonet.DialTCPWithBind(ctx, s.stack, tcpip.FullAddress{NIC: nicID, Addr: tcpipAny(from)},
		tcpip.FullAddress{NIC: nicID, Addr: tcpipAny(to.Addr()), Port: to.Port()}, protocol)
}

// connectUDP is a socket of the services' stack, from a port of its own, that hears nobody else.
func (s *services) connectUDP(from netip.Addr, to netip.AddrPort) (*gonet.UDPConn, error) {
	return gonet.DialUDP(s.stack, &tcpip.FullAddress{NIC: nicID, Addr: tcpipAddr(from)},
		&tcpip.FullAddress{NIC: nicID, Addr: tcpipAddr(to.Addr()), Port: to.Port()}, ipv4.ProtocolNumber)
}
