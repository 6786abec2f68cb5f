// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// grouping is the security groups of a server.
type grouping struct {
	SecurityGroups types.Set `tfsdk:"security_groups"`
}

// hold plans the groups of the state where the configuration names none.
func (g *grouping) hold(config, state grouping) {
	if g.SecurityGroups.IsUnknown() && config.SecurityGroups.IsNull() {
		g.SecurityGroups = state.SecurityGroups
	}
}

// groupAttributes are the attributes of grouping.
func groupAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"security_groups": schema.SetAttribute{
			ElementType: types.StringType, Optional: true, Computed: true,
			MarkdownDescription: "The names or ids of the security groups of all interfaces that Nova makes. Default: `default`. " +
				"Interfaces given as `port`, and those that others attach, `nova_interface_attachment` for example, have their own.",
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
	made := slices.ContainsFunc(networks, func(n network) bool { return !value.Known(n.Port) }) // or may come to be
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

// applyGroups adds before it removes: without any group a port lets nothing through. Nova changes the groups of all the
// server's ports, also of those that have groups of their own: where there are such, Neutron is asked to change the others.
func applyGroups(ctx context.Context, r *server, plan, state model) error {
	var diags diag.Diagnostics
	all := plan.networks(ctx, &diags)
	if plan.plugged != nil && plan.plugged.Networks != nil {
		all = plan.plugged.Networks
	}
	id := state.ID.ValueString()
	foreign, err := r.foreign(ctx, id, all, value.Known(plan.Networks))
	if err != nil {
		return err
	}
	if foreign {
		if err := r.groupPorts(ctx, plan, state, all); !noNeutron(err) {
			return err
		}
	}
	wanted, had := value.Strings(ctx, plan.SecurityGroups, &diags), value.Strings(ctx, state.SecurityGroups, &diags)
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

// groupPorts gives the ports that Nova made for these interfaces the groups of the plan.
func (r *server) groupPorts(ctx context.Context, plan, state model, all []network) error {
	for _, one := range all {
		if one.given() || !one.plugged() {
			continue
		}
		if err := r.groupPort(ctx, plan, state, one); err != nil {
			return err
		}
	}
	return nil
}

// groupPort gives a port that Nova made for an interface the groups of the plan.
func (r *server) groupPort(ctx context.Context, plan, state model, one network) error {
	var diags diag.Diagnostics
	service, err := r.Servers().Client.Network()
	if err != nil {
		return err
	}
	names := value.Strings(ctx, plan.SecurityGroups, &diags)
	ids, err := groupIDs(ctx, service, state.ProjectID.ValueString(), names)
	if err != nil {
		return err
	}
	return ports.Update(ctx, service, one.PortID.ValueString(), ports.UpdateOpts{SecurityGroups: &ids}).Err
}

// groupAttached gives the groups of the plan to an interface that was attached later on: Nova gives it the default group
// alone.
func (r *server) groupAttached(ctx context.Context, plan, state model, one network) error {
	var diags diag.Diagnostics
	names := value.Strings(ctx, plan.SecurityGroups, &diags)
	if one.given() || len(names) == 0 || slices.Equal(names, []string{"default"}) {
		return nil
	}
	err := r.groupPort(ctx, plan, state, one)
	if !noNeutron(err) {
		return err
	}
	for _, name := range names { // which the other interfaces have already
		if err := r.Servers().Act(ctx, state.ID.ValueString(), map[string]any{"addSecurityGroup": nova.NameRef{Name: name}}); err != nil {
			return err
		}
	}
	return nil
}

// groupIDs are the ids of a project's groups that are given by name or id. What is no name is taken for the id of a group
// that another project shares.
func groupIDs(ctx context.Context, service *gophercloud.ServiceClient, project string, names []string) ([]string, error) {
	pages, err := groups.List(service, groups.ListOpts{ProjectID: project}).AllPages(ctx)
	if err != nil {
		return nil, err
	}
	all, err := groups.ExtractGroups(pages)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, name := range names {
		var found []string
		for _, group := range all {
			if group.Name == name && group.ID != name {
				found = append(found, group.ID)
			}
		}
		switch {
		case len(found) == 0 && uuidRule.MatchString(name):
			found = []string{name}
		case len(found) != 1:
			return nil, fmt.Errorf("there are %d security groups with the name %q in the server's project; ids are unambiguous", len(found), name)
		}
		ids = append(ids, found[0])
	}
	return ids, nil
}

// noNeutron is whether err is that the catalogue has no Neutron.
func noNeutron(err error) bool {
	var absent *client.NoEndpointError
	return errors.As(err, &absent)
}
