// SPDX-License-Identifier: MPL-2.0

package serveraction

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/operation"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/settings"
)

func start() kind {
	return turn(turning{
		name: "start", verb: "Start", act: "os-start", record: "start", from: []string{nova.Shutoff}, to: nova.Active,
		about: "Starts a server that is stopped.",
	})
}

func stop() kind {
	return turn(turning{
		name: "stop", verb: "Stop", act: "os-stop", record: "stop", from: []string{nova.Active, nova.Error}, to: nova.Shutoff,
		about: "Stops a server. Its guest is asked to shut down, and switched off if it does not within the time that the cloud gives it.",
	})
}

func pause() kind {
	return turn(turning{
		name: "pause", verb: "Pause", act: "pause", record: "pause", from: []string{nova.Active}, to: nova.Paused,
		about: "Pauses a server: its guest stands still, in memory.",
	})
}

func unpause() kind {
	return turn(turning{
		name: "unpause", verb: "Unpause", act: "unpause", record: "unpause", from: []string{nova.Paused}, to: nova.Active,
		about: "Lets a paused server go on.",
	})
}

func suspend() kind {
	return turn(turning{
		name: "suspend", verb: "Suspend", act: "suspend", record: "suspend", from: []string{nova.Active}, to: nova.Suspended,
		about: "Suspends a server: its guest's memory goes to disk.",
	})
}

func resume() kind {
	return turn(turning{
		name: "resume", verb: "Resume", act: "resume", record: "resume", from: []string{nova.Suspended}, to: nova.Active,
		about: "Lets a suspended server go on.",
	})
}

// turning is an action without settings that brings a server from some statuses to another.
type turning struct {
	name, verb, about string
	act, record       string // the action, and how Nova records it
	from              []string
	to                string
	instead           string // default: power_state
}

func turn(t turning) kind {
	if t.instead == "" {
		t.instead = fmt.Sprintf("`power_state = %q` of `nova_server` does the same, and keeps the server so.", words[t.to])
	}
	return kind{
		name: t.name, verb: t.verb, about: t.about + " A server that is " + t.to + " already is left as it is.", instead: t.instead,
		from: from(t.from...),
		already: func(s *nova.Server, _ settings.Settings) string {
			if s.Status != t.to {
				return ""
			}
			return "the server is " + t.to + " already"
		},
		run: func(ctx context.Context, o *operation.Operation, _ settings.Settings) error {
			_, err := o.Ask(ctx, operation.Order{At: 1, Record: t.record, Body: map[string]any{t.act: nil}})
			if err != nil {
				return err
			}
			return o.Arrive(ctx, operation.In(t.to))
		},
	}
}

// words are the values of nova_server's power_state.
var words = map[string]string{nova.Active: "active", nova.Shutoff: "shutoff", nova.Paused: "paused", nova.Suspended: "suspended"}

// The types of a reboot.
const (
	soft = "soft"
	hard = "hard"
)

func reboot() kind {
	return kind{
		name: "reboot", verb: "Reboot",
		about: "Reboots a server and waits until Nova has. A hard reboot brings back whatever Nova can still run, also a server in `ERROR`.",
		instead: "a change of `nova_server`'s `power_state` to `shutoff` and back restarts the guest; `openstack server reboot` " +
			"does it at once.",
		attributes: map[string]schema.Attribute{
			"type": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "`soft` (the default) asks the guest, and needs status `ACTIVE`; `hard` cuts its power, connects its volumes and " +
					"interfaces anew, and starts it.",
				Validators: []validator.String{stringvalidator.OneOf(soft, hard)},
			},
		},
		anytime: harder, // it is what helps against a soft one that hangs
		from: func(in settings.Settings) []string {
			if harder(in) {
				return []string{nova.Active, nova.Shutoff, nova.Paused, nova.Suspended, nova.Error, "REBOOT", "HARD_REBOOT"}
			}
			return []string{nova.Active}
		},
		run: func(ctx context.Context, o *operation.Operation, in settings.Settings) error {
			kind := "SOFT"
			if harder(in) {
				kind = "HARD"
			}
			_, err := o.Ask(ctx, operation.Order{
				At: 1, Record: "reboot", Body: map[string]any{"reboot": map[string]string{"type": kind}},
			})
			if err != nil {
				return err
			}
			return o.Finish(ctx)
		},
	}
}

func harder(in settings.Settings) bool { return in.Text("type") == hard }
