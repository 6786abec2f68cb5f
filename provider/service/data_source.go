// SPDX-License-Identifier: MPL-2.0

package service

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// NewDataSource returns the data source nova_service.
func NewDataSource() datasource.DataSource { return source.One(dataNoun) }

// NewDataSourceList returns the data source nova_services.
func NewDataSourceList() datasource.DataSource { return source.All(dataNoun) }

var dataFields = fields.Table{
	"id":              {Description: "The id: a UUID since microversion 2.53, a number before."},
	"binary":          {Description: "What it is: `nova-compute`, `nova-scheduler` ..."},
	"host":            {Description: "The host that it runs on."},
	"zone":            {Description: "The availability zone; `internal` for what is no compute service."},
	"status":          {Description: "`enabled`, or `disabled`: the scheduler puts nothing there."},
	"state":           {Description: "`up`, or `down`: it has not been heard of for a while, or was forced down."},
	"disabled_reason": {Description: "Why it is disabled, as whoever did it says."},
	"forced_down":     {Of: fields.Flag, Description: "Whether it is called down whatever it says itself. Needs microversion 2.11."},
	"updated":         {Of: fields.Time, From: "updated_at", Description: "When it was last heard of, in RFC 3339."},
}

// dataCollection reads at 2.53: from 2.69 on a list has stubs of services in cells that are down, which say neither id nor state.
var dataCollection = source.Collection{Newest: 53, Path: []string{"os-services"}, Many: "services", Shown: dataFields}

var dataNoun = source.Noun{
	Singular: "service", Plural: "services", Label: "Service", Labels: "Services", Admin: true,
	About:       "A service of Nova, by id or by what is known of it. It takes an administrator.",
	AboutPlural: "The services of Nova, or those of them that fit. It takes an administrator.",
	Shown:       dataFields, Order: []string{"host", "binary"},
	Filters: map[string]source.Filter{
		"id":          source.Equal("id", "The id: a UUID since microversion 2.53, a number before."),
		"host":        source.Equal("host", "The host that it runs on.").By("host"),
		"binary":      source.Equal("binary", "What it is: `nova-compute`, `nova-scheduler` ...").By("binary"),
		"zone":        source.Equal("zone", "The availability zone."),
		"status":      source.Equal("status", "`enabled` or `disabled`.").Among("enabled", "disabled"),
		"state":       source.Equal("state", "`up` or `down`.").Among("up", "down"),
		"forced_down": source.Is("forced_down", "Whether it is called down whatever it says itself. Needs microversion 2.11.").Needs(11),
	},
	List: dataCollection.List,
}
