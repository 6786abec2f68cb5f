// SPDX-License-Identifier: MPL-2.0

package network

import (
	"maps"
	"sync"
	"sync/atomic"
)

// maxLearned bounds the MAC addresses of one network that are learned.
const maxLearned = 1024

// learned is where MAC addresses are that are no port's own: those of allowed address pairs, which go from one
// port to another (VRRP), and what ports without port security use. It is copied on change.
type learned struct {
	mu      sync.Mutex // of those that change it
	current atomic.Pointer[map[mac]*port]
}

func (l *learned) load() map[mac]*port {
	if m := l.current.Load(); m != nil {
		return *m
	}
	return nil
}

// learn notes that p was heard with that MAC address.
func (n *network) learn(p *port, from mac) {
	if n.learned.load()[from] == p || from.group() || from == n.services.mac {
		return
	}
	n.learned.mu.Lock()
	defer n.learned.mu.Unlock()
	t, old := n.table.Load(), n.learned.load()
	if _, known := old[from]; !known && len(old) >= maxLearned || t.mac[from] != nil || t.joined.mac[from] != nil || t.ports[p.settings.Load().ID] != p || !p.policy.Load().speaksFor(from) {
		return
	}
	next := make(map[mac]*port, len(old)+1)
	maps.Copy(next, old)
	next[from] = p
	n.learned.current.Store(&next)
}

// forget drops what was learned of ports that are gone or may not use the address any more, and of addresses that
// have become a port's own, or a router's.
func (n *network) forget(t *table) {
	n.learned.mu.Lock()
	defer n.learned.mu.Unlock()
	next := maps.Clone(n.learned.load())
	maps.DeleteFunc(next, func(m mac, p *port) bool {
		return t.mac[m] != nil || t.joined.mac[m] != nil || t.ports[p.settings.Load().ID] != p || !p.policy.Load().speaksFor(m)
	})
	n.learned.current.Store(&next)
}

// station is the port that a MAC address is at; nil if it is not known.
func (n *network) station(t *table, to mac) *port {
	if p := t.mac[to]; p != nil {
		return p
	}
	return n.learned.load()[to]
}
