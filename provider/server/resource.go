// SPDX-License-Identifier: MPL-2.0

// Package server is nova_server.
package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// patience is how long each operation may take unless `timeouts` says otherwise.
const patience = 30 * time.Minute

// NewResource returns nova_server.
func NewResource() resource.Resource { return &server{} }

var (
	_ resource.ResourceWithConfigure      = (*server)(nil)
	_ resource.ResourceWithIdentity       = (*server)(nil)
	_ resource.ResourceWithImportState    = (*server)(nil)
	_ resource.ResourceWithModifyPlan     = (*server)(nil)
	_ resource.ResourceWithValidateConfig = (*server)(nil)
)

type server struct{ session.Resource }

func (r *server) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_server"
}

func (r *server) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

func (r *server) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "The server's id."},
	}}
}

// Create asks for a server, waits until it is built, and stops it if that is wanted. A server that goes
// to ERROR stays in the state, tainted, so that its fault can be looked into and it can be destroyed.
func (r *server) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	limit, diags := plan.Timeouts.Create(ctx, patience)
	resp.Diagnostics.Append(diags...)
	body, at, err := r.request(ctx, plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	name := plan.Name.ValueString()
	var id string
	if err == nil {
		// This call is not broken off: only its answer says which server it made.
		id, err = r.Servers().Create(client.Whole(ctx), at, body)
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Create", "Server", name, err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, id)...)

	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	built, err := r.settled(waiting, id)
	if err == nil && plan.PowerState.ValueString() == off {
		built, err = r.power(waiting, built, off)
	}
	if built != nil {
		r.set(context.WithoutCancel(ctx), &resp.State, plan, built, &resp.Diagnostics)
	}
	switch {
	case ctx.Err() != nil: // as late as possible: who is gone now will not get the answer
		r.undo(context.WithoutCancel(ctx), id, ctx.Err(), name, resp)
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Create", "Server", name, err))
	}
}

// undo deletes a server whose creation was interrupted. If Terraform is gone nobody would ever hear of
// it, and if it is not, the server would be tainted, which comes to the same one apply later.
func (r *server) undo(ctx context.Context, id string, cause error, name string, resp *resource.CreateResponse) {
	err := r.Servers().Delete(ctx, id)
	if err == nil || diagnose.NotFound(err) {
		resp.State.RemoveResource(ctx)
		err = fmt.Errorf("interrupted (%w); server %s is being deleted again", cause, id)
	} else {
		err = &diagnose.Hinted{Err: err, Hint: fmt.Sprintf(
			"This is about deleting server %s again after an interruption (%s). It is in the state, tainted.", id, cause)}
	}
	resp.Diagnostics.Append(diagnose.Failure("Create", "Server", name, err))
}

func (r *server) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	id := state.ID.ValueString()
	// Also of a server that is gone: the framework asks for it.
	resp.Diagnostics.Append(identify(ctx, resp.Identity, id)...)
	found, err := r.Servers().Get(ctx, id)
	switch {
	case gone(found, err):
		resp.State.RemoveResource(ctx)
	case errors.Is(err, nova.ErrCellDown) && !state.Name.IsNull():
		resp.Diagnostics.AddWarning("Server Out of Sight", fmt.Sprintf("Server %q (%s): %s. "+
			"The state has what was last known of it.", state.Name.ValueString(), id, err))
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Server", id, err))
	default:
		r.set(ctx, &resp.State, state, found, &resp.Diagnostics)
	}
}

// Update runs the changes that the plan has. After a failure the state gets what is true of the server
// then, so that the next plan has the rest.
func (r *server) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	limit, diags := plan.Timeouts.Update(ctx, patience)
	resp.Diagnostics.Append(diags...)
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	id, name := state.ID.ValueString(), state.Name.ValueString()
	basis := plan
	for _, change := range changes {
		if !change.changed(plan, state) {
			continue
		}
		if err := change.apply(waiting, r, plan, state); err != nil {
			resp.Diagnostics.Append(diagnose.Failure("Change "+change.name+" of", "Server", name, err))
			basis = state
			break
		}
	}
	after := context.WithoutCancel(ctx)
	found, err := r.Servers().Get(after, id)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Server", name, err))
		return
	}
	r.set(after, &resp.State, basis, found, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() { // else the state lacks what was to be believed, and would have it replace the server
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, nil)...)
	}
	resp.Diagnostics.Append(identify(ctx, resp.Identity, id)...)
}

func (r *server) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	limit, diags := state.Timeouts.Delete(ctx, patience)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	id := state.ID.ValueString()
	err := r.Servers().Delete(ctx, id)
	if err == nil {
		err = r.awaitGone(ctx, id)
	}
	if err != nil && !diagnose.NotFound(err) {
		resp.Diagnostics.Append(diagnose.Failure("Delete", "Server", state.Name.ValueString(), err))
	}
}

// ImportState takes the server's id.
func (r *server) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, []byte("true"))...)
}

// set writes the state: basis, with what is true of the server.
func (r *server) set(ctx context.Context, state *tfsdk.State, basis model, found *nova.Server, diags *diag.Diagnostics) {
	flavorID, err := r.flavorID(ctx, basis, found)
	if err != nil {
		diags.Append(diagnose.Failure("Read Flavor of", "Server", found.Name, err))
		return
	}
	groups, err := r.groups(ctx, basis, found)
	if err != nil {
		diags.Append(diagnose.Failure("Read Security Groups of", "Server", found.Name, err))
		return
	}
	basis.take(ctx, found, flavorID, groups, diags)
	diags.Append(state.Set(ctx, basis)...)
}

// identify writes the identity where the caller keeps one.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, id string) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.SetAttribute(ctx, path.Root("id"), id)
}
