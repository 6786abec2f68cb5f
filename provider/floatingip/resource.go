// SPDX-License-Identifier: MPL-2.0

// Package floatingip is nova_floating_ip and nova_floating_ip_association.
package floatingip

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/moved"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewResource returns nova_floating_ip.
func NewResource() resource.Resource { return &floatingIP{} }

var (
	_ resource.ResourceWithConfigure   = (*floatingIP)(nil)
	_ resource.ResourceWithIdentity    = (*floatingIP)(nil)
	_ resource.ResourceWithImportState = (*floatingIP)(nil)
	_ resource.ResourceWithModifyPlan  = (*floatingIP)(nil)
	_ resource.ResourceWithMoveState   = (*floatingIP)(nil)
)

type floatingIP struct{ session.Resource }

// changes are what can be changed about a floating IP.
var changes = []struct {
	name    string
	changed func(plan, state model) bool
	apply   func(ctx context.Context, all network.FloatingIPs, plan model) error
}{
	{"description", func(p, s model) bool { return !p.Description.Equal(s.Description) }, applyDescription},
	{"tags", func(p, s model) bool { return !p.Tags.IsNull() && !p.Tags.Equal(s.Tags) }, applyTags},
}

func applyDescription(ctx context.Context, all network.FloatingIPs, plan model) error {
	return all.Describe(ctx, plan.ID.ValueString(), plan.Description.ValueString())
}

func applyTags(ctx context.Context, all network.FloatingIPs, plan model) error {
	var diags diag.Diagnostics
	tags := value.Strings(ctx, plan.Tags, &diags)
	slices.Sort(tags)
	return all.SetTags(ctx, plan.ID.ValueString(), tags)
}

func (r *floatingIP) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_floating_ip"
}

func (r *floatingIP) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

func (r *floatingIP) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

func identitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "The floating IP's id."},
	}}
}

// ModifyPlan refuses what Nova's proxies cannot do where they are all there is.
func (r *floatingIP) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var config model
	if req.Plan.Raw.IsNull() || !r.Known() {
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	proxied, err := network.Proxied(r.Cloud(&resp.Diagnostics))
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Plan", "Floating IP", "", err))
	}
	for _, n := range neutrals {
		if proxied && n.used(config) {
			resp.Diagnostics.Append(withoutNeutron(path.Root(n.name), n.why))
		}
	}
}

// withoutNeutron is the diagnostic about what only Neutron can do.
func withoutNeutron(at path.Path, why string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Cloud Without Neutron", fmt.Sprintf(
		"%s cannot be used: the cloud's catalogue has no network service, and %s.", at, why))
}

func (r *floatingIP) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	pool := plan.Pool.ValueString()
	// The calls are not broken off, so that what they made is known and can be removed.
	whole := client.Whole(ctx)
	all, err := network.FloatingIPsOf(whole, c)
	var made *network.FloatingIP
	if err == nil {
		made, err = create(whole, c, all, plan)
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Create", "Floating IP of Pool", pool, err))
		return
	}
	plan.ID = types.StringValue(made.ID)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), plan.ID)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, plan.ID)...)
	if len(plan.Tags.Elements()) > 0 {
		if err = applyTags(whole, all, plan); err == nil {
			made, err = all.Get(whole, made.ID)
		}
	}
	if ctx.Err() != nil { // as late as possible: who is gone now will not get the answer
		var forget bool
		if forget, err = diagnose.Interrupted(ctx, all.Delete(whole, plan.ID.ValueString())); forget {
			resp.State.RemoveResource(ctx)
		}
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Create", "Floating IP of Pool", pool, err))
		return
	}
	plan.take(made)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func create(ctx context.Context, c *client.Client, all network.FloatingIPs, plan model) (*network.FloatingIP, error) {
	pool, err := all.Pool(ctx, plan.Pool.ValueString())
	if err != nil {
		return nil, err
	}
	wanted := network.FloatingIP{
		Pool: pool, Address: plan.Address.ValueString(), SubnetID: plan.SubnetID.ValueString(), Description: plan.Description.ValueString(),
	}
	return client.OnceAmong(ctx, c, func(ctx context.Context) (*network.FloatingIP, error) {
		return all.Create(ctx, wanted)
	}, func(ctx context.Context) ([]network.FloatingIP, error) {
		return all.Like(ctx, wanted)
	}, func(f *network.FloatingIP) string { return f.ID })
}

func (r *floatingIP) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	found, err := read(ctx, c, state)
	switch {
	case diagnose.NotFound(err):
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Floating IP", state.ID.ValueString(), err))
	default:
		state.take(found)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
	resp.Diagnostics.Append(identify(ctx, resp.Identity, state.ID)...) // also of what is gone: the framework asks for it
}

// read is the floating IP of the state, which may have an address in place of the id after an import. Then its pool's
// name is found, too.
func read(ctx context.Context, c *client.Client, state model) (*network.FloatingIP, error) {
	all, err := network.FloatingIPsOf(ctx, c)
	if err != nil {
		return nil, err
	}
	found, err := network.Find(ctx, all, state.ID.ValueString())
	if err == nil && state.Pool.IsNull() && found.Pool.Name == "" {
		found.Pool, err = all.Pool(ctx, found.Pool.ID)
	}
	return found, err
}

func (r *floatingIP) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	address := state.Address.ValueString()
	all, err := network.FloatingIPsOf(ctx, c)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Change", "Floating IP", address, err))
		return
	}
	for _, change := range changes {
		if !change.changed(plan, state) {
			continue
		}
		if err := change.apply(ctx, all, plan); err != nil {
			resp.Diagnostics.Append(diagnose.Failure("Change "+change.name+" of", "Floating IP", address, err))
			break
		}
	}
	// After a failure, too: state has what is, not what was planned.
	found, err := read(context.WithoutCancel(ctx), c, plan)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Floating IP", address, err))
		return
	}
	plan.take(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, plan.ID)...)
}

func (r *floatingIP) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	all, err := network.FloatingIPsOf(ctx, c)
	if err == nil {
		err = diagnose.Forgiven(all.Delete(ctx, state.ID.ValueString()))
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Delete", "Floating IP", state.Address.ValueString(), err))
	}
}

// ImportState takes the id or the address.
func (r *floatingIP) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importState(ctx, req, resp)
}

// importState leaves it to the read to find the id of an address.
func importState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if req.ID != "" {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), req.ID)...)
		return
	}
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
}

// MoveState takes over openstack_networking_floatingip_v2 and openstack_compute_floatingip_v2.
func (r *floatingIP) MoveState(context.Context) []resource.StateMover {
	take := func(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
		for _, name := range []string{"id", "pool", "subnet_id", "description"} {
			resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), from.Text(name))...)
		}
		if tags := from.Texts("tags"); len(tags) > 0 {
			resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("tags"), value.SetOf(tags))...)
		}
	}
	return append(moved.From("openstack_networking_floatingip_v2", take), moved.From("openstack_compute_floatingip_v2", take)...)
}
