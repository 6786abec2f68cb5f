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
		switch c.plan.NetworkMode.ValueString() {
		case none:
			return !c.imported && len(c.state.Networks.Elements()) > 0
		case auto:
			return c.state.NetworkMode.ValueString() == none
		}
		return false
	}},
}

// planNetworks finds out which interfaces of the state serve those of the configuration. What serves is shown as it is;
// if each one does, in whatever order and words, that is no change. It returns whether an interface is attached or
// detached.
func planNetworks(ctx context.Context, config model, plan *model, state model, imported bool, diags *diag.Diagnostics) (plugs bool) {
	has := state.networks(ctx, diags)
	switch {
	case config.Networks.IsUnknown():
		return true
	case config.Networks.IsNull():
		plan.Networks = state.Networks
		if imported && plan.NetworkMode.ValueString() == none {
			plan.Networks = networkList(nil)
		}
		if state.Networks.IsNull() {
			plan.Networks = types.ListUnknown(networkType())
		}
		return false
	}
	wants := config.networks(ctx, diags)
	if len(wants) < len(config.Networks.Elements()) { // some are wholly unknown yet
		return true
	}
	matches := match(wants, has, imported)
	matched := !slices.Contains(matches, -1)
	if len(wants) == len(has) && !slices.Contains(match(wants, has, false), -1) {
		plan.Networks = state.Networks
		return false
	}
	for w, h := range matches {
		if h >= 0 {
			wants[w].PortID, wants[w].NetworkID, wants[w].MAC, wants[w].Addresses = has[h].PortID, has[h].NetworkID, has[h].MAC, has[h].Addresses
			continue
		}
		wants[w].PortID, wants[w].NetworkID, wants[w].MAC = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		wants[w].Addresses = types.ListUnknown(types.StringType)
	}
	plan.Networks = networkList(wants)
	if !imported {
		return true
	}
	tellForgotten(matches, has, diags)
	return !matched
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
