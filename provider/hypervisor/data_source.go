// SPDX-License-Identifier: MPL-2.0

// Package hypervisor is the data sources nova_hypervisor and nova_hypervisors.
package hypervisor

import (
	"context"
	"net/http"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewDataSource returns the data source nova_hypervisor.
func NewDataSource() datasource.DataSource { return source.One(noun) }

// NewDataSourceList returns the data source nova_hypervisors.
func NewDataSourceList() datasource.DataSource { return source.All(noun) }

// newest is the last microversion that shows what hypervisors have and what of it is used; later ones leave that to Placement.
const newest client.Microversion = 87

var collection = source.Collection{
	Newest: newest, Path: []string{"os-hypervisors", "detail"}, Base: "os-hypervisors", Many: "hypervisors", Single: "hypervisor",
	Shown: shown,
}

var noun = source.Noun{
	Singular: "hypervisor", Plural: "hypervisors", Label: "Hypervisor", Labels: "Hypervisors", Admin: true,
	About:       "A hypervisor, by id or by what is known of it. It takes an administrator.",
	AboutPlural: "The hypervisors, or those of them that fit. It takes an administrator.",
	Shown:       shown, Detail: detail, Order: []string{"hostname"},
	Filters: map[string]source.Filter{
		"id":             source.Equal("id", "The id: a UUID since microversion 2.53, a number before."),
		"hostname":       source.Equal("hostname", "The hypervisor's own name for its host."),
		"hostname_regex": source.Matches("hostname", "A regular expression that fits the hypervisor's name for its host, or a part of it."),
		"host":           source.Equal("host", "The name of its compute service."),
		"type":           source.Equal("type", "The type: `QEMU`, `ironic` ..."),
		"status":         source.Equal("status", "Whether its compute service is `enabled` or `disabled`.").Among("enabled", "disabled"),
		"state":          source.Equal("state", "Whether its compute service is `up` or `down`.").Among("up", "down"),
		"with_servers": {
			Of: fields.Flag, Scope: true, Since: 53, Query: "with_servers",
			Description: "Whether to ask for the servers as well. Needs microversion 2.53.",
		},
	},
	List: collection.List, Get: collection.Get, Complete: addUptime,
}

// addUptime asks the host itself, which cannot answer while its compute service is down, and some drivers never can.
func addUptime(ctx context.Context, c *client.Client, row fields.Row) error {
	row["uptime"] = types.StringNull()
	service, _, err := c.Best(ctx, newest)
	if err != nil {
		return err
	}
	found, err := nova.Object(ctx, service,
		service.ServiceURL("os-hypervisors", url.PathEscape(row.Text("id")), "uptime"), "hypervisor", nil)
	switch diagnose.Status(err) {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusNotImplemented:
		return nil
	}
	if text, ok := found["uptime"].(string); ok {
		row["uptime"] = value.Text(text)
	}
	return err
}
