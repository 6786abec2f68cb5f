// SPDX-License-Identifier: MPL-2.0

package network

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// step is a frame to b ("in") or from it, or something that happens before the next one.
type step struct {
	what   string
	in     []byte
	out    []byte
	passes bool
	then   func()
}

func (w *town) play(steps []step) {
	w.t.Helper()
	for i, s := range steps {
		switch {
		case s.then != nil:
			s.then()
			continue
		case s.in != nil && w.passes(w.a, w.b, s.in) == s.passes, s.out != nil && w.passes(w.b, w.a, s.out) == s.passes:
			continue
		}
		w.t.Errorf("step %d, %s: passes %t", i, s.what, !s.passes)
	}
}

func TestFlows(t *testing.T) {
	t.Parallel()
	ssh := in(protocolTCP, 22, 22)
	outgoing := []driver.Rule{anything(true, false), anything(true, true)}
	for name, script := range map[string]func(w *town) []step{
		"TCP that comes in": func(w *town) []step {
			w.rules(ssh)
			to := func(flags header.TCPFlags) []byte { return w.a.packet(w.b, protocolTCP, segment(1000, 22, flags)) }
			back := func(flags header.TCPFlags) []byte { return w.b.packet(w.a, protocolTCP, segment(22, 1000, flags)) }
			return []step{
				{what: "an answer to nothing", out: back(synAck)},
				{what: "open", in: to(syn), passes: true},
				{what: "answer", out: back(synAck), passes: true},
				{what: "established", in: to(ack), passes: true},
				{what: "days later", then: func() { w.clock.Advance(4 * 24 * time.Hour) }},
				{what: "data back", out: back(ack), passes: true},
				{what: "to another port", out: w.b.packet(w.a, protocolTCP, segment(22, 1001, ack))},
				{what: "close", in: to(fin), passes: true},
				{what: "close too", out: back(fin), passes: true},
				{what: "last", in: to(ack), passes: true},
				{what: "b opens by the same ports", out: back(syn)},
				{what: "forgotten", then: func() { w.clock.Advance(3 * time.Minute) }},
				{what: "data of what is over", out: back(ack)},
			}
		},
		"TCP that goes out": func(w *town) []step {
			w.rules(outgoing...)
			to := func(flags header.TCPFlags) []byte { return w.b.packet(w.a, protocolTCP, segment(1000, 80, flags)) }
			back := func(flags header.TCPFlags) []byte { return w.a.packet(w.b, protocolTCP, segment(80, 1000, flags)) }
			return []step{
				{what: "before it is asked for", in: back(synAck)},
				{what: "open", out: to(syn), passes: true},
				{what: "answer", in: back(synAck), passes: true},
				{what: "established", out: to(ack), passes: true},
				{what: "from another port", in: w.a.packet(w.b, protocolTCP, segment(81, 1000, ack))},
				{what: "reset", in: back(rst), passes: true},
				{what: "forgotten", then: func() { w.clock.Advance(time.Minute) }},
				{what: "data of what is over", in: back(ack)},
			}
		},
		"UDP": func(w *town) []step {
			w.rules(outgoing...)
			to, back := w.b.packet(w.a, protocolUDP, ports(1000, 53)), w.a.packet(w.b, protocolUDP, ports(53, 1000))
			return []step{
				{what: "before it is asked for", in: back},
				{what: "question", out: to, passes: true},
				{what: "answer", in: back, passes: true},
				{what: "a minute", then: func() { w.clock.Advance(time.Minute) }},
				{what: "too late", in: back},
				{what: "question", out: to, passes: true},
				{what: "answer", in: back, passes: true},
				{what: "it goes on", out: to, passes: true},
				{what: "a minute", then: func() { w.clock.Advance(time.Minute) }},
				{what: "in time", in: back, passes: true},
			}
		},
		"echo": func(w *town) []step {
			w.rules(outgoing...)
			return []step{
				{what: "reply to nothing", in: w.a.packet(w.b, protocolICMP, echo(0, 0, 7))},
				{what: "request", out: w.b.packet(w.a, protocolICMP, echo(8, 0, 7)), passes: true},
				{what: "reply", in: w.a.packet(w.b, protocolICMP, echo(0, 0, 7)), passes: true},
				{what: "another's reply", in: w.a.packet(w.b, protocolICMP, echo(0, 0, 8))},
				{what: "request the other way", in: w.a.packet(w.b, protocolICMP, echo(8, 0, 9))},
				{what: "request the other way, with the identifier of what was asked", in: w.a.packet(w.b, protocolICMP, echo(8, 0, 7))},
				{what: "reply that nobody has asked for", out: w.b.packet(w.a, protocolICMP, echo(0, 0, 7))},
				{what: "another reply", in: w.a.packet(w.b, protocolICMP, echo(0, 0, 7)), passes: true},
				{what: "request", out: w.b.packet6(w.a, protocolICMPv6, echo(128, 0, 7)), passes: true},
				{what: "reply", in: w.a.packet6(w.b, protocolICMPv6, echo(129, 0, 7)), passes: true},
				{what: "another's reply", in: w.a.packet6(w.b, protocolICMPv6, echo(129, 0, 8))},
				{what: "request the other way, with the identifier of what was asked", in: w.a.packet6(w.b, protocolICMPv6, echo(128, 0, 7))},
			}
		},
		"errors": func(w *town) []step {
			w.rules(outgoing...)
			asked, other := w.b.packet(w.a, protocolUDP, ports(1000, 9)), w.b.packet(w.a, protocolUDP, ports(1000, 10))
			asked6 := w.b.packet6(w.a, protocolUDP, ports(1000, 9))
			about := func(f []byte) []byte { return append(echo(3, 3, 0), f[ethernetLen:]...) }
			about6 := func(f []byte) []byte { return append(echo(1, 4, 0), f[ethernetLen:]...) }
			return []step{
				{what: "about nothing", in: w.a.packet(w.b, protocolICMP, about(asked))},
				{what: "a datagram", out: asked, passes: true},
				{what: "about it", in: w.a.packet(w.b, protocolICMP, about(asked)), passes: true},
				{what: "about another", in: w.a.packet(w.b, protocolICMP, about(other))},
				{what: "about half of it", in: w.a.packet(w.b, protocolICMP, about(asked)[:20])},
				{what: "from a third", in: w.c.packet(w.b, protocolICMP, about(asked))},
				{what: "a datagram of IPv6", out: asked6, passes: true},
				{what: "about it", in: w.a.packet6(w.b, protocolICMPv6, about6(asked6)), passes: true},
				{what: "about nothing", in: w.a.packet6(w.b, protocolICMPv6, about6(w.b.packet6(w.a, protocolTCP, segment(1, 2, syn))))},
				{what: "no rule lets it begin any more", then: func() { w.rules() }},
				{what: "about what may not be", in: w.a.packet(w.b, protocolICMP, about(asked))},
			}
		},
		"other protocols": func(w *town) []step {
			w.rules(out(in(47, -1, -1)))
			return []step{
				{what: "GRE in", in: w.a.packet(w.b, 47, ports(0, 0))},
				{what: "GRE", out: w.b.packet(w.a, 47, ports(0, 0)), passes: true},
				{what: "GRE back", in: w.a.packet(w.b, 47, ports(1, 1)), passes: true},
				{what: "VRRP", in: w.a.packet(w.b, 112, ports(0, 0))},
			}
		},
		"rules that go": func(w *town) []step {
			w.rules(ssh, anything(true, false))
			to := func(flags header.TCPFlags) []byte { return w.a.packet(w.b, protocolTCP, segment(1000, 22, flags)) }
			back := func(flags header.TCPFlags) []byte { return w.b.packet(w.a, protocolTCP, segment(22, 1000, flags)) }
			return []step{
				{what: "open", in: to(syn), passes: true},
				{what: "answer", out: back(synAck), passes: true},
				{what: "established", in: to(ack), passes: true},
				{what: "another rule", then: func() { w.rules(ssh, in(protocolUDP, -1, -1), anything(true, false)) }},
				{what: "goes on", in: to(ack), passes: true},
				{what: "the rule goes", then: func() { w.rules(anything(true, false)) }},
				{what: "data", in: to(ack)},
				{what: "data back, which a rule would let begin", out: back(ack)},
				{what: "and still not", in: to(ack)},
				{what: "the rule comes back", then: func() { w.rules(ssh, anything(true, false)) }},
				{what: "data", in: to(ack), passes: true},
				{what: "data back", out: back(ack), passes: true},
			}
		},
		"a group's members": func(w *town) []step {
			w.rules(ofGroup(ssh, "others"))
			open := func(port uint16) []byte { return w.a.packet(w.b, protocolTCP, segment(port, 22, syn)) }
			return []step{
				{what: "no member", in: open(1)},
				{what: "joins", then: func() {
					w.secure(w.a, func(p *driver.PortSecurity) { p.Groups = []string{"all", "others"} })
				}},
				{what: "member", in: open(1), passes: true},
				{what: "leaves", then: func() { w.secure(w.a, func(p *driver.PortSecurity) { p.Groups = []string{"all"} }) }},
				{what: "no member, same flow", in: w.a.packet(w.b, protocolTCP, segment(1, 22, ack))},
				{what: "somebody is plugged nowhere", then: func() {
					w.told.Security["nowhere"] = driver.PortSecurity{
						Groups: []string{"others"}, Allowed: []driver.AddressPair{{Prefix: netip.MustParsePrefix("10.0.0.4/31")}},
					}
					w.follow()
				}},
				{what: "its address pair's", in: open(2), passes: true},
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			w.play(script(w))
		})
	}
}

// fragments cuts a frame's IPv4 packet after size bytes of its payload.
func fragments(f []byte, size int, id uint16) (first, rest []byte) {
	const at = ethernetLen + header.IPv4MinimumSize
	cut := func(body []byte, offset uint16, more bool) []byte {
		g := append(append([]byte(nil), f[:at]...), body...)
		ip := header.IPv4(g[ethernetLen:])
		flags := uint8(0)
		if more {
			flags = header.IPv4FlagMoreFragments
		}
		ip.SetTotalLength(uint16(len(ip)))
		ip.SetID(id)
		ip.SetFlagsFragmentOffset(flags, offset)
		ip.SetChecksum(0)
		ip.SetChecksum(^ip.CalculateChecksum())
		return g
	}
	return cut(f[at:at+size], 0, true), cut(f[at+size:], uint16(size), false)
}

func TestFragments(t *testing.T) {
	t.Parallel()
	w := newTown(t, in(protocolUDP, 9, 9), in(protocolTCP, 9, 9), in(protocolICMP, 8, -1), w6(in(protocolUDP, 9, 9)))
	long := append(ports(1000, 9), make([]byte, 64)...)
	first, rest := fragments(w.a.packet(w.b, protocolUDP, long), 24, 1)
	_, over := fragments(w.a.packet(w.b, protocolUDP, long), 8, 1)
	closed, closedRest := fragments(w.a.packet(w.b, protocolUDP, append(ports(1000, 10), make([]byte, 64)...)), 24, 2)
	_, stray := fragments(w.a.packet(w.b, protocolUDP, long), 24, 3)
	tcp, overlap := fragments(w.a.packet(w.b, protocolTCP, append(segment(1, 9, syn), make([]byte, 20)...)), 8, 4)
	tcpFirst, tcpRest := fragments(w.a.packet(w.b, protocolTCP, append(segment(1, 9, syn), make([]byte, 20)...)), 24, 5)
	ping, pingRest := fragments(w.a.packet(w.b, protocolICMP, append(echo(8, 0, 1), make([]byte, 64)...)), 24, 6)
	piece := func(offset uint16, more byte, id uint32, body []byte) []byte {
		h := binary.BigEndian.AppendUint32([]byte{protocolUDP, 0, byte(offset >> 8), byte(offset) | more}, id)
		return w.a.packet6(w.b, extensionFragment, append(h, body...))
	}
	// What follows a fragment header may be another extension header, whose type hides what the later pieces are of.
	hidden := func(offset uint16, more byte, body []byte) []byte {
		h := binary.BigEndian.AppendUint32([]byte{extensionDestination, 0, byte(offset >> 8), byte(offset) | more}, 9)
		return w.a.packet6(w.b, extensionFragment, append(h, body...))
	}
	options := []byte{protocolUDP, 0, 1, 4, 0, 0, 0, 0}
	w.play([]step{
		{what: "IPv6, first behind options", in: hidden(0, 1, append(options, long[:24]...)), passes: true},
		{what: "IPv6, other ports over its own", in: hidden(8, 0, ports(1000, 22))},
		{what: "IPv6, its rest", in: hidden(32, 0, long[24:]), passes: true},
		{what: "the rest before the first", in: rest},
		{what: "first", in: first, passes: true},
		{what: "what would replace a part of it", in: over, passes: false},
		{what: "rest", in: rest, passes: true},
		{what: "first of a closed port", in: closed},
		{what: "its rest", in: closedRest},
		{what: "rest of nothing", in: stray},
		{what: "a first fragment without all of TCP's header", in: tcp},
		{what: "what would fill it", in: overlap},
		{what: "TCP", in: tcpFirst, passes: true},
		{what: "its rest", in: tcpRest, passes: true},
		{what: "echo", in: ping, passes: true},
		{what: "its rest", in: pingRest, passes: true},
		{what: "IPv6, the rest before the first", in: piece(24, 0, 7, long[24:])},
		{what: "IPv6, first", in: piece(0, 1, 7, long[:24]), passes: true},
		{what: "IPv6, rest", in: piece(24, 0, 7, long[24:]), passes: true},
		{what: "IPv6, rest of another", in: piece(24, 0, 8, long[24:])},
		{what: "the rules change", then: func() { w.rules() }},
		{what: "rest", in: rest},
		{what: "and back", then: func() { w.rules(in(protocolUDP, 9, 9)) }},
		{what: "first", in: first, passes: true},
		{what: "a minute", then: func() { w.clock.Advance(time.Minute) }},
		{what: "rest, too late", in: rest},
	})
}

// w6 is the rule for IPv6.
func w6(r driver.Rule) driver.Rule {
	r.IPv6 = true
	return r
}

// TestFullTable: a flood of openings costs the oldest of them, and no conversation.
func TestFullTable(t *testing.T) {
	t.Parallel()
	w := newTown(t, in(protocolTCP, 22, 22), in(protocolUDP, -1, -1))
	talk := w.a.packet(w.b, protocolTCP, segment(1000, 22, ack))
	w.play([]step{
		{what: "open", in: w.a.packet(w.b, protocolTCP, segment(1000, 22, syn)), passes: true},
		{what: "answer", out: w.b.packet(w.a, protocolTCP, segment(22, 1000, synAck)), passes: true},
		{what: "established", in: talk, passes: true},
	})
	b := w.fabric.port(w.b.port.ID)
	for i := range 3 * maxTracked {
		f := w.a.packet(w.b, protocolUDP, ports(uint16(i), uint16(i>>16)+1))
		p := readPacket(f)
		if !b.takes(&p, false) {
			t.Fatalf("datagram %d does not pass", i)
		}
	}
	if n := len(b.tracked.flows); n > maxTracked {
		t.Errorf("%d flows are tracked", n)
	}
	w.rules() // what is established is asked about again, what is new is not let through
	if w.passes(w.a, w.b, talk) {
		t.Error("a conversation goes on without a rule")
	}
	w.rules(in(protocolTCP, 22, 22))
	if !w.passes(w.b, w.a, w.b.packet(w.a, protocolTCP, segment(22, 1000, ack))) {
		t.Error("the flood has ended a conversation")
	}
}

// TestConversationsOutliveTheFabric: after a restart nothing is known of the flows that were.
func TestConversationsOutliveTheFabric(t *testing.T) {
	t.Parallel()
	w := newTown(t, anything(true, false))
	if err := w.fabric.Close(); err != nil {
		t.Fatal(err)
	}
	w.fabric = newFabric(t, Options{Dir: w.fabric.dir, Clock: w.clock})
	for _, s := range []*station{w.a, w.b} {
		plug(t, w.fabric, s.port)
	}
	w.follow()
	data := w.a.packet(w.b, protocolTCP, segment(80, 1000, ack))
	w.play([]step{
		{what: "an opening", in: w.a.packet(w.b, protocolTCP, segment(80, 1000, syn))},
		{what: "data for a client that is silent", in: data, passes: true},
		{what: "an opening behind it", in: w.a.packet(w.b, protocolTCP, segment(80, 1000, syn))},
		{what: "data", in: data, passes: true},
		{what: "the other side's last", in: w.a.packet(w.b, protocolTCP, segment(80, 1000, fin)), passes: true},
		{what: "an opening behind that", in: w.a.packet(w.b, protocolTCP, segment(80, 1000, syn))},
		{what: "data", in: data, passes: true},
		{what: "settled", then: func() { w.clock.Advance(10 * time.Minute) }},
		{what: "data of what is forgotten", in: data},
		{what: "the client speaks", out: w.b.packet(w.a, protocolTCP, segment(1000, 80, ack)), passes: true},
		{what: "data", in: data, passes: true},
	})
}

// TestDialNeedsNoRule: the cloud's own door opens whatever the groups say.
func TestDialNeedsNoRule(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	g := newGuest(t, f, testPort("net", 5, subnet("10.0.0.0/24")))
	g.echo(22)
	if err := f.Follow(t.Context(), driver.Topology{Security: map[string]driver.PortSecurity{g.port.ID: {}}}); err != nil {
		t.Fatal(err)
	}
	c, err := f.Dial(patient(t), g.port.ID, 22)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	roundTrip(t, c, "no rule")
}
