// SPDX-License-Identifier: MPL-2.0

package network

import (
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// stopwatch is the time since the fabric began: what flows are timed by.
type stopwatch struct {
	clock clock.Clock
	began time.Time
}

func (s stopwatch) now() time.Duration { return s.clock.Now().Sub(s.began) }

// at is when a packet came: the clock is asked once for all its receivers.
func (n *network) at(p *packet) time.Duration {
	if p.came == 0 {
		p.came = n.watch.now()
	}
	return p.came
}

// ip tells whether there is something to filter in a frame.
func (p *packet) ip() bool {
	return p.ether == header.IPv4ProtocolNumber || p.ether == header.IPv6ProtocolNumber
}

// lets tells whether the guest may send p. An exempt packet needs no rule, and its flow none.
func (p *port) lets(pol *policy, pk *packet, exempt bool) bool {
	switch {
	case pol.down:
		return false
	case pol.disabled:
		return len(pk.frame) >= ethernetLen && len(pk.frame) <= pol.guard.size
	case !pk.sound || !pol.guard.admits(pk):
		return false
	case pol.open || pk.free(true):
		return true
	default:
		return p.tracked.admit(pol, pk, true, exempt, p.network.at(pk))
	}
}

// takes tells whether p may reach the guest.
func (p *port) takes(pk *packet, exempt bool) bool {
	pol := p.policy.Load()
	switch {
	case pol.down:
		return false
	case pol.disabled:
		return pk.ether != vlanProtocol || !p.trunk()
	case !pk.sound:
		return false
	case pol.open || pk.free(false):
		return true
	default:
		return pk.ip() && p.tracked.admit(pol, pk, false, exempt, p.network.at(pk))
	}
}

// pass sends a packet to the guest, if it may be sent it.
func (p *port) pass(pk *packet, exempt bool) {
	if p.takes(pk, exempt) {
		p.send(pk.frame)
	} else {
		p.counters.rxRefused.Add(1)
	}
}
