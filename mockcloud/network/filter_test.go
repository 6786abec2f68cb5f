// SPDX-License-Identifier: MPL-2.0

package network

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// TestRules holds single packets to b against its rules: what begins a flow.
func TestRules(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	tcp := func(port uint16) []byte { return w.a.packet(w.b, protocolTCP, segment(1000, port, syn)) }
	udp := func(port uint16) []byte { return w.a.packet(w.b, protocolUDP, ports(1000, port)) }
	icmp := func(kind, code uint8) []byte { return w.a.packet(w.b, protocolICMP, echo(kind, code, 7)) }
	tcp6 := w.a.packet6(w.b, protocolTCP, segment(1000, 22, syn))
	echo6 := w.a.packet6(w.b, protocolICMPv6, echo(128, 0, 7))
	hidden := w.a.packet6(w.b, extensionDestination, append([]byte{protocolTCP, 0, 1, 4, 0, 0, 0, 0}, segment(1000, 22, syn)...))
	for _, c := range []struct {
		rule   driver.Rule
		what   string
		frame  []byte
		passes bool
	}{
		{nothing(), "no rule, TCP", tcp(22), false},
		{nothing(), "no rule, UDP", udp(53), false},
		{nothing(), "no rule, echo", icmp(8, 0), false},
		{nothing(), "no rule, IPv6", tcp6, false},
		{anything(false, false), "all of IPv4, TCP", tcp(22), true},
		{anything(false, false), "all of IPv4, IPv6", tcp6, false},
		{anything(false, true), "all of IPv6, IPv6", tcp6, true},
		{anything(false, true), "all of IPv6, TCP", tcp(22), false},
		{anything(true, false), "all out, TCP in", tcp(22), false},
		{in(protocolTCP, 22, 22), "port, that", tcp(22), true},
		{in(protocolTCP, 22, 22), "port, another", tcp(23), false},
		{in(protocolTCP, 22, 22), "port, of UDP", udp(22), false},
		{in(protocolTCP, 22, 22), "port, IPv6", tcp6, false},
		{w6(in(protocolTCP, 22, 22)), "port of IPv6", tcp6, true},
		{w6(in(protocolTCP, 22, 22)), "port of IPv6, behind a header", hidden, true},
		{w6(in(protocolTCP, 23, 23)), "another port of IPv6, behind a header", hidden, false},
		{in(protocolTCP, 20, 30), "range, first", tcp(20), true},
		{in(protocolTCP, 20, 30), "range, last", tcp(30), true},
		{in(protocolTCP, 20, 30), "range, before", tcp(19), false},
		{in(protocolTCP, 20, 30), "range, after", tcp(31), false},
		{in(protocolTCP, -1, -1), "protocol", tcp(1), true},
		{in(protocolTCP, -1, -1), "another protocol", udp(1), false},
		{in(protocolSCTP, 5, 5), "SCTP", w.a.packet(w.b, protocolSCTP, ports(9, 5)), true},
		{in(protocolSCTP, 5, 5), "another port of SCTP", w.a.packet(w.b, protocolSCTP, ports(9, 6)), false},
		{in(47, -1, -1), "protocol number", w.a.packet(w.b, 47, ports(0, 0)), true},
		{in(47, -1, -1), "another number", w.a.packet(w.b, 112, ports(0, 0)), false},
		{in(protocolICMP, -1, -1), "echo", icmp(8, 0), true},
		{in(protocolICMP, 8, -1), "type", icmp(8, 0), true},
		{in(protocolICMP, 8, 0), "type and code", icmp(8, 0), true},
		{in(protocolICMP, 8, 1), "another code", icmp(8, 0), false},
		{in(protocolICMP, 13, -1), "another type", icmp(8, 0), false},
		{in(protocolICMP, 13, -1), "timestamp", icmp(13, 0), true},
		{in(protocolICMP, -1, -1), "a reply to nothing", icmp(0, 0), false},
		{in(protocolICMP, 3, -1), "an error about nothing", icmp(3, 1), true},
		{in(protocolICMP, 8, -1), "an error about nothing", icmp(3, 1), false},
		{w6(in(protocolICMPv6, 128, 0)), "echo of IPv6", echo6, true},
		{w6(in(protocolICMPv6, 129, 0)), "another type of IPv6", echo6, false},
		{from(in(protocolTCP, 22, 22), "10.0.0.5/32"), "prefix", tcp(22), true},
		{from(in(protocolTCP, 22, 22), "10.0.0.0/30"), "another prefix", tcp(22), false},
		{from(anything(false, true), "fd00::/64"), "prefix of IPv6", tcp6, true},
		{from(anything(false, true), "fd01::/64"), "another prefix of IPv6", tcp6, false},
		{ofGroup(in(protocolTCP, 22, 22), "all"), "remote group", tcp(22), true},
		{ofGroup(in(protocolTCP, 22, 22), "b"), "its own group", tcp(22), false},
		{ofGroup(in(protocolTCP, 22, 22), "others"), "an empty group", tcp(22), false},
		{ofGroup(anything(false, true), "all"), "remote group of IPv6", tcp6, true},
		{in(protocolTCP, -1, -1), "in the middle", w.a.packet(w.b, protocolTCP, segment(1, 2, ack)), true},
		{in(protocolTCP, -1, -1), "an answer to nothing", w.a.packet(w.b, protocolTCP, segment(1, 2, synAck)), false},
		{in(protocolTCP, -1, -1), "a reset of nothing", w.a.packet(w.b, protocolTCP, segment(1, 2, rst)), false},
		{in(protocolTCP, -1, -1), "no flags", w.a.packet(w.b, protocolTCP, segment(1, 2, 0)), false},
	} {
		w.clock.Advance(30 * 24 * time.Hour) // all flows are forgotten
		w.rules(c.rule)
		if got := w.passes(w.a, w.b, c.frame); got != c.passes {
			t.Errorf("%s: passes %t", c.what, got)
		}
	}
}

// nothing is a rule that allows nothing.
func nothing() driver.Rule { return ofGroup(anything(false, false), "others") }

// TestRulesOfTheSender holds packets from b against its rules for what goes out.
func TestRulesOfTheSender(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	tcp := func(port uint16) []byte { return w.b.packet(w.a, protocolTCP, segment(1000, port, syn)) }
	for _, c := range []struct {
		rule   driver.Rule
		what   string
		frame  []byte
		passes bool
	}{
		{nothing(), "no rule", tcp(22), false},
		{in(protocolTCP, 22, 22), "a rule for in", tcp(22), false},
		{out(in(protocolTCP, 22, 22)), "port", tcp(22), true},
		{out(in(protocolTCP, 22, 22)), "another port", tcp(23), false},
		{out(from(in(protocolTCP, 22, 22), "10.0.0.5/32")), "prefix", tcp(22), true},
		{out(from(in(protocolTCP, 22, 22), "10.0.0.7/32")), "another prefix", tcp(22), false},
		{out(ofGroup(in(protocolTCP, 22, 22), "all")), "remote group", tcp(22), true},
		{out(ofGroup(in(protocolTCP, 22, 22), "b")), "its own group", tcp(22), false},
		{out(w6(in(protocolUDP, 53, 53))), "IPv6", w.b.packet6(w.a, protocolUDP, ports(1, 53)), true},
	} {
		w.clock.Advance(30 * 24 * time.Hour)
		w.rules(c.rule)
		if got := w.passes(w.b, w.a, c.frame); got != c.passes {
			t.Errorf("%s: passes %t", c.what, got)
		}
	}
}

// TestNeedsNoRule: what addresses are found and given with passes a port that allows nothing.
func TestNeedsNoRule(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.rules()
	w.b.lease()
	nd := func(s, other *station, kind header.ICMPv6Type) []byte {
		return s.packet6(other, protocolICMPv6, icmpv6(kind, s.v6().String()))
	}
	for what, kind := range map[string]header.ICMPv6Type{
		"solicitation": header.ICMPv6NeighborSolicit, "advertisement": header.ICMPv6NeighborAdvert,
		"router solicitation": header.ICMPv6RouterSolicit, "report": header.ICMPv6MulticastListenerV2Report,
	} {
		for _, pair := range [][2]*station{{w.a, w.b}, {w.b, w.a}} {
			if !w.passes(pair[0], pair[1], nd(pair[0], pair[1], kind)) {
				t.Errorf("%s from %s does not pass", what, pair[0].ip)
			}
		}
	}
	if w.passes(w.b, w.a, nd(w.b, w.a, header.ICMPv6RouterAdvert)) {
		t.Error("a guest announces itself as a router")
	}
	// The metadata service and names.
	w.b.send(w.b.packetTo(w.b.router, metadataAddr, protocolTCP, segment(1000, 80, syn)))
	w.b.next("answer of the metadata service", func(f []byte) bool {
		p := readPacket(f)
		return p.is(protocolTCP, false) && p.src == metadataAddr && p.tcpFlags() == synAck
	})
	w.b.send(w.b.packetTo(w.b.router, metadataAddr, protocolTCP, segment(1000, 443, syn))) // but nothing else
	w.b.send(w.b.packetTo(w.b.router, netip.MustParseAddr("10.0.0.1"), protocolICMP, echo(8, 0, 1)))
	w.b.send(arpFrame(w.b.mac, header.ARPRequest, w.b.mac, w.b.ip, netip.MustParseAddr("10.0.0.1")))
	w.b.next("ARP reply", func(f []byte) bool {
		if p := readPacket(f); p.is(protocolICMP, false) || p.is(protocolTCP, false) && p.sport == 443 {
			t.Errorf("a service answered what no rule allows: % x", f)
		}
		return etherType(f) == header.ARPProtocolNumber
	})
}

func TestPortsWithoutGroups(t *testing.T) {
	t.Parallel()
	w := newTown(t, anything(false, false), anything(true, false))
	hello := func(s, other *station) bool { return w.passes(s, other, s.datagram(other, "hello")) }
	for _, c := range []struct {
		what    string
		change  func(*driver.PortSecurity)
		in, out bool
	}{
		{"with its groups", func(*driver.PortSecurity) {}, true, true},
		{"without groups", func(p *driver.PortSecurity) { p.Groups = nil }, false, false},
		{"without port security", func(p *driver.PortSecurity) { p.Disabled = true }, true, true},
	} {
		w.clock.Advance(time.Hour)
		w.secure(w.b, c.change)
		if in, out := hello(w.a, w.b), hello(w.b, w.a); in != c.in || out != c.out {
			t.Errorf("%s: in %t, out %t", c.what, in, out)
		}
	}
	// Down: not even ARP.
	w.secure(w.b, func(p *driver.PortSecurity) { p.Down = true })
	w.a.send(w.a.datagram(w.b, "down"))
	toAll := arpFrame(w.a.mac, header.ARPRequest, w.a.mac, w.a.ip, w.b.ip)
	w.a.send(toAll)
	w.c.next("ARP request", func(f []byte) bool { return string(f) == string(toAll) }) // b's would have been queued by now
	stats, err := w.fabric.PortStats(w.b.port.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.b.send(w.b.datagram(w.a, "from down"))
	if err := waitUntil(t, func() bool {
		after, err := w.fabric.PortStats(w.b.port.ID)
		return err == nil && after.TxDropped > stats.TxDropped
	}); err != nil {
		t.Error("a port that is down sends")
	}
	if after, _ := w.fabric.PortStats(w.b.port.ID); after.RxFrames != stats.RxFrames {
		t.Error("a port that is down is sent frames")
	}
}

func TestMulticastNeedsARule(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	frame := w.a.packetTo(mac{1, 0, 0x5e, 0, 0, 0xfb}, netip.MustParseAddr("224.0.0.251"), protocolUDP, ports(5353, 5353))
	igmp := w.a.packetTo(mac{1, 0, 0x5e, 0, 0, 1}, netip.MustParseAddr("224.0.0.1"), 2, make([]byte, 8))
	for i, c := range []struct {
		rule   driver.Rule
		frame  []byte
		passes bool
	}{{nothing(), frame, false}, {in(protocolUDP, 5353, 5353), frame, true}, {nothing(), igmp, false}, {in(2, -1, -1), igmp, true}} {
		w.rules(c.rule)
		if got := w.passes(w.a, w.b, c.frame); got != c.passes {
			t.Errorf("%+v: passes %t", c.rule, got)
		}
		again := append(bytes.Clone(c.frame), byte(i)) // a trailer, as short frames have
		if !w.passes(w.a, w.c, again) {
			t.Errorf("%+v: c hears nothing", c.rule)
		}
	}
}

// TestNothingNewKeepsPolicies: most changes of the records concern no security.
func TestNothingNewKeepsPolicies(t *testing.T) {
	t.Parallel()
	w := newTown(t, in(protocolTCP, 22, 22))
	policy := func() string { return fmt.Sprintf("%p", w.fabric.port(w.b.port.ID).policy.Load()) }
	before := policy()
	w.told.Routers = []driver.Router{}
	w.follow()
	if policy() != before {
		t.Error("a topology with the same security made another policy")
	}
	w.rules(in(protocolTCP, 23, 23))
	if policy() == before {
		t.Error("new rules made no other policy")
	}
}
