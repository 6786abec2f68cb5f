// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// as is the station with another MAC and IPv4 address.
func (s *station) as(hw mac, ip string) *station {
	other := *s
	other.mac, other.ip = hw, netip.MustParseAddr(ip)
	return &other
}

func TestAllowedAddressPairs(t *testing.T) {
	t.Parallel()
	w := newTown(t, anything(false, false), anything(true, false), anything(true, true))
	virtual := mac{0, 0, 0x5e, 0, 1, 7}
	w.secure(w.b, func(p *driver.PortSecurity) {
		p.Allowed = []driver.AddressPair{
			{Prefix: netip.MustParsePrefix("10.0.0.100/32")}, {Prefix: netip.MustParsePrefix("10.9.0.0/16")},
			{MAC: virtual.String(), Prefix: netip.MustParsePrefix("10.0.0.200/32")}, {MAC: virtual.String(), Prefix: netip.MustParsePrefix("fd00::c8/128")},
		}
	})
	announce := func(s *station) []byte { return arpFrame(s.mac, header.ARPRequest, s.mac, s.ip, s.ip) }
	advertise := func(s *station, from, target string) []byte {
		return ipv6Frame(s.mac, from, header.ICMPv6ProtocolNumber, icmpv6(header.ICMPv6NeighborAdvert, target))
	}
	for _, c := range []struct {
		who    *station
		passes bool
	}{
		{w.b, true},
		{w.b.as(w.b.mac, "10.0.0.100"), true},
		{w.b.as(w.b.mac, "10.0.0.101"), false},
		{w.b.as(w.b.mac, "10.9.3.4"), true},
		{w.b.as(w.b.mac, "10.0.0.200"), false}, // that is the virtual MAC address' alone
		{w.b.as(virtual, "10.0.0.200"), true},
		{w.b.as(virtual, "10.0.0.6"), false},
		{w.b.as(w.c.mac, "10.0.0.200"), false},
	} {
		if got := w.passes(w.b, w.a, announce(c.who)); got != c.passes {
			t.Errorf("ARP of %s at %s: passes %t", c.who.ip, c.who.mac, got)
		}
		if got := w.passes(w.b, w.a, c.who.datagram(w.a, "hello")); got != c.passes {
			t.Errorf("IPv4 of %s at %s: passes %t", c.who.ip, c.who.mac, got)
		}
	}
	v := w.b.as(virtual, "10.0.0.200")
	for what, c := range map[string]struct {
		frame  []byte
		passes bool
	}{
		"advertisement of the pair":           {advertise(v, "fd00::c8", "fd00::c8"), true},
		"from its link-local address":         {advertise(v, virtual.linkLocal().String(), "fd00::c8"), true},
		"advertisement of another":            {advertise(v, "fd00::c8", "fd00::c9"), false},
		"the pair by the port's MAC address":  {advertise(w.b, "fd00::c8", "fd00::c8"), false},
		"an address that no pair of it is in": {advertise(v, "fd00::6", "fd00::6"), false},
	} {
		if got := w.passes(w.b, w.a, c.frame); got != c.passes {
			t.Errorf("IPv6, %s: passes %t", what, got)
		}
	}
	if w.secure(w.b, func(p *driver.PortSecurity) { p.Allowed = nil }); w.passes(w.b, w.a, announce(v)) {
		t.Error("a pair that is no more passes")
	}
}

// TestVirtualAddressMoves: the MAC address of a pair is at the port that was heard with it last.
func TestVirtualAddressMoves(t *testing.T) {
	t.Parallel()
	w := newTown(t, anything(false, false), anything(true, false))
	virtual := mac{0, 0, 0x5e, 0, 1, 7}
	pairs := []driver.AddressPair{{MAC: virtual.String(), Prefix: netip.MustParsePrefix("10.0.0.200/32")}}
	for _, s := range []*station{w.b, w.c} {
		w.secure(s, func(p *driver.PortSecurity) { p.Allowed = pairs })
	}
	nowhere := w.b.as(virtual, "10.0.0.200")
	if w.passes(w.a, w.b, w.a.datagram(nowhere, "to nobody yet")) {
		t.Error("a frame to nobody arrived")
	}
	for _, s := range []*station{w.b, w.c, w.b} {
		v := s.as(virtual, "10.0.0.200")
		w.passes(s, w.a, arpFrame(v.mac, header.ARPRequest, v.mac, v.ip, v.ip))
		if !w.passes(w.a, s, w.a.datagram(v, "to the virtual address")) {
			t.Errorf("not at %s", s.ip)
		}
	}
	w.secure(w.b, func(p *driver.PortSecurity) { p.Allowed = nil })
	if w.passes(w.a, w.b, w.a.datagram(nowhere, "to nobody again")) {
		t.Error("a frame to a pair that is no more arrived")
	}
	w.secure(w.b, func(p *driver.PortSecurity) { p.Allowed = pairs })
	v := w.b.as(virtual, "10.0.0.200")
	w.passes(w.b, w.a, arpFrame(v.mac, header.ARPRequest, v.mac, v.ip, v.ip))
	if err := w.fabric.Unplug(t.Context(), w.b.port.ID); err != nil {
		t.Fatal(err)
	}
	if n := len(w.fabric.port(w.a.port.ID).network.learned.load()); n != 0 {
		t.Errorf("%d addresses are learned of a port that is gone", n)
	}
}

func TestWithoutPortSecurity(t *testing.T) {
	t.Parallel()
	w := newTown(t, anything(false, false))
	for _, s := range []*station{w.b, w.c} {
		w.secure(s, func(p *driver.PortSecurity) { *p = driver.PortSecurity{Disabled: true} })
	}
	other := mac{2, 0, 0, 0, 0, 1}
	v := w.b.as(other, "192.168.0.1")
	lldp := v.datagram(w.c, "no IP")
	lldp[12], lldp[13] = 0x88, 0xcc
	toA := append(w.a.mac[:], lldp[6:]...)
	if !w.passes(w.b, w.c, lldp) || !w.passes(w.b, w.c, v.datagram(w.c, "another's address")) {
		t.Error("without port security frames are dropped")
	}
	if w.passes(w.b, w.a, toA) {
		t.Error("another protocol than IP reached a port with port security")
	}
	if !w.passes(w.c, w.b, w.c.datagram(v, "to the bridge")) {
		t.Error("the switch has not learned the address")
	}
	thief := w.b.as(w.a.mac, "10.0.0.5")
	w.passes(w.b, w.c, thief.datagram(w.c, "I am a"))
	if !w.passes(w.c, w.a, w.c.datagram(w.a, "to a")) {
		t.Error("a port has taken another port's address")
	}
}

// TestRoutersAddressIsItsOwn: no machine has the MAC address of a router, not even one that had it before.
func TestRoutersAddressIsItsOwn(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.secure(w.b, func(p *driver.PortSecurity) { *p = driver.PortSecurity{Disabled: true} })
	thief := w.b.as(mac{0xfa, 0x16, 0x3e, 0xff, 0, 1}, "10.0.0.1")
	steal := func() int {
		w.passes(w.b, w.a, thief.datagram(w.a, "mine"))
		return len(w.fabric.port(w.b.port.ID).network.learned.load())
	}
	if n := steal(); n != 1 {
		t.Fatalf("%d addresses are learned", n)
	}
	w.told.Routers = []driver.Router{{ID: "r", Inside: []driver.RouterPort{leg("net", 1, subnet("10.0.0.0/24"))}}}
	w.follow()
	if n := steal(); n != 0 {
		t.Error("the router's address is a machine's")
	}
}

// FuzzFilter feeds two ports whatever may be on a wire: what passes the first one's guard has one of its
// addresses; what passes the second one's rules is allowed by them.
func FuzzFilter(f *testing.F) {
	me, other := mac{0xfa, 0x16, 0x3e, 0, 0, 5}, mac{0xfa, 0x16, 0x3e, 0, 0, 6}
	lan := subnet("10.0.0.0/24")
	fabric := newFabric(f, Options{})
	plug(f, fabric, testPort("net", 5, lan))
	plug(f, fabric, testPort("net", 6, lan))
	sender, receiver := fabric.port("net-port-5"), fabric.port("net-port-6")
	if err := fabric.Follow(f.Context(), driver.Topology{
		Security: map[string]driver.PortSecurity{"net-port-5": {Groups: []string{"all"}}, "net-port-6": {Groups: []string{"nine"}}},
		Groups: map[string][]driver.Rule{
			"all": {anything(true, false), anything(true, true)}, "nine": {in(protocolUDP, 9, 9), w6(in(protocolUDP, 9, 9))},
		},
	}); err != nil {
		f.Fatal(err)
	}
	a := &station{mac: me, ip: netip.MustParseAddr("10.0.0.5")}
	b := &station{mac: other, ip: netip.MustParseAddr("10.0.0.6")}
	first, rest := fragments(a.packet(b, protocolUDP, append(ports(1, 9), make([]byte, 40)...)), 16, 1)
	for _, frame := range [][]byte{
		a.packet(b, protocolUDP, ports(1, 9)), first, rest, a.packet(b, protocolTCP, segment(1, 9, syn)), a.packet(b, protocolICMP, echo(8, 0, 1)),
		a.packet(b, protocolICMP, append(echo(3, 1, 0), b.packet(a, protocolUDP, ports(9, 1))[ethernetLen:]...)),
		arpFrame(me, header.ARPRequest, me, a.ip, b.ip),
		ipv6Frame(me, me.linkLocal().String(), header.UDPProtocolNumber, ports(1, 9)),
		ipv6Frame(me, me.linkLocal().String(), 44, append([]byte{0, 0, 0, 1, 0, 0, 0, 1, 17, 0, 1, 4, 0, 0, 0, 0}, ports(1, 9)...)),
		ipv6Frame(me, me.linkLocal().String(), header.ICMPv6ProtocolNumber, append(echo(1, 1, 0), ipv6Frame(other, "fe80::1", 17, ports(9, 1))[ethernetLen:]...)),
	} {
		f.Add(frame)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		receiver.tracked = conntrack{} // what is let in belongs to no flow
		p := readPacket(frame)
		if sender.lets(sender.policy.Load(), &p, false) && !speaksAs(frame, me, a.ip) {
			t.Errorf("let go: % x", frame)
		}
		if receiver.takes(&p, false) && !goesToNine(frame) {
			t.Errorf("let in: % x", frame)
		}
	})
}

// speaksAs reads a frame anew, as far as it tells whom it is from.
func speaksAs(f []byte, hw mac, ip netip.Addr) bool {
	if mac(f[6:12]) != hw {
		return false
	}
	switch tcpip.NetworkProtocolNumber(uint16(f[12])<<8 | uint16(f[13])) {
	case header.ARPProtocolNumber:
		sender := [4]byte(f[28:32])
		return mac(f[22:28]) == hw && (sender == ip.As4() || sender == [4]byte{} && f[21] == 1)
	case header.IPv4ProtocolNumber:
		sender := [4]byte(f[26:30])
		return sender == ip.As4() || sender == [4]byte{} && f[23] == protocolUDP
	case header.IPv6ProtocolNumber:
		sender := netip.AddrFrom16([16]byte(f[22:38]))
		return sender == hw.linkLocal() || sender.IsUnspecified()
	}
	return false
}

// goesToNine tells whether the only rule there is, or none that is needed, lets a frame in. Of IPv6 and of
// fragments it looks at the protocol alone.
func goesToNine(f []byte) bool {
	switch tcpip.NetworkProtocolNumber(uint16(f[12])<<8 | uint16(f[13])) {
	case header.ARPProtocolNumber, header.IPv6ProtocolNumber:
		return true
	case header.IPv4ProtocolNumber:
		if f[23] != protocolUDP || f[20]&0x1f != 0 || f[21] != 0 {
			return f[23] == protocolUDP
		}
		at := ethernetLen + int(f[14]&15)*4
		port := uint16(f[at+2])<<8 | uint16(f[at+3])
		return port == 9 || port == dhcpClientPort
	}
	return false
}
