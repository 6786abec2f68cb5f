// SPDX-License-Identifier: MPL-2.0

// Package quotaset is nova_quota_set: what a project, or a user in it, may use.
package quotaset

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/moved"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/quotas"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewResource returns nova_quota_set.
func NewResource() resource.Resource { return &quotaSet{} }

var (
	_ resource.ResourceWithConfigure      = (*quotaSet)(nil)
	_ resource.ResourceWithIdentity       = (*quotaSet)(nil)
	_ resource.ResourceWithImportState    = (*quotaSet)(nil)
	_ resource.ResourceWithMoveState      = (*quotaSet)(nil)
	_ resource.ResourceWithValidateConfig = (*quotaSet)(nil)
)

type quotaSet struct{ session.Resource }

func (r *quotaSet) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_quota_set"
}

func (r *quotaSet) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

func (r *quotaSet) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"project_id": identityschema.StringAttribute{RequiredForImport: true, Description: "The project's id."},
		"user_id": identityschema.StringAttribute{
			OptionalForImport: true, Description: "The user's id, of the limits of a user within the project.",
		},
	}}
}

// ValidateConfig warns of limits without effect, and refuses limits of a user that Nova would set for the project.
func (r *quotaSet) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(config.Idle()...)
	for _, name := range []string{"fixed_ips", "floating_ips"} {
		if value.Known(config.UserID) && value.Known(*config.At(name)) {
			resp.Diagnostics.AddAttributeError(path.Root(name), "Limit of the Project", fmt.Sprintf(
				"Nova has %s for whole projects only, and would set it for the project of the user.", name))
		}
	}
}

// Create sets the limits. There is nothing to undo after an interruption: what was set is in the state.
func (r *quotaSet) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.ID = types.StringValue(plan.name())
	shown := r.set(ctx, "Create", &plan, &quotas.Limits{}, &resp.Diagnostics)
	if shown == nil {
		return
	}
	plan.take(shown)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

func (r *quotaSet) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...) // the framework asks for it also when it is gone
	shown, err := quotas.Sets{Client: c}.Get(ctx, state.ProjectID.ValueString(), state.UserID.ValueString())
	// Nova answers 400 to nothing but a project that Keystone does not know (any more).
	if diagnose.Status(err) == http.StatusBadRequest {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Quota Set", state.name(), err))
		return
	}
	state.take(shown)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// Update sets the limits that change. Nova would hold each that it gets against what is used, also if it is the old one.
func (r *quotaSet) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	shown := r.set(ctx, "Change", &plan, &state.Limits, &resp.Diagnostics)
	if shown == nil {
		return // the state is what it was
	}
	plan.take(shown)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

func (r *quotaSet) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() || state.OnDestroy.ValueString() == keep {
		return
	}
	err := quotas.Sets{Client: c}.Reset(ctx, state.ProjectID.ValueString(), state.UserID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Delete", "Quota Set", state.name(), err))
	}
}

// ImportState takes PROJECT_ID or PROJECT_ID/USER_ID.
func (r *quotaSet) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("on_destroy"), reset)...)
	if req.ID == "" { // by identity
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("project_id"), path.Root("project_id"), req, resp)
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("user_id"), path.Root("user_id"), req, resp)
		return
	}
	project, user, both := strings.Cut(req.ID, "/")
	if project == "" || both && user == "" {
		resp.Diagnostics.AddError("Invalid Import Id", fmt.Sprintf("A quota set is imported by PROJECT_ID or PROJECT_ID/USER_ID, not %q.", req.ID))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("project_id"), project)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("user_id"), value.Text(user))...)
}

// MoveState takes over openstack_compute_quotaset_v2, whose id has the region, too.
func (r *quotaSet) MoveState(context.Context) []resource.StateMover {
	return moved.From("openstack_compute_quotaset_v2", func(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
		m := model{ProjectID: from.Text("project_id"), OnDestroy: types.StringValue(reset)}
		m.ID = types.StringValue(m.name())
		for _, name := range quotas.Names() {
			*m.At(name) = from.Number(name)
		}
		resp.Diagnostics.Append(resp.TargetState.Set(ctx, m)...)
		resp.Diagnostics.Append(m.identify(ctx, resp.TargetIdentity)...)
	})
}

// set sets what the plan changes of before, and returns what holds then; nil after an error in diags.
func (r *quotaSet) set(ctx context.Context, verb string, plan *model, before *quotas.Limits, diags *diag.Diagnostics) quotas.Values {
	c := r.Cloud(diags)
	if c == nil {
		return nil
	}
	sets, changed := quotas.Sets{Client: c}, plan.Changed(before)
	project, user := plan.ProjectID.ValueString(), plan.UserID.ValueString()
	if len(changed) > 0 {
		if err := sets.Put(ctx, project, user, changed, plan.Force.ValueBool()); err != nil {
			diags.Append(diagnose.Failure(verb, "Quota Set", plan.name(), forcible(err)))
			return nil
		}
	}
	shown, err := sets.Get(context.WithoutCancel(ctx), project, user)
	if err == nil {
		err = quotas.Taken(changed, shown)
	}
	if err != nil {
		diags.Append(diagnose.Failure(verb, "Quota Set", plan.name(), err))
		return nil
	}
	return shown
}

// forcible adds to a limit that Nova holds to be too low or too high how to set it all the same.
func forcible(err error) error {
	if diagnose.Status(err) != http.StatusBadRequest || !strings.Contains(diagnose.Cause(err), "Quota limit") {
		return err
	}
	return &diagnose.Hinted{Err: err, Hint: "With force = true Nova sets it all the same."}
}
