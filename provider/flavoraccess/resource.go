// SPDX-License-Identifier: MPL-2.0

// Package flavoraccess is nova_flavor_access: a project that may use a flavor which is not public.
package flavoraccess

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/moved"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/pair"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// key is what the resource is known by.
var key = pair.Key{
	First: "flavor_id", Second: "project_id", What: "Flavor access", Form: "FLAVOR_ID/PROJECT_ID",
}

// NewResource returns nova_flavor_access.
func NewResource() resource.Resource { return &access{} }

var (
	_ resource.ResourceWithConfigure   = (*access)(nil)
	_ resource.ResourceWithIdentity    = (*access)(nil)
	_ resource.ResourceWithImportState = (*access)(nil)
	_ resource.ResourceWithMoveState   = (*access)(nil)
)

type access struct{ session.Resource }

type model struct {
	ID        types.String `tfsdk:"id"`
	FlavorID  types.String `tfsdk:"flavor_id"`
	ProjectID types.String `tfsdk:"project_id"`
}

func (m *model) name() string { return m.FlavorID.ValueString() + "/" + m.ProjectID.ValueString() }

// identify writes the identity where the caller keeps one.
func (m *model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	return key.Identify(ctx, identity, m.FlavorID, m.ProjectID)
}

func (r *access) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_flavor_access"
}

func (r *access) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

func (r *access) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"flavor_id":  identityschema.StringAttribute{RequiredForImport: true, Description: "The flavor's id."},
		"project_id": identityschema.StringAttribute{RequiredForImport: true, Description: "The project's id."},
	}}
}

func (r *access) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	// The call is not broken off: access that was granted is in the state.
	if err := grant(client.Whole(ctx), c, plan); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Grant", "Flavor Access", plan.name(), err))
		return
	}
	plan.ID = types.StringValue(plan.name())
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

func (r *access) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...) // the framework asks for it also when it is gone
	has := false
	service, err := c.At(ctx, 1)
	if err == nil {
		has, err = granted(ctx, service, state)
	}
	switch {
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Flavor Access", state.name(), err))
	case !has:
		resp.State.RemoveResource(ctx)
	default:
		state.ID = types.StringValue(state.name())
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// Update has nothing to do: both attributes replace.
func (r *access) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (r *access) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	if err := revoke(ctx, c, state); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Revoke", "Flavor Access", state.name(), err))
	}
}

// ImportState takes FLAVOR_ID/PROJECT_ID. Neither holds a slash.
func (r *access) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	key.Import(ctx, req, resp)
}

// MoveState takes over openstack_compute_flavor_access_v2.
func (r *access) MoveState(context.Context) []resource.StateMover {
	return moved.From("openstack_compute_flavor_access_v2", func(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
		m := model{FlavorID: from.Text("flavor_id"), ProjectID: from.Text("tenant_id")}
		m.ID = types.StringValue(m.name())
		resp.Diagnostics.Append(resp.TargetState.Set(ctx, m)...)
		resp.Diagnostics.Append(m.identify(ctx, resp.TargetIdentity)...)
	})
}
