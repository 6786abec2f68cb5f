// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"encoding/json"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// SecurityGroupRule lets traffic through. Nil is any.
type SecurityGroupRule struct {
	Standard
	GroupID          string  `json:"security_group_id"`
	Direction        string  `json:"direction"`
	EtherType        string  `json:"ethertype"`
	Protocol         *string `json:"protocol"`
	PortMin          *int    `json:"port_range_min"`
	PortMax          *int    `json:"port_range_max"`
	RemoteIPPrefix   *string `json:"remote_ip_prefix"`
	RemoteGroupID    *string `json:"remote_group_id"`
	RemoteAddressID  *string `json:"remote_address_group_id"`
	NormalizedCIDR   *string `json:"normalized_cidr"`
	BelongsToDefault bool    `json:"belongs_to_default_sg"`
}

type ruleFields struct {
	owner
	GroupID        api.Opt[string]      `json:"security_group_id" put:"no" format:"uuid"`
	Direction      api.Opt[string]      `json:"direction" put:"no" oneof:"ingress egress"`
	EtherType      api.Opt[string]      `json:"ethertype" put:"no" null:"ok"`
	Protocol       api.Opt[protocol]    `json:"protocol"  put:"no" null:"ok"`
	PortMin        api.Opt[api.Integer] `json:"port_range_min" put:"no" null:"ok"`
	PortMax        api.Opt[api.Integer] `json:"port_range_max" put:"no" null:"ok"`
	RemoteIPPrefix api.Opt[string]      `json:"remote_ip_prefix" put:"no" null:"ok"`
	RemoteGroupID  api.Opt[string]      `json:"remote_group_id"  put:"no" null:"ok"`
}

// protocol is a name or a number, which may be sent as either.
type protocol string

// Parse implements api.Parser.
func (p *protocol) Parse(v any) error {
	switch v := v.(type) {
	case string:
		*p = protocol(strings.ToLower(v))
	case json.Number:
		*p = protocol(v.String())
	default:
		return errors.New("protocol is neither a name nor a number")
	}
	return nil
}

// protocols are the names that a rule may use, and what IP version they are bound to (0: any).
var protocols = map[string]int{
	"ah": 0, "dccp": 0, "egp": 0, "esp": 0, "gre": 0, "hopopt": 0, "icmp": 0, "igmp": 0, "ip": 0, "ipip": 0, "any": 0,
	"ipv6-encap": 6, "ipv6-frag": 6, "ipv6-icmp": 6, "icmpv6": 6, "ipv6-nonxt": 6, "ipv6-opts": 6, "ipv6-route": 6,
	"ospf": 0, "pgm": 0, "rsvp": 0, "sctp": 0, "tcp": 0, "udp": 0, "udplite": 0, "vrrp": 0,
}

var (
	protocolsWithPorts = []string{"tcp", "6", "udp", "17", "udplite", "136", "sctp", "132", "dccp", "33"}
	protocolsOfICMP    = []string{"icmp", "1", "icmpv6", "ipv6-icmp", "58"}
)

var ruleTable = &store.Table[SecurityGroupRule]{
	Name: "neutron.security_group_rules",
	Key:  func(r *SecurityGroupRule) string { return r.ID },
	Indexes: []store.Index[SecurityGroupRule]{
		{Name: "project_id", Of: func(r *SecurityGroupRule) []string { return []string{r.ProjectID} }},
		{Name: "security_group_id", Of: func(r *SecurityGroupRule) []string { return []string{r.GroupID} }},
		{Name: "remote_group_id", Of: func(r *SecurityGroupRule) []string {
			if r.RemoteGroupID == nil || *r.RemoteGroupID == r.GroupID {
				return nil
			}
			return []string{*r.RemoteGroupID}
		}},
	},
}

func ruleCollection() *collection[SecurityGroupRule, ruleFields] {
	return collection[SecurityGroupRule, ruleFields]{
		one: "security_group_rule", many: "security_group_rules", path: "/security-group-rules",
		missing: ruleNotFound, table: ruleTable,
		base:    func(r *SecurityGroupRule) *Standard { return &r.Standard },
		project: func(f *ruleFields) owner { return f.owner },
		indexed: []string{"security_group_id"},
		create:  createRule,
		update: func(o *op, now, _ *SecurityGroupRule, _ *ruleFields) error {
			return ruleTable.Put(o.tx, now)
		},
		remove: func(o *op, r *SecurityGroupRule) error { return ruleTable.Delete(o.tx, r.ID) },
		complete: func(o *op, r *SecurityGroupRule) error {
			g, err := groupTable.Get(o.tx, r.GroupID)
			if err != nil {
				return err
			}
			r.BelongsToDefault = g.Name == defaultName
			return nil
		},
		first: groupCollection().first,
	}.ready()
}

func createRule(o *op, r *SecurityGroupRule, in *ruleFields) error {
	g, err := o.groups.find(o, r.GroupID)
	if err != nil {
		return err
	}
	r.ProjectID = g.ProjectID
	r.Protocol, r.PortMin, r.PortMax = protocolOf(in.Protocol), whole(in.PortMin), whole(in.PortMax)
	if !in.Direction.Set {
		return httpBadRequest.of("Failed to parse request. Required attribute 'direction' not specified")
	}
	if err := r.check(); err != nil {
		return err
	}
	if r.RemoteGroupID != nil {
		if _, err := o.groups.find(o, *r.RemoteGroupID); err != nil {
			return err
		}
	}
	others, err := ruleTable.By(o.tx, "security_group_id", g.ID)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.key() == r.key() {
			return ruleExists.of(other.ID)
		}
	}
	return ruleTable.Insert(o.tx, r)
}

func protocolOf(given api.Opt[protocol]) *string {
	if !given.Set || given.Null || given.Value == "" || given.Value == "any" || given.Value == "0" || given.Value == "ip" {
		return nil
	}
	return (*string)(&given.Value)
}

// whole is a number of a request.
func whole(given api.Opt[api.Integer]) *int {
	if !given.Set || given.Null {
		return nil
	}
	n := int(given.Value)
	return &n
}

// key is what makes two rules the same rule.
func (r *SecurityGroupRule) key() string {
	var parts []string
	for _, p := range []*string{r.Protocol, r.NormalizedCIDR, r.RemoteGroupID} {
		if p == nil {
			parts = append(parts, "any")
			continue
		}
		parts = append(parts, *p)
	}
	for _, n := range []*int{r.PortMin, r.PortMax} {
		if n == nil {
			parts = append(parts, "any")
			continue
		}
		parts = append(parts, strconv.Itoa(*n))
	}
	return strings.Join(append(parts, r.Direction, r.EtherType), " ")
}

func (r *SecurityGroupRule) checkProtocol() error {
	switch strings.ToLower(r.EtherType) {
	case "", "ipv4":
		r.EtherType = "IPv4"
	case "ipv6":
		r.EtherType = "IPv6"
	default:
		return ruleEtherType.of(r.EtherType)
	}
	if r.Protocol == nil {
		return nil
	}
	bound, known := protocols[*r.Protocol]
	if n, err := strconv.Atoi(*r.Protocol); err == nil && n >= 0 && n <= 255 {
		known = true
	}
	switch {
	case !known:
		return ruleProtocol.of(*r.Protocol)
	case bound == 6 && r.EtherType == "IPv4":
		return ruleEtherConflict.of(r.EtherType, *r.Protocol)
	}
	if r.EtherType == "IPv6" && *r.Protocol == "icmp" {
		*r.Protocol = "ipv6-icmp"
	}
	return nil
}

func (r *SecurityGroupRule) checkPorts() error {
	if r.PortMin == nil && r.PortMax == nil {
		return nil
	}
	for _, n := range []*int{r.PortMin, r.PortMax} {
		if n != nil && (*n < 0 || *n > 65535) {
			return rulePortValue.of(*n)
		}
	}
	switch {
	case r.Protocol == nil:
		return ruleNeedsProtocol.of("")
	case slices.Contains(protocolsOfICMP, *r.Protocol):
		return r.checkICMP()
	case !slices.Contains(protocolsWithPorts, *r.Protocol):
		return rulePortsOnOther.of(*r.Protocol)
	case r.PortMin == nil || r.PortMax == nil || *r.PortMin > *r.PortMax:
		return rulePortRange.of("")
	case *r.PortMin == 0:
		return rulePortValue.of(*r.PortMin)
	}
	return nil
}

// checkICMP: the range's ends are type and code.
func (r *SecurityGroupRule) checkICMP() error {
	for _, part := range []struct {
		field, name string
		value       *int
	}{{"port_range_min", "type", r.PortMin}, {"port_range_max", "code", r.PortMax}} {
		if part.value != nil && (*part.value < 0 || *part.value > 255) {
			return ruleICMPValue.of(part.name, part.field, *part.value)
		}
	}
	if r.PortMin == nil {
		return ruleICMPType.of(*r.PortMax)
	}
	return nil
}

func (r *SecurityGroupRule) checkRemote() error {
	if r.RemoteIPPrefix == nil {
		return nil
	}
	if r.RemoteGroupID != nil {
		return ruleTwoRemotes.of("")
	}
	prefix, err := netip.ParsePrefix(*r.RemoteIPPrefix)
	if address, single := netip.ParseAddr(*r.RemoteIPPrefix); single == nil {
		prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
		*r.RemoteIPPrefix = prefix.String()
	}
	if err != nil {
		return httpBadRequest.of("Invalid input for remote_ip_prefix. Reason: '" + *r.RemoteIPPrefix + "' is not a valid IP subnet.")
	}
	if prefix.Addr().Is4() != (r.EtherType == "IPv4") {
		return rulePrefixConflict.of(r.EtherType, *r.RemoteIPPrefix)
	}
	normal := prefix.Masked().String()
	r.NormalizedCIDR = &normal
	return nil
}
