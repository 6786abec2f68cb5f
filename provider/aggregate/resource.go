// SPDX-License-Identifier: MPL-2.0

// Package aggregate is nova_aggregate: sets of compute hosts, and the availability zones that they make.
package aggregate

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/moved"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewResource returns nova_aggregate.
func NewResource() resource.Resource { return &aggregate{} }

var (
	_ resource.ResourceWithConfigure   = (*aggregate)(nil)
	_ resource.ResourceWithIdentity    = (*aggregate)(nil)
	_ resource.ResourceWithImportState = (*aggregate)(nil)
	_ resource.ResourceWithMoveState   = (*aggregate)(nil)
)

type aggregate struct{ session.Resource }

func (r *aggregate) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_aggregate"
}

func (r *aggregate) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

func (r *aggregate) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "The aggregate's id."},
	}}
}

// Create makes the aggregate and then, by changes as of one without anything, fills it.
func (r *aggregate) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	all, name := nova.Aggregates{Client: c}, plan.Name.ValueString()
	// The calls are not broken off, so that what they made is known and can be removed.
	whole := context.WithoutCancel(ctx)
	var zone *string
	if value.Known(plan.AvailabilityZone) {
		zone = plan.AvailabilityZone.ValueStringPointer()
	}
	made, err := all.Create(client.Whole(ctx), name, zone)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Create", "Aggregate", name, conflict(err, name)))
		return
	}
	id := types.StringValue(strconv.Itoa(made.ID))
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
	bare := model{ID: id, Name: plan.Name, AvailabilityZone: plan.AvailabilityZone}
	resp.Diagnostics.Append(bare.identify(ctx, resp.Identity)...)
	change, err := apply(whole, all, plan, bare)
	if err == nil {
		change = "Create"
		if made, err = all.Get(whole, id.ValueString()); err == nil && ctx.Err() != nil {
			err = fmt.Errorf("interrupted, and undone: %w", ctx.Err())
		}
	}
	if err != nil { // half an aggregate is worse than none: the scheduler would heed it
		undone := all.Delete(whole, id.ValueString())
		if undone == nil {
			resp.State.RemoveResource(ctx)
		}
		resp.Diagnostics.Append(diagnose.Failure(change, "Aggregate", name, errors.Join(err, undone)))
		return
	}
	plan.take(made)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (r *aggregate) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...) // the framework asks for it also when it is gone
	found, err := nova.Aggregates{Client: c}.Get(ctx, state.ID.ValueString())
	if diagnose.NotFound(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Aggregate", state.ID.ValueString(), err))
		return
	}
	state.take(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// Update runs the changes that the plan has. After a failure, too, the state gets what is true of the aggregate then.
func (r *aggregate) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	all, name := nova.Aggregates{Client: c}, state.Name.ValueString()
	basis := plan
	if change, err := apply(ctx, all, plan, state); err != nil {
		resp.Diagnostics.Append(diagnose.Failure(change, "Aggregate", name, err))
		basis = state
	}
	found, err := all.Get(context.WithoutCancel(ctx), state.ID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Aggregate", name, err))
		return
	}
	basis.take(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, basis)...)
	resp.Diagnostics.Append(basis.identify(ctx, resp.Identity)...)
}

func (r *aggregate) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	if err := (nova.Aggregates{Client: c}).Delete(ctx, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Delete", "Aggregate", state.Name.ValueString(), err))
	}
}

// ImportState takes the aggregate's id, or its name, which Nova keeps unique.
func (r *aggregate) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if req.ID == "" {
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
		return
	}
	c := r.Cloud(&resp.Diagnostics)
	if c == nil {
		return
	}
	found, err := nova.Aggregates{Client: c}.Find(ctx, req.ID)
	switch {
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Import", "Aggregate", req.ID, err))
	case found == nil:
		resp.Diagnostics.Append(diagnose.Missing("Aggregate", fmt.Sprintf("the id or name %q", req.ID)))
	default:
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), strconv.Itoa(found.ID))...)
	}
}

// MoveState takes over openstack_compute_aggregate_v2, which has the zone among the metadata, too.
func (r *aggregate) MoveState(context.Context) []resource.StateMover {
	return moved.From("openstack_compute_aggregate_v2", func(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
		metadata := from.Map("metadata")
		delete(metadata, nova.ZoneKey)
		if len(metadata) == 0 {
			metadata = nil
		}
		m := model{
			ID: from.Text("id"), Name: from.Text("name"), AvailabilityZone: from.Text("zone"),
			Metadata: value.MapOf(metadata), Hosts: value.SetOf(from.Texts("hosts")),
		}
		resp.Diagnostics.Append(resp.TargetState.Set(ctx, m)...)
		resp.Diagnostics.Append(m.identify(ctx, resp.TargetIdentity)...)
	})
}

// conflict adds to a name that is taken how to take the aggregate over.
func conflict(err error, name string) error {
	if !diagnose.Conflict(err) {
		return err
	}
	return &diagnose.Hinted{Err: err, Hint: fmt.Sprintf("If aggregate %q is this configuration's own, left behind by an apply that was "+
		"killed, import it by its name.", name)}
}
