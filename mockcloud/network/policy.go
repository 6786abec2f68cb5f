// SPDX-License-Identifier: MPL-2.0

package network

// policy is what one port's guest may send and be sent. It is replaced as a whole when the topology or the
// port changes: flows that were let through by another policy are asked about again.
type policy struct {
	guard    guard
	down     bool
	disabled bool // neither anti-spoofing nor groups
	groups   []*group
	open     bool // no security groups at all: everything passes the guard
}

// protect gives the port its policy.
func (p *port) protect(s *security) {
	settings := p.settings.Load()
	told := s.ports[settings.ID]
	pol := &policy{guard: settings.guard, down: told.Down, disabled: told.Disabled, open: s.unlimited}
	for _, id := range told.Groups {
		pol.groups = append(pol.groups, s.groups[id])
	}
	p.policy.Store(pol)
}
