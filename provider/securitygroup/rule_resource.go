// SPDX-License-Identifier: MPL-2.0

package securitygroup

import (
	"context"
	"fmt"

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

// NewRuleResource returns nova_security_group_rule.
func NewRuleResource() resource.Resource { return &groupRule{} }

var (
	_ resource.ResourceWithConfigure      = (*groupRule)(nil)
	_ resource.ResourceWithIdentity       = (*groupRule)(nil)
	_ resource.ResourceWithImportState    = (*groupRule)(nil)
	_ resource.ResourceWithModifyPlan     = (*groupRule)(nil)
	_ resource.ResourceWithMoveState      = (*groupRule)(nil)
	_ resource.ResourceWithValidateConfig = (*groupRule)(nil)
)

type groupRule struct{ session.Resource }

type groupRuleModel struct {
	ruleModel
	ID      types.String `tfsdk:"id"`
	GroupID types.String `tfsdk:"security_group_id"`
}

func (r *groupRule) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_security_group_rule"
}

func (r *groupRule) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = ruleSchema()
}

func (r *groupRule) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "The rule's id."},
	}}
}

// ValidateConfig refuses what the cloud would refuse.
func (r *groupRule) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config groupRuleModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	for _, p := range config.problems() {
		resp.Diagnostics.AddAttributeError(path.Root(p.attribute), "Invalid Rule", p.detail)
	}
}

// ModifyPlan refuses what Nova's proxies cannot do where they are all there is, and replaces the rule unless it stays the
// same in another spelling.
func (r *groupRule) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state groupRuleModel
	if req.Plan.Raw.IsNull() {
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if r.Known() && plan.settled() {
		r.checkProxied(plan, &resp.Diagnostics)
	}
	if req.State.Raw.IsNull() || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if plan.settled() && plan.says(state.rule()) {
		plan.respell(state.ruleModel)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
		return
	}
	for name, text := range plan.texts() {
		if !text.Equal(*state.texts()[name]) {
			resp.RequiresReplace.Append(path.Root(name))
		}
	}
	for name, number := range plan.numbers() {
		if !number.Equal(*state.numbers()[name]) {
			resp.RequiresReplace.Append(path.Root(name))
		}
	}
}

// respell keeps the spelling of the state for what is given there and in m.
func (m *ruleModel) respell(state ruleModel) {
	for name, text := range m.texts() {
		if old := state.texts()[name]; !text.IsNull() && !old.IsNull() {
			*text = *old
		}
	}
	for name, number := range m.numbers() {
		if old := state.numbers()[name]; !number.IsNull() && !old.IsNull() {
			*number = *old
		}
	}
}

func (r *groupRule) checkProxied(plan groupRuleModel, diags *diag.Diagnostics) {
	proxied, err := network.Proxied(r.Cloud(diags))
	if err != nil {
		diags.Append(diagnose.Failure("Plan", "Security Group Rule", "", err))
	}
	if part, why := plan.rule().Unproxied(); proxied && part != "" {
		diags.Append(withoutNeutron(path.Root(part), part, why))
	}
}

// withoutNeutron is the diagnostic about what only Neutron can do.
func withoutNeutron(at path.Path, what, why string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Cloud Without Neutron", fmt.Sprintf(
		"%s cannot be used: the cloud's catalogue has no network service, and %s.", what, why))
}

func (r *groupRule) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan groupRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	wanted := plan.rule()
	wanted.GroupID = plan.GroupID.ValueString()
	// The call is not broken off, so that what it made is known and can be removed.
	whole := context.WithoutCancel(ctx)
	groups, err := network.GroupsOf(whole, c)
	var made *network.Rule
	if err == nil {
		made, err = addRule(client.Whole(ctx), c, groups, wanted)
	}
	forget := err != nil
	if err == nil && ctx.Err() != nil {
		forget, err = diagnose.Interrupted(ctx, groups.DropRule(whole, made.ID))
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Create", "Security Group Rule", "", exists(err)))
	}
	if forget {
		return
	}
	plan.take(*made)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, plan.ID)...)
}

// addRule makes the rule once: a group has no two of the same.
func addRule(ctx context.Context, c *client.Client, groups network.Groups, wanted network.Rule) (*network.Rule, error) {
	return client.Once(ctx, c, func(ctx context.Context) (*network.Rule, error) {
		return groups.AddRule(ctx, wanted)
	}, func(ctx context.Context) (*network.Rule, error) {
		group, err := groups.Get(ctx, wanted.GroupID)
		if err != nil {
			return nil, err
		}
		for _, r := range group.Rules {
			if r.Key() == wanted.Key() && r.Description == wanted.Description {
				return &r, nil
			}
		}
		return nil, nil
	})
}

// exists adds to a rule that is there already how to take it over.
func exists(err error) error {
	if !diagnose.Conflict(err) {
		return err
	}
	return &diagnose.Hinted{Err: err, Hint: "A group has no two rules that let the same through. If the other rule is this " +
		"configuration's own, left behind by an apply that was killed, import it by its id."}
}

// take fills in what is true of the rule, in the spelling that m has for it.
func (m *groupRuleModel) take(r network.Rule) {
	m.ID = types.StringValue(r.ID)
	m.GroupID = types.StringValue(r.GroupID)
	if !m.says(r) {
		m.ruleModel = spell(r)
	}
}

func (r *groupRule) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state groupRuleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	var found *network.Rule
	groups, err := network.GroupsOf(ctx, c)
	if err == nil {
		found, err = groups.Rule(ctx, state.ID.ValueString())
	}
	resp.Diagnostics.Append(identify(ctx, resp.Identity, state.ID)...) // the framework asks for it of what is gone, too
	switch {
	case diagnose.NotFound(err):
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Security Group Rule", state.ID.ValueString(), err))
	default:
		state.take(*found)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// Update has nothing to do: what changes is the spelling, or the rule is replaced.
func (r *groupRule) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan groupRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, plan.ID)...)
}

func (r *groupRule) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state groupRuleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	groups, err := network.GroupsOf(ctx, c)
	if err == nil {
		err = diagnose.Forgiven(groups.DropRule(ctx, state.ID.ValueString()))
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Delete", "Security Group Rule", state.ID.ValueString(), err))
	}
}

// ImportState takes the rule's id.
func (r *groupRule) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
}

// MoveState takes over openstack_networking_secgroup_rule_v2, in its spelling.
func (r *groupRule) MoveState(context.Context) []resource.StateMover {
	return moved.From("openstack_networking_secgroup_rule_v2", func(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
		m := groupRuleModel{ID: from.Text("id"), GroupID: from.Text("security_group_id"), ruleModel: ruleModel{
			Direction: from.Text("direction"), EtherType: from.Text("ethertype"), Protocol: from.Text("protocol"),
			RemotePrefix: from.Text("remote_ip_prefix"), RemoteGroupID: from.Text("remote_group_id"),
			RemoteAddressGroupID: from.Text("remote_address_group_id"), Description: from.Text("description"),
		}}
		first, last := from.Number("port_range_min"), from.Number("port_range_max")
		if network.HasPorts(m.Protocol.ValueString()) && first.ValueInt64() > 0 { // it writes 0 for none
			m.PortMin, m.PortMax = first, last
		} else if network.IsICMP(m.Protocol.ValueString()) && (first.ValueInt64() > 0 || last.ValueInt64() > 0) {
			m.ICMPType, m.ICMPCode = first, last
		}
		if value.Known(m.ID) {
			resp.Diagnostics.Append(resp.TargetState.Set(ctx, m)...)
		}
	})
}
