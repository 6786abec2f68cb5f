// SPDX-License-Identifier: MPL-2.0

package floatingip

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/moved"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// patience is how long a server may take to show a floating IP, unless `timeouts` says otherwise.
const patience = 10 * time.Minute

// NewAssociationResource returns nova_floating_ip_association.
func NewAssociationResource() resource.Resource { return &association{} }

var (
	_ resource.ResourceWithConfigure   = (*association)(nil)
	_ resource.ResourceWithIdentity    = (*association)(nil)
	_ resource.ResourceWithImportState = (*association)(nil)
	_ resource.ResourceWithModifyPlan  = (*association)(nil)
	_ resource.ResourceWithMoveState   = (*association)(nil)
)

type association struct{ session.Resource }

type associationModel struct {
	ID             types.String        `tfsdk:"id"`
	FloatingIP     types.String        `tfsdk:"floating_ip"`
	Address        types.String        `tfsdk:"address"`
	ServerID       types.String        `tfsdk:"server_id"`
	PortID         types.String        `tfsdk:"port_id"`
	FixedIP        iptypes.IPv4Address `tfsdk:"fixed_ip"`
	WaitUntilShown types.Bool          `tfsdk:"wait_until_shown"`
	Timeouts       timeouts.Value      `tfsdk:"timeouts"`
}

// target is where the plan has it lead to.
func (m associationModel) target() network.Target {
	return network.Target{ServerID: m.ServerID.ValueString(), PortID: m.PortID.ValueString(), FixedIP: m.FixedIP.ValueString()}
}

// leadsTo is whether a floating IP leads where it is to: what that leaves open does not matter.
func leadsTo(is, wanted network.Target) bool {
	fits := func(is, wanted string) bool { return wanted == "" || is == wanted }
	return is.FixedIP != "" && fits(is.ServerID, wanted.ServerID) && fits(is.PortID, wanted.PortID) && fits(is.FixedIP, wanted.FixedIP)
}

// take fills in where the floating IP leads. After an import it is called as it was for that, by its id or by its address.
func (m *associationModel) take(f *network.FloatingIP) {
	if m.FloatingIP.IsNull() {
		m.FloatingIP = m.ID
	}
	m.ID = types.StringValue(f.ID)
	m.Address = types.StringValue(f.Address)
	m.ServerID = value.Text(f.Target.ServerID)
	m.PortID = value.Text(f.Target.PortID)
	m.FixedIP = iptypes.NewIPv4AddressValue(f.Target.FixedIP)
	if m.WaitUntilShown.IsNull() {
		m.WaitUntilShown = types.BoolValue(true)
	}
}

func (r *association) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_floating_ip_association"
}

func (r *association) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = associationSchema(ctx)
}

func (r *association) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

// ModifyPlan refuses ports where there is only Nova, which leads floating IPs to servers.
func (r *association) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var config associationModel
	if req.Plan.Raw.IsNull() || !r.Known() {
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	proxied, err := network.Proxied(r.Cloud(&resp.Diagnostics))
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Plan", "Floating IP Association", "", err))
	}
	if proxied && !config.PortID.IsNull() {
		resp.Diagnostics.Append(withoutNeutron(path.Root("port_id"), "Nova's API goes by server and address: use server_id and fixed_ip"))
	}
}

func (r *association) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan associationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	limit, diags := plan.Timeouts.Create(ctx, patience)
	resp.Diagnostics.Append(diags...)
	name, whole := plan.FloatingIP.ValueString(), client.Whole(ctx)
	all, err := network.FloatingIPsOf(whole, c)
	var found *network.FloatingIP
	if err == nil {
		found, err = network.Find(whole, all, name)
	}
	if err == nil {
		err = taken(found, plan.target())
	}
	if err == nil {
		found, err = lead(whole, c, all, found, plan.target())
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Associate", "Floating IP", name, err))
		return
	}
	plan.take(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, plan.ID)...)

	err = r.shown(ctx, limit, plan)
	if ctx.Err() != nil {
		var forget bool
		if forget, err = diagnose.Interrupted(ctx, all.Release(whole, found)); forget {
			resp.State.RemoveResource(ctx)
		}
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Associate", "Floating IP", name, err))
	}
}

// taken refuses to take a floating IP away from whom it leads to.
func taken(f *network.FloatingIP, wanted network.Target) error {
	if f.Target.FixedIP == "" || leadsTo(f.Target, wanted) {
		return nil
	}
	to := "port " + f.Target.PortID
	if f.Target.ServerID != "" {
		to = "server " + f.Target.ServerID
	}
	return fmt.Errorf("floating IP %s leads to %s of %s already; import the association by the id %s to manage it", f.Address, f.Target.FixedIP, to, f.ID)
}

// lead makes the floating IP lead to the target, and returns it as it is then.
func lead(ctx context.Context, c *client.Client, all network.FloatingIPs, f *network.FloatingIP, to network.Target) (*network.FloatingIP, error) {
	if !leadsTo(f.Target, to) {
		if err := client.Repeat(ctx, c, func(ctx context.Context) error { return all.Lead(ctx, f, to) }); err != nil {
			return nil, err
		}
	}
	now, err := all.Get(ctx, f.ID)
	if err == nil && now.Target.FixedIP == "" {
		err = errors.New("the cloud says that it was associated, but shows it leading nowhere")
	}
	return now, err
}

// shown waits until the server shows the floating IP, if there is a server and that is wanted.
func (r *association) shown(ctx context.Context, limit time.Duration, m associationModel) error {
	if !m.WaitUntilShown.ValueBool() || m.ServerID.ValueString() == "" {
		return nil
	}
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return r.awaitAddress(waiting, m.ServerID.ValueString(), m.Address.ValueString())
}

// awaitAddress waits until a server shows an address.
func (r *association) awaitAddress(ctx context.Context, server, address string) error {
	_, err := r.Await(ctx, server, func(s *nova.Server, err error) (bool, error) {
		if err != nil {
			return false, err
		}
		for _, addresses := range s.Addresses {
			if slices.ContainsFunc(addresses, func(a nova.Address) bool { return a.Address == address }) {
				return true, nil
			}
		}
		return false, nil
	})
	return err
}

func (r *association) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state associationModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	var found *network.FloatingIP
	all, err := network.FloatingIPsOf(ctx, c)
	if err == nil {
		found, err = network.Find(ctx, all, state.ID.ValueString())
	}
	switch {
	case diagnose.NotFound(err), err == nil && found.Target.FixedIP == "":
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Floating IP", state.ID.ValueString(), err))
	default:
		state.take(found)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
	resp.Diagnostics.Append(identify(ctx, resp.Identity, state.ID)...) // also of what is gone: the framework asks for it
}

// Update leads it elsewhere, unless only the waiting is other.
func (r *association) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan associationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	limit, diags := plan.Timeouts.Update(ctx, patience)
	resp.Diagnostics.Append(diags...)
	name := plan.FloatingIP.ValueString()
	var found *network.FloatingIP
	all, err := network.FloatingIPsOf(ctx, c)
	if err == nil {
		found, err = all.Get(ctx, plan.ID.ValueString())
	}
	if err == nil {
		found, err = lead(ctx, c, all, found, plan.target())
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Change target of", "Floating IP", name, err))
		return
	}
	plan.take(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, plan.ID)...)
	if err := r.shown(ctx, limit, plan); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Change target of", "Floating IP", name, err))
	}
}

// Delete makes the floating IP lead nowhere, unless it leads elsewhere by now.
func (r *association) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state associationModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	var found *network.FloatingIP
	all, err := network.FloatingIPsOf(ctx, c)
	if err == nil {
		found, err = all.Get(ctx, state.ID.ValueString())
	}
	if err == nil && leadsTo(found.Target, state.target()) {
		err = client.Repeat(ctx, c, func(ctx context.Context) error { return all.Release(ctx, found) })
	}
	if err != nil && !diagnose.NotFound(err) {
		resp.Diagnostics.Append(diagnose.Failure("Dissociate", "Floating IP", state.Address.ValueString(), err))
	}
}

// ImportState takes the id or the address of the floating IP.
func (r *association) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importState(ctx, req, resp)
}

// MoveState takes over openstack_networking_floatingip_associate_v2 and openstack_compute_floatingip_associate_v2. The
// refresh finds the id of the address, which is all that the latter knows.
func (r *association) MoveState(context.Context) []resource.StateMover {
	take := func(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
		for _, name := range []string{"id", "floating_ip"} {
			resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), from.Text("floating_ip"))...)
		}
	}
	return append(moved.From("openstack_networking_floatingip_associate_v2", take), moved.From("openstack_compute_floatingip_associate_v2", take)...)
}
