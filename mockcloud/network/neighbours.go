// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

const (
	neighbourWait  = time.Second      // for an answer, before senders are told that there is nobody
	neighbourFresh = 30 * time.Second // after an answer it is asked for again, if somebody wants it
	neighbourKeep  = 3                // packets that wait for it
	neighbourMax   = 1024             // addresses that a router remembers
)

// neighbours are who has addresses that no port's record says: guests may have more by allowed address pairs,
// and move them (VRRP). Everybody else is known without asking.
type neighbours struct {
	clock clock.Clock
	mu    sync.Mutex
	known map[neighbourKey]*neighbour
}

type neighbourKey struct {
	network string
	ip      netip.Addr
}

type neighbour struct {
	mac     mac
	found   bool
	heard   time.Time
	asked   time.Time
	waiting [][]byte
}

func newNeighbours(c clock.Clock) *neighbours {
	return &neighbours{clock: c, known: make(map[neighbourKey]*neighbour)}
}

// find is who has the address. While that is not known it asks, and keeps the frame for the answer. Who was heard
// long ago is asked again, and believed until the answer is overdue.
func (ns *neighbours) find(p *routerPort, ip netip.Addr, f []byte) (mac, bool) {
	key, now, ask := neighbourKey{p.network.id, ip}, ns.clock.Now(), false
	ns.mu.Lock()
	n := ns.known[key]
	switch {
	case n == nil, n.found && n.asked.After(n.heard) && now.Sub(n.asked) >= neighbourWait:
		if len(ns.known) >= neighbourMax {
			clear(ns.known)
		}
		n, ask = &neighbour{asked: now}, true
		ns.known[key] = n
	case n.found && !n.asked.After(n.heard) && now.Sub(n.heard) >= neighbourFresh:
		n.asked, ask = now, true
	}
	hw, found := n.mac, n.found
	if !found && len(n.waiting) < neighbourKeep {
		n.waiting = append(n.waiting, append([]byte(nil), f...))
	}
	ns.mu.Unlock()
	if ask {
		p.solicit(ip)
	}
	return hw, found
}

// expects tells whether the answer about an address may still come. After that it begins anew.
func (ns *neighbours) expects(p *routerPort, ip netip.Addr) bool {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	key := neighbourKey{p.network.id, ip}
	n := ns.known[key]
	if n == nil || n.found {
		return true
	}
	if ns.clock.Now().Sub(n.asked) < neighbourWait {
		return true
	}
	delete(ns.known, key)
	return false
}

// learn takes an answer, or the announcement of an address that is known, and sends what has waited.
func (ns *neighbours) learn(p *routerPort, ip netip.Addr, hw mac) {
	ns.mu.Lock()
	n := ns.known[neighbourKey{p.network.id, ip}]
	if n == nil {
		ns.mu.Unlock()
		return
	}
	waiting := n.waiting
	n.mac, n.found, n.heard, n.waiting = hw, true, ns.clock.Now(), nil
	ns.mu.Unlock()
	for _, f := range waiting {
		copy(f[0:6], hw[:])
		copy(f[6:12], p.mac[:])
		p.network.emit(p, f)
	}
}

// solicit asks all on the link who has an address.
func (p *routerPort) solicit(ip netip.Addr) {
	if ip.Is4() {
		if p.v4.IsValid() {
			p.network.emit(p, arpPacket(mac{255, 255, 255, 255, 255, 255}, header.ARPRequest, p.mac, p.v4, mac{}, ip))
		}
		return
	}
	group := solicitedNode(ip)
	body := make([]byte, 20)
	copy(body[4:], ip.AsSlice())
	body = append(body, 1, 1) // source link-layer address
	body = append(body, p.mac[:]...)
	p.network.emit(p, icmp6Frame(hop6{fromMAC: p.mac, toMAC: groupMAC(group), from: p.mac.linkLocal(), to: group, limit: 255},
		header.ICMPv6NeighborSolicit, 0, body))
}
