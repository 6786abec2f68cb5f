// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// arpFrame is a broadcast ARP message.
func arpFrame(from mac, op header.ARPOp, sender mac, senderIP, target netip.Addr) []byte {
	f := make([]byte, ethernetLen+header.ARPSize)
	header.Ethernet(f).Encode(&header.EthernetFields{
		SrcAddr: from.link(), DstAddr: header.EthernetBroadcastAddress, Type: header.ARPProtocolNumber,
	})
	a := header.ARP(f[ethernetLen:])
	a.SetIPv4OverEthernet()
	a.SetOp(op)
	copy(a.HardwareAddressSender(), sender[:])
	copy(a.ProtocolAddressSender(), senderIP.AsSlice())
	copy(a.ProtocolAddressTarget(), target.AsSlice())
	return f
}

// ipv6Frame is a multicast IPv6 packet.
func ipv6Frame(from mac, source string, next tcpip.TransportProtocolNumber, body []byte) []byte {
	f := make([]byte, ethernetLen+ipv6Len, ethernetLen+ipv6Len+len(body))
	header.Ethernet(f).Encode(&header.EthernetFields{
		SrcAddr: from.link(), DstAddr: "\x33\x33\x00\x00\x00\x01", Type: header.IPv6ProtocolNumber,
	})
	header.IPv6(f[ethernetLen:]).Encode(&header.IPv6Fields{
		PayloadLength: uint16(len(body)), TransportProtocol: next, HopLimit: 255,
		SrcAddr: tcpip.AddrFrom16(netip.MustParseAddr(source).As16()), DstAddr: header.IPv6AllNodesMulticastAddress,
	})
	return append(f, body...)
}

func icmpv6(kind header.ICMPv6Type, target string) []byte {
	body := make([]byte, 24)
	body[0] = byte(kind)
	ip := netip.MustParseAddr(target).As16()
	copy(body[8:], ip[:])
	return body
}

func TestGuard(t *testing.T) {
	t.Parallel()
	me, other := mac{0xfa, 0x16, 0x3e, 0, 0, 5}, mac{0xfa, 0x16, 0x3e, 0, 0, 6}
	ip4, foreign := netip.MustParseAddr("10.0.0.5"), netip.MustParseAddr("10.0.0.6")
	const own6, local6, foreign6 = "fd00::5", "fe80::f816:3eff:fe00:5", "fd00::6"
	p := testPort("net", 5, subnet("10.0.0.0/24"))
	s, err := readSettings(p, "example")
	if err != nil {
		t.Fatal(err)
	}
	s.guard.ips[netip.MustParseAddr(own6)] = true

	datagram := func(from mac, ip netip.Addr, sport, dport uint16) []byte {
		return udpFrame(hop{
			fromMAC: from, toMAC: other,
			from: netip.AddrPortFrom(ip, sport), to: netip.AddrPortFrom(foreign, dport),
		}, []byte("text"))
	}
	change := func(f []byte, at int, b byte) []byte { f[at] = b; return f }
	behind := func(next byte, f []byte) []byte { return append([]byte{next, 0, 1, 4, 0, 0, 0, 0}, f...) }
	fragment := func(offset byte, f []byte) []byte { return append([]byte{58, 0, 0, offset<<3 | 1, 0, 0, 0, 9}, f...) }
	none := netip.IPv4Unspecified()
	for _, c := range []struct {
		what  string
		frame []byte
		want  bool
	}{
		{"IPv4 of its own", datagram(me, ip4, 1, 2), true},
		{"IPv4 with another's MAC", datagram(other, ip4, 1, 2), false},
		{"IPv4 with another's address", datagram(me, foreign, 1, 2), false},
		{"IPv4 of the gateway", datagram(me, netip.MustParseAddr("10.0.0.1"), 1, 2), false},
		{"IPv4 of the metadata service", datagram(me, metadataAddr, 80, 2), false},
		{"DHCP client without an address", datagram(me, none, 68, 67), true},
		{"something else without an address", datagram(me, none, 68, 69), false},
		{"a DHCP server", datagram(me, ip4, 67, 68), false},
		{"IPv4 cut short", datagram(me, ip4, 1, 2)[:30], false},
		{"IPv4 with a false length", change(datagram(me, ip4, 1, 2), ethernetLen+2, 0xff), false},
		{"a frame cut short", datagram(me, ip4, 1, 2)[:13], false},
		{"a frame beyond the MTU", append(datagram(me, ip4, 1, 2), make([]byte, 1450)...), false},
		{"a VLAN tag", change(change(datagram(me, ip4, 1, 2), 12, 0x81), 13, 0), false},
		{"LLDP", change(change(datagram(me, ip4, 1, 2), 12, 0x88), 13, 0xcc), false},

		{"ARP of its own", arpFrame(me, header.ARPRequest, me, ip4, foreign), true},
		{"ARP reply of its own", arpFrame(me, header.ARPReply, me, ip4, foreign), true},
		{"ARP probe", arpFrame(me, header.ARPRequest, me, none, ip4), true},
		{"ARP reply from nowhere", arpFrame(me, header.ARPReply, me, none, ip4), false},
		{"ARP with another's address", arpFrame(me, header.ARPReply, me, foreign, ip4), false},
		{"ARP with another's MAC inside", arpFrame(me, header.ARPReply, other, ip4, foreign), false},
		{"ARP cut short", arpFrame(me, header.ARPRequest, me, ip4, foreign)[:30], false},

		{"IPv6 of its own", ipv6Frame(me, own6, header.TCPProtocolNumber, make([]byte, 20)), true},
		{"IPv6 link-local", ipv6Frame(me, local6, header.ICMPv6ProtocolNumber, icmpv6(header.ICMPv6NeighborSolicit, foreign6)), true},
		{"IPv6 with another's address", ipv6Frame(me, foreign6, header.TCPProtocolNumber, make([]byte, 20)), false},
		{"IPv6 cut short", ipv6Frame(me, own6, header.TCPProtocolNumber, nil)[:40], false},
		{"duplicate address detection", ipv6Frame(me, "::", header.ICMPv6ProtocolNumber, icmpv6(header.ICMPv6NeighborSolicit, own6)), true},
		{"IPv6 from nowhere", ipv6Frame(me, "::", header.UDPProtocolNumber, make([]byte, 20)), false},
		{"advertisement of its own", ipv6Frame(me, own6, header.ICMPv6ProtocolNumber, icmpv6(header.ICMPv6NeighborAdvert, own6)), true},
		{"advertisement of another's", ipv6Frame(me, own6, header.ICMPv6ProtocolNumber, icmpv6(header.ICMPv6NeighborAdvert, foreign6)), false},
		{"router advertisement", ipv6Frame(me, local6, header.ICMPv6ProtocolNumber, icmpv6(header.ICMPv6RouterAdvert, own6)), false},
		{"router advertisement behind a header", ipv6Frame(me, local6, 0, behind(58, icmpv6(header.ICMPv6RouterAdvert, own6))), false},
		{"multicast report behind a header", ipv6Frame(me, "::", 0, behind(58, icmpv6(143, own6))), true},
		{"redirect in a fragment", ipv6Frame(me, local6, 44, fragment(0, icmpv6(header.ICMPv6RedirectMsg, own6))), false},
		{"advertisement in a fragment", ipv6Frame(me, own6, 44, fragment(0, icmpv6(header.ICMPv6NeighborAdvert, own6))), false},
		{"echo in a fragment", ipv6Frame(me, own6, 44, fragment(0, icmpv6(header.ICMPv6EchoRequest, own6))), true},
		{"a later fragment", ipv6Frame(me, own6, 44, fragment(3, icmpv6(header.ICMPv6RedirectMsg, own6))), true},
		{"extension headers cut short", ipv6Frame(me, own6, 44, []byte{58, 0, 0, 1}), false},
		{"a DHCPv6 server", ipv6Frame(me, local6, header.UDPProtocolNumber, []byte{547 >> 8, 547 & 0xff, 546 >> 8, 546 & 0xff, 0, 8, 0, 0}), false},
	} {
		p := readPacket(c.frame)
		if got := p.sound && s.guard.admits(&p); got != c.want {
			t.Errorf("%s: admitted %t", c.what, got)
		}
	}
}

func TestSpoofedFramesAreDropped(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	lan := subnet("10.0.0.0/24")
	a, b := newStation(t, f, testPort("net", 5, lan)), newStation(t, f, testPort("net", 6, lan))
	thief := newStation(t, f, testPort("net", 7, lan))
	thief.send(a.datagram(b, "spoofed"))
	thief.send(arpFrame(thief.mac, header.ARPReply, thief.mac, a.ip, b.ip))
	thief.send(thief.datagram(b, "honest"))
	// One port's frames keep their order: whatever was let through came before the honest one.
	b.next("honest frame", func(f []byte) bool {
		if etherType(f) == header.ARPProtocolNumber || payload(f) == "spoofed" {
			t.Errorf("delivered: % x", f)
		}
		return payload(f) == "honest"
	})
	if stats, err := f.PortStats(thief.port.ID); err != nil || stats.TxDropped != 2 {
		t.Errorf("stats %+v, %v", stats, err)
	}
}

// FuzzReceive feeds a port whatever a hostile guest may send.
func FuzzReceive(f *testing.F) {
	me := mac{0xfa, 0x16, 0x3e, 0, 0, 5}
	ip := netip.MustParseAddr("10.0.0.5")
	router := serviceMAC("net")
	for _, to := range []netip.AddrPort{
		netip.MustParseAddrPort("10.0.0.1:53"), netip.MustParseAddrPort("10.0.0.1:67"), netip.MustParseAddrPort("192.0.2.1:9"),
	} {
		f.Add(udpFrame(hop{fromMAC: me, toMAC: router, from: netip.AddrPortFrom(ip, 68), to: to}, make([]byte, 40)))
	}
	f.Add(arpFrame(me, header.ARPRequest, me, ip, ip.Next()))
	f.Add(ipv6Frame(me, "fe80::f816:3eff:fe00:5", header.ICMPv6ProtocolNumber, icmpv6(header.ICMPv6NeighborSolicit, "fd00::1")))
	fabric := newFabric(f, Options{})
	plug(f, fabric, testPort("net", 5, subnet("10.0.0.0/24")))
	p := fabric.port("net-port-5")
	f.Fuzz(func(_ *testing.T, frame []byte) { p.network.receive(p, frame) })
}
