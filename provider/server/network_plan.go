// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// networkReplacements are the changes of networking that take another server. Where networks come in place of a mode, or
// a mode goes, nothing is to be done that an attach or a detach cannot do.
var networkReplacements = []replacement{
	{"network_mode", func(c planned) bool {
		may := func(mode string) bool {
			return c.plan.NetworkMode.IsUnknown() || c.plan.NetworkMode.ValueString() == mode
		}
		return may(none) && !c.imported && len(c.state.Networks.Elements()) > 0 || may(auto) && c.state.NetworkMode.ValueString() == none
	}},
}

// planNetworks finds out which interfaces of the state serve those of the configuration, and shows of them what is certain.
// It returns whether an interface may be attached or detached.
//
// Terraform plans a change twice: once when it shows it, and once more when all is known. The second plan has to have
// everything that the first one knew. So both have the interfaces in the order and the words of the configuration.
func planNetworks(ctx context.Context, config model, plan *model, state model, imported bool, diags *diag.Diagnostics) (plugs bool) {
	switch {
	case config.Networks.IsUnknown():
		return true
	case config.Networks.IsNull():
		plan.Networks = state.Networks
		if imported && plan.NetworkMode.ValueString() == none {
			plan.Networks = networkList(nil)
		}
		if state.Networks.IsNull() || imported && plan.NetworkMode.IsUnknown() {
			plan.Networks = types.ListUnknown(networkType())
		}
		return false
	}
	m := matching{config.networks(ctx, diags), state.networks(ctx, diags), imported}
	certain := m.certain()
	wants := slices.Clone(m.wants)
	for w, h := range certain {
		if h >= 0 {
			wants[w].is(m.has[h])
			continue
		}
		wants[w].PortID, wants[w].NetworkID, wants[w].MAC = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		wants[w].Addresses = types.ListUnknown(types.StringType)
	}
	plan.Networks = networkList(wants)
	if imported {
		tellForgotten(m.matches(), m.has, diags)
	}
	return slices.Contains(certain, -1) || !imported && len(wants) < len(m.has)
}

// sameNetworks is whether the configuration has the interfaces of the state, in whatever order and words.
func (c *planned) sameNetworks(ctx context.Context, diags *diag.Diagnostics) bool {
	m := matching{wants: c.config.networks(ctx, diags), has: c.state.networks(ctx, diags)}
	return value.Known(c.config.Networks) && !c.state.Networks.IsNull() && m.whole()
}

// tellForgotten says which interfaces of an imported server the configuration does not have.
func tellForgotten(matches []int, has []network, diags *diag.Diagnostics) {
	var ports []string
	for h, one := range has {
		if !slices.Contains(matches, h) {
			ports = append(ports, one.PortID.ValueString())
		}
	}
	if len(ports) > 0 {
		diags.AddAttributeWarning(path.Root("networks"), "Interfaces Left Alone", fmt.Sprintf(
			"The imported server has interfaces that networks does not have: the ports %s. They are not detached, and not managed from now on.",
			strings.Join(ports, ", ")))
	}
}

// networksChanged is whether there is an interface to attach or to detach.
func networksChanged(plan, state model) bool {
	if !value.Known(plan.Networks) {
		return false
	}
	var diags diag.Diagnostics
	wants, has := plan.networks(context.Background(), &diags), state.networks(context.Background(), &diags)
	return slices.ContainsFunc(wants, func(n network) bool { return !n.plugged() }) || len(unwanted(wants, has)) > 0
}

// unwanted are those of has that none of wants is.
func unwanted(wants, has []network) []network {
	return slices.DeleteFunc(slices.Clone(has), func(h network) bool {
		return slices.ContainsFunc(wants, func(w network) bool { return w.PortID.Equal(h.PortID) })
	})
}
