// SPDX-License-Identifier: MPL-2.0

package serveraction

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/operation"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/settings"
)

// unmovable is how the same is had without actions.
const unmovable = "`openstack server migrate`, or an availability zone of `nova_server` that names the host, which replaces the server."

func hostAttribute(description string) schema.Attribute {
	return schema.StringAttribute{
		Optional: true, MarkdownDescription: description,
		Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
	}
}

// onHost is for kind.already: the server is where it is to go.
func onHost(s *nova.Server, in settings.Settings) string {
	if in.Has("host") && s.Host == in.Text("host") && s.Status != nova.VerifyResize {
		return "the server is on host " + s.Host + " already"
	}
	return ""
}

func migrate() kind {
	return kind{
		name: "migrate", verb: "Migrate",
		about: "Moves a server to another host, for administrators: it is stopped, its disk copied, and it is started there if it ran. A server " +
			"that is on `host` already is left as it is.",
		instead: unmovable,
		attributes: map[string]schema.Attribute{
			"host": hostAttribute("The host to go to. Default: the scheduler's choice. Needs microversion 2.56."),
			"confirm": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Confirm the move once it is done, so that the old host's copy is given up. Default: true. With false the server " +
					"ends in `VERIFY_RESIZE`, for `nova_server_confirm_resize` or `nova_server_revert_resize`.",
			},
		},
		needs:   []need{{attribute: "host", since: operation.ChoosesColdHost}},
		from:    from(nova.Active, nova.Shutoff),
		already: onHost,
		run: func(ctx context.Context, o *operation.Operation, in settings.Settings) error {
			return o.MoveCold(ctx, in.Text("host"), in.FlagOr("confirm", true))
		},
	}
}

func liveMigrate() kind {
	return kind{
		name: "live_migrate", verb: "Live-Migrate",
		about: "Moves a server to another host while its guest runs, for administrators, and tells how far the copying is. A server that is on " +
			"`host` already is left as it is.",
		instead: strings.Replace(unmovable, "migrate`", "migrate --live-migration`", 1),
		attributes: map[string]schema.Attribute{
			"host": hostAttribute("The host to go to. Default: the scheduler's choice."),
			"block_migration": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether local disks are copied along. Default: Nova finds out whether the hosts share them; before " +
					"microversion 2.25 they are not copied.",
			},
			"force_complete_after": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "After how long Nova is to force the end, by pausing the guest for example, `5m` for example. Default: never. " +
					"Needs microversion 2.23.",
				Validators: []validator.String{settings.IsDuration()},
			},
			"abort_on_timeout": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Take the migration back when the time of `timeouts` is up, rather than leave it to itself. Default: false. " +
					"Needs microversion 2.24.",
			},
		},
		needs: []need{
			{attribute: "force_complete_after", since: nova.ShowsMigrations},
			{attribute: "abort_on_timeout", since: nova.AbortsMigrations, used: func(in settings.Settings) bool { return in.Flag("abort_on_timeout") }},
		},
		from:    from(nova.Active, nova.Paused),
		already: onHost,
		run: func(ctx context.Context, o *operation.Operation, in settings.Settings) error {
			how := operation.Live{
				Host: in.Text("host"), ForceAfter: in.Duration("force_complete_after"), Abort: in.Flag("abort_on_timeout"),
			}
			if in.Has("block_migration") {
				block := in.Flag("block_migration")
				how.Block = &block
			}
			return o.MoveLive(ctx, how)
		},
	}
}

// The microversions of evacuations: the last that is told about shared storage, the last that starts what ran, and the
// first that does not.
const (
	toldOfStorage   client.Microversion = 13
	evacuatesUp     client.Microversion = 94
	evacuatesToStop client.Microversion = 95
)

func evacuate() kind {
	shared, stopped := "on_shared_storage", "stay_stopped"
	return kind{
		name: "evacuate", verb: "Evacuate",
		about: "Rebuilds a server on another host because its own is down, for administrators. Nova holds a host to be down once its service has " +
			"not answered for a while or is forced down, which has to be true: two machines would write to the same disks otherwise.",
		instead: "`openstack server evacuate`.",
		warning: "To evacuate a server that is not on shared storage rebuilds it from its image: what is on its disks is lost, its volumes aside.",
		attributes: map[string]schema.Attribute{
			"host": hostAttribute("The host to go to. Default: the scheduler's choice."),
			shared: schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether the hosts share the server's disk. Default: Nova finds out, which needs microversion 2.14.",
				Validators:          []validator.Bool{boolvalidator.ConflictsWith(path.MatchRoot(stopped))},
			},
			stopped: schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Leave the server stopped at its new host. Default: it is started if it ran. Needs microversion 2.95.",
			},
		},
		needs: []need{
			{attribute: stopped, since: evacuatesToStop, used: func(in settings.Settings) bool { return in.Flag(stopped) }},
			{attribute: shared, since: toldOfStorage + 1, absent: true},
		},
		from: from(nova.Active, nova.Shutoff, nova.Error),
		run: func(ctx context.Context, o *operation.Operation, in settings.Settings) error {
			body := map[string]any{}
			if in.Has("host") {
				body["host"] = in.Text("host")
			}
			at := evacuatesUp
			switch {
			case in.Flag(stopped):
				at = evacuatesToStop
			case in.Has(shared):
				at, body["onSharedStorage"] = toldOfStorage, in.Flag(shared)
			}
			_, at, err := o.Client().Best(ctx, at)
			if err != nil {
				return err
			}
			source := o.Server.HostID
			_, err = o.Ask(ctx, operation.Order{At: at, Record: "evacuate", Body: map[string]any{"evacuate": body}})
			if diagnose.Status(err) == 400 && strings.Contains(diagnose.Cause(err), "still in use") {
				return &diagnose.Hinted{Err: err, Hint: fmt.Sprintf("Nova holds host %s to be up. Once you know that it is off, "+
					"`forced_down = true` of nova_service says so.", o.Server.Host)}
			}
			if err != nil {
				return err
			}
			if err := o.Arrive(ctx, operation.Left(source)); err != nil {
				return err
			}
			o.Tell("evacuated %s", o.Where())
			return nil
		},
	}
}
