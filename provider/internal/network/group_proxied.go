// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"errors"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
)

// proxiedGroups are security groups as Nova shows them: with the rules for what comes in alone.
type proxiedGroups struct{ *gophercloud.ServiceClient }

// proxiedGroup is a group in Nova's words.
type proxiedGroup struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	Description string        `json:"description"`
	ProjectID   string        `json:"tenant_id"`
	Rules       []proxiedRule `json:"rules"`
}

// proxiedRule is a rule in Nova's words. It names the group that it is for, and not its id.
type proxiedRule struct {
	ID       string `json:"id"`
	GroupID  string `json:"parent_group_id"`
	Protocol string `json:"ip_protocol"`
	First    *int64 `json:"from_port"` // -1: any
	Last     *int64 `json:"to_port"`
	Remote   struct {
		Name      string `json:"name"`
		ProjectID string `json:"tenant_id"`
	} `json:"group"`
	Range struct {
		CIDR string `json:"cidr"`
	} `json:"ip_range"`
}

// ErrUnproxied is what Nova's proxies have no word for.
var ErrUnproxied = errors.New("Nova's API has no word for it, and the cloud's catalogue has no network service") //nolint:staticcheck // Nova is a name

// listed are all groups in Nova's words.
func (p proxiedGroups) listed(ctx context.Context) ([]proxiedGroup, error) {
	var body struct {
		Groups []proxiedGroup `json:"security_groups"`
	}
	_, err := p.ServiceClient.Get(ctx, p.ServiceURL("os-security-groups"), &body, nil)
	return body.Groups, err
}

func (p proxiedGroups) List(ctx context.Context, name string) ([]Group, error) {
	listed, err := p.listed(ctx)
	var groups []Group
	for _, g := range listed {
		if name == "" || g.Name == name {
			groups = append(groups, g.group(listed))
		}
	}
	return groups, err
}

func (p proxiedGroups) Get(ctx context.Context, id string) (*Group, error) {
	var body struct {
		Group proxiedGroup `json:"security_group"`
	}
	if _, err := p.ServiceClient.Get(ctx, p.ServiceURL("os-security-groups", id), &body, nil); err != nil {
		return nil, err
	}
	var others []proxiedGroup
	for _, r := range body.Group.Rules {
		if r.Remote.Name != "" && others == nil {
			var err error
			if others, err = p.listed(ctx); err != nil {
				return nil, err
			}
		}
	}
	found := body.Group.group(others)
	return &found, nil
}

// group is g in Neutron's words; others are where the groups are found that its rules name.
func (g proxiedGroup) group(others []proxiedGroup) Group {
	found := Group{ID: g.ID, Name: g.Name, Description: g.Description, ProjectID: g.ProjectID}
	for _, r := range g.Rules {
		rule := r.rule()
		for _, other := range others {
			if r.Remote.Name != "" && other.Name == r.Remote.Name && other.ProjectID == r.Remote.ProjectID {
				rule.RemoteGroupID = other.ID
			}
		}
		if r.Remote.Name != "" && rule.RemoteGroupID == "" { // another project's: it is no rule for everyone
			rule.RemoteGroupID = r.Remote.Name
		}
		found.Rules = append(found.Rules, rule)
	}
	return found
}

func (r proxiedRule) rule() Rule {
	rule := Rule{
		ID: r.ID, GroupID: r.GroupID, Direction: Ingress, EtherType: IPv4, Protocol: r.Protocol, First: r.First, Last: r.Last,
		RemotePrefix: r.Range.CIDR,
	}
	if strings.Contains(r.Range.CIDR, ":") {
		rule.EtherType = IPv6
	}
	if HasPorts(r.Protocol) && r.First != nil && *r.First <= 1 && r.Last != nil && *r.Last == lastPort {
		rule.First, rule.Last = nil, nil
	}
	for _, end := range []**int64{&rule.First, &rule.Last} {
		if *end != nil && **end < 0 {
			*end = nil
		}
	}
	return rule
}

func (p proxiedGroups) Create(ctx context.Context, g Group) (*Group, error) {
	g.Stateful = nil
	var body struct {
		Group proxiedGroup `json:"security_group"`
	}
	_, err := p.Post(ctx, p.ServiceURL("os-security-groups"), g.fields(), &body, &gophercloud.RequestOpts{OkCodes: []int{200}})
	made := body.Group.group(nil)
	return &made, err
}

func (p proxiedGroups) Update(ctx context.Context, g Group) error {
	g.Stateful = nil
	_, err := p.Put(ctx, p.ServiceURL("os-security-groups", g.ID), g.fields(), nil, &gophercloud.RequestOpts{OkCodes: []int{200}})
	return err
}

func (p proxiedGroups) SetTags(context.Context, string, []string) error { return ErrUnproxied }

func (p proxiedGroups) Delete(ctx context.Context, id string) error {
	_, err := p.ServiceClient.Delete(ctx, p.ServiceURL("os-security-groups", id), nil)
	return err
}

// Rule looks for the rule in all groups: Nova shows none by itself.
func (p proxiedGroups) Rule(ctx context.Context, id string) (*Rule, error) {
	groups, err := p.List(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		for _, r := range g.Rules {
			if r.ID == id {
				return &r, nil
			}
		}
	}
	return nil, absent("No security group has the rule " + id)
}

func (p proxiedGroups) AddRule(ctx context.Context, r Rule) (*Rule, error) {
	fields := map[string]any{"parent_group_id": r.GroupID}
	switch {
	case r.RemoteGroupID != "":
		fields["group_id"] = r.RemoteGroupID
	case r.RemotePrefix != "":
		fields["cidr"] = r.RemotePrefix
	case r.EtherType == IPv6:
		fields["cidr"] = "::/0"
	default:
		fields["cidr"] = "0.0.0.0/0"
	}
	first, last := int64(-1), int64(-1)
	if number, _ := Number(r.Protocol); number != anyProtocol {
		fields["ip_protocol"] = map[int]string{tcp: "tcp", udp: "udp", icmp: "icmp", icmpv6: "icmp"}[number]
		if ported[number] {
			first, last = 1, lastPort
		}
		if r.First != nil {
			first = *r.First
		}
		if r.Last != nil {
			last = *r.Last
		}
		fields["from_port"], fields["to_port"] = first, last
	}
	var body struct {
		Rule proxiedRule `json:"security_group_rule"`
	}
	_, err := p.Post(ctx, p.ServiceURL("os-security-group-rules"), map[string]any{"security_group_rule": fields}, &body,
		&gophercloud.RequestOpts{OkCodes: []int{200}})
	made := body.Rule.rule()
	made.RemoteGroupID = r.RemoteGroupID
	return &made, err
}

func (p proxiedGroups) DropRule(ctx context.Context, id string) error {
	_, err := p.ServiceClient.Delete(ctx, p.ServiceURL("os-security-group-rules", id), nil)
	return err
}

// Unproxied is which part of the rule Nova's proxies cannot make, by its name in Neutron's API, and why; "" if they can
// make it.
func (r Rule) Unproxied() (part, why string) {
	number, _ := Number(r.Protocol)
	switch {
	case r.Direction == Egress:
		return "direction", "Nova's API knows rules for what comes in alone"
	case r.RemoteAddressGroupID != "":
		return "remote_address_group_id", "Nova's API knows no address groups"
	case r.Description != "":
		return "description", "Nova's API knows no descriptions of rules"
	case number != anyProtocol && number != tcp && number != udp && number != icmp && number != icmpv6:
		return "protocol", "Nova's API knows tcp, udp and icmp alone"
	case number == anyProtocol && r.RemoteGroupID == "":
		return "protocol", "Nova's API needs one: tcp, udp or icmp"
	case r.EtherType == IPv6 && r.RemoteGroupID != "":
		return "ethertype", "Nova's API makes rules about groups for IPv4 alone"
	}
	return "", ""
}
