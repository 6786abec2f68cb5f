// SPDX-License-Identifier: MPL-2.0

package securitygroup

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewDataSource returns the data source nova_security_group.
func NewDataSource() datasource.DataSource { return source.One(dataNoun) }

// NewDataSourceList returns the data source nova_security_groups.
func NewDataSourceList() datasource.DataSource { return source.All(dataNoun) }

var dataRuleFields = fields.Table{
	"id":               {Description: "The id."},
	"direction":        {Description: "`ingress` or `egress`."},
	"ethertype":        {Description: "`IPv4` or `IPv6`."},
	"protocol":         {Description: "The protocol, by name or number; null for any."},
	"port_range_min":   {Of: fields.Number, Description: "The first port; null for any."},
	"port_range_max":   {Of: fields.Number, Description: "The last port; null for any."},
	"icmp_type":        {Of: fields.Number, Description: "The type of ICMP; null for any."},
	"icmp_code":        {Of: fields.Number, Description: "The code of ICMP; null for any."},
	"remote_ip_prefix": {Description: "The addresses of the other side, as a CIDR; null for any."},
	"remote_group_id":  {Description: "The id of the security group that the other side is in; null for any."},
	"remote_address_group_id": {
		Description: "The id of the address group of Neutron that the other side is in; null for any.",
	},
	"description": {Description: "The description."},
}

var dataFields = fields.Table{
	"id":          {Description: "The id."},
	"name":        {Description: "The name, which other groups may have, too."},
	"description": {Description: "The description."},
	"project_id":  {Description: "The id of the project that owns it."},
	"stateful":    {Of: fields.Flag, Description: "Whether answers are let through without rules of their own; null on clouds that do not tell."},
	"tags":        {Of: fields.Set, Description: "The tags. Nova's proxies know none."},
	"rules":       {Of: fields.Rows, Fields: dataRuleFields, Description: "The rules, sorted by id. Nova's proxies know those for what comes in alone."},
}

var dataNoun = source.Noun{
	Singular: "security_group", Plural: "security_groups", Label: "Security Group", Labels: "Security Groups",
	About: "A security group that exists already, by id or by what is known of it. Neutron is asked, or Nova where the cloud's " +
		"catalogue has no Neutron. Administrators see the groups of all projects, each of which has a `default`: `project_id` tells them apart.",
	AboutPlural: "The security groups that the user may use, or those of them that fit. Administrators see those of all projects.",
	Shown:       dataFields, Order: []string{"name"},
	Filters: map[string]source.Filter{
		"id":         source.Equal("id", "The id."),
		"name":       source.Equal("name", "The name."),
		"name_regex": source.Matches("name", "A regular expression that fits the name, or a part of it."),
		"project_id": source.Equal("project_id", "The id of the project that owns it."),
		"with_tags":  source.Holds("tags", "Tags that it has to have, all of them."),
	},
	List: listData, Get: getData,
}

func listData(ctx context.Context, c *client.Client, q source.Query) ([]fields.Row, error) {
	groups, err := network.GroupsOf(ctx, c)
	if err != nil {
		return nil, err
	}
	all, err := groups.List(ctx, q.Text("name"))
	rows := make([]fields.Row, 0, len(all))
	for _, group := range all {
		rows = append(rows, dataRow(group))
	}
	return rows, err
}

func getData(ctx context.Context, c *client.Client, q source.Query) (fields.Row, error) {
	groups, err := network.GroupsOf(ctx, c)
	if err != nil {
		return nil, err
	}
	group, err := groups.Get(ctx, q.Text("id"))
	if err != nil {
		return nil, err
	}
	return dataRow(*group), nil
}

func dataRow(g network.Group) fields.Row {
	rules := []fields.Row{}
	for _, r := range g.Rules {
		first, last := "port_range_min", "port_range_max"
		if network.IsICMP(r.Protocol) {
			first, last = "icmp_type", "icmp_code"
		}
		rules = append(rules, fields.Row{
			"id": types.StringValue(r.ID), "direction": types.StringValue(r.Direction), "ethertype": value.Text(r.EtherType),
			"protocol": value.Text(r.Protocol), first: types.Int64PointerValue(r.First), last: types.Int64PointerValue(r.Last),
			"remote_ip_prefix": value.Text(r.RemotePrefix), "remote_group_id": value.Text(r.RemoteGroupID),
			"remote_address_group_id": value.Text(r.RemoteAddressGroupID), "description": value.Text(r.Description),
		})
	}
	source.Sort(rules, "id")
	return fields.Row{
		"id": types.StringValue(g.ID), "name": types.StringValue(g.Name), "description": value.Text(g.Description),
		"project_id": value.Text(g.ProjectID), "stateful": types.BoolPointerValue(g.Stateful),
		"tags": value.SetOf(append([]string{}, g.Tags...)), "rules": dataRuleFields.List(rules),
	}
}
