// SPDX-License-Identifier: MPL-2.0

// Package serveraction is what can be done to a server beyond what nova_server keeps it at: one action of Terraform for
// each action of Nova, all of them entries of one table (see All).
//
// To add one, write its kind into the file of its relatives, name it in All, and give it an example in
// examples/actions/nova_server_NAME/action.tf and a test TestAcc...
package serveraction

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/operation"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/settings"
)

// patience is how long an action may take unless `timeouts` says otherwise.
const patience = 30 * time.Minute

// kind is an action on a server.
type kind struct {
	name string // of the type, after nova_server_
	verb string // of its failure: "Reboot" for `Unable to Reboot Server "web-1"`
	// about is what it does, and instead how the same is had where there are no actions (OpenTofu).
	about, instead string
	warning        string // told by the plan, for what cannot be undone
	attributes     map[string]schema.Attribute
	since          client.Microversion // 0 for 2.1
	needs          []need
	from           func(in settings.Settings) []string // the statuses in which Nova takes it; nil for any
	anytime        func(in settings.Settings) bool     // also while a task is under way; nil for not
	// already says why there is nothing to do with a server, "" if there is.
	already func(s *nova.Server, in settings.Settings) string
	run     func(ctx context.Context, o *operation.Operation, in settings.Settings) error
}

// need is what an attribute needs of the cloud when it is used so.
type need struct {
	attribute string
	since     client.Microversion
	used      func(in settings.Settings) bool // nil: when it is set
	absent    bool                            // it is to leave it out that needs so much
}

// at is the oldest microversion that has what the settings ask for.
func (k *kind) at(in settings.Settings) client.Microversion {
	v := max(k.since, 1)
	for _, n := range k.needs {
		if n.applies(in) {
			v = max(v, n.since)
		}
	}
	return v
}

func (n need) applies(in settings.Settings) bool {
	switch {
	case n.used != nil:
		return n.used(in)
	case n.absent:
		return in.Left(n.attribute)
	}
	return in.Has(n.attribute)
}

var (
	_ action.ActionWithConfigure  = (*serverAction)(nil)
	_ action.ActionWithModifyPlan = (*serverAction)(nil)
)

type serverAction struct {
	session.Action
	*kind
}

func (a *serverAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = a.typeName()
}

func (k *kind) typeName() string { return "nova_server_" + k.name }

func (a *serverAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"server_id": schema.StringAttribute{
			Required: true, MarkdownDescription: "The id of the server.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		},
		"timeouts": settings.Timeouts(ctx, "How long to wait for the end, `10m` for example. Default: 30 minutes."),
	}
	maps.Copy(attributes, a.attributes)
	about := a.about
	if a.since > 1 {
		about += fmt.Sprintf(" Needs microversion %s.", a.since)
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: about + "\n\nActions need Terraform 1.14. Without them: " + a.instead,
		Attributes:          attributes,
	}
}

// ModifyPlan refuses what the cloud is too old for, and warns of what cannot be undone.
func (a *serverAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	in := settings.Read(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if a.warning != "" {
		resp.Diagnostics.AddAttributeWarning(path.Root("server_id"), "Data Will Be Lost", a.warning)
	}
	if a.Known() {
		a.check(ctx, a.Cloud(&resp.Diagnostics), in, &resp.Diagnostics)
	}
}

// check refuses what the cloud is too old for.
func (k *kind) check(ctx context.Context, c *client.Client, in settings.Settings, diags *diag.Diagnostics) {
	if err := c.Check(ctx, k.since); err != nil {
		diags.Append(tooOld(k.typeName(), err))
		return
	}
	for _, n := range k.needs {
		if !n.applies(in) {
			continue
		}
		err := c.Check(ctx, n.since)
		switch {
		case err != nil && n.absent:
			diags.AddAttributeError(path.Root(n.attribute), "Cloud Too Old", fmt.Sprintf("%s cannot be left out: %s.", n.attribute, err))
		case err != nil:
			diags.Append(diagnose.TooOld(path.Root(n.attribute), err))
		}
	}
}

// tooOld is diagnose.TooOld of the whole action.
func tooOld(name string, err error) diag.Diagnostic {
	var old *client.TooOldError
	if errors.As(err, &old) {
		return diag.NewErrorDiagnostic("Cloud Too Old", fmt.Sprintf("%s cannot be used: %s.", name, old))
	}
	return diag.NewErrorDiagnostic("Unable to Learn What the Cloud Offers", diagnose.Cause(err))
}

func (a *serverAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	in := settings.Read(ctx, req.Config, &resp.Diagnostics)
	c := a.Cloud(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if a.check(ctx, c, in, &resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, in.Timeout(ctx, patience, &resp.Diagnostics))
	defer cancel()
	id := in.Text("server_id")
	o, err := operation.New(ctx, a.Session, id, func(line string) {
		resp.SendProgress(action.InvokeProgressEvent{Message: line})
	})
	switch {
	case diagnose.NotFound(err):
		resp.Diagnostics.Append(diagnose.Missing("Server", fmt.Sprintf("the id %q", id)))
		return
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Server", id, err))
		return
	}
	if err := a.perform(ctx, o, in); err != nil {
		resp.Diagnostics.Append(diagnose.Failure(a.verb, "Server", o.Name(), err))
	}
}

// perform does the action unless there is nothing to do, once nothing else is under way with the server.
func (k *kind) perform(ctx context.Context, o *operation.Operation, in settings.Settings) error {
	if o.Server.TaskState != "" && (k.anytime == nil || !k.anytime(in)) {
		o.Tell("another task is under way: %s", o.Server.TaskState)
		if err := o.Idle(ctx); err != nil {
			return err
		}
	}
	if k.already != nil {
		if reason := k.already(o.Server, in); reason != "" {
			o.Tell("%s: there is nothing to do", reason)
			return nil
		}
	}
	if k.from != nil {
		if from := k.from(in); !slices.Contains(from, o.Server.Status) {
			return k.misplaced(o.Server, from)
		}
	}
	if err := k.run(ctx, o, in); err != nil {
		return err
	}
	o.Tell("done, the server is %s", o.Server.Status)
	return nil
}

// misplaced is the error about a server whose status does not allow the action.
func (k *kind) misplaced(s *nova.Server, from []string) error {
	err := fmt.Errorf("the server is in status %s; %s needs %s", s.Status, k.typeName(), strings.Join(from, " or "))
	if s.Status == nova.Error {
		err = fmt.Errorf("%w. Why it is in ERROR: %w", err, operation.Fault(s))
	}
	if way := ways[s.Status]; way != "" {
		return &diagnose.Hinted{Err: err, Hint: "What leads on from there: " + way + "."}
	}
	return err
}

// ways are the actions that lead out of a status.
var ways = map[string]string{
	nova.Error:        "nova_server_rebuild, nova_server_reboot with type \"hard\", or nova_server_reset_state for administrators",
	nova.Shutoff:      "nova_server_start",
	nova.Paused:       "nova_server_unpause",
	nova.Suspended:    "nova_server_resume",
	nova.Shelved:      "nova_server_unshelve",
	nova.Offloaded:    "nova_server_unshelve",
	nova.Rescue:       "nova_server_unrescue",
	nova.VerifyResize: "nova_server_confirm_resize or nova_server_revert_resize",
}

// from makes a list of statuses one of kind.from.
func from(statuses ...string) func(settings.Settings) []string {
	return func(settings.Settings) []string { return statuses }
}

// always is for kind.anytime.
func always(settings.Settings) bool { return true }
