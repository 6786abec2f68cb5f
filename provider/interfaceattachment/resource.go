// SPDX-License-Identifier: MPL-2.0

// Package interfaceattachment is nova_interface_attachment: a network interface that a server gets while it runs; and
// the data source nova_interfaces.
package interfaceattachment

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/hotplug"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/moved"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/pair"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// patience is how long each operation may take unless `timeouts` says otherwise.
const patience = 10 * time.Minute

// key is what the resource is known by.
var key = pair.Key{
	First: "server_id", Second: "port_id", What: "An interface", Form: "SERVER_ID/PORT_ID",
}

// NewResource returns nova_interface_attachment.
func NewResource() resource.Resource { return &attachment{} }

var (
	_ resource.ResourceWithConfigure   = (*attachment)(nil)
	_ resource.ResourceWithIdentity    = (*attachment)(nil)
	_ resource.ResourceWithImportState = (*attachment)(nil)
	_ resource.ResourceWithModifyPlan  = (*attachment)(nil)
	_ resource.ResourceWithMoveState   = (*attachment)(nil)
)

type attachment struct{ session.Resource }

func (r *attachment) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_interface_attachment"
}

func (r *attachment) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

func (r *attachment) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"server_id": identityschema.StringAttribute{RequiredForImport: true, Description: "The server's id."},
		"port_id":   identityschema.StringAttribute{RequiredForImport: true, Description: "The id of the interface's port."},
	}}
}

// ModifyPlan refuses what the cloud is too old for.
func (r *attachment) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var config model
	if req.Plan.Raw.IsNull() || !r.Known() {
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || !value.Known(config.Tag) {
		return
	}
	if err := c.Check(ctx, nova.WithInterfaceTag); err != nil {
		resp.Diagnostics.Append(diagnose.TooOld(path.Root("tag"), err))
	}
}

// Create attaches an interface. A port that the server has already, left behind by an apply that was killed perhaps,
// is taken over.
func (r *attachment) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	limit, diags := plan.Timeouts.Create(ctx, patience)
	resp.Diagnostics.Append(diags...)
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	server := hotplug.Of(r.Session, plan.ServerID.ValueString())
	made, err := server.AttachInterface(waiting, plan.request())
	forget := err != nil
	if err == nil && ctx.Err() != nil {
		forget, err = diagnose.Interrupted(ctx, server.DetachInterface(context.WithoutCancel(ctx), made.PortID))
	} else if diagnose.Conflict(err) {
		if made = r.had(ctx, server, plan); made != nil {
			forget, err = false, nil
			resp.Diagnostics.AddWarning("Interface Taken Over", fmt.Sprintf(
				"Server %s has port %s already. It is managed by this resource from now on, and by no other one.", plan.ServerID.ValueString(), made.PortID))
		}
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Attach", "Interface to Server", plan.ServerID.ValueString(), err))
	}
	if forget {
		return
	}
	plan.take(made)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

// had is the interface that the plan asks for, if the server has it already; nil if not.
func (r *attachment) had(ctx context.Context, server hotplug.Server, plan model) *nova.Interface {
	if plan.PortID.ValueString() == "" {
		return nil
	}
	found, err := server.Interfaces().Get(ctx, plan.PortID.ValueString())
	if err != nil || found.Tag != plan.Tag.ValueString() {
		return nil
	}
	return found
}

func (r *attachment) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	found, err := hotplug.Of(r.Session, state.ServerID.ValueString()).Interfaces().Get(ctx, state.PortID.ValueString())
	switch {
	case diagnose.NotFound(err):
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Interface", state.PortID.ValueString(), err))
	default:
		state.take(found)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...) // the framework asks for it of what is gone, too
}

// Update has nothing to do: all that Nova is asked for replaces the interface; the rest is for the state.
func (r *attachment) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

func (r *attachment) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	limit, diags := state.Timeouts.Delete(ctx, patience)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	port := state.PortID.ValueString()
	if err := hotplug.Of(r.Session, state.ServerID.ValueString()).DetachInterface(ctx, port); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Detach", "Interface", port, err))
	}
}

// ImportState takes SERVER_ID/PORT_ID.
func (r *attachment) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	key.Import(ctx, req, resp)
}

// MoveState takes over openstack_compute_interface_attach_v2.
func (r *attachment) MoveState(context.Context) []resource.StateMover {
	return moved.From("openstack_compute_interface_attach_v2", func(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
		for name, text := range map[string]any{
			"id": from.Text("id"), "server_id": from.Text("instance_id"), "port_id": from.Text("port_id"), "fixed_ip": from.Text("fixed_ip"),
		} {
			resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), text)...)
		}
	})
}
