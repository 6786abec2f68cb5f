// SPDX-License-Identifier: MPL-2.0

// Package hostdrain is nova_host_drain and nova_host_enable: a host's maintenance as two actions.
package hostdrain

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/settings"
)

// How long a drain may take, and each of its servers, and how many move at once, unless the configuration says otherwise.
const (
	patience       = 2 * time.Hour
	serverPatience = 30 * time.Minute
	atOnce         = 2
)

// NewDrain returns nova_host_drain.
func NewDrain() action.Action { return &drain{} }

var (
	_ action.ActionWithConfigure  = (*drain)(nil)
	_ action.ActionWithModifyPlan = (*drain)(nil)
)

type drain struct{ session.Action }

func (a *drain) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "nova_host_drain"
}

func (a *drain) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Empties a compute host, for administrators: the scheduler is kept from putting servers there, those that run are " +
			"live-migrated, those that are stopped are migrated cold and confirmed, shelved ones are offloaded, and the action waits until the " +
			"host is empty. A server that cannot move does not keep the others: the error at the end lists all that stayed, and why. " +
			"`nova_host_enable` takes the host back into service.\n\n" +
			"Actions need Terraform 1.14. Without them: `status = \"disabled\"` of `nova_service` disables the host, and `openstack server migrate` " +
			"moves its servers one by one.",
		Attributes: map[string]schema.Attribute{
			"host": hostAttribute(),
			"disable": schema.BoolAttribute{
				Optional: true, MarkdownDescription: "Disable the host's compute service first. Default: true. It stays disabled, also after a failure.",
			},
			"reason": schema.StringAttribute{
				Optional: true, MarkdownDescription: "The reason to note with the service, unless it is disabled already.",
				Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
			},
			"parallel": schema.Int64Attribute{
				Optional: true, MarkdownDescription: fmt.Sprintf("How many servers move at once. Default: %d.", atOnce),
				Validators: []validator.Int64{int64validator.Between(1, 100)},
			},
			"server_timeout": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How long each server may take, `10m` for example. A live migration that takes longer is aborted, from microversion " +
					"2.24 on. Default: 30 minutes.",
				Validators: []validator.String{settings.IsDuration()},
			},
			"force_complete_after": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "After how long Nova is to force the end of a live migration, by pausing the guest for example. Default: never. " +
					"Needs microversion 2.23.",
				Validators: []validator.String{settings.IsDuration()},
			},
			"block_migration": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether local disks are copied along by live migrations. Default: Nova finds out whether the hosts share them; " +
					"before microversion 2.25 they are not copied.",
			},
			"stopped_servers": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "`migrate` (the default) or `leave`: what becomes of servers that do not run. Those that are left do not count as " +
					"servers of the host.",
				Validators: []validator.String{stringvalidator.OneOf("migrate", "leave")},
			},
			"confirm_resizes": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to confirm resizes and cold migrations that wait for it: of servers on the host, and of those that have left " +
					"it and that a revert would bring back. What they were before is lost by that. Default: false: they count as servers that stay.",
			},
			"timeouts": settings.Timeouts(ctx, "How long the whole drain may take, `4h` for example. Default: 2 hours."),
		},
	}
}

func hostAttribute() schema.Attribute {
	return schema.StringAttribute{
		Required: true, MarkdownDescription: "The host, as `nova_service` and `OS-EXT-SRV-ATTR:host` name it.",
		Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
	}
}

// ModifyPlan refuses what the cloud is too old for.
func (a *drain) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	in := settings.Read(ctx, req.Config, &resp.Diagnostics)
	if !a.Known() || !in.Has("force_complete_after") {
		return
	}
	if err := a.Cloud(&resp.Diagnostics).Check(ctx, nova.ShowsMigrations); err != nil {
		resp.Diagnostics.Append(diagnose.TooOld(path.Root("force_complete_after"), err))
	}
}

func (a *drain) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	in := settings.Read(ctx, req.Config, &resp.Diagnostics)
	c := a.Cloud(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, in.Timeout(ctx, patience, &resp.Diagnostics))
	defer cancel()
	host := in.Text("host")
	tell := func(line string) { resp.SendProgress(action.InvokeProgressEvent{Message: line}) }
	service, err := find(ctx, nova.Services{Client: c}, host)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Drain", "Host", host, err))
		return
	}
	if in.FlagOr("disable", true) {
		err = disable(ctx, nova.Services{Client: c}, service, in.Text("reason"), tell)
	}
	if err == nil {
		err = (&work{
			session: a.Session, host: host, tell: tell, how: live(ctx, c, in), pause: c.Pause, left: map[string]bool{},
			limit: or(in.Duration("server_timeout"), serverPatience), parallel: int(or(in.Number("parallel"), atOnce)),
			leave: in.Text("stopped_servers") == "leave", confirm: in.Flag("confirm_resizes"), up: service.State == "up",
		}).run(ctx)
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Drain", "Host", host, err))
	}
}

func or[T comparable](given, otherwise T) T {
	var none T
	if given == none {
		return otherwise
	}
	return given
}
