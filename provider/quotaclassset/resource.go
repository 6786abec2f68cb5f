// SPDX-License-Identifier: MPL-2.0

// Package quotaclassset is nova_quota_class_set: what projects may use that have no quotas of their own.
package quotaclassset

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/quotas"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// withGroups is the first microversion to show server groups in classes.
const withGroups client.Microversion = 50

// beforeKey is the private state of what each limit was before the resource set it, as JSON.
const beforeKey = "before"

// NewResource returns nova_quota_class_set.
func NewResource() resource.Resource { return &quotaClass{} }

var (
	_ resource.ResourceWithConfigure      = (*quotaClass)(nil)
	_ resource.ResourceWithIdentity       = (*quotaClass)(nil)
	_ resource.ResourceWithImportState    = (*quotaClass)(nil)
	_ resource.ResourceWithModifyPlan     = (*quotaClass)(nil)
	_ resource.ResourceWithValidateConfig = (*quotaClass)(nil)
)

type quotaClass struct{ session.Resource }

type model struct {
	quotas.Limits

	Name      types.String `tfsdk:"name"`
	OnDestroy types.String `tfsdk:"on_destroy"`
}

// identify writes the identity where the caller keeps one.
func (m *model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.SetAttribute(ctx, path.Root("name"), m.Name)
}

func (r *quotaClass) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_quota_class_set"
}

func (r *quotaClass) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

func (r *quotaClass) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"name": identityschema.StringAttribute{RequiredForImport: true, Description: "The name of the class."},
	}}
}

// ValidateConfig warns of limits without effect.
func (r *quotaClass) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(config.Idle()...)
}

// ModifyPlan refuses limits that the cloud is too old to show.
func (r *quotaClass) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var config model
	if req.Plan.Raw.IsNull() || !r.Known() {
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	for _, name := range []string{"server_groups", "server_group_members"} {
		if !value.Known(*config.At(name)) {
			continue
		}
		if err := c.Check(ctx, withGroups); err != nil {
			resp.Diagnostics.Append(diagnose.TooOld(path.Root(name), err))
		}
	}
}

// Create sets the limits. There is nothing to undo after an interruption: what was set is in the state.
func (r *quotaClass) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	before := quotas.Values{}
	shown := r.set(ctx, "Create", &plan, &quotas.Limits{}, before, &resp.Diagnostics)
	if shown == nil {
		return
	}
	plan.Take(shown)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(remember(ctx, resp.Private, before)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

func (r *quotaClass) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	shown, err := quotas.Classes{Client: c}.Get(ctx, state.Name.ValueString())
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Quota Class", state.Name.ValueString(), err))
		return
	}
	state.Take(shown)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...)
}

// Update sets the limits that change.
func (r *quotaClass) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	before := remembered(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	shown := r.set(ctx, "Change", &plan, &state.Limits, before, &resp.Diagnostics)
	if shown == nil {
		return // the state is what it was
	}
	plan.Take(shown)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(remember(ctx, resp.Private, before)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

// Delete sets the limits that the resource has set to what they were before it did.
func (r *quotaClass) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	before := remembered(ctx, req.Private, &resp.Diagnostics)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() || state.OnDestroy.ValueString() == keep || len(before) == 0 {
		return
	}
	if err := (quotas.Classes{Client: c}).Put(ctx, state.Name.ValueString(), before); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Restore", "Quota Class", state.Name.ValueString(), err))
	}
}

// ImportState takes the name of the class.
func (r *quotaClass) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("on_destroy"), restore)...)
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("name"), path.Root("name"), req, resp)
}

// set sets what the plan changes of state, notes in before what that was, and returns what holds then; nil after an
// error in diags.
func (r *quotaClass) set(
	ctx context.Context, verb string, plan *model, state *quotas.Limits, before quotas.Values, diags *diag.Diagnostics,
) quotas.Values {
	c := r.Cloud(diags)
	if c == nil {
		return nil
	}
	classes, changed, name := quotas.Classes{Client: c}, plan.Changed(state), plan.Name.ValueString()
	found, err := classes.Get(ctx, name)
	if err == nil && len(changed) > 0 {
		for limit := range changed {
			n, shown := found[limit]
			if _, known := before[limit]; shown && !known {
				before[limit] = n
			}
		}
		if err = classes.Put(ctx, name, changed); err == nil {
			found, err = classes.Get(context.WithoutCancel(ctx), name)
		}
	}
	if err == nil {
		err = quotas.Taken(changed, found)
	}
	if err != nil {
		diags.Append(diagnose.Failure(verb, "Quota Class", name, err))
		return nil
	}
	return found
}

func remember(ctx context.Context, private interface {
	SetKey(ctx context.Context, key string, content []byte) diag.Diagnostics
}, before quotas.Values,
) diag.Diagnostics {
	content, err := json.Marshal(before)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to Keep Earlier Limits", err.Error())}
	}
	return private.SetKey(ctx, beforeKey, content)
}

// remembered is never nil.
func remembered(ctx context.Context, private interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}, diags *diag.Diagnostics,
) quotas.Values {
	before := quotas.Values{}
	content, more := private.GetKey(ctx, beforeKey)
	diags.Append(more...)
	if len(content) > 0 {
		if err := json.Unmarshal(content, &before); err != nil {
			diags.AddError("Unreadable Private State", fmt.Sprintf("What the limits were before is kept as %q: %s.", content, err))
		}
	}
	return before
}
