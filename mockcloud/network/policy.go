// SPDX-License-Identifier: MPL-2.0

package network

import "gvisor.dev/gvisor/pkg/tcpip/header"

// policy is what one port's guest may send and be sent. It is replaced as a whole when the topology or the
// port changes: flows that another policy has let through are asked about again.
type policy struct {
	guard    guard
	down     bool
	disabled bool // neither anti-spoofing nor groups
	open     bool // there are no groups at all: everything passes the guard
	groups   []*group
}

// protect gives the port its policy.
func (p *port) protect(s *security) {
	settings := p.settings.Load()
	told := s.ports[settings.ID]
	pol := &policy{guard: settings.guard, down: told.Down, disabled: told.Disabled, open: s.unlimited}
	pol.guard.pairs, _ = readPairs(told.Allowed, settings.guard.mac) // readSecurity has closed ports with bad ones
	for _, id := range told.Groups {
		pol.groups = append(pol.groups, s.groups[id])
	}
	p.policy.Store(pol)
}

// speaksFor tells whether the port may use a MAC address.
func (pol *policy) speaksFor(m mac) bool { return pol.disabled || pol.guard.speaksFor(m) }

// allows tells whether a rule of the port's groups allows what c begins.
func (pol *policy) allows(c *opening) bool {
	for _, g := range pol.groups {
		rules := g.ingress
		if c.egress {
			rules = g.egress
		}
		for i := range rules {
			if rules[i].allows(c) {
				return true
			}
		}
	}
	return false
}

// permits is allows for a packet of no flow.
func (pol *policy) permits(p *packet, egress bool) bool {
	o := p.opening(egress)
	return pol.allows(&o)
}

// free tells what no rule is needed for, as Neutron's firewalls have it: addresses must be found and given
// before anything else. The sender's guard has looked at what is in it.
func (p *packet) free(egress bool) bool {
	switch {
	case p.ether == header.ARPProtocolNumber:
		return true
	case p.piece != whole:
		return false
	case p.is(protocolUDP, false):
		return egress && p.sport == dhcpClientPort && p.dport == dhcpServerPort ||
			!egress && p.sport == dhcpServerPort && p.dport == dhcpClientPort
	case p.is(protocolUDP, true):
		return egress && p.sport == dhcpv6ClientPort && p.dport == dhcpv6ServerPort ||
			!egress && p.sport == dhcpv6ServerPort && p.dport == dhcpv6ClientPort
	case p.is(protocolICMPv6, true):
		switch header.ICMPv6Type(p.kind) {
		case header.ICMPv6MulticastListenerQuery, header.ICMPv6MulticastListenerReport,
			header.ICMPv6MulticastListenerDone, header.ICMPv6MulticastListenerV2Report,
			header.ICMPv6RouterSolicit, header.ICMPv6RouterAdvert,
			header.ICMPv6NeighborSolicit, header.ICMPv6NeighborAdvert:
			return true
		}
	}
	return false
}
