// SPDX-License-Identifier: MPL-2.0

package securitygroup

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// neutrals are what needs Neutron, beside parts of rules.
var neutrals = []struct {
	name, why string
	used      func(config model) bool
}{
	{"stateful", "Nova's API does not know it", func(m model) bool { return value.Known(m.Stateful) }},
	{"tags", "Nova's API knows no tags of groups", func(m model) bool { return value.Known(m.Tags) }},
	{
		"delete_default_rules", "Nova's API does not show rules for what goes out",
		func(m model) bool { return m.DeleteDefaultRules.ValueBool() },
	},
}

// ValidateConfig refuses what the cloud would refuse.
func (r *securityGroup) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	seen := map[network.Key]string{}
	for _, m := range members(ctx, config.Rules, &resp.Diagnostics) {
		for _, p := range m.allProblems() {
			resp.Diagnostics.AddAttributeError(path.Root("rules"), "Invalid Rule", "In "+m.String()+": "+p.attribute+": "+p.detail)
		}
		if !m.settled() {
			continue
		}
		key := m.rule("this group").Key()
		if other, twice := seen[key]; twice {
			resp.Diagnostics.AddAttributeError(path.Root("rules"), "Rule Given Twice", fmt.Sprintf(
				"%s and %s let the same through. Give one of them.", other, m))
		}
		seen[key] = m.String()
	}
}

// allProblems are those of any rule, and that of two remote sides.
func (m memberRule) allProblems() []problem {
	all := m.problems()
	if m.RemoteSelf.ValueBool() && !(m.RemotePrefix.IsNull() && m.RemoteGroupID.IsNull() && m.RemoteAddressGroupID.IsNull()) {
		all = append(all, problem{"remote_self", "A rule has one remote side at most, and there is another."})
	}
	return all
}

// String is the rule for people: the elements of a set have no other name.
func (m memberRule) String() string {
	var parts []string
	for _, name := range []string{
		"direction", "ethertype", "protocol", "remote_ip_prefix", "remote_group_id", "remote_address_group_id",
	} {
		if text := m.texts()[name]; value.Known(*text) {
			parts = append(parts, fmt.Sprintf("%s = %q", name, text.ValueString()))
		}
	}
	for _, name := range []string{"port_range_min", "port_range_max", "icmp_type", "icmp_code"} {
		if number := m.numbers()[name]; value.Known(*number) {
			parts = append(parts, fmt.Sprintf("%s = %d", name, number.ValueInt64()))
		}
	}
	if m.RemoteSelf.ValueBool() {
		parts = append(parts, "remote_self = true")
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

// ModifyPlan refuses what Nova's proxies cannot do where they are all there is, and keeps the spelling of rules that
// stay the same.
func (r *securityGroup) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var config, plan, state model
	if req.Plan.Raw.IsNull() {
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.Known() {
		r.checkProxied(ctx, config, &resp.Diagnostics)
	}
	if req.State.Raw.IsNull() {
		if strings.EqualFold(plan.Name.ValueString(), defaultName) {
			resp.Diagnostics.AddAttributeError(path.Root("name"), "Default Security Group",
				"Every project has a group with this name from the start, and can have no other. Import it by its id to manage it.")
		}
		return
	}
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	plan.respell(ctx, state, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

func (r *securityGroup) checkProxied(ctx context.Context, config model, diags *diag.Diagnostics) {
	proxied, err := network.Proxied(r.Cloud(diags))
	if err != nil {
		diags.Append(diagnose.Failure("Plan", "Security Group", config.Name.ValueString(), err))
	}
	if !proxied {
		return
	}
	for _, n := range neutrals {
		if n.used(config) {
			diags.Append(withoutNeutron(path.Root(n.name), n.name, n.why))
		}
	}
	for _, m := range members(ctx, config.Rules, diags) {
		if part, why := m.rule("this group").Unproxied(); part != "" && m.settled() {
			diags.Append(withoutNeutron(path.Root("rules"), fmt.Sprintf("%s of the rule %s", part, m), why))
		}
	}
}
