// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

const (
	natMax   = 16384 // flows of one router
	natSweep = 10 * time.Second
	natHaste = time.Second   // between sweeps of a full table
	natTCP   = 2 * time.Hour // after that long without a packet a conversation is no more
	natOther = 3 * time.Minute
	natFirst = 1024 // ports that flows come from
)

// flow is what tells a packet's conversation: with ICMP echo its identifier is the port of both sides.
type flow struct {
	protocol     tcpip.TransportProtocolNumber
	near, remote netip.AddrPort
}

// nat remembers whose the flows are that come from a router's own address (enable_snat). Floating addresses
// need no memory: they are one to one.
type nat struct {
	clock clock.Clock
	mu    sync.Mutex
	out   map[flow]*translation
	in    map[flow]*translation // near is the router's address and port
	swept time.Time
	next  uint16
}

// translation is a flow as both sides see it.
type translation struct {
	inside, outside flow
	used            time.Time
	answered, ended bool
}

// over tells whether a translation is so long idle that its flow is no more. Only of TCP connections is it known
// that they have begun, and not ended.
func (b *translation) over(now time.Time) bool {
	limit := natOther
	if b.inside.protocol == header.TCPProtocolNumber && b.answered && !b.ended {
		limit = natTCP
	}
	return now.Sub(b.used) > limit
}

// note takes what a packet says of its connection: that it ends, or that another one begins.
func (b *translation) note(now time.Time, flags header.TCPFlags) {
	b.used = now
	switch {
	case flags&(header.TCPFlagFin|header.TCPFlagRst) != 0:
		b.ended = true
	case flags&(header.TCPFlagSyn|header.TCPFlagAck) == header.TCPFlagSyn:
		b.answered, b.ended = false, false
	}
}

// flagsOf are a TCP packet's; 0 for others.
func flagsOf(ip header.IPv4) header.TCPFlags {
	if body := ip.Payload(); ip.TransportProtocol() == header.TCPProtocolNumber && len(body) > header.TCPFlagsOffset {
		return header.TCPFlags(body[header.TCPFlagsOffset])
	}
	return 0
}

func newNAT(c clock.Clock) *nat {
	return &nat{clock: c, out: make(map[flow]*translation), in: make(map[flow]*translation), swept: c.Now(), next: natFirst}
}

// translateSource makes a packet that leaves come from outside; false when it cannot leave.
func (r *router) translateSource(ip header.IPv4) bool {
	from := addr4(ip.SourceAddress())
	if floating, has := r.fixed[from]; has {
		rewrite(ip, floating, netip.Addr{})
		rewriteQuoted(ip, from, floating, 0)
		return true
	}
	if !r.snat.IsValid() || r.own[from] {
		return true
	}
	f, ok := flowOf(ip)
	if !ok {
		return false
	}
	b := r.memory.nat.leave(f, r.snat, flagsOf(ip))
	if b == nil {
		return false
	}
	rewrite(ip, r.snat, netip.Addr{})
	setPort(ip, b.outside.near.Port(), true)
	return true
}

// translateDestination makes a packet that arrives from outside go to whom it is for inside; false when it
// goes on as it is.
func (r *router) translateDestination(ip header.IPv4) bool {
	to := addr4(ip.DestinationAddress())
	if fixed, floats := r.floating[to]; floats {
		rewrite(ip, netip.Addr{}, fixed)
		rewriteQuoted(ip, to, fixed, 0)
		return true
	}
	if to != r.snat {
		return false
	}
	if isError(ip) {
		return r.returnError(ip)
	}
	f, ok := flowOf(ip)
	if !ok {
		return false
	}
	f.near, f.remote = f.remote, f.near
	if f.protocol == header.ICMPv4ProtocolNumber { // the identifier is the near side's
		f.near, f.remote = netip.AddrPortFrom(f.near.Addr(), f.remote.Port()), netip.AddrPortFrom(f.remote.Addr(), 0)
	}
	b := r.memory.nat.arrive(f, flagsOf(ip))
	if b == nil {
		return false
	}
	rewrite(ip, netip.Addr{}, b.inside.near.Addr())
	setPort(ip, b.inside.near.Port(), false)
	return true
}

// returnError leads an error about a packet that has left back to its sender.
func (r *router) returnError(ip header.IPv4) bool {
	icmp := header.ICMPv4(ip.Payload())
	quoted := header.IPv4(icmp[header.ICMPv4MinimumSize:])
	f, ok := flowOf(quoted)
	if !ok {
		return false
	}
	b := r.memory.nat.about(f)
	if b == nil {
		return false
	}
	rewrite(ip, netip.Addr{}, b.inside.near.Addr())
	rewriteQuoted(ip, f.near.Addr(), b.inside.near.Addr(), b.inside.near.Port())
	return true
}

// leave is the binding of a flow from inside, made if need be; nil when there is no port left.
func (n *nat) leave(f flow, address netip.Addr, flags header.TCPFlags) *translation {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.clock.Now()
	if b := n.out[f]; b != nil && b.outside.near.Addr() == address {
		b.note(now, flags)
		return b
	}
	n.sweep(now)
	if len(n.out) >= natMax {
		return nil
	}
	b := &translation{inside: f, used: now, outside: flow{f.protocol, netip.AddrPortFrom(address, f.near.Port()), f.remote}}
	for tries := 0; n.in[b.outside] != nil; tries++ {
		if tries == natMax {
			return nil
		}
		if n.next++; n.next < natFirst {
			n.next = natFirst
		}
		b.outside.near = netip.AddrPortFrom(address, n.next)
	}
	n.out[f], n.in[b.outside] = b, b
	return b
}

// arrive is the binding of a flow that an answer is of; nil when there is none.
func (n *nat) arrive(f flow, flags header.TCPFlags) *translation {
	n.mu.Lock()
	defer n.mu.Unlock()
	now, b := n.clock.Now(), n.in[f]
	if b == nil || b.over(now) {
		return nil
	}
	b.note(now, flags)
	b.answered = true
	return b
}

// about is the binding of a flow that an error is about.
func (n *nat) about(f flow) *translation {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.in[f]
}

// sweep forgets flows that are idle. It is called with mu held.
func (n *nat) sweep(now time.Time) {
	pause := natSweep
	if len(n.out) >= natMax {
		pause = natHaste
	}
	if now.Sub(n.swept) < pause {
		return
	}
	n.swept = now
	for f, b := range n.out {
		if b.over(now) {
			delete(n.out, f)
			delete(n.in, b.outside)
		}
	}
}

// flowOf is the flow of a packet, as its sender sees it; false for what has none: other protocols, and
// fragments.
func flowOf(ip header.IPv4) (flow, bool) {
	if len(ip) < header.IPv4MinimumSize || len(ip) < int(ip.HeaderLength())+8 || ip.More() || ip.FragmentOffset() != 0 {
		return flow{}, false
	}
	from, to := addr4(ip.SourceAddress()), addr4(ip.DestinationAddress())
	body := ip[ip.HeaderLength():]
	f := flow{protocol: ip.TransportProtocol()}
	switch f.protocol {
	case header.TCPProtocolNumber, header.UDPProtocolNumber:
		f.near = netip.AddrPortFrom(from, header.UDP(body).SourcePort())
		f.remote = netip.AddrPortFrom(to, header.UDP(body).DestinationPort())
	case header.ICMPv4ProtocolNumber:
		switch icmp := header.ICMPv4(body); icmp.Type() {
		case header.ICMPv4Echo:
			f.near, f.remote = netip.AddrPortFrom(from, icmp.Ident()), netip.AddrPortFrom(to, 0)
		case header.ICMPv4EchoReply:
			f.near, f.remote = netip.AddrPortFrom(from, icmp.Ident()), netip.AddrPortFrom(to, 0)
		default:
			return flow{}, false
		}
	default:
		return flow{}, false
	}
	return f, true
}
