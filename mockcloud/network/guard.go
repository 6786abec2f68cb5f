// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// guard is what a port may send: what Neutron's port security lets through (its anti-spoofing rules,
// without the security groups).
type guard struct {
	mac  mac
	ips  map[netip.Addr]bool // the port's fixed addresses and its IPv6 link-local address
	size int                 // longest frame
}

// rarpProtocol is that of RFC 903, by which QEMU announces a machine that has migrated.
const rarpProtocol = tcpip.NetworkProtocolNumber(0x8035)

// announces tells whether f is QEMU's announcement of the port's machine.
func (g *guard) announces(f []byte) bool {
	return len(f) >= ethernetLen && etherType(f) == rarpProtocol && source(f) == g.mac
}

// admits tells whether the port may have sent frame f. Only ARP, IPv4 and IPv6 pass, without VLAN
// tags, from the port's own addresses, and nothing that only routers and DHCP servers say.
func (g *guard) admits(f []byte) bool {
	if len(f) < ethernetLen || len(f) > g.size || source(f) != g.mac {
		return false
	}
	switch etherType(f) {
	case header.ARPProtocolNumber:
		return g.admitsARP(header.ARP(f[ethernetLen:]))
	case header.IPv4ProtocolNumber:
		ip, ok := ipv4In(f)
		return ok && g.admitsIPv4(ip)
	case header.IPv6ProtocolNumber:
		return g.admitsIPv6(header.IPv6(f[ethernetLen:]))
	default:
		return false
	}
}

func (g *guard) admitsARP(arp header.ARP) bool {
	if !arp.IsValid() || mac(arp.HardwareAddressSender()) != g.mac {
		return false
	}
	sender := netip.AddrFrom4([4]byte(arp.ProtocolAddressSender()))
	probe := arp.Op() == header.ARPRequest && sender.IsUnspecified() // RFC 5227
	return probe || g.ips[sender]
}

func (g *guard) admitsIPv4(ip header.IPv4) bool {
	udp, ok := udpIn(ip)
	if ok && udp.SourcePort() == dhcpServerPort {
		return false
	}
	if from := addr4(ip.SourceAddress()); !from.IsUnspecified() {
		return g.ips[from]
	}
	return ok && udp.SourcePort() == dhcpClientPort && udp.DestinationPort() == dhcpServerPort
}

func (g *guard) admitsIPv6(ip header.IPv6) bool {
	if len(ip) < ipv6Len || ip[0]>>4 != header.IPv6Version {
		return false
	}
	protocol, body, whole := ipv6Body(ip)
	icmp := protocol == header.ICMPv6ProtocolNumber
	switch from := netip.AddrFrom16(ip.SourceAddress().As16()); {
	case from.IsUnspecified(): // duplicate address detection and multicast reports
		if !icmp || ip.DestinationAddress().As16()[0] != 0xff {
			return false
		}
	case !g.ips[from]:
		return false
	}
	switch {
	case icmp:
		return whole && g.admitsICMPv6(body)
	case protocol == header.UDPProtocolNumber:
		return len(body) < udpLen || header.UDP(body).SourcePort() != dhcpv6ServerPort
	default:
		return true
	}
}

// admitsICMPv6 refuses what only routers say, and neighbour advertisements of others' addresses.
func (g *guard) admitsICMPv6(icmp header.ICMPv6) bool {
	if len(icmp) < header.ICMPv6MinimumSize {
		return false
	}
	switch icmp.Type() {
	case header.ICMPv6RouterAdvert, header.ICMPv6RedirectMsg:
		return false
	case header.ICMPv6NeighborAdvert:
		return len(icmp) >= 24 && g.ips[netip.AddrFrom16([16]byte(icmp[8:24]))]
	default:
		return true
	}
}

// ipv6Body follows the extension headers to the transport protocol and its bytes. whole is false when
// there is but a fragment: neighbour discovery never travels in those (RFC 6980).
func ipv6Body(ip header.IPv6) (protocol tcpip.TransportProtocolNumber, body []byte, whole bool) {
	next, body, whole := ip.NextHeader(), []byte(ip[ipv6Len:]), true
	for len(body) >= 8 {
		length := (int(body[1]) + 1) * 8
		switch header.IPv6ExtensionHeaderIdentifier(next) {
		case header.IPv6HopByHopOptionsExtHdrIdentifier, header.IPv6RoutingExtHdrIdentifier,
			header.IPv6DestinationOptionsExtHdrIdentifier:
		case header.IPv6FragmentExtHdrIdentifier:
			whole, length = false, 8
		default:
			return tcpip.TransportProtocolNumber(next), body, whole
		}
		next, body = body[0], body[min(length, len(body)):]
	}
	return tcpip.TransportProtocolNumber(next), body, whole
}
