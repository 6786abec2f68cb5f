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
	_ resource.ResourceWithMoveState      = (*server)(nil)
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

func (r *server) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	id := state.ID.ValueString()
	// Also of a server that is gone: the framework asks for it.
	resp.Diagnostics.Append(identify(ctx, resp.Identity, id)...)
	r.Refresh(id)
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
		state.takeMoved(found, movedHash(ctx, req.Private))
		r.set(ctx, &resp.State, state, found, &resp.Diagnostics)
	}
}

// identify writes the identity where the caller keeps one.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, id string) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.SetAttribute(ctx, path.Root("id"), id)
}
