// SPDX-License-Identifier: MPL-2.0

// Package serverimage is nova_server_image: images that Nova makes of servers.
package serverimage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// patience is how long each operation may take unless `timeouts` says otherwise.
const patience = 30 * time.Minute

// NewResource returns nova_server_image.
func NewResource() resource.Resource { return &serverImage{} }

var (
	_ resource.ResourceWithConfigure   = (*serverImage)(nil)
	_ resource.ResourceWithIdentity    = (*serverImage)(nil)
	_ resource.ResourceWithImportState = (*serverImage)(nil)
	_ resource.ResourceWithModifyPlan  = (*serverImage)(nil)
)

type serverImage struct{ session.Resource }

func (r *serverImage) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_server_image"
}

func (r *serverImage) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

func (r *serverImage) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "The image's id."},
	}}
}

// ModifyPlan keeps what a change of the image itself leaves as it is.
func (r *serverImage) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || req.State.Raw.IsNull() {
		return
	}
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	replaced := !plan.ServerID.Equal(state.ServerID) && !state.ServerID.IsNull()
	if resp.Diagnostics.HasError() || replaced {
		return
	}
	plan.hold(state)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// Create has Nova make the image and waits until it can be used.
func (r *serverImage) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	want := shot{
		server: plan.ServerID.ValueString(), name: plan.Name.ValueString(),
		properties: value.Map(ctx, plan.Properties, &resp.Diagnostics), mark: uuid.NewString(),
	}
	limit, diags := plan.Timeouts.Create(ctx, patience)
	resp.Diagnostics.Append(diags...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	id, err := r.take(waiting, want)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Create", "Server Image", want.name, err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, id)...)
	image, err := r.settled(waiting, want.server, id)
	if image != nil {
		plan.fill(ctx, image, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.State.Set(context.WithoutCancel(ctx), plan)...)
	}
	switch {
	case errors.Is(err, errVanished):
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(diagnose.Failure("Create", "Server Image", want.name, err))
	case ctx.Err() != nil: // as late as possible: who is gone now will not get the answer
		r.undo(ctx, id, want.name, resp)
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Create", "Server Image", want.name, err))
	}
}

// undo deletes an image whose creation was interrupted: nobody may ever hear of it.
func (r *serverImage) undo(ctx context.Context, id, name string, resp *resource.CreateResponse) {
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	forget, err := diagnose.Interrupted(ctx, r.remove(whole, id))
	if forget {
		resp.State.RemoveResource(ctx)
	}
	resp.Diagnostics.Append(diagnose.Failure("Create", "Server Image", name, err))
}

func (r *serverImage) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	id := state.ID.ValueString()
	resp.Diagnostics.Append(identify(ctx, resp.Identity, id)...) // also of an image that is gone: the framework asks for it
	image, err := r.read(ctx, id)
	switch {
	case diagnose.NotFound(err) || err == nil && image.Status == images.ImageStatusDeleted:
		r.tellLeft(state, resp)
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Server Image", id, err))
	default:
		state.fill(ctx, image, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// tellLeft warns of what nobody manages any more once the image is gone.
func (r *serverImage) tellLeft(state model, resp *resource.ReadResponse) {
	if len(state.SnapshotIDs.Elements()) == 0 {
		return
	}
	resp.Diagnostics.AddWarning("Volume Snapshots Left Over", fmt.Sprintf(
		"Image %q is gone. These volume snapshots belonged to it and may be there still: %s.", state.Name.ValueString(), state.SnapshotIDs))
}

// Update runs the changes that the plan has. After a failure the state gets what is true of the image then.
func (r *serverImage) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	basis := plan
	for _, change := range changes {
		if !change.changed(plan, state) {
			continue
		}
		if err := change.apply(ctx, r, plan, state); err != nil {
			resp.Diagnostics.Append(diagnose.Failure("Change "+change.name+" of", "Server Image", state.Name.ValueString(), err))
			basis.Properties = state.Properties
			break
		}
	}
	image, err := r.read(context.WithoutCancel(ctx), state.ID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Server Image", state.Name.ValueString(), err))
		return
	}
	basis.fill(ctx, image, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, basis)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, image.ID)...)
}

func (r *serverImage) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Delete(ctx, patience)
	resp.Diagnostics.Append(diags...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := r.remove(ctx, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Delete", "Server Image", state.Name.ValueString(), err))
	}
}

// ImportState takes the image's id.
func (r *serverImage) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
}
