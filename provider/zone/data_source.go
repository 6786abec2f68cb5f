// SPDX-License-Identifier: MPL-2.0

// Package zone is the data source nova_availability_zones.
package zone

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewDataSource returns the data source nova_availability_zones.
func NewDataSource() datasource.DataSource { return source.All(noun) }

var shown = fields.Table{
	"name":      {From: "zoneName", Description: "The name."},
	"available": {Of: fields.Flag, From: "zoneState.available", Description: "Whether servers can be put there: a compute service of it is enabled and up."},
	"hosts":     {Of: fields.Set, Description: "The names of its hosts; null unless `with_hosts` asks for them."},
}

// The states that zones are asked for in.
const (
	available   = "available"
	unavailable = "unavailable"
	either      = "any"
)

var noun = source.Noun{
	Plural: "availability_zones", Label: "Availability Zone", Labels: "Availability Zones", Key: "name",
	AboutPlural: "The availability zones that servers can be put into.",
	Shown:       shown,
	Filters: map[string]source.Filter{
		"state": source.Filter{Description: "Which zones: `available` (the default), `unavailable`, or `any`."}.
			Among(available, unavailable, either),
		"name_regex": source.Matches("name", "A regular expression that fits the name, or a part of it."),
		"with_hosts": {
			Of: fields.Flag, Scope: true,
			Description: "Whether to ask for the hosts, too, and for the zone `internal` of what is no compute service. It takes an administrator.",
		},
	},
	List: list,
}

func list(ctx context.Context, c *client.Client, q source.Query) ([]fields.Row, error) {
	service, err := c.At(ctx, 1)
	if err != nil {
		return nil, err
	}
	address := service.ServiceURL("os-availability-zone")
	if q.Flag("with_hosts") {
		address += "/detail"
	}
	all, err := nova.Collection(ctx, service, address, "availabilityZoneInfo", nil)
	if err != nil {
		return nil, source.ForAdmins(err, "the hosts of availability zones")
	}
	var rows []fields.Row
	for _, zone := range all {
		hosts, known := zone["hosts"].(map[string]any)
		delete(zone, "hosts")
		row, err := shown.Row(zone)
		if err != nil {
			return nil, err
		}
		if known {
			row["hosts"] = value.SetOf(slices.AppendSeq([]string{}, maps.Keys(hosts)))
		}
		if wanted(q.Text("state"), row) {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func wanted(state string, zone fields.Row) bool {
	switch state {
	case either:
		return true
	case unavailable:
		return !zone.Flag("available")
	}
	return zone.Flag("available")
}
