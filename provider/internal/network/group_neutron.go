// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/attributestags"
)

// neutronGroups are Neutron's security groups.
type neutronGroups struct{ *gophercloud.ServiceClient }

type groupBody struct {
	Group *Group `json:"security_group"`
}

type ruleBody struct {
	Rule *Rule `json:"security_group_rule"`
}

func (n neutronGroups) List(ctx context.Context, name string) ([]Group, error) {
	return pages[Group](ctx, n.ServiceClient, "security-groups", "security_groups", named("name", name))
}

func (n neutronGroups) Get(ctx context.Context, id string) (*Group, error) {
	var body groupBody
	_, err := n.ServiceClient.Get(ctx, n.ServiceURL("security-groups", id), &body, nil)
	return body.Group, err
}

// fields are those of a group that can be written.
func (g Group) fields() map[string]any {
	fields := map[string]any{"name": g.Name, "description": g.Description}
	if g.Stateful != nil {
		fields["stateful"] = *g.Stateful
	}
	return map[string]any{"security_group": fields}
}

func (n neutronGroups) Create(ctx context.Context, g Group) (*Group, error) {
	var body groupBody
	_, err := n.Post(ctx, n.ServiceURL("security-groups"), g.fields(), &body, nil)
	return body.Group, err
}

func (n neutronGroups) Update(ctx context.Context, g Group) error {
	_, err := n.Put(ctx, n.ServiceURL("security-groups", g.ID), g.fields(), nil, &gophercloud.RequestOpts{OkCodes: []int{200}})
	return err
}

func (n neutronGroups) SetTags(ctx context.Context, id string, tags []string) error {
	return setTags(ctx, n.ServiceClient, "security-groups", id, tags)
}

func (n neutronGroups) Delete(ctx context.Context, id string) error {
	_, err := n.ServiceClient.Delete(ctx, n.ServiceURL("security-groups", id), nil)
	return err
}

func (n neutronGroups) Rule(ctx context.Context, id string) (*Rule, error) {
	var body ruleBody
	_, err := n.ServiceClient.Get(ctx, n.ServiceURL("security-group-rules", id), &body, nil)
	return body.Rule, err
}

func (n neutronGroups) AddRule(ctx context.Context, r Rule) (*Rule, error) {
	fields := map[string]any{"security_group_id": r.GroupID, "direction": r.Direction, "ethertype": r.EtherType}
	for name, text := range map[string]string{
		"protocol": r.Protocol, "remote_ip_prefix": r.RemotePrefix, "remote_group_id": r.RemoteGroupID,
		"remote_address_group_id": r.RemoteAddressGroupID, "description": r.Description,
	} {
		if text != "" {
			fields[name] = text
		}
	}
	for name, n := range map[string]*int64{"port_range_min": r.First, "port_range_max": r.Last} {
		if n != nil {
			fields[name] = *n
		}
	}
	var body ruleBody
	_, err := n.Post(ctx, n.ServiceURL("security-group-rules"), map[string]any{"security_group_rule": fields}, &body, nil)
	return body.Rule, err
}

func (n neutronGroups) DropRule(ctx context.Context, id string) error {
	_, err := n.ServiceClient.Delete(ctx, n.ServiceURL("security-group-rules", id), nil)
	return err
}

func setTags(ctx context.Context, service *gophercloud.ServiceClient, collection, id string, tags []string) error {
	if tags == nil {
		tags = []string{}
	}
	_, err := attributestags.ReplaceAll(ctx, service, collection, id, attributestags.ReplaceAllOpts{Tags: tags}).Extract()
	return err
}
