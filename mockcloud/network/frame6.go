// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

var (
	allNodes   = netip.MustParseAddr("ff02::1")
	allRouters = netip.MustParseAddr("ff02::2")
)

// ipv6In is the IPv6 packet in a frame, cut to its own length; false when there is no sound one.
func ipv6In(f []byte) (header.IPv6, bool) {
	if etherType(f) != header.IPv6ProtocolNumber {
		return nil, false
	}
	ip := header.IPv6(f[ethernetLen:])
	if len(ip) < ipv6Len || ip[0]>>4 != header.IPv6Version || ipv6Len+int(ip.PayloadLength()) > len(ip) {
		return nil, false
	}
	return ip[:ipv6Len+int(ip.PayloadLength())], true
}

func addr6(a tcpip.Address) netip.Addr { return netip.AddrFrom16(a.As16()) }

// tcpipAny is an address of either family.
func tcpipAny(a netip.Addr) tcpip.Address { return tcpip.AddrFromSlice(a.AsSlice()) }

// addrAny is tcpipAny's inverse; the unspecified address of no family is invalid.
func addrAny(a tcpip.Address) netip.Addr {
	addr, _ := netip.AddrFromSlice(a.AsSlice())
	return addr
}

// solicitedNode is the group that an address's neighbours ask (RFC 4291, 2.7.1).
func solicitedNode(a netip.Addr) netip.Addr {
	b := a.As16()
	return netip.AddrFrom16([16]byte{0xff, 0x02, 11: 1, 12: 0xff, 13: b[13], 14: b[14], 15: b[15]})
}

// groupMAC is an IPv6 group's Ethernet address (RFC 2464, 7).
func groupMAC(group netip.Addr) mac {
	b := group.As16()
	return mac{0x33, 0x33, b[12], b[13], b[14], b[15]}
}

// hop6 is hop for IPv6.
type hop6 struct {
	fromMAC, toMAC mac
	from, to       netip.Addr
	limit          uint8
}

// putIPv6 writes the Ethernet and IPv6 headers of the whole frame f.
func putIPv6(f []byte, h hop6, protocol tcpip.TransportProtocolNumber) {
	header.Ethernet(f).Encode(&header.EthernetFields{
		SrcAddr: h.fromMAC.link(), DstAddr: h.toMAC.link(), Type: header.IPv6ProtocolNumber,
	})
	header.IPv6(f[ethernetLen:]).Encode(&header.IPv6Fields{
		PayloadLength: uint16(len(f) - ethernetLen - ipv6Len), TransportProtocol: protocol, HopLimit: h.limit,
		SrcAddr: tcpipAny(h.from), DstAddr: tcpipAny(h.to),
	})
}

// icmp6Frame is a frame with an ICMPv6 message; body is what follows its checksum.
func icmp6Frame(h hop6, kind header.ICMPv6Type, code header.ICMPv6Code, body []byte) []byte {
	f := make([]byte, ethernetLen+ipv6Len+4+len(body))
	putIPv6(f, h, header.ICMPv6ProtocolNumber)
	icmp := header.ICMPv6(f[ethernetLen+ipv6Len:])
	icmp.SetType(kind)
	icmp.SetCode(code)
	copy(icmp[4:], body)
	icmp.SetChecksum(header.ICMPv6Checksum(header.ICMPv6ChecksumParams{Header: icmp, Src: tcpipAny(h.from), Dst: tcpipAny(h.to)}))
	return f
}

// udp6Frame is a frame with a UDP datagram over IPv6.
func udp6Frame(h hop6, fromPort, toPort uint16, payload []byte) []byte {
	f := make([]byte, ethernetLen+ipv6Len+udpLen+len(payload))
	putIPv6(f, h, header.UDPProtocolNumber)
	udp := header.UDP(f[ethernetLen+ipv6Len:])
	udp.Encode(&header.UDPFields{SrcPort: fromPort, DstPort: toPort, Length: uint16(len(udp))})
	copy(udp.Payload(), payload)
	sum := header.PseudoHeaderChecksum(header.UDPProtocolNumber, tcpipAny(h.from), tcpipAny(h.to), uint16(len(udp)))
	udp.SetChecksum(^udp.CalculateChecksum(checksum.Checksum(payload, sum)))
	return f
}

// icmp4Frame is a frame with an ICMPv4 message; body is what follows its checksum.
func icmp4Frame(h hop, kind header.ICMPv4Type, code header.ICMPv4Code, body []byte) []byte {
	f := make([]byte, ethernetLen+header.IPv4MinimumSize+4+len(body))
	putIPv4(f, h, header.ICMPv4ProtocolNumber)
	icmp := header.ICMPv4(f[ethernetLen+header.IPv4MinimumSize:])
	icmp.SetType(kind)
	icmp.SetCode(code)
	copy(icmp[4:], body)
	icmp.SetChecksum(header.ICMPv4Checksum(icmp, 0))
	return f
}

// arpPacket is a frame with a request or a reply; target is whom it asks for, or tells.
func arpPacket(to mac, op header.ARPOp, sender mac, senderIP netip.Addr, target mac, targetIP netip.Addr) []byte {
	f := make([]byte, ethernetLen+header.ARPSize)
	header.Ethernet(f).Encode(&header.EthernetFields{SrcAddr: sender.link(), DstAddr: to.link(), Type: header.ARPProtocolNumber})
	a := header.ARP(f[ethernetLen:])
	a.SetIPv4OverEthernet()
	a.SetOp(op)
	copy(a.HardwareAddressSender(), sender[:])
	copy(a.ProtocolAddressSender(), senderIP.AsSlice())
	copy(a.HardwareAddressTarget(), target[:])
	copy(a.ProtocolAddressTarget(), targetIP.AsSlice())
	return f
}
