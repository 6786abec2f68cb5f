// SPDX-License-Identifier: MPL-2.0

// Package servermetadata is nova_server_metadata: some keys of the metadata of a server.
package servermetadata

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/idle"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// patience is how long to wait for a busy server unless `timeouts` says otherwise.
const patience = 10 * time.Minute

// NewResource returns nova_server_metadata.
func NewResource() resource.Resource { return &metadata{} }

var (
	_ resource.ResourceWithConfigure   = (*metadata)(nil)
	_ resource.ResourceWithIdentity    = (*metadata)(nil)
	_ resource.ResourceWithImportState = (*metadata)(nil)
)

type metadata struct{ session.Resource }

func (r *metadata) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_server_metadata"
}

func (r *metadata) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

func (r *metadata) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"server_id": identityschema.StringAttribute{RequiredForImport: true, Description: "The server's id."},
		"key": identityschema.StringAttribute{
			OptionalForImport: true, Description: "The key, to import only that one.",
		},
	}}
}

func (r *metadata) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	wanted := value.Map(ctx, plan.Metadata, &resp.Diagnostics)
	limit, diags := plan.Timeouts.Create(ctx, patience)
	resp.Diagnostics.Append(diags...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	whole := context.WithoutCancel(ctx)
	id := plan.ServerID.ValueString()
	server, err := r.Servers().Get(ctx, id)
	if err == nil {
		err = taken(wanted, server.Metadata)
	}
	added := map[string]string{}
	if err == nil {
		added = missing(wanted, server.Metadata)
		err = r.put(waiting, id, added)
	}
	if err == nil {
		server, err = r.Servers().Get(whole, id)
	}
	if err == nil && ctx.Err() != nil {
		err = fmt.Errorf("interrupted, and undone: %w", ctx.Err())
	}
	if err != nil { // what was set is known to nobody but us
		resp.Diagnostics.Append(diagnose.Failure("Create", "Server Metadata", id, errors.Join(err, r.undo(whole, id, added))))
		return
	}
	plan.take(ctx, server.Metadata, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

func (r *metadata) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...)
	id := state.ServerID.ValueString()
	server, err := r.Servers().Get(ctx, id)
	switch {
	case diagnose.NotFound(err):
		resp.State.RemoveResource(ctx)
	case errors.Is(err, nova.ErrCellDown) && !state.ID.IsNull():
		resp.Diagnostics.AddWarning("Server Out of Sight", fmt.Sprintf(
			"Server %s: %s. The state has what was last known of its metadata.", id, err))
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Server Metadata", id, err))
	case state.take(ctx, server.Metadata, &resp.Diagnostics):
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	default:
		resp.State.RemoveResource(ctx)
	}
}

// Update sets what the plan has and removes the keys that only the state has. After a failure the state gets what is
// true of both.
func (r *metadata) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	wanted, had := value.Map(ctx, plan.Metadata, &resp.Diagnostics), value.Map(ctx, state.Metadata, &resp.Diagnostics)
	limit, diags := plan.Timeouts.Update(ctx, patience)
	resp.Diagnostics.Append(diags...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	id := state.ServerID.ValueString()
	changed := missing(wanted, had)
	server, err := r.Servers().Get(ctx, id)
	if err == nil {
		err = taken(added(changed, had), server.Metadata)
	}
	if err == nil {
		err = r.put(waiting, id, changed)
	}
	if err == nil {
		err = r.drop(waiting, id, added(had, wanted))
	}
	basis := plan
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Change", "Server Metadata", id, err))
		basis.Metadata = state.Metadata
	}
	if server, err = r.Servers().Get(context.WithoutCancel(ctx), id); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Server Metadata", id, err))
		return
	}
	basis.take(ctx, server.Metadata, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, basis)...)
	resp.Diagnostics.Append(basis.identify(ctx, resp.Identity)...)
}

func (r *metadata) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	had := value.Map(ctx, state.Metadata, &resp.Diagnostics)
	limit, diags := state.Timeouts.Delete(ctx, patience)
	resp.Diagnostics.Append(diags...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := r.drop(ctx, state.ServerID.ValueString(), had); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Delete", "Server Metadata", state.ServerID.ValueString(), err))
	}
}

// ImportState takes SERVER_ID for all metadata, or SERVER_ID/KEY for one key.
func (r *metadata) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	server, key, single := strings.Cut(req.ID, "/")
	if req.ID == "" && req.Identity != nil {
		var from struct{ server, key *string }
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("server_id"), &from.server)...)
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("key"), &from.key)...)
		if from.server != nil {
			server = *from.server
		}
		if single = from.key != nil; single {
			key = *from.key
		}
	}
	if !nova.UUIDRule.MatchString(server) || single && !nova.KeyRule.MatchString(key) {
		resp.Diagnostics.AddError("Invalid Import Id", fmt.Sprintf(
			"Metadata of a server are imported by SERVER_ID, or by SERVER_ID/KEY for one key, not %q.", req.ID))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("server_id"), server)...)
	if single { // Read fills in the value
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("metadata"), map[string]string{key: ""})...)
	}
}

// put sets keys, which may be done twice.
func (r *metadata) put(ctx context.Context, id string, pairs map[string]string) error {
	if len(pairs) == 0 {
		return nil
	}
	return idle.Do(ctx, r.Session, id, func(ctx context.Context) error {
		whole := client.Whole(ctx)
		_, err := client.Once(ctx, r.Servers().Client, func(context.Context) (*nova.Server, error) {
			return nil, r.Servers().SetMetadata(whole, id, pairs)
		}, func(context.Context) (*nova.Server, error) {
			server, err := r.Servers().Get(whole, id)
			if err != nil || len(missing(pairs, server.Metadata)) > 0 {
				return nil, err
			}
			return server, nil
		})
		return err
	})
}

// drop removes keys; that some are gone already, or the server is, is no error.
func (r *metadata) drop(ctx context.Context, id string, pairs map[string]string) error {
	for key := range pairs {
		err := idle.Do(ctx, r.Session, id, func(ctx context.Context) error { return r.Servers().DropMetadata(ctx, id, key) })
		if err != nil && !diagnose.NotFound(err) {
			return err
		}
	}
	return nil
}

// undo removes what a creation that failed has set.
func (r *metadata) undo(ctx context.Context, id string, pairs map[string]string) error {
	for key := range pairs {
		if err := r.Servers().DropMetadata(ctx, id, key); err != nil && !diagnose.NotFound(err) {
			return fmt.Errorf("key %q was not removed again: %w", key, err)
		}
	}
	return nil
}

// added are the pairs of all whose keys before does not have.
func added(all, before map[string]string) map[string]string {
	fresh := map[string]string{}
	for key, text := range all {
		if _, ok := before[key]; !ok {
			fresh[key] = text
		}
	}
	return fresh
}
