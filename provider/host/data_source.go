// SPDX-License-Identifier: MPL-2.0

// Package host is the data source nova_hosts.
package host

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// NewDataSourceList returns the data source nova_hosts.
func NewDataSourceList() datasource.DataSource { return source.All(noun) }

var shown = fields.Table{
	"name":    {From: "host_name", Description: "The name of the host."},
	"service": {Description: "What runs there: `compute`, `scheduler` ..."},
	"zone":    {Description: "The availability zone; `internal` for what is no compute service."},
}

// collection: Nova has had no newer form of it than 2.1, and none at all from 2.43 on.
var collection = source.Collection{Newest: 1, Path: []string{"os-hosts"}, Many: "hosts", Shown: shown}

var noun = source.Noun{
	Plural: "hosts", Label: "Host", Labels: "Hosts", Admin: true, Key: "name",
	AboutPlural: "The hosts of the cloud by what runs on them: one row for each service of a host. It takes an administrator. " +
		"`nova_services` and `nova_hypervisors` tell more.",
	Shown: shown,
	Order: []string{"name", "service"},
	Filters: map[string]source.Filter{
		"zone":    source.Equal("zone", "The availability zone.").By("zone"),
		"service": source.Equal("service", "What runs there, `compute` for example."),
	},
	List: collection.List,
}
