// SPDX-License-Identifier: MPL-2.0

// Package flavor is nova_flavor: the sizes that servers come in.
package flavor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/moved"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// The microversions of what a flavor may have.
const (
	withDescription client.Microversion = 55
	withExtraSpecs  client.Microversion = 61 // shown with the flavor; before, they take a call of their own
	withSpecRules   client.Microversion = 86 // extra specs are checked
)

// NewResource returns nova_flavor.
func NewResource() resource.Resource { return &flavor{} }

var (
	_ resource.ResourceWithConfigure   = (*flavor)(nil)
	_ resource.ResourceWithIdentity    = (*flavor)(nil)
	_ resource.ResourceWithImportState = (*flavor)(nil)
	_ resource.ResourceWithModifyPlan  = (*flavor)(nil)
	_ resource.ResourceWithMoveState   = (*flavor)(nil)
)

type flavor struct{ session.Resource }

func (r *flavor) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_flavor"
}

func (r *flavor) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

func (r *flavor) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "The flavor's id."},
	}}
}

// ModifyPlan refuses what the cloud is too old for, and extra specs that Nova would refuse.
func (r *flavor) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var config, state model
	if req.Plan.Raw.IsNull() || !r.Known() {
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	if value.Known(config.Description) {
		if err := c.Check(ctx, withDescription); err != nil {
			resp.Diagnostics.Append(diagnose.TooOld(path.Root("description"), err))
		}
	}
	if !config.ExtraSpecs.Equal(state.ExtraSpecs) && c.Check(ctx, withSpecRules) == nil {
		resp.Diagnostics.Append(checkSpecs(config.ExtraSpecs)...)
	}
}

func (r *flavor) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	specs := value.Map(ctx, plan.ExtraSpecs, &resp.Diagnostics)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	name := plan.Name.ValueString()
	// The calls are not broken off, so that what they made is known and can be removed.
	whole := context.WithoutCancel(ctx)
	made, err := create(client.Whole(ctx), c, plan)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Create", "Flavor", name, conflict(err, plan)))
		return
	}
	id := made.ID
	if err = addSpecs(whole, c, id, specs); err == nil {
		made, err = read(whole, c, id)
	}
	if err == nil && ctx.Err() != nil {
		err = fmt.Errorf("interrupted, and undone: %w", ctx.Err())
	}
	if err != nil { // half a flavor is worse than none: servers would be built by it
		undone := remove(whole, c, id)
		if undone != nil {
			resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
		}
		resp.Diagnostics.Append(diagnose.Failure("Create", "Flavor", name, errors.Join(err, undone)))
		return
	}
	plan.take(made)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

func (r *flavor) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	found, err := read(ctx, c, state.ID.ValueString())
	if diagnose.NotFound(err) {
		resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...) // the framework asks for it still
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Flavor", state.ID.ValueString(), err))
		return
	}
	state.take(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...)
}

func (r *flavor) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	basis := plan
	for _, change := range changes {
		if !change.changed(plan, state) {
			continue
		}
		if err := change.apply(ctx, c, plan, state); err != nil {
			resp.Diagnostics.Append(diagnose.Failure("Change "+change.name+" of", "Flavor", state.Name.ValueString(), err))
			basis = state // with the keys that were not removed yet
			break
		}
	}
	// After a failure, too: state has what is, not what was planned.
	found, err := read(context.WithoutCancel(ctx), c, state.ID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Flavor", state.Name.ValueString(), err))
		return
	}
	basis.take(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, basis)...)
	resp.Diagnostics.Append(basis.identify(ctx, resp.Identity)...)
}

func (r *flavor) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	if err := remove(ctx, c, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Delete", "Flavor", state.Name.ValueString(), err))
	}
}

// ImportState takes the flavor's id, or its name, which Nova keeps unique.
func (r *flavor) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if req.ID == "" {
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
		return
	}
	c := r.Cloud(&resp.Diagnostics)
	if c == nil {
		return
	}
	found, err := identified(ctx, c, req.ID)
	switch {
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Import", "Flavor", req.ID, err))
	case found == nil:
		resp.Diagnostics.Append(diagnose.Missing("Flavor", fmt.Sprintf("the id or name %q", req.ID)))
	default:
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), found.ID)...)
	}
}

// MoveState takes over openstack_compute_flavor_v2.
func (r *flavor) MoveState(context.Context) []resource.StateMover {
	return moved.From("openstack_compute_flavor_v2", func(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
		m := model{
			ID: from.Text("id"), Name: from.Text("name"), Description: from.Text("description"),
			VCPUs: from.Number("vcpus"), RAM: from.Number("ram"), Disk: from.Number("disk"),
			Ephemeral: from.Number("ephemeral"), Swap: from.Number("swap"), RxTxFactor: from.Fraction("rx_tx_factor"),
			IsPublic: from.Flag("is_public"), ExtraSpecs: value.MapOf(from.Map("extra_specs")),
		}
		resp.Diagnostics.Append(resp.TargetState.Set(ctx, m)...)
		resp.Diagnostics.Append(m.identify(ctx, resp.TargetIdentity)...)
	})
}

// create makes the flavor once. Without an id of the user's own one is chosen here rather than by Nova, so that a flavor
// whose creation was not answered is known by it.
func create(ctx context.Context, c *client.Client, plan model) (*flavors.Flavor, error) {
	v := client.Microversion(1)
	if value.Known(plan.Description) {
		v = withDescription
	}
	service, err := c.At(ctx, v)
	if err != nil {
		return nil, err
	}
	opts := flavors.CreateOpts{
		ID: plan.ID.ValueString(), Name: plan.Name.ValueString(),
		RAM: value.Int(plan.RAM), VCPUs: value.Int(plan.VCPUs), Disk: value.IntOf(plan.Disk),
		Ephemeral: value.IntOf(plan.Ephemeral), Swap: value.IntOf(plan.Swap), RxTxFactor: plan.RxTxFactor.ValueFloat64(),
		IsPublic: plan.IsPublic.ValueBoolPointer(), Description: plan.Description.ValueString(),
	}
	ours := opts.ID == ""
	if ours {
		opts.ID = uuid.NewString()
	}
	made, err := client.Once(ctx, c,
		func(ctx context.Context) (*flavors.Flavor, error) {
			return flavors.Create(ctx, service, opts).Extract()
		},
		func(ctx context.Context) (*flavors.Flavor, error) { return find(ctx, c, opts) })
	if client.Ambiguous(err) && ours { // whatever became of it, nobody will know of it
		err = errors.Join(err, remove(context.WithoutCancel(ctx), c, opts.ID))
	}
	return made, err
}

// find is the flavor that these options make, nil if there is none.
func find(ctx context.Context, c *client.Client, opts flavors.CreateOpts) (*flavors.Flavor, error) {
	found, err := read(ctx, c, opts.ID)
	if diagnose.NotFound(err) || err == nil && (found.Name != opts.Name || found.RAM != opts.RAM || found.VCPUs != opts.VCPUs) {
		return nil, nil
	}
	return found, err
}

// identified is the flavor with this id, else the one with this name, be it private or not; nil if there is none.
func identified(ctx context.Context, c *client.Client, text string) (*flavors.Flavor, error) {
	if idRule.MatchString(text) { // else it is no part of a URL
		if found, err := read(ctx, c, text); !diagnose.NotFound(err) {
			return found, err
		}
	}
	service, err := c.At(ctx, 1)
	if err != nil {
		return nil, err
	}
	pages, err := flavors.ListDetail(service, flavors.ListOpts{AccessType: flavors.AllAccess}).AllPages(ctx)
	if err != nil {
		return nil, err
	}
	all, err := flavors.ExtractFlavors(pages)
	at := slices.IndexFunc(all, func(f flavors.Flavor) bool { return f.Name == text })
	if err != nil || at < 0 {
		return nil, err
	}
	return &all[at], nil
}

func read(ctx context.Context, c *client.Client, id string) (*flavors.Flavor, error) {
	service, v, err := c.Best(ctx, withExtraSpecs)
	if err != nil {
		return nil, err
	}
	found, err := flavors.Get(ctx, service, id).Extract()
	if err == nil && v < withExtraSpecs {
		found.ExtraSpecs, err = flavors.ListExtraSpecs(ctx, service, id).Extract()
	}
	return found, err
}

// remove deletes the flavor; that it is gone already is no error.
func remove(ctx context.Context, c *client.Client, id string) error {
	service, err := c.At(ctx, 1)
	if err != nil {
		return err
	}
	return diagnose.Forgiven(flavors.Delete(ctx, service, id).ExtractErr())
}

// conflict adds to a name or id that is taken how to take the flavor over.
func conflict(err error, plan model) error {
	if !diagnose.Conflict(err) {
		return err
	}
	return &diagnose.Hinted{Err: err, Hint: fmt.Sprintf("If flavor %q is this configuration's own, left behind by an apply that "+
		"was killed, import it by its name.", plan.Name.ValueString())}
}
