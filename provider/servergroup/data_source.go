// SPDX-License-Identifier: MPL-2.0

package servergroup

import (
	"context"
	"net/url"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// NewDataSource returns the data source nova_server_group.
func NewDataSource() datasource.DataSource { return source.One(dataNoun) }

// NewDataSourceList returns the data source nova_server_groups.
func NewDataSourceList() datasource.DataSource { return source.All(dataNoun) }

// dataNewest is the last microversion that changed what is shown of server groups: a policy with rules in place of policies.
const dataNewest client.Microversion = 64

var dataFields = fields.Table{
	"id":     {Description: "The id."},
	"name":   {Description: "The name, which other groups may have, too."},
	"policy": {Description: "The policy: `affinity`, `anti-affinity`, `soft-affinity` or `soft-anti-affinity`."},
	"max_server_per_host": {
		Of: fields.Number, From: "rules.max_server_per_host",
		Description: "How many servers of an `anti-affinity` group one host may have; null for one. Needs microversion 2.64.",
	},
	"members":    {Of: fields.Set, Description: "The ids of the servers in it."},
	"project_id": {Description: "The id of the project that owns it. Needs microversion 2.13."},
	"user_id":    {Description: "The id of the user who made it. Needs microversion 2.13."},
}

var dataNoun = source.Noun{
	Singular: "server_group", Plural: "server_groups", Label: "Server Group", Labels: "Server Groups",
	About:       "A server group that exists already, by id or by what is known of it.",
	AboutPlural: "The server groups of the project, or those of them that fit.",
	Shown:       dataFields, Order: []string{"name"},
	Filters: map[string]source.Filter{
		"id":         source.Equal("id", "The id."),
		"name":       source.Equal("name", "The name."),
		"name_regex": source.Matches("name", "A regular expression that fits the name, or a part of it."),
		"policy":     source.Equal("policy", "The policy: `affinity`, `anti-affinity`, `soft-affinity` or `soft-anti-affinity`."),
		"member":     source.Contains("members", "The id of a server that is in it."),
		"project_id": source.Equal("project_id", "The id of the project that owns it. Needs microversion 2.13.").Needs(13),
		"all_projects": {
			Of: fields.Flag, Scope: true, Description: "Look into all projects, as an administrator. To others it makes no difference.",
		},
	},
	List: listData, Get: getData,
}

// listData pages by offset: this list has no links. A page that holds nothing new is behind the last.
func listData(ctx context.Context, c *client.Client, q source.Query) ([]fields.Row, error) {
	service, _, err := c.Best(ctx, dataNewest)
	if err != nil {
		return nil, err
	}
	query := url.Values{}
	if q.Flag("all_projects") {
		query.Set("all_projects", "true") // its presence counts, not its value
	}
	var all []fields.JSON
	for {
		query.Set("offset", strconv.Itoa(len(all)))
		page, err := nova.Collection(ctx, service, service.ServiceURL("os-server-groups"), "server_groups", query)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 || len(all) > 0 && page[0]["id"] == all[0]["id"] {
			break
		}
		all = append(all, page...)
	}
	for _, group := range all {
		dataPolicy(group)
	}
	return dataFields.Read(all)
}

func getData(ctx context.Context, c *client.Client, q source.Query) (fields.Row, error) {
	service, _, err := c.Best(ctx, dataNewest)
	if err != nil {
		return nil, err
	}
	group, err := nova.Object(ctx, service, service.ServiceURL("os-server-groups", url.PathEscape(q.Text("id"))), "server_group", nil)
	if err != nil {
		return nil, err
	}
	dataPolicy(group)
	return dataFields.Row(group)
}

// dataPolicy reads the one policy that groups ever had from the list that it was in before 2.64.
func dataPolicy(group fields.JSON) {
	if policies, ok := group["policies"].([]any); ok && len(policies) > 0 {
		group["policy"] = policies[0]
	}
}
