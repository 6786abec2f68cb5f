// SPDX-License-Identifier: MPL-2.0

// Package instanceaction is the data source nova_instance_actions.
package instanceaction

import (
	"context"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// NewDataSourceList returns the data source nova_instance_actions.
func NewDataSourceList() datasource.DataSource { return source.All(noun) }

// newest is the last microversion that added to what is shown: the details of events.
const newest client.Microversion = 84

var eventFields = fields.Table{
	"name":      {From: "event", Description: "The step, `compute_reboot_instance` for example."},
	"result":    {Description: "`Success` or `Error`; null while it is under way."},
	"started":   {Of: fields.Time, From: "start_time", Description: "When it began, in RFC 3339."},
	"finished":  {Of: fields.Time, From: "finish_time", Description: "When it ended, in RFC 3339; null while it is under way."},
	"host":      {Description: "The compute host. Shown to administrators. Needs microversion 2.62."},
	"host_id":   {From: "hostId", Description: "A hash of host and project. Needs microversion 2.62."},
	"details":   {Description: "What went wrong. Needs microversion 2.84."},
	"traceback": {Description: "Where in Nova it went wrong. Shown to administrators."},
}

var shown = fields.Table{
	"request_id": {Description: "The id of the request that asked for it."},
	"action":     {Description: "What was asked for: `create`, `reboot`, `live-migration` ..."},
	"message":    {Description: "`Error` if it failed, else null."},
	"user_id":    {Description: "The id of the user who asked for it."},
	"project_id": {Description: "The id of the project of that user."},
	"started":    {Of: fields.Time, From: "start_time", Description: "When it was asked for, in RFC 3339."},
	"updated":    {Of: fields.Time, From: "updated_at", Description: "When it last changed, in RFC 3339. Needs microversion 2.58."},
	"events":     {Of: fields.Rows, Fields: eventFields, Description: "The steps; null unless `with_events` asks for them."},
}

var noun = source.Noun{
	Plural: "instance_actions", Label: "Instance Action", Labels: "Instance Actions", Of: "Server", Key: "request_id",
	AboutPlural: "What was done to a server: Nova's record of each request, which outlives the server where the cloud offers " +
		"microversion 2.21.",
	Shown: shown, Order: []string{"started"},
	Filters: map[string]source.Filter{
		"server_id": {Required: true, Scope: true, Description: "The id of the server."},
		"action":    source.Equal("action", "What was asked for, `reboot` for example."),
		"changed_since": {
			Of: fields.Time, Since: 58, Query: "changes-since",
			Description: "Only what changed at this time or later, in RFC 3339. Needs microversion 2.58.",
		},
		"changed_before": {
			Of: fields.Time, Since: 66, Query: "changes-before",
			Description: "Only what changed at this time or earlier, in RFC 3339. Needs microversion 2.66.",
		},
		"with_events": {
			Of: fields.Flag, Scope: true, Description: "Whether to ask for the steps as well, which takes a call for each action.",
		},
	},
	List: list,
}

func list(ctx context.Context, c *client.Client, q source.Query) ([]fields.Row, error) {
	service, _, err := c.Best(ctx, newest)
	if err != nil {
		return nil, err
	}
	address := service.ServiceURL("servers", url.PathEscape(q.Text("server_id")), "os-instance-actions")
	all, err := nova.Collection(ctx, service, address, "instanceActions", q.Values)
	if err != nil {
		return nil, err
	}
	if !q.Flag("with_events") {
		return shown.Read(all)
	}
	for i, action := range all {
		request, ok := action["request_id"].(string)
		if ok && (!q.Has("action") || action["action"] == q.Text("action")) {
			if all[i], err = nova.Object(ctx, service, address+"/"+url.PathEscape(request), "instanceAction", nil); err != nil {
				return nil, err
			}
		}
	}
	return shown.Read(all)
}
