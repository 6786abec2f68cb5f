// SPDX-License-Identifier: MPL-2.0

package network

import (
	"fmt"
	"net/netip"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// group is a security group: what it allows, and who is in it.
type group struct {
	egress, ingress []rule
	members         members
}

// members are the addresses of the ports in a group, those of allowed address pairs among them.
type members struct {
	addresses map[netip.Addr]bool
	prefixes  []netip.Prefix // of more than one address
}

func (m *members) add(s driver.PortSecurity) {
	for _, a := range s.Addresses {
		m.addresses[a] = true
	}
	for _, pair := range s.Allowed {
		if pair.Prefix.IsSingleIP() {
			m.addresses[pair.Prefix.Addr()] = true
		} else {
			m.prefixes = append(m.prefixes, pair.Prefix.Masked())
		}
	}
}

func (m *members) contain(a netip.Addr) bool {
	if m.addresses[a] {
		return true
	}
	for _, p := range m.prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// rule is a driver.Rule, with the group that it names.
type rule struct {
	driver.Rule
	remote *members // nil: no group
}

// read takes the group's rules; groups are all that there are.
func (g *group) read(rules []driver.Rule, groups map[string]*group) error {
	for _, told := range rules {
		r, err := readRule(told, groups)
		if err != nil {
			return err
		}
		if r.Egress {
			g.egress = append(g.egress, r)
		} else {
			g.ingress = append(g.ingress, r)
		}
	}
	return nil
}

func readRule(told driver.Rule, groups map[string]*group) (rule, error) {
	r := rule{Rule: told}
	if told.Protocol < -1 || told.Protocol > 255 {
		return r, fmt.Errorf("there is no protocol %d", told.Protocol)
	}
	for _, n := range []int{told.First, told.Last} {
		if n < -1 || n > 65535 {
			return r, fmt.Errorf("there is no port %d", n)
		}
	}
	if told.RemotePrefix.IsValid() {
		if told.RemotePrefix.Addr().Is6() != told.IPv6 {
			return r, fmt.Errorf("prefix %s is not of the rule's IP version", told.RemotePrefix)
		}
		r.RemotePrefix = told.RemotePrefix.Masked()
	}
	if told.RemoteGroup != "" {
		remote := groups[told.RemoteGroup]
		if remote == nil {
			return r, fmt.Errorf("there is no remote group %s", told.RemoteGroup)
		}
		r.remote = &remote.members
	}
	return r, nil
}

// allows tells whether the rule lets in, or out, what c begins.
func (r *rule) allows(c *opening) bool {
	if r.IPv6 != c.remote.Is6() || r.Protocol >= 0 && uint8(r.Protocol) != c.protocol {
		return false
	}
	if r.RemotePrefix.IsValid() && !r.RemotePrefix.Contains(c.remote) {
		return false
	}
	if r.remote != nil && !r.remote.contain(c.remote) {
		return false
	}
	if c.icmp {
		return (r.First < 0 || r.First == int(c.kind)) && (r.Last < 0 || r.Last == int(c.code))
	}
	return (r.First < 0 || r.First <= int(c.port)) && (r.Last < 0 || r.Last >= int(c.port))
}

// opening is what rules are asked about: what a flow begins with, or a packet that is none's.
type opening struct {
	egress     bool
	remote     netip.Addr
	protocol   uint8
	icmp       bool   // of remote's IP version
	kind, code uint8  // of ICMP
	port       uint16 // that it goes to; 0 of protocols without ports
}
