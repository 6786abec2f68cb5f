// SPDX-License-Identifier: MPL-2.0

package network

import (
	"encoding/binary"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

const (
	quote4 = 576 - header.IPv4MinimumSize - header.ICMPv4MinimumSize // bytes of a packet that an error quotes (RFC 1812, 4.3.2.3)
	quote6 = 1280 - ipv6Len - header.ICMPv6MinimumSize               // (RFC 4443, 2.4)
)

// receiveARP answers for the port's addresses and the floating ones behind it, and learns from others'.
func (p *routerPort) receiveARP(arp header.ARP) {
	if !arp.IsValid() {
		return
	}
	sender, target := netip.AddrFrom4([4]byte(arp.ProtocolAddressSender())), netip.AddrFrom4([4]byte(arp.ProtocolAddressTarget()))
	hw := mac(arp.HardwareAddressSender())
	p.router.memory.neighbours.learn(p, sender, hw)
	if arp.Op() == header.ARPRequest && p.network.joined.Load().ip[target] == p {
		p.network.emit(p, arpPacket(hw, header.ARPReply, p.mac, target, hw, sender))
	}
}

// answerIPv4 is for what is meant for the router itself: it echoes, and refuses the rest.
func (p *routerPort) answerIPv4(f []byte, ip header.IPv4) {
	if ip.More() || ip.FragmentOffset() != 0 {
		return
	}
	switch ip.TransportProtocol() {
	case header.ICMPv4ProtocolNumber:
		icmp := header.ICMPv4(ip.Payload())
		if len(icmp) < header.ICMPv4MinimumSize || icmp.Type() != header.ICMPv4Echo {
			return
		}
		p.network.emit(p, icmp4Frame(hop{
			fromMAC: p.mac, toMAC: source(f),
			from: netip.AddrPortFrom(addr4(ip.DestinationAddress()), 0), to: netip.AddrPortFrom(addr4(ip.SourceAddress()), 0),
		}, header.ICMPv4EchoReply, 0, icmp[4:]))
	case header.TCPProtocolNumber, header.UDPProtocolNumber:
		p.complain4(f, ip, header.ICMPv4DstUnreachable, header.ICMPv4PortUnreachable, 0)
	default:
		p.complain4(f, ip, header.ICMPv4DstUnreachable, header.ICMPv4ProtoUnreachable, 0)
	}
}

// answerIPv6 is answerIPv4 for IPv6, and neighbour discovery.
func (p *routerPort) answerIPv6(f []byte, ip header.IPv6) {
	protocol, body, whole := ipv6Body(ip)
	from, to := addr6(ip.SourceAddress()), addr6(ip.DestinationAddress())
	if protocol != header.ICMPv6ProtocolNumber {
		if !to.IsMulticast() && whole {
			p.complain6(f, ip, header.ICMPv6DstUnreachable, header.ICMPv6PortUnreachable, 0)
		}
		return
	}
	icmp := header.ICMPv6(body)
	if !whole || len(icmp) < header.ICMPv6MinimumSize {
		return
	}
	switch icmp.Type() {
	case header.ICMPv6NeighborSolicit:
		p.answerSolicitation(f, from, icmp)
	case header.ICMPv6NeighborAdvert:
		if len(icmp) >= 24 {
			p.router.memory.neighbours.learn(p, netip.AddrFrom16([16]byte(icmp[8:24])), source(f))
		}
	case header.ICMPv6RouterSolicit:
		p.advertise(source(f), from)
	case header.ICMPv6EchoRequest:
		if !to.IsMulticast() {
			p.network.emit(p, icmp6Frame(hop6{fromMAC: p.mac, toMAC: source(f), from: to, to: from, limit: 64}, header.ICMPv6EchoReply, 0, icmp[4:]))
		}
	}
}

// answerSolicitation tells that an address is here, if it is. Who asks from no address is about to take it.
func (p *routerPort) answerSolicitation(f []byte, from netip.Addr, icmp header.ICMPv6) {
	if len(icmp) < 24 {
		return
	}
	target := netip.AddrFrom16([16]byte(icmp[8:24]))
	if target != p.mac.linkLocal() && p.network.joined.Load().ip[target] != p {
		return
	}
	h := hop6{fromMAC: p.mac, toMAC: source(f), from: target, to: from, limit: 255}
	flags := byte(0xe0) // router, solicited, override
	if from.IsUnspecified() {
		h.toMAC, h.to, flags = groupMAC(allNodes), allNodes, 0xa0
	}
	body := append([]byte{flags, 0, 0, 0}, target.AsSlice()...)
	body = append(body, 2, 1) // target link-layer address
	p.network.emit(p, icmp6Frame(h, header.ICMPv6NeighborAdvert, 0, append(body, p.mac[:]...)))
}

// complain4 tells a sender of a packet what became of it; never of an error, a later fragment or a group
// (RFC 1812, 4.3.2.7). mtu is for those that are too big.
func (p *routerPort) complain4(f []byte, ip header.IPv4, kind header.ICMPv4Type, code header.ICMPv4Code, mtu int) {
	to, from := addr4(ip.DestinationAddress()), addr4(ip.SourceAddress())
	if ip.FragmentOffset() != 0 || to.IsMulticast() || to == broadcast || from.IsUnspecified() || !p.v4.IsValid() || isError(ip) {
		return
	}
	body := binary.BigEndian.AppendUint16([]byte{0, 0}, uint16(mtu))
	p.network.emit(p, icmp4Frame(hop{
		fromMAC: p.mac, toMAC: source(f), from: netip.AddrPortFrom(p.v4, 0), to: netip.AddrPortFrom(from, 0),
	}, kind, code, append(body, ip[:min(len(ip), quote4)]...)))
}

// complain6 is complain4 for IPv6 (RFC 4443, 2.4).
func (p *routerPort) complain6(f []byte, ip header.IPv6, kind header.ICMPv6Type, code header.ICMPv6Code, mtu int) {
	to, from := addr6(ip.DestinationAddress()), addr6(ip.SourceAddress())
	protocol, body, _ := ipv6Body(ip)
	if to.IsMulticast() || from.IsUnspecified() || from.IsMulticast() ||
		protocol == header.ICMPv6ProtocolNumber && (len(body) == 0 || body[0] < 128) {
		return
	}
	mine := p.v6
	if !mine.IsValid() || from.IsLinkLocalUnicast() {
		mine = p.mac.linkLocal()
	}
	message := binary.BigEndian.AppendUint32(nil, uint32(mtu))
	p.network.emit(p, icmp6Frame(hop6{fromMAC: p.mac, toMAC: source(f), from: mine, to: from, limit: 64},
		kind, code, append(message, ip[:min(len(ip), quote6)]...)))
}

// isError tells ICMP messages that are about another packet.
func isError(ip header.IPv4) bool {
	if ip.TransportProtocol() != header.ICMPv4ProtocolNumber {
		return false
	}
	body := header.ICMPv4(ip.Payload())
	if len(body) < header.ICMPv4MinimumSize {
		return true
	}
	switch body.Type() {
	case header.ICMPv4DstUnreachable, header.ICMPv4SrcQuench, header.ICMPv4Redirect, header.ICMPv4TimeExceeded, header.ICMPv4ParamProblem:
		return true
	default:
		return false
	}
}
