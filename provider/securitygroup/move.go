// SPDX-License-Identifier: MPL-2.0

package securitygroup

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/moved"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// MoveState takes over openstack_networking_secgroup_v2, whose rules are resources of their own, and
// openstack_compute_secgroup_v2, which has them within.
func (r *securityGroup) MoveState(context.Context) []resource.StateMover {
	return append(moved.From("openstack_networking_secgroup_v2", moveNetworking), moved.From("openstack_compute_secgroup_v2", moveCompute)...)
}

func moveNetworking(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
	moveDetails(ctx, from, resp)
	put := func(name string, v any) {
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), v)...)
	}
	put("delete_default_rules", types.BoolValue(from.Flag("delete_default_rules").ValueBool()))
	if tags := from.Texts("tags"); len(tags) > 0 {
		put("tags", value.SetOf(tags))
	}
}

// moveDetails moves what both have. With the name in the state, the refresh takes the rules for others' unless they are
// in the state, too.
func moveDetails(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
	for _, name := range []string{"id", "name", "description"} {
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), from.Text(name))...)
	}
}

func moveCompute(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
	moveDetails(ctx, from, resp)
	var diags diag.Diagnostics
	rules := []memberRule{}
	for _, block := range from.Blocks("rule") {
		m := memberRule{ruleModel: ruleModel{
			Protocol: block.Text("ip_protocol"), RemotePrefix: block.Text("cidr"), RemoteGroupID: block.Text("from_group_id"),
		}}
		first, last := block.Number("from_port"), block.Number("to_port")
		ends := []*types.Int64{&m.PortMin, &m.PortMax}
		if m.Protocol.ValueString() == "icmp" {
			ends = []*types.Int64{&m.ICMPType, &m.ICMPCode}
		}
		for i, n := range []types.Int64{first, last} {
			if n.ValueInt64() >= 0 { // -1 is any
				*ends[i] = n
			}
		}
		if block.Flag("self").ValueBool() {
			m.RemoteSelf = types.BoolValue(true)
		}
		rules = append(rules, m)
	}
	resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("rules"), setOf(ctx, rules, &diags))...)
	resp.Diagnostics.Append(diags...)
}
