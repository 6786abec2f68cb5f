// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// begin counts a flow in, as one of sender's; end must follow if it is true.
func (e *egress) begin(sender string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.flows >= maxFlows || e.shares[sender] >= e.share || e.ctx.Err() != nil {
		return false
	}
	e.flows++
	e.shares[sender]++
	return true
}

func (e *egress) end(sender string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.shares[sender]--; e.shares[sender] == 0 {
		delete(e.shares, sender)
	}
	if e.flows--; e.flows == 0 {
		e.idle.Broadcast()
	}
}

// wait returns when no flow is left; the context must have ended.
func (e *egress) wait() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.flows > 0 {
		e.idle.Wait()
	}
}

// sender is the port whose guest a flow is of, behind whatever router. Addresses that are no port's own, as those of
// address pairs are, have one share for each router together: a guest may have any number of them.
func (n *network) sender(protocol tcpip.TransportProtocolNumber, id stack.TransportEndpointID) string {
	from, to := addrAny(id.RemoteAddress), addrAny(id.LocalAddress)
	if p := n.table.Load().ip[from]; p != nil {
		return p.settings.Load().ID
	}
	leg := n.joined.Load().ip[from]
	if leg == nil {
		return ""
	}
	r := leg.router
	inside, floats := r.floating[from]
	if !floats {
		b := r.memory.nat.about(flow{protocol, netip.AddrPortFrom(from, id.RemotePort), netip.AddrPortFrom(to, id.LocalPort)})
		if b == nil {
			return r.id
		}
		inside = b.inside.near.Addr()
	}
	if way := r.lookup(inside); way.out != nil {
		if p := way.out.network.table.Load().ip[inside]; p != nil {
			return p.settings.Load().ID
		}
	}
	return r.id
}
