// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"
	"sync"
	"time"
)

const (
	// maxTracked bounds the flows of one port. The oldest goes when there are more, of those first that have
	// not been answered, or are over: a flood of openings ends no conversation.
	maxTracked = 4096
	// settling is how long after it was plugged again a guest's connections are found again by what comes in,
	// too: a table of flows does not outlive the process.
	settling = time.Minute
)

// conntrack knows the flows of one port (Linux: netfilter's connection tracking). What belongs to a flow that
// was let through passes, both ways.
type conntrack struct {
	mu      sync.Mutex // held for one frame's look-up
	flows   map[flowKey]*entry
	tried   flowList // not answered, or over
	assured flowList
	settled time.Duration // when the port has settled
}

// flowKey says which flow. Ports of ICMP are an echo's identifier and its request's type, with who asks.
type flowKey struct {
	local, remote         netip.Addr
	localPort, remotePort uint16
	protocol              uint8
	fragment              fragmentKey
}

// fragmentKey tells the fragments of one packet; zero is a flow.
type fragmentKey struct {
	is, egress bool
	id         uint32
}

// entry is a flow in the table.
type entry struct {
	key     flowKey
	opening opening
	by      *policy       // that was asked last; nil: none is (exempt)
	denied  bool          // by's word: nothing passes, either way, until the flow is forgotten or begins again
	state   flowState     // of its protocol
	extent  int           // of a packet's first fragment, which none of the others may replace
	expires time.Duration // since the fabric began

	list       *flowList
	prev, next *entry
}

// admit tells whether p may pass from the guest (egress) or to it, by the port's rules; exempt asks none of
// them. now is the time since the fabric began.
func (c *conntrack) admit(pol *policy, p *packet, egress, exempt bool, now time.Duration) bool {
	if p.piece != later && p.isError() {
		return c.related(pol, p, egress, now) || exempt || pol.permits(p, egress)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.piece == later {
		f := c.find(p.fragmentKey(egress), now)
		return f != nil && p.offset >= f.extent && (f.by == nil || f.by == pol)
	}
	if p.onlyByRule() {
		return exempt || pol.permits(p, egress)
	}
	f, passes := c.pass(pol, p, egress, exempt, now)
	if passes && p.piece == first {
		rest := &entry{key: p.fragmentKey(egress), state: stateFragment, extent: p.extent}
		if f != nil {
			rest.by = f.by
		}
		if before := c.find(rest.key, now); before != nil {
			rest.extent = max(rest.extent, before.extent)
			c.forget(before)
		}
		c.keep(rest, now)
	}
	return passes
}

// pass finds p's flow, or begins it.
func (c *conntrack) pass(pol *policy, p *packet, egress, exempt bool, now time.Duration) (*entry, bool) {
	key := p.flowKey(egress)
	f := c.judged(key, pol, now)
	if f != nil && p.opens() && (f.denied || f.state.over()) {
		c.forget(f) // a new conversation between the same two
		f = nil
	}
	if f == nil {
		return c.begin(key, pol, p, egress, exempt, now)
	}
	if f.denied {
		return f, false
	}
	f.state = f.state.after(p, f.opening.egress == egress)
	c.touch(f, now)
	return f, true
}

// begin begins the flow of p, if it may; an exempt packet may pass without one.
func (c *conntrack) begin(key flowKey, pol *policy, p *packet, egress, exempt bool, now time.Duration) (*entry, bool) {
	state, sound := p.firstState()
	if !sound {
		return nil, exempt
	}
	f := &entry{key: key, opening: p.opening(egress), state: state, by: pol}
	switch {
	case exempt:
		f.by = nil
	case pol.allows(&f.opening):
	case !egress && state == tcpPickedUp && now < c.settled:
		f.opening, f.state = p.turned(), tcpFoundAgain
		if !pol.allows(&f.opening) {
			return nil, false
		}
	default:
		return nil, false
	}
	c.keep(f, now)
	return f, true
}

// related tells whether p is an ICMP error about something that passed the other way.
func (c *conntrack) related(pol *policy, p *packet, egress bool, now time.Duration) bool {
	inner, ok := p.quoted()
	if !ok {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.judged(inner.flowKey(!egress), pol, now)
	return f != nil && !f.denied
}

// judged finds a flow, and asks the policy that holds now about it.
func (c *conntrack) judged(key flowKey, pol *policy, now time.Duration) *entry {
	f := c.find(key, now)
	if f != nil && f.by != nil && f.by != pol {
		f.by, f.denied = pol, !pol.allows(&f.opening)
	}
	return f
}

func (c *conntrack) find(key flowKey, now time.Duration) *entry {
	f := c.flows[key]
	if f != nil && f.expires <= now {
		c.forget(f)
		return nil
	}
	return f
}

// keep adds a flow; in a full table another one makes room.
func (c *conntrack) keep(f *entry, now time.Duration) {
	if c.flows == nil {
		c.flows = make(map[flowKey]*entry)
	}
	for _, list := range []*flowList{&c.tried, &c.assured} {
		if oldest := list.oldest; oldest != nil && (oldest.expires <= now || len(c.flows) >= maxTracked) {
			c.forget(oldest)
		}
	}
	c.flows[f.key] = f
	c.touch(f, now)
}

// touch notes that a flow lives.
func (c *conntrack) touch(f *entry, now time.Duration) {
	f.expires = now + f.state.timeout()
	list := &c.tried
	if f.state.assured() {
		list = &c.assured
	}
	f.leave()
	list.push(f)
}

func (c *conntrack) forget(f *entry) {
	if f != nil {
		f.leave()
		delete(c.flows, f.key)
	}
}

// flowList is flows in the order of their last packet.
type flowList struct{ oldest, newest *entry }

func (l *flowList) push(f *entry) {
	f.list, f.prev, f.next = l, l.newest, nil
	if l.newest == nil {
		l.oldest = f
	} else {
		l.newest.next = f
	}
	l.newest = f
}

// leave takes the flow off its list.
func (f *entry) leave() {
	if f.list == nil {
		return
	}
	if f.prev == nil {
		f.list.oldest = f.next
	} else {
		f.prev.next = f.next
	}
	if f.next == nil {
		f.list.newest = f.prev
	} else {
		f.next.prev = f.prev
	}
	f.list, f.prev, f.next = nil, nil, nil
}
