// SPDX-License-Identifier: MPL-2.0

package serveraction

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/operation"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/settings"
)

func resetState() kind {
	return kind{
		name: "reset_state", verb: "Reset State of",
		about: "Sets what Nova holds to be a server's state, and forgets the task that it is stuck in: for administrators, once they know better " +
			"than Nova. Nothing is done to the guest.",
		instead: "`openstack server set --state`.",
		attributes: map[string]schema.Attribute{
			"state": schema.StringAttribute{
				Required: true, MarkdownDescription: "`active` or `error`.",
				Validators: []validator.String{stringvalidator.OneOf("active", "error")},
			},
		},
		anytime: always,
		already: func(s *nova.Server, in settings.Settings) string {
			if s.TaskState == "" && strings.EqualFold(s.Status, in.Text("state")) {
				return "the server is in " + s.Status + " already"
			}
			return ""
		},
		run: func(ctx context.Context, o *operation.Operation, in settings.Settings) error {
			_, err := o.Ask(ctx, operation.Order{At: 1, Body: map[string]any{"os-resetState": map[string]string{"state": in.Text("state")}}})
			if err != nil {
				return err
			}
			return o.Arrive(ctx, operation.In(strings.ToUpper(in.Text("state"))))
		},
	}
}

func crashDump() kind {
	return kind{
		name: "crash_dump", verb: "Trigger Crash Dump of",
		about: "Sends a server's guest a non-maskable interrupt, on which a guest that is set up for it writes a crash dump and reboots. Others " +
			"ignore it, or crash.",
		instead: "`openstack server dump create`.",
		since:   17,
		from:    from(nova.Active, nova.Paused, nova.Rescue, nova.VerifyResize, nova.Error),
		run: func(ctx context.Context, o *operation.Operation, _ settings.Settings) error {
			_, err := o.Ask(ctx, operation.Order{At: 17, Record: "trigger_crash_dump", Body: map[string]any{"trigger_crash_dump": nil}})
			if err != nil {
				return err
			}
			return o.Finish(ctx)
		},
	}
}
