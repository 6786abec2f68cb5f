// SPDX-License-Identifier: MPL-2.0

// Package network is the data sources nova_network and nova_networks: the networks that servers can be connected to.
package network

import (
	"context"
	"errors"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// NewDataSource returns the data source nova_network.
func NewDataSource() datasource.DataSource { return source.One(noun) }

// NewDataSourceList returns the data source nova_networks.
func NewDataSourceList() datasource.DataSource { return source.All(noun) }

var shown = fields.Table{
	"id":               {Description: "The id."},
	"name":             {Description: "The name, which other networks may have, too."},
	"description":      {Description: "The description."},
	"project_id":       {Description: "The id of the project that owns it."},
	"status":           {Description: "The status, `ACTIVE` as a rule."},
	"admin_state_up":   {Of: fields.Flag, Description: "Whether it is switched on."},
	"shared":           {Of: fields.Flag, Description: "Whether all projects may use it."},
	"external":         {Of: fields.Flag, From: "router:external", Description: "Whether it leads out of the cloud, so that floating IPs come from it."},
	"mtu":              {Of: fields.Number, Description: "The size of the largest packets in bytes."},
	"subnet_ids":       {Of: fields.Set, From: "subnets", Description: "The ids of its subnets."},
	"tags":             {Of: fields.Set, Description: "The tags."},
	"dns_domain":       {Description: "The domain of its servers' names, where Neutron serves DNS."},
	"network_type":     {From: "provider:network_type", Description: "What it is made of: `vxlan`, `vlan`, `flat` ... Shown to administrators."},
	"physical_network": {From: "provider:physical_network", Description: "The physical network that it is on. Shown to administrators."},
	"segmentation_id":  {Of: fields.Number, From: "provider:segmentation_id", Description: "The id of its VLAN or tunnel. Shown to administrators."},
}

// detail takes a call of its own.
var detail = fields.Table{
	"subnets": {Of: fields.Rows, Fields: subnetFields, Description: "Its subnets, sorted by `cidr`."},
}

var subnetFields = fields.Table{
	"id":          {Description: "The id."},
	"name":        {Description: "The name."},
	"cidr":        {Description: "The addresses."},
	"ip_version":  {Of: fields.Number, Description: "4 or 6."},
	"gateway_ip":  {Description: "The address of the gateway; null for none."},
	"enable_dhcp": {Of: fields.Flag, Description: "Whether servers learn their addresses by DHCP."},
	"dns_servers": {Of: fields.List, From: "dns_nameservers", Description: "The name servers that servers are told of."},
}

var noun = source.Noun{
	Singular: "network", Plural: "networks", Label: "Network", Labels: "Networks",
	About: "A network that exists already, by id or by what is known of it. Neutron is asked, or Nova where the cloud's " +
		"catalogue has no Neutron; Nova tells `id` and `name` alone.",
	AboutPlural: "The networks that the user may see, or those of them that fit.",
	Shown:       shown, Detail: detail, Order: []string{"name"},
	Filters: map[string]source.Filter{
		"id":         source.Equal("id", "The id."),
		"name":       source.Equal("name", "The name.").By("name"),
		"name_regex": source.Matches("name", "A regular expression that fits the name, or a part of it."),
		"project_id": source.Equal("project_id", "The id of the project that owns it.").By("project_id"),
		"external":   source.Is("external", "Only networks that lead out of the cloud, or only others.").By("router:external"),
		"shared":     source.Is("shared", "Only networks that all projects may use, or only others.").By("shared"),
		"status":     source.Equal("status", "The status, `ACTIVE` for example.").By("status"),
		"with_tags":  source.Holds("tags", "Tags that it has to have, all of them.").By("tags"),
	},
	List: list, Get: get, Complete: addSubnets,
}

func list(ctx context.Context, c *client.Client, q source.Query) ([]fields.Row, error) {
	service, err := c.Network()
	if missing(err) {
		return proxied(ctx, c)
	}
	if err != nil {
		return nil, err
	}
	all, err := nova.Collection(ctx, service, service.ServiceURL("networks"), "networks", q.Values)
	if err != nil {
		return nil, err
	}
	return shown.Read(all)
}

func get(ctx context.Context, c *client.Client, q source.Query) (fields.Row, error) {
	service, err := c.Network()
	if missing(err) {
		return proxiedByID(ctx, c, q.Text("id"))
	}
	if err != nil {
		return nil, err
	}
	found, err := nova.Object(ctx, service, service.ServiceURL("networks", url.PathEscape(q.Text("id"))), "network", nil)
	if err != nil {
		return nil, err
	}
	return shown.Row(found)
}

func addSubnets(ctx context.Context, c *client.Client, row fields.Row) error {
	service, err := c.Network()
	if missing(err) {
		return nil // Nova does not tell
	}
	if err != nil {
		return err
	}
	all, err := nova.Collection(ctx, service, service.ServiceURL("subnets"), "subnets", url.Values{"network_id": {row.Text("id")}})
	if err != nil {
		return err
	}
	rows, err := subnetFields.Read(all)
	if err != nil {
		return err
	}
	source.Sort(rows, "cidr", "id")
	row["subnets"] = subnetFields.List(rows)
	return nil
}

// missing is whether the catalogue has no Neutron.
func missing(err error) bool {
	var none *client.NoEndpointError
	return errors.As(err, &none)
}
