// SPDX-License-Identifier: MPL-2.0

package network

import (
	"fmt"
	"net"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

const (
	ethernetLen = header.EthernetMinimumSize
	ipv6Len     = header.IPv6MinimumSize
	udpLen      = header.UDPMinimumSize

	dhcpServerPort   = 67
	dhcpClientPort   = 68
	dnsPort          = 53
	dhcpv6ClientPort = 546
	dhcpv6ServerPort = 547
)

// Protocols whose packets the filter looks into.
const (
	protocolICMP    = uint8(header.ICMPv4ProtocolNumber)
	protocolTCP     = uint8(header.TCPProtocolNumber)
	protocolUDP     = uint8(header.UDPProtocolNumber)
	protocolDCCP    = 33
	protocolICMPv6  = uint8(header.ICMPv6ProtocolNumber)
	protocolSCTP    = 132
	protocolUDPLite = 136
)

// mac is an Ethernet address.
type mac [6]byte

func parseMAC(s string) (mac, error) {
	hw, err := net.ParseMAC(s)
	if err != nil || len(hw) != len(mac{}) || hw[0]&1 != 0 {
		return mac{}, fmt.Errorf("%q is no MAC address of a station", s)
	}
	return mac(hw), nil
}

// group tells a broadcast or multicast address.
func (m mac) group() bool { return m[0]&1 != 0 }

func (m mac) String() string { return net.HardwareAddr(m[:]).String() }

func (m mac) link() tcpip.LinkAddress { return tcpip.LinkAddress(m[:]) }

// linkLocal is the IPv6 address that a station gives itself from its MAC (RFC 4291, appendix A).
func (m mac) linkLocal() netip.Addr {
	return netip.AddrFrom16([16]byte{
		0xfe, 0x80, 8: m[0] ^ 2, 9: m[1], 10: m[2], 11: 0xff, 12: 0xfe, 13: m[3], 14: m[4], 15: m[5],
	})
}

// Accessors of an Ethernet frame, which is at least ethernetLen long.

func destination(f []byte) mac { return mac(f[0:6]) }
func source(f []byte) mac      { return mac(f[6:12]) }

func etherType(f []byte) tcpip.NetworkProtocolNumber { return header.Ethernet(f).Type() }

// ipv4In is the IPv4 packet in a frame, cut to its own length; false when there is no sound one.
func ipv4In(f []byte) (header.IPv4, bool) {
	if etherType(f) != header.IPv4ProtocolNumber {
		return nil, false
	}
	ip := header.IPv4(f[ethernetLen:])
	if !ip.IsValid(len(ip)) || int(ip.TotalLength()) < int(ip.HeaderLength()) {
		return nil, false
	}
	return ip[:ip.TotalLength()], true
}

// udpIn is the UDP datagram in an IPv4 packet; false for anything else and for fragments.
func udpIn(ip header.IPv4) (header.UDP, bool) {
	if ip.TransportProtocol() != header.UDPProtocolNumber || ip.More() || ip.FragmentOffset() != 0 {
		return nil, false
	}
	udp := header.UDP(ip.Payload())
	if len(udp) < udpLen || int(udp.Length()) < udpLen || int(udp.Length()) > len(udp) {
		return nil, false
	}
	return udp[:udp.Length()], true
}

func addr4(a tcpip.Address) netip.Addr { return netip.AddrFrom4(a.As4()) }

func tcpipAddr(a netip.Addr) tcpip.Address { return tcpip.AddrFrom4(a.As4()) }

// hop is where a reply frame comes from and goes to.
type hop struct {
	fromMAC, toMAC mac
	from, to       netip.AddrPort
}

// udpFrame is an Ethernet frame with a UDP datagram over IPv4.
func udpFrame(h hop, payload []byte) []byte {
	f := make([]byte, ethernetLen+header.IPv4MinimumSize+udpLen+len(payload))
	src, dst := tcpipAddr(h.from.Addr()), tcpipAddr(h.to.Addr())
	putIPv4(f, h, header.UDPProtocolNumber)
	udp := header.UDP(f[ethernetLen+header.IPv4MinimumSize:])
	udp.Encode(&header.UDPFields{SrcPort: h.from.Port(), DstPort: h.to.Port(), Length: uint16(len(udp))})
	copy(udp.Payload(), payload)
	sum := header.PseudoHeaderChecksum(header.UDPProtocolNumber, src, dst, uint16(len(udp)))
	udp.SetChecksum(^udp.CalculateChecksum(checksum.Checksum(payload, sum)))
	return f
}

// prohibitedFrame is the ICMP error "communication administratively prohibited" about the IPv4
// packet ip: senders give up at once instead of waiting for an answer that never comes.
func prohibitedFrame(h hop, ip header.IPv4) []byte {
	quote := ip[:min(len(ip), int(ip.HeaderLength())+8)]
	f := make([]byte, ethernetLen+header.IPv4MinimumSize+header.ICMPv4MinimumSize+len(quote))
	putIPv4(f, h, header.ICMPv4ProtocolNumber)
	icmp := header.ICMPv4(f[ethernetLen+header.IPv4MinimumSize:])
	icmp.SetType(header.ICMPv4DstUnreachable)
	icmp.SetCode(header.ICMPv4AdminProhibited)
	copy(icmp[header.ICMPv4MinimumSize:], quote)
	icmp.SetChecksum(header.ICMPv4Checksum(icmp, 0))
	return f
}

// putIPv4 writes the Ethernet and IPv4 headers of the whole frame f.
func putIPv4(f []byte, h hop, protocol tcpip.TransportProtocolNumber) {
	header.Ethernet(f).Encode(&header.EthernetFields{
		SrcAddr: h.fromMAC.link(), DstAddr: h.toMAC.link(), Type: header.IPv4ProtocolNumber,
	})
	ip := header.IPv4(f[ethernetLen:])
	ip.Encode(&header.IPv4Fields{
		TotalLength: uint16(len(ip)),
		TTL:         64,
		Protocol:    uint8(protocol),
		SrcAddr:     tcpipAddr(h.from.Addr()),
		DstAddr:     tcpipAddr(h.to.Addr()),
	})
	ip.SetChecksum(^ip.CalculateChecksum())
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
