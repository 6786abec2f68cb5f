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
	neighbourWait = time.Second // for an answer, before senders are told that there is nobody
	neighbourKeep = 3           // packets that wait for it
	neighbourMax  = 1024        // addresses that a router remembers
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
	asked   time.Time
	waiting [][]byte
}

func newNeighbours(c clock.Clock) *neighbours {
	return &neighbours{clock: c, known: make(map[neighbourKey]*neighbour)}
}

// find is who has the address. While that is not known it asks, and keeps the frame for the answer.
func (ns *neighbours) find(p *routerPort, ip netip.Addr, f []byte) (mac, bool) {
	ns.mu.Lock()
	key := neighbourKey{p.network.id, ip}
	n := ns.known[key]
	if n != nil && n.found {
		ns.mu.Unlock()
		return n.mac, true
	}
	now, ask := ns.clock.Now(), false
	if n == nil {
		if len(ns.known) >= neighbourMax {
			clear(ns.known)
		}
		n = &neighbour{}
		ns.known[key] = n
	}
	if n.asked.IsZero() || now.Sub(n.asked) >= neighbourWait {
		ask = true
		if n.asked.IsZero() {
			n.asked = now
		}
	}
	if len(n.waiting) < neighbourKeep {
		n.waiting = append(n.waiting, append([]byte(nil), f...))
	}
	ns.mu.Unlock()
	if ask {
		p.solicit(ip)
	}
	return mac{}, false
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
	n.mac, n.found, n.waiting = hw, true, nil
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
