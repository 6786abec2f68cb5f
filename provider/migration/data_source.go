// SPDX-License-Identifier: MPL-2.0

// Package migration is the data source nova_migrations.
package migration

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// NewDataSourceList returns the data source nova_migrations.
func NewDataSourceList() datasource.DataSource { return source.All(noun) }

var shown = fields.Table{
	"id":             {Description: "The id, a number."},
	"uuid":           {Description: "The UUID. Needs microversion 2.59."},
	"server_id":      {From: "instance_uuid", Description: "The id of the server."},
	"type":           {From: "migration_type", Description: "`migration`, `live-migration`, `resize` or `evacuation`. Needs microversion 2.23."},
	"status":         {Description: "How far it is: `queued`, `running`, `finished`, `confirmed`, `completed`, `error` ..."},
	"source_host":    {From: "source_compute", Description: "The compute host that the server leaves."},
	"source_node":    {Description: "The hypervisor that it leaves."},
	"dest_host":      {From: "dest_compute", Description: "The compute host that it comes to."},
	"dest_node":      {Description: "The hypervisor that it comes to."},
	"dest_ip":        {From: "dest_host", Description: "The address of the host that it comes to."},
	"old_flavor_key": {Of: fields.Number, From: "old_instance_type_id", Description: "The number of the old flavor in Nova's database, which is not its id."},
	"new_flavor_key": {Of: fields.Number, From: "new_instance_type_id", Description: "The number of the new flavor in Nova's database, which is not its id."},
	"user_id":        {Description: "The id of the user who asked for it. Needs microversion 2.80."},
	"project_id":     {Description: "The id of the project of that user. Needs microversion 2.80."},
	"created":        {Of: fields.Time, From: "created_at", Description: "When it was asked for, in RFC 3339."},
	"updated":        {Of: fields.Time, From: "updated_at", Description: "When it last changed, in RFC 3339."},
}

var collection = source.Collection{Newest: 80, Path: []string{"os-migrations"}, Many: "migrations", Shown: shown}

var noun = source.Noun{
	Plural: "migrations", Label: "Migration", Labels: "Migrations", Admin: true,
	AboutPlural: "The migrations, resizes and evacuations of servers, past and present, or those of them that fit. " +
		"It takes an administrator.",
	Shown: shown, Order: []string{"created"},
	Filters: map[string]source.Filter{
		"server_id":   source.Equal("server_id", "The id of the server.").By("instance_uuid"),
		"status":      source.Equal("status", "How far it is, `running` for example.").By("status"),
		"host":        {Description: "A compute host that the server leaves or comes to.", Query: "host"},
		"source_host": source.Equal("source_host", "The compute host that the server leaves.").By("source_compute"),
		"type": source.Equal("type", "`migration`, `live-migration`, `resize` or `evacuation`. Needs microversion 2.23.").
			By("migration_type").Among("migration", "live-migration", "resize", "evacuation").Needs(23),
		"changed_since": {
			Of: fields.Time, Since: 59, Query: "changes-since",
			Description: "Only what changed at this time or later, in RFC 3339. Needs microversion 2.59.",
		},
		"changed_before": {
			Of: fields.Time, Since: 66, Query: "changes-before",
			Description: "Only what changed at this time or earlier, in RFC 3339. Needs microversion 2.66.",
		},
		"user_id":    source.Equal("user_id", "The id of the user who asked for it. Needs microversion 2.80.").By("user_id").Needs(80),
		"project_id": source.Equal("project_id", "The id of the project of that user. Needs microversion 2.80.").By("project_id").Needs(80),
	},
	List: collection.List,
}
