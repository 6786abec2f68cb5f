// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"net"
	"net/netip"
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// securityOf are the ports' security and the groups' rules. What a fabric could not understand of it is left
// out here: one user's oddity must not keep it from following the others.
func securityOf(t *neutron.Topology) (map[string]driver.PortSecurity, map[string][]driver.Rule) {
	groups := make(map[string][]driver.Rule, len(t.Groups))
	for _, g := range t.Groups {
		groups[g.ID] = nil
	}
	for _, r := range t.Rules {
		if _, known := groups[r.GroupID]; !known {
			continue
		}
		rule, ok := ruleOf(r)
		if _, known := groups[rule.RemoteGroup]; ok && (known || rule.RemoteGroup == "") {
			groups[r.GroupID] = append(groups[r.GroupID], rule)
		}
	}
	ports := make(map[string]driver.PortSecurity, len(t.Ports))
	for _, p := range t.Ports {
		ports[p.ID] = portSecurityOf(p, groups)
	}
	return ports, groups
}

func portSecurityOf(p *neutron.Port, groups map[string][]driver.Rule) driver.PortSecurity {
	s := driver.PortSecurity{Disabled: !p.PortSecurity, Down: !p.AdminStateUp}
	for _, id := range p.SecurityGroups {
		if _, known := groups[id]; known {
			s.Groups = append(s.Groups, id)
		}
	}
	for _, ip := range p.FixedIPs {
		if ip.IPAddress.IsValid() && !ip.IPAddress.Is4In6() {
			s.Addresses = append(s.Addresses, ip.IPAddress)
		}
	}
	for _, pair := range p.AddressPairs {
		prefix, ok := prefixOf(pair.IPAddress)
		if hw, err := net.ParseMAC(pair.MACAddress); ok && (pair.MACAddress == "" || err == nil && len(hw) == 6 && hw[0]&1 == 0) {
			s.Allowed = append(s.Allowed, driver.AddressPair{MAC: pair.MACAddress, Prefix: prefix})
		}
	}
	return s
}

// prefixOf reads a prefix or a single address.
func prefixOf(s string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p, err == nil
}

// ruleOf is a rule with numbers for names.
func ruleOf(r *neutron.SecurityGroupRule) (rule driver.Rule, ok bool) {
	rule = driver.Rule{
		Egress: r.Direction == "egress", IPv6: r.EtherType == "IPv6",
		Protocol: -1, First: orAny(r.PortMin), Last: orAny(r.PortMax),
	}
	if r.Protocol != nil {
		if rule.Protocol, ok = protocolOf(*r.Protocol); !ok {
			return rule, false
		}
		if rule.IPv6 && rule.Protocol == 1 { // icmp of IPv6 is another protocol
			rule.Protocol = 58
		}
	}
	if r.NormalizedCIDR != nil {
		if rule.RemotePrefix, ok = prefixOf(*r.NormalizedCIDR); !ok || rule.RemotePrefix.Addr().Is6() != rule.IPv6 {
			return rule, false
		}
	}
	if r.RemoteGroupID != nil {
		rule.RemoteGroup = *r.RemoteGroupID
	}
	return rule, true
}

func orAny(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}

// protocolNumbers are those of the names that a rule may have (IANA).
var protocolNumbers = map[string]int{
	"ah": 51, "dccp": 33, "egp": 8, "esp": 50, "gre": 47, "hopopt": 0, "icmp": 1, "icmpv6": 58, "igmp": 2, "ipip": 4,
	"ipv6-encap": 41, "ipv6-frag": 44, "ipv6-icmp": 58, "ipv6-nonxt": 59, "ipv6-opts": 60, "ipv6-route": 43,
	"ospf": 89, "pgm": 113, "rsvp": 46, "sctp": 132, "tcp": 6, "udp": 17, "udplite": 136, "vrrp": 112,
}

func protocolOf(name string) (number int, ok bool) {
	if number, ok = protocolNumbers[name]; ok {
		return number, true
	}
	number, err := strconv.Atoi(name)
	return number, err == nil && number >= 0 && number <= 255
}
