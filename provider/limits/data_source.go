// SPDX-License-Identifier: MPL-2.0

// Package limits is the data source nova_limits.
package limits

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// NewDataSource returns the data source nova_limits.
func NewDataSource() datasource.DataSource { return source.Read(reading) }

var shown = fields.Table{
	"max_instances":            number("maxTotalInstances", "The most servers."),
	"max_cores":                number("maxTotalCores", "The most virtual processors of all servers."),
	"max_ram":                  number("maxTotalRAMSize", "The most memory of all servers, in MiB."),
	"max_keypairs":             number("maxTotalKeypairs", "The most keypairs of a user."),
	"max_server_metadata":      number("maxServerMeta", "The most metadata of a server."),
	"max_server_groups":        number("maxServerGroups", "The most server groups."),
	"max_server_group_members": number("maxServerGroupMembers", "The most servers in a group."),
	"instances_used":           number("totalInstancesUsed", "The servers there are."),
	"cores_used":               number("totalCoresUsed", "Their virtual processors."),
	"ram_used":                 number("totalRAMUsed", "Their memory in MiB."),
	"server_groups_used":       number("totalServerGroupsUsed", "The server groups there are."),
}

func number(from, description string) fields.Field {
	return fields.Field{Of: fields.Number, From: "absolute." + from, Description: description}
}

var reading = source.Reading{
	Type: "limits", Label: "Limits", Of: "Project",
	About: "What a project may have, and what it has: the part of its quotas that every user may read. Limits of -1 are none.",
	Filters: map[string]source.Filter{
		"project_id": {
			Query: "tenant_id", Description: "The id of the project, if that is not the provider's. Only administrators may name another.",
		},
	},
	Shown: shown,
	Read:  read,
}

// read is at 2.1: later versions leave out limits on what Nova no longer keeps itself, and change nothing of the others.
func read(ctx context.Context, c *client.Client, q source.Query) (fields.Row, error) {
	service, err := c.At(ctx, 1)
	if err != nil {
		return nil, err
	}
	found, err := nova.Object(ctx, service, service.ServiceURL("limits"), "limits", q.Values)
	if err != nil {
		return nil, err
	}
	return shown.Row(found)
}
