// SPDX-License-Identifier: MPL-2.0

package serveraction

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/operation"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/settings"
)

func shelve() kind {
	return kind{
		name: "shelve", verb: "Shelve",
		about: "Shelves a server: it is stopped, its disk becomes an image, and it leaves its host as soon as the cloud's settings or `offload` " +
			"want it to. It keeps its addresses and volumes.",
		instead: "`power_state = \"shelved_offloaded\"` of `nova_server` does the same with `offload`, and keeps the server so.",
		attributes: map[string]schema.Attribute{
			"offload": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Have the server leave its host at once, and wait until it has: for administrators, where the cloud does not do " +
					"it by itself. Default: as the cloud does.",
			},
		},
		from: from(nova.Active, nova.Shutoff, nova.Paused, nova.Suspended, nova.Shelved),
		already: func(s *nova.Server, in settings.Settings) string {
			if s.Status == nova.Offloaded || s.Status == nova.Shelved && !in.Flag("offload") {
				return "the server is " + s.Status + " already"
			}
			return ""
		},
		run: func(ctx context.Context, o *operation.Operation, in settings.Settings) error {
			if o.Server.Status != nova.Shelved {
				_, err := o.Ask(ctx, operation.Order{At: 1, Record: "shelve", Body: map[string]any{"shelve": nil}})
				if err != nil {
					return err
				}
				if err := o.Arrive(ctx, operation.In(nova.Shelved, nova.Offloaded)); err != nil {
					return err
				}
			}
			if !in.Flag("offload") || o.Server.Status == nova.Offloaded {
				return nil
			}
			_, err := o.Ask(ctx, operation.Order{At: 1, Record: "shelveOffload", Body: map[string]any{"shelveOffload": nil}})
			if err != nil && !diagnose.Conflict(err) { // a conflict is the cloud's own offloading, which came first
				return err
			}
			return o.Arrive(ctx, operation.In(nova.Offloaded))
		},
	}
}

func unshelve() kind {
	zone, host, unpin := "availability_zone", "host", "unpin_availability_zone"
	k := kind{
		name: "unshelve", verb: "Unshelve",
		about:   "Brings a shelved server back: to a host again, and up.",
		instead: "`power_state = \"active\"` of `nova_server` does the same, and keeps the server so.",
		attributes: map[string]schema.Attribute{
			zone: schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The availability zone to go to, of a server that has left its host. Needs microversion 2.77.",
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 255)},
			},
			host: schema.StringAttribute{
				Optional: true, MarkdownDescription: "The host to go to, for administrators. Needs microversion 2.91.",
				Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
			},
			unpin: schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Release the server from the availability zone that it was created in. Needs microversion 2.91.",
				Validators:          []validator.Bool{boolvalidator.ConflictsWith(path.MatchRoot(zone))},
			},
		},
		needs: []need{
			{attribute: zone, since: 77}, {attribute: host, since: 91},
			{attribute: unpin, since: 91, used: func(in settings.Settings) bool { return in.Flag(unpin) }},
		},
		from: from(nova.Shelved, nova.Offloaded),
		already: func(s *nova.Server, _ settings.Settings) string {
			if s.Status == nova.Active {
				return "the server is ACTIVE already"
			}
			return ""
		},
	}
	k.run = func(ctx context.Context, o *operation.Operation, in settings.Settings) error {
		body := map[string]any{}
		if in.Has(zone) {
			body[zone] = in.Text(zone)
		}
		if in.Has(host) {
			body[host] = in.Text(host)
		}
		if in.Flag(unpin) {
			body[zone] = nil
		}
		order := operation.Order{At: k.at(in), Record: "unshelve", Body: map[string]any{"unshelve": nil}}
		if len(body) > 0 {
			order.Body["unshelve"] = body
		}
		if _, err := o.Ask(ctx, order); err != nil {
			return err
		}
		return o.Arrive(ctx, operation.In(nova.Active))
	}
	return k
}
