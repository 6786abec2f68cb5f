// SPDX-License-Identifier: MPL-2.0

// Package servergroup is nova_server_group: servers that are kept together or apart.
package servergroup

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/moved"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewResource returns nova_server_group.
func NewResource() resource.Resource { return &serverGroup{} }

var (
	_ resource.ResourceWithConfigure      = (*serverGroup)(nil)
	_ resource.ResourceWithIdentity       = (*serverGroup)(nil)
	_ resource.ResourceWithImportState    = (*serverGroup)(nil)
	_ resource.ResourceWithModifyPlan     = (*serverGroup)(nil)
	_ resource.ResourceWithMoveState      = (*serverGroup)(nil)
	_ resource.ResourceWithValidateConfig = (*serverGroup)(nil)
)

type serverGroup struct{ session.Resource }

func (r *serverGroup) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_server_group"
}

func (r *serverGroup) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

func (r *serverGroup) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "The server group's id."},
	}}
}

// ValidateConfig refuses a rule for a policy that has none.
func (r *serverGroup) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if value.Known(config.MaxServerPerHost) && value.Known(config.Policy) && config.Policy.ValueString() != antiAffinity {
		resp.Diagnostics.AddAttributeError(path.Root("max_server_per_host"), "Rule Without Effect", fmt.Sprintf(
			"max_server_per_host is a rule of the policy %s, not of %s.", antiAffinity, config.Policy.ValueString()))
	}
}

// ModifyPlan refuses what the cloud is too old for.
func (r *serverGroup) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var config model
	if req.Plan.Raw.IsNull() || !r.Known() {
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil {
		return
	}
	for _, f := range features {
		if !f.used(config) {
			continue
		}
		if err := c.Check(ctx, f.since); err != nil {
			resp.Diagnostics.Append(diagnose.TooOld(path.Root(f.name), err))
		}
	}
}

func (r *serverGroup) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	// The calls are not broken off, so that what they made is known and can be removed.
	whole := client.Whole(ctx)
	made, err := create(whole, c, plan)
	if err == nil {
		plan.take(made)
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), plan.ID)...)
		var shown *servergroups.ServerGroup // with what answers of old microversions leave out
		if shown, err = read(whole, c, made.ID); err == nil {
			plan.take(shown)
		}
		if err == nil && ctx.Err() != nil {
			var forget bool
			if forget, err = diagnose.Interrupted(ctx, remove(whole, c, made.ID)); forget {
				resp.State.RemoveResource(ctx)
			}
		}
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Create", "Server Group", plan.Name.ValueString(), err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

func (r *serverGroup) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	found, err := read(ctx, c, state.ID.ValueString())
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...) // the framework asks for it of what is gone, too
	switch {
	case diagnose.NotFound(err):
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Server Group", state.ID.ValueString(), err))
	default:
		state.take(found)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// Update has nothing to do: each attribute replaces.
func (r *serverGroup) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...)
}

func (r *serverGroup) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	if err := remove(ctx, c, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Delete", "Server Group", state.Name.ValueString(), err))
	}
}

// ImportState takes the group's id, or its name if no other group has that.
func (r *serverGroup) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if _, err := uuid.Parse(req.ID); err == nil || req.ID == "" {
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
		return
	}
	c := r.Cloud(&resp.Diagnostics)
	if c == nil {
		return
	}
	id, err := identified(ctx, c, req.ID)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Import", "Server Group", req.ID, err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
}

// MoveState takes over openstack_compute_servergroup_v2; the refresh fills in all but the id.
func (r *serverGroup) MoveState(context.Context) []resource.StateMover {
	return moved.From("openstack_compute_servergroup_v2", func(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("id"), from.Text("id"))...)
	})
}
