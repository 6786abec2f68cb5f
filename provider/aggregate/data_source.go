// SPDX-License-Identifier: MPL-2.0

package aggregate

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// NewDataSource returns the data source nova_aggregate.
func NewDataSource() datasource.DataSource { return source.One(dataNoun) }

// NewDataSourceList returns the data source nova_aggregates.
func NewDataSourceList() datasource.DataSource { return source.All(dataNoun) }

var dataFields = fields.Table{
	"id":                {Description: "The id, a number."},
	"uuid":              {Description: "The UUID, which Placement knows it by. Needs microversion 2.41."},
	"name":              {Description: "The name."},
	"availability_zone": {Description: "The availability zone that its hosts are in."},
	"hosts":             {Of: fields.Set, Description: "The names of its compute hosts."},
	"metadata":          {Of: fields.Texts, Description: "The metadata, `availability_zone` among it where there is one."},
	"created":           {Of: fields.Time, From: "created_at", Description: "When it was made, in RFC 3339."},
	"updated":           {Of: fields.Time, From: "updated_at", Description: "When it was last changed, in RFC 3339."},
}

var dataCollection = source.Collection{
	Newest: 41, Path: []string{"os-aggregates"}, Base: "os-aggregates", Many: "aggregates", Single: "aggregate", Shown: dataFields,
}

var dataNoun = source.Noun{
	Singular: "aggregate", Plural: "aggregates", Label: "Aggregate", Labels: "Aggregates", Admin: true,
	About:       "An aggregate of compute hosts that exists already, by id or by what is known of it. It takes an administrator.",
	AboutPlural: "The aggregates of compute hosts, or those of them that fit. It takes an administrator.",
	Shown:       dataFields, Order: []string{"name"},
	Filters: map[string]source.Filter{
		"id":                source.Equal("id", "The id, a number."),
		"name":              source.Equal("name", "The name."),
		"name_regex":        source.Matches("name", "A regular expression that fits the name, or a part of it."),
		"availability_zone": source.Equal("availability_zone", "The availability zone that its hosts are in."),
		"host":              source.Contains("hosts", "The name of a compute host that is in it."),
		"with_metadata":     source.Pairs("metadata", "Metadata that it has to have."),
	},
	List: dataCollection.List, Get: dataCollection.Get,
}
