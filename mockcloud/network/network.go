// SPDX-License-Identifier: MPL-2.0

package network

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// network is one switch with its services. Frames find their way by an immutable table that each Plug
// and Unplug replaces, so nothing on their way takes a lock.
type network struct {
	id       string
	services *services
	table    atomic.Pointer[table]
	watch    stopwatch
	learned  learned
}

// table is who is plugged into a network.
type table struct {
	ports map[string]*port // by id
	mac   map[mac]*port
	ip    map[netip.Addr]*port
	names map[string][]netip.Addr     // hostname in lower case, to its addresses
	own   map[netip.Addr]netip.Prefix // the router's addresses on subnets
	mtu   int                         // the smallest of the ports'
}

func newTable(ports map[string]*port) *table {
	t := &table{
		ports: ports,
		mac:   make(map[mac]*port, len(ports)),
		ip:    make(map[netip.Addr]*port, len(ports)),
		names: make(map[string][]netip.Addr, len(ports)),
		own:   make(map[netip.Addr]netip.Prefix),
	}
	for _, id := range slices.Sorted(maps.Keys(ports)) {
		p := ports[id]
		s := p.settings.Load()
		t.mac[s.guard.mac] = p
		for _, a := range s.Addresses {
			t.ip[a.IP] = p
			name := canonical(s.Hostname)
			t.names[name] = append(t.names[name], a.IP)
			for _, own := range []netip.Addr{a.Subnet.Gateway, a.Subnet.DHCPPort} {
				if own.Is4() {
					t.own[own] = a.Subnet.CIDR
				}
			}
		}
		if t.mtu == 0 || s.MTU < t.mtu {
			t.mtu = s.MTU
		}
	}
	return t
}

// owns tells the router's addresses.
func (t *table) owns(a netip.Addr) bool {
	_, own := t.own[a]
	return own || a == metadataAddr
}

// admits tells why a port with these settings cannot join, nil if it can.
func (t *table) admits(s *settings, router mac) error {
	if other := t.mac[s.guard.mac]; s.guard.mac == router || other != nil && other.settings.Load().ID != s.ID {
		return fmt.Errorf("MAC address %s is taken on network %s", s.MAC, s.NetworkID)
	}
	for _, a := range s.Addresses {
		other := t.ip[a.IP]
		if t.owns(a.IP) || a.IP == a.Subnet.Gateway || other != nil && other.settings.Load().ID != s.ID {
			return fmt.Errorf("address %s is taken on network %s", a.IP, s.NetworkID)
		}
	}
	return nil
}

// with and without are called one at a time (under the fabric's lock) and publish the changed table.
func (n *network) with(p *port) {
	ports := maps.Clone(n.table.Load().ports)
	ports[p.settings.Load().ID] = p
	n.publish(newTable(ports))
}

func (n *network) without(id string) (left int) {
	ports := maps.Clone(n.table.Load().ports)
	delete(ports, id)
	n.publish(newTable(ports))
	return len(ports)
}

func (n *network) publish(t *table) {
	n.table.Store(t)
	n.forget(t)
	n.services.follow(t)
}

// receive takes a frame from a port's guest; f is only lent.
func (n *network) receive(p *port, f []byte) {
	pol := p.policy.Load()
	if pol.guard.announces(f) {
		return // read has followed the machine, and nobody else has to learn where it is
	}
	pk, t := readPacket(f), n.table.Load()
	if !p.lets(pol, &pk, n.serves(t, &pk)) {
		p.counters.txDropped.Add(1)
		return
	}
	p.counters.txFrames.Add(1)
	p.counters.txBytes.Add(uint64(len(f)))
	if n.answerDHCP(p, &pk) {
		return
	}
	if from := source(f); from != pol.guard.mac {
		n.learn(p, from)
	}
	n.switchTo(t, p, &pk)
}

// serves tells what a guest may ask of the network itself, whatever its groups say: without metadata and
// names it could not be set up.
func (n *network) serves(t *table, pk *packet) bool {
	if !pk.sound || !pk.dst.IsValid() || destination(pk.frame) != n.services.mac {
		return false
	}
	metadata := pk.is(protocolTCP, false) && pk.dst == metadataAddr && pk.dport == metadataPort
	dns := (pk.protocol == protocolUDP || pk.protocol == protocolTCP) && pk.dport == dnsPort && t.owns(pk.dst)
	return metadata || dns
}

// answerDHCP takes what is DHCP's. It ends here, whomever it is sent to: no guest sees another's, or
// answers it, unless nobody else does.
func (n *network) answerDHCP(p *port, pk *packet) bool {
	s := p.settings.Load()
	if s.lease == nil || !pk.is(protocolUDP, false) || pk.piece == later || pk.dport != dhcpServerPort {
		return false
	}
	if udp, ok := udpIn(header.IPv4(pk.frame[ethernetLen:])); ok {
		if reply := s.answerDHCP(n.services.mac, udp.Payload()); reply != nil {
			p.send(reply)
		}
	}
	return true
}

// forward brings a frame to whom it is for, as far as their rules let it. Frames of the network's own
// services, from is nil then, are let through to all.
func (n *network) forward(from *port, f []byte) {
	pk := readPacket(f)
	n.switchTo(n.table.Load(), from, &pk)
}

// switchTo brings a packet to whom it is for. The table knows every station, but for those of port security's
// exceptions; a frame to an unknown one is dropped.
func (n *network) switchTo(t *table, from *port, pk *packet) {
	to, exempt := destination(pk.frame), from == nil && (!pk.dst.IsValid() || t.owns(pk.src))
	switch {
	case to.group():
		for _, p := range t.ports {
			if p != from {
				p.pass(pk, exempt)
			}
		}
		if pk.ether == header.ARPProtocolNumber && from != nil {
			n.services.receiveARP(pk.frame)
		}
	case to == n.services.mac && from != nil:
		n.services.receive(t, from, pk.frame)
	default:
		if p := n.station(t, to); p != nil && p != from {
			p.pass(pk, exempt)
		}
	}
}
