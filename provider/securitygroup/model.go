// SPDX-License-Identifier: MPL-2.0

package securitygroup

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

type model struct {
	ID                 types.String   `tfsdk:"id"`
	Name               types.String   `tfsdk:"name"`
	Description        types.String   `tfsdk:"description"`
	Stateful           types.Bool     `tfsdk:"stateful"`
	Rules              types.Set      `tfsdk:"rules"`
	DeleteDefaultRules types.Bool     `tfsdk:"delete_default_rules"`
	Tags               types.Set      `tfsdk:"tags"`
	ProjectID          types.String   `tfsdk:"project_id"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

// memberRule is one of `rules`.
type memberRule struct {
	ruleModel
	RemoteSelf types.Bool `tfsdk:"remote_self"`
}

// rule is what m says in a group of that id.
func (m memberRule) rule(group string) network.Rule {
	r := m.ruleModel.rule()
	r.GroupID = group
	if m.RemoteSelf.ValueBool() {
		r.RemoteGroupID = group
	}
	return r
}

// says is whether m says r already, in whatever spelling.
func (m memberRule) says(r network.Rule) bool {
	said := m.rule(r.GroupID)
	return said.Key() == r.Key() && said.Description == r.Description
}

func (m memberRule) settled() bool { return m.ruleModel.settled() && !m.RemoteSelf.IsUnknown() }

// spellMember is r as an import spells it.
func spellMember(r network.Rule) memberRule {
	self := r.RemoteGroupID != "" && r.RemoteGroupID == r.GroupID
	if !self {
		return memberRule{ruleModel: spell(r)}
	}
	r.RemoteGroupID = ""
	return memberRule{ruleModel: spell(r), RemoteSelf: types.BoolValue(true)}
}

// members are the rules of a set, without those that are wholly unknown yet.
func members(ctx context.Context, set types.Set, diags *diag.Diagnostics) []memberRule {
	var all []memberRule
	for _, element := range set.Elements() {
		object, ok := element.(types.Object)
		if !ok || !value.Known(object) {
			continue
		}
		var m memberRule
		diags.Append(object.As(ctx, &m, basetypes.ObjectAsOptions{})...)
		all = append(all, m)
	}
	return all
}

// setOf is the set of these rules.
func setOf(ctx context.Context, rules []memberRule, diags *diag.Diagnostics) types.Set {
	set, problems := types.SetValueFrom(ctx, nestedRule().Type(), append([]memberRule{}, rules...))
	diags.Append(problems...)
	return set
}

// wanted are the rules that m asks for.
func (m *model) wanted(ctx context.Context, diags *diag.Diagnostics) []network.Rule {
	var all []network.Rule
	for _, r := range members(ctx, m.Rules, diags) {
		all = append(all, r.rule(m.ID.ValueString()))
	}
	return all
}

// take fills in what is true of the group. Rules and tags that nobody manages stay out of the state, but for an import,
// which starts from nothing.
func (m *model) take(ctx context.Context, g *network.Group, diags *diag.Diagnostics) {
	importing := m.Name.IsNull()
	m.ID = types.StringValue(g.ID)
	m.Name = types.StringValue(g.Name)
	m.ProjectID = value.Text(g.ProjectID)
	m.Stateful = types.BoolPointerValue(g.Stateful)
	if m.Description.ValueString() != g.Description { // "" and null are one to the cloud
		m.Description = value.Text(g.Description)
	}
	if !value.Known(m.DeleteDefaultRules) {
		m.DeleteDefaultRules = types.BoolValue(false)
	}
	if !m.Tags.IsNull() || importing && len(g.Tags) > 0 {
		m.Tags = value.SetOf(append([]string{}, g.Tags...))
	} else {
		m.Tags = value.SetOf(nil)
	}
	m.takeRules(ctx, g, importing, diags)
}

// takeRules fills in the rules, each in the spelling that m has for it.
func (m *model) takeRules(ctx context.Context, g *network.Group, importing bool, diags *diag.Diagnostics) {
	had := members(ctx, m.Rules, diags)
	seen := map[network.Key]bool{}
	var rules []memberRule
	for _, r := range g.Rules {
		at := slices.IndexFunc(had, func(m memberRule) bool { return m.says(r) })
		switch {
		case seen[r.Key()]:
			continue
		case at >= 0:
			rules = append(rules, had[at])
		case r.ByDefault() && !m.DeleteDefaultRules.ValueBool():
			continue
		default:
			rules = append(rules, spellMember(r))
		}
		seen[r.Key()] = true
	}
	if m.Rules.IsNull() && (!importing || len(rules) == 0) {
		m.Rules = types.SetNull(nestedRule().Type())
		return
	}
	m.Rules = setOf(ctx, rules, diags)
}

// respell plans the spelling of the state for rules that stay the same.
func (m *model) respell(ctx context.Context, state model, diags *diag.Diagnostics) {
	if !value.Known(m.Rules) || m.Rules.Equal(state.Rules) {
		return
	}
	had, rules := members(ctx, state.Rules, diags), members(ctx, m.Rules, diags)
	if len(rules) < len(m.Rules.Elements()) {
		return
	}
	for i, r := range rules {
		at := slices.IndexFunc(had, func(h memberRule) bool { return r.settled() && r.says(h.rule(m.ID.ValueString())) })
		if at >= 0 {
			rules[i] = had[at]
		}
	}
	m.Rules = setOf(ctx, rules, diags)
}

// identify writes the identity where the caller keeps one.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, id types.String) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.SetAttribute(ctx, path.Root("id"), id)
}
