// SPDX-License-Identifier: MPL-2.0

// Package volumeattachment is nova_volume_attachment: a volume that a server gets while it runs; and the data source
// nova_volume_attachments.
package volumeattachment

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
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
	First: "server_id", Second: "volume_id", What: "The volume of a server", Form: "SERVER_ID/VOLUME_ID",
}

// NewResource returns nova_volume_attachment.
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
	resp.TypeName = "nova_volume_attachment"
}

func (r *attachment) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

func (r *attachment) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"server_id": identityschema.StringAttribute{RequiredForImport: true, Description: "The server's id."},
		"volume_id": identityschema.StringAttribute{RequiredForImport: true, Description: "The volume's id."},
	}}
}

// ModifyPlan refuses what the cloud is too old for.
func (r *attachment) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state model
	if req.Plan.Raw.IsNull() || !r.Known() {
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	check := func(attribute string, used bool, v client.Microversion) {
		if err := c.Check(ctx, v); used && err != nil {
			resp.Diagnostics.Append(diagnose.TooOld(path.Root(attribute), err))
		}
	}
	changes := !req.State.Raw.IsNull() && value.Known(plan.DeleteOnTermination) && !plan.DeleteOnTermination.Equal(state.DeleteOnTermination)
	check("tag", value.Known(plan.Tag), nova.WithVolumeTag)
	check("delete_on_termination", plan.DeleteOnTermination.ValueBool(), nova.WithDeletion)
	check("delete_on_termination", changes, nova.WithDeletionChange)
}

// Create attaches the volume and waits until the guest has it. A volume that the server has already, left behind by an
// apply that was killed perhaps, is taken over.
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
	server, volume := hotplug.Of(r.Session, plan.ServerID.ValueString()), plan.VolumeID.ValueString()
	release, err := server.HoldVolume(waiting, volume)
	defer release()
	if err == nil {
		err = server.RequestVolume(waiting, plan.request())
	}
	if err != nil && r.had(ctx, server, plan) {
		err = nil
		resp.Diagnostics.AddWarning("Volume Taken Over", fmt.Sprintf(
			"Server %s has volume %s already. It is managed by this resource from now on, and by no other one.", plan.ServerID.ValueString(), volume))
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Attach", "Volume", volume, err))
		return
	}
	plan.ID = types.StringValue(plan.ServerID.ValueString() + "/" + volume)
	for name, text := range map[string]types.String{"id": plan.ID, "server_id": plan.ServerID, "volume_id": plan.VolumeID} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), text)...)
	}
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)

	found, err := server.AwaitVolume(waiting, volume)
	release()
	if ctx.Err() != nil {
		var forget bool
		if forget, err = diagnose.Interrupted(ctx, server.DetachVolume(context.WithoutCancel(ctx), volume)); forget {
			resp.State.RemoveResource(ctx)
		}
	}
	if found != nil && ctx.Err() == nil {
		plan.take(found, r.shown(ctx, &resp.Diagnostics))
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Attach", "Volume", volume, err))
	}
}

// had is whether the server has the volume already, as the plan wants it.
func (r *attachment) had(ctx context.Context, server hotplug.Server, plan model) bool {
	found, err := server.Volumes().Get(ctx, plan.VolumeID.ValueString())
	return err == nil && found.Tag == plan.Tag.ValueString() && found.DeleteOnTermination == plan.DeleteOnTermination.ValueBool()
}

// shown is whether Nova shows if a volume goes with its server.
func (r *attachment) shown(ctx context.Context, diags *diag.Diagnostics) bool {
	c := r.Cloud(diags)
	return c != nil && c.Check(ctx, nova.WithDeletion) == nil
}

func (r *attachment) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	found, err := hotplug.Of(r.Session, state.ServerID.ValueString()).Volumes().Get(ctx, state.VolumeID.ValueString())
	switch {
	case diagnose.NotFound(err):
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Volume Attachment", state.VolumeID.ValueString(), err))
	default:
		state.take(found, r.shown(ctx, &resp.Diagnostics))
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...) // the framework asks for it of what is gone, too
}

// Update changes whether the volume goes with its server, which is all that Nova can. It would swap volumes only for
// Cinder, in the middle of a migration.
func (r *attachment) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	volumes, id := hotplug.Of(r.Session, state.ServerID.ValueString()).Volumes(), state.VolumeID.ValueString()
	if !plan.DeleteOnTermination.Equal(state.DeleteOnTermination) {
		if err := volumes.Keep(ctx, id, !plan.DeleteOnTermination.ValueBool()); err != nil {
			resp.Diagnostics.Append(diagnose.Failure("Change Deletion of", "Volume Attachment", id, err))
			return // the state stays as it was
		}
	}
	found, err := volumes.Get(ctx, id)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Volume Attachment", id, err))
		return
	}
	plan.take(found, r.shown(ctx, &resp.Diagnostics))
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
	volume := state.VolumeID.ValueString()
	if err := hotplug.Of(r.Session, state.ServerID.ValueString()).DetachVolume(ctx, volume); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Detach", "Volume", volume, err))
	}
}

// ImportState takes SERVER_ID/VOLUME_ID.
func (r *attachment) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	key.Import(ctx, req, resp)
}

// MoveState takes over openstack_compute_volume_attach_v2.
func (r *attachment) MoveState(context.Context) []resource.StateMover {
	return moved.From("openstack_compute_volume_attach_v2", func(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
		for name, text := range map[string]types.String{
			"id": from.Text("id"), "server_id": from.Text("instance_id"), "volume_id": from.Text("volume_id"), "tag": from.Text("tag"),
		} {
			resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), text)...)
		}
	})
}
