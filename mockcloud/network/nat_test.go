// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// TestTranslationsEnd: what nobody has answered is forgotten soon, so that one guest that knocks everywhere does not
// keep the others in for hours; a conversation stays.
func TestTranslationsEnd(t *testing.T) {
	t.Parallel()
	hands := clock.NewManual(time.Unix(0, 0))
	n, outside := newNAT(hands), netip.MustParseAddr("203.0.113.9")
	tcp := func(guest string, port, remote uint16) flow {
		return flow{
			header.TCPProtocolNumber, netip.AddrPortFrom(netip.MustParseAddr(guest), port),
			netip.AddrPortFrom(netip.MustParseAddr("198.51.100.1"), remote),
		}
	}
	talk := n.leave(tcp("10.0.0.5", 1000, 80), outside, ack)
	if talk == nil || n.arrive(talk.outside, ack) != talk {
		t.Fatal("a flow does not get out and back")
	}
	for i := range 2 * natMax {
		n.leave(tcp("10.0.0.6", uint16(i), 1000+uint16(i>>16)), outside, ack)
	}
	if len(n.out) != natMax || len(n.in) != natMax {
		t.Fatalf("%d flows out, %d in", len(n.out), len(n.in))
	}
	if n.leave(tcp("10.0.0.7", 1, 80), outside, ack) != nil {
		t.Error("a full table takes another flow")
	}
	hands.Advance(natOther + time.Second)
	if n.leave(tcp("10.0.0.7", 1, 80), outside, ack) == nil {
		t.Error("flows that nobody has answered keep others in")
	}
	if n.leave(tcp("10.0.0.5", 1000, 80), outside, ack) != talk || len(n.out) != 2 || len(n.in) != 2 {
		t.Errorf("the conversation is another one; %d flows out, %d in", len(n.out), len(n.in))
	}
	brief := n.leave(tcp("10.0.0.5", 1001, 80), outside, ack)
	if n.arrive(brief.outside, fin) != brief {
		t.Error("an end does not get back")
	}
	hands.Advance(natOther + time.Second)
	if n.arrive(brief.outside, ack) != nil || n.arrive(talk.outside, ack) != talk {
		t.Error("of two connections not the one that has ended is forgotten")
	}
	n.leave(talk.inside, outside, fin)
	n.leave(talk.inside, outside, syn) // the next one by the same ports
	n.arrive(talk.outside, synAck)
	hands.Advance(natOther + time.Second)
	if n.arrive(talk.outside, ack) != talk {
		t.Error("a connection ends with the one before it")
	}
	hands.Advance(natTCP + time.Second)
	if n.arrive(talk.outside, ack) != nil {
		t.Error("what is over still leads in")
	}
}

// BenchmarkTranslationsFull is a packet that finds no place.
func BenchmarkTranslationsFull(b *testing.B) {
	n, outside := newNAT(clock.NewManual(time.Unix(0, 0))), netip.MustParseAddr("203.0.113.9")
	flowTo := func(i int) flow {
		return flow{tcpip.TransportProtocolNumber(protocolUDP), netip.AddrPortFrom(outside, uint16(i)), netip.AddrPortFrom(outside.Next(), uint16(i>>16))}
	}
	for i := range natMax {
		n.leave(flowTo(i), outside, ack)
	}
	b.ReportAllocs()
	for b.Loop() {
		n.leave(flowTo(natMax), outside, ack)
	}
}
