// SPDX-License-Identifier: MPL-2.0

// Package service is nova_service: whether hosts take servers.
package service

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewResource returns nova_service.
func NewResource() resource.Resource { return &service{} }

var (
	_ resource.ResourceWithConfigure      = (*service)(nil)
	_ resource.ResourceWithIdentity       = (*service)(nil)
	_ resource.ResourceWithImportState    = (*service)(nil)
	_ resource.ResourceWithModifyPlan     = (*service)(nil)
	_ resource.ResourceWithValidateConfig = (*service)(nil)
)

type service struct{ session.Resource }

func (r *service) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_service"
}

func (r *service) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

func (r *service) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"host":   identityschema.StringAttribute{RequiredForImport: true, Description: "The host's name."},
		"binary": identityschema.StringAttribute{OptionalForImport: true, Description: "The service, if it is not nova-compute."},
	}}
}

// ValidateConfig refuses what Nova would.
func (r *service) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if value.Known(config.DisabledReason) && config.Status.ValueString() == nova.Enabled {
		resp.Diagnostics.AddAttributeError(path.Root("disabled_reason"), "Reason of What Is Enabled",
			"A service that is enabled has no disabled_reason.")
	}
	if !value.Known(config.Binary) || config.Binary.ValueString() == nova.Compute {
		return
	}
	const summary = "Service That Cannot Be Changed"
	detail := fmt.Sprintf("Nova changes services of the binary %s only, not %s.", nova.Compute, config.Binary.ValueString())
	if !config.Status.IsNull() {
		resp.Diagnostics.AddAttributeError(path.Root("status"), summary, detail)
	}
	if !config.ForcedDown.IsNull() {
		resp.Diagnostics.AddAttributeError(path.Root("forced_down"), summary, detail)
	}
	if config.OnDestroy.IsNull() || config.OnDestroy.ValueString() == enable {
		resp.Diagnostics.AddAttributeError(path.Root("on_destroy"), summary, detail+` Set on_destroy to "keep" or "delete".`)
	}
}

// ModifyPlan refuses what the cloud is too old for.
func (r *service) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var config model
	if req.Plan.Raw.IsNull() || !r.Known() {
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || config.ForcedDown.IsNull() {
		return
	}
	if err := c.Check(ctx, nova.WithForcedDown); err != nil {
		resp.Diagnostics.Append(diagnose.TooOld(path.Root("forced_down"), err))
	}
}

// Create takes a service over. There is nothing to undo after an interruption: nothing is made.
func (r *service) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	found := r.set(ctx, "Take Over", plan, &resp.Diagnostics)
	if found == nil {
		return
	}
	plan.take(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

func (r *service) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...) // the framework asks for it also when it is gone
	found, err := nova.Services{Client: c}.On(ctx, state.Host.ValueString(), state.Binary.ValueString())
	switch {
	case errors.Is(err, nova.ErrServiceHidden) && !state.ID.IsNull():
		resp.Diagnostics.AddWarning("Service Out of Sight", fmt.Sprintf("Service %s: %s. The state has what was last known of it.", state.name(), err))
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Service", state.name(), err))
	case found == nil:
		resp.State.RemoveResource(ctx)
	default:
		state.take(found)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

func (r *service) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	found := r.set(ctx, "Change", plan, &resp.Diagnostics)
	if found == nil {
		return // the state is what it was
	}
	plan.take(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

// Delete does what on_destroy says.
func (r *service) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() || state.OnDestroy.ValueString() == keep {
		return
	}
	all := nova.Services{Client: c}
	found, err := all.On(ctx, state.Host.ValueString(), state.Binary.ValueString())
	switch {
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Service", state.name(), err))
		return
	case found == nil:
		return
	}
	if state.OnDestroy.ValueString() == remove {
		if err := all.Delete(ctx, found); err != nil {
			resp.Diagnostics.Append(diagnose.Failure("Delete", "Service", state.name(), err))
		} else if found.State == "up" {
			resp.Diagnostics.AddWarning("Deleted Service Runs", fmt.Sprintf(
				"Service %s was up when its record was deleted. Unless it is stopped it registers itself anew.", state.name()))
		}
		return
	}
	back := model{Status: types.StringValue(nova.Enabled)}
	if found.ForcedDown != nil {
		back.ForcedDown = types.BoolValue(false)
	}
	if _, err := settle(ctx, all, found, back); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Enable", "Service", state.name(), stuck(err)))
	}
}

// ImportState takes HOST:BINARY, the service's id, or HOST for its nova-compute.
func (r *service) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("on_destroy"), enable)...)
	if req.ID == "" { // by identity
		var binary types.String
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("host"), path.Root("host"), req, resp)
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("binary"), &binary)...)
		if binary.IsNull() {
			binary = types.StringValue(nova.Compute)
		}
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("binary"), binary)...)
		return
	}
	host, binary, both := strings.Cut(req.ID, ":")
	c := r.Cloud(&resp.Diagnostics)
	if c == nil {
		return
	}
	if !both {
		found, err := nova.Services{Client: c}.Find(ctx, req.ID)
		if err != nil {
			resp.Diagnostics.Append(diagnose.Failure("Import", "Service", req.ID, err))
			return
		}
		if binary = nova.Compute; found != nil {
			host, binary = found.Host, found.Binary
		}
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("host"), host)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("binary"), binary)...)
}
