// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// grouping is the security groups of a server.
type grouping struct {
	SecurityGroups types.Set `tfsdk:"security_groups"`
}

// hold plans the groups of the state where the configuration names none.
func (g *grouping) hold(state grouping) {
	if g.SecurityGroups.IsUnknown() {
		g.SecurityGroups = state.SecurityGroups
	}
}

// groupAttributes are the attributes of grouping.
func groupAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"security_groups": schema.SetAttribute{
			ElementType: types.StringType, Optional: true, Computed: true,
			MarkdownDescription: "The names or ids of the security groups of all interfaces that Nova makes. Default: `default`. " +
				"Interfaces given as `port` have their own.",
			Validators: []validator.Set{
				setvalidator.SizeAtLeast(1), // Nova makes no interface without one
				setvalidator.ValueStringsAre(stringvalidator.LengthBetween(1, 255)),
			},
		},
	}
}

// checkGroups refuses what Nova would ignore.
func checkGroups(ctx context.Context, config model, diags *diag.Diagnostics) {
	if !value.Known(config.SecurityGroups) {
		return
	}
	networks := config.networks(ctx, diags)
	made := slices.ContainsFunc(networks, func(n network) bool { return n.Port.IsNull() })
	all := len(networks) > 0 && len(networks) == len(config.Networks.Elements())
	if all && !made || config.NetworkMode.ValueString() == "none" {
		diags.AddAttributeError(path.Root("security_groups"), "Security Groups Without Effect",
			"They are those of the interfaces that Nova makes, and it makes none here. A port has security groups of its own: set them there.")
	}
}

// groupRequest names the groups of the plan for the server's creation.
func (m *model) groupRequest(ctx context.Context, diags *diag.Diagnostics) []nova.NameRef {
	var refs []nova.NameRef
	for _, group := range slices.Sorted(slices.Values(value.Strings(ctx, m.SecurityGroups, diags))) {
		refs = append(refs, nova.NameRef{Name: group})
	}
	return refs
}

// applyGroups adds before it removes: without any group a port lets nothing through.
func applyGroups(ctx context.Context, r *server, plan, state model) error {
	var diags diag.Diagnostics
	wanted, had := value.Strings(ctx, plan.SecurityGroups, &diags), value.Strings(ctx, state.SecurityGroups, &diags)
	id := state.ID.ValueString()
	attached, err := r.Servers().SecurityGroups(ctx, id)
	if err != nil {
		return err
	}
	// The same group may be wanted by its id and had by its name: it is neither to be added nor removed.
	same := func(group string, in []string) bool {
		return slices.Contains(in, group) || slices.ContainsFunc(attached, func(a nova.SecurityGroup) bool {
			return a.ID == group && slices.Contains(in, a.Name) || a.Name == group && slices.Contains(in, a.ID)
		})
	}
	for _, group := range wanted {
		if same(group, had) {
			continue
		}
		if err := r.Servers().Act(ctx, id, map[string]any{"addSecurityGroup": nova.NameRef{Name: group}}); err != nil {
			return err
		}
	}
	for _, group := range had {
		if same(group, wanted) {
			continue
		}
		err := r.Servers().Act(ctx, id, map[string]any{"removeSecurityGroup": nova.NameRef{Name: group}})
		if err != nil && !diagnose.NotFound(err) {
			return err
		}
	}
	return nil
}

// groups are the server's security groups, each by its name or, if m has it so, by its id. Where a port
// that was given to the server brings groups of its own, those that m does not have are left out.
func (r *server) groups(ctx context.Context, m model, s *nova.Server) ([]string, error) {
	groups := []string{}
	for _, group := range s.SecurityGroups {
		groups = append(groups, group.Name)
	}
	foreign := false
	if value.Known(m.SecurityGroups) {
		var diags diag.Diagnostics
		for _, group := range value.Strings(ctx, m.SecurityGroups, &diags) {
			foreign = foreign || !slices.Contains(groups, group)
		}
	}
	if !foreign {
		return m.managed(ctx, groups), nil
	}
	listed, err := r.Servers().SecurityGroups(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	groups = groups[:0]
	for _, group := range listed {
		if value.Has(m.SecurityGroups, group.ID) {
			groups = append(groups, group.ID)
		} else {
			groups = append(groups, group.Name)
		}
	}
	return m.managed(ctx, groups), nil
}

func (m *model) managed(ctx context.Context, groups []string) []string {
	var diags diag.Diagnostics
	given := func(n network) bool { return !n.Port.IsNull() }
	if !value.Known(m.SecurityGroups) || !slices.ContainsFunc(m.networks(ctx, &diags), given) {
		return groups
	}
	return slices.DeleteFunc(groups, func(group string) bool { return !value.Has(m.SecurityGroups, group) })
}
