// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/hotplug"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// applyNetworks detaches what the plan does not have any more and attaches what it has anew: an address may go from one
// to the other. What it has done so far is noted, so that neither a failure nor another attempt loses an interface.
func applyNetworks(ctx context.Context, r *server, plan, state model) error {
	var diags diag.Diagnostics
	server := hotplug.Of(r.Session, state.ID.ValueString())
	wants, has := plan.networks(ctx, &diags), state.networks(ctx, &diags)
	if plan.plugged.Networks != nil { // by an earlier attempt
		has = plan.plugged.Networks
	}
	serve(wants, has)
	for _, gone := range unwanted(wants, has) {
		if plan.believing {
			break // what an imported server has beside is left alone
		}
		if err := server.DetachInterface(ctx, gone.PortID.ValueString()); err != nil {
			return fmt.Errorf("detaching the interface of port %s: %w", gone.PortID.ValueString(), err)
		}
		has = unwanted([]network{gone}, has)
		plan.plugged.Networks = has
	}
	for w := range wants {
		if wants[w].plugged() {
			continue
		}
		made, err := server.AttachInterface(ctx, wants[w].request())
		if err != nil {
			return fmt.Errorf("attaching an interface to %s%s: %w", wants[w].UUID.ValueString(), wants[w].Port.ValueString(), err)
		}
		wants[w].became(made)
		has = append(has, wants[w])
		plan.plugged.Networks = has
		if err := r.groupAttached(ctx, plan, state, wants[w]); err != nil {
			return err
		}
	}
	plan.plugged.Networks = wants
	return nil
}

// serve finds interfaces for those of wants that have none yet: of some the plan did not know what they ask for.
func serve(wants, has []network) {
	free := unwanted(wants, has)
	var open []int
	var asked []network
	for w := range wants {
		if !wants[w].plugged() {
			open, asked = append(open, w), append(asked, wants[w])
		}
	}
	for at, h := range (matching{wants: asked, has: free}).matches() {
		if h >= 0 {
			wants[open[at]].is(free[h])
		}
	}
}

// readNetworks fills in what is true of the interfaces that m manages, or of all if that is not known. The server itself
// shows the addresses by MAC, which is enough to tell that nothing has changed.
func (r *server) readNetworks(ctx context.Context, m *model, s *nova.Server) error {
	var diags diag.Diagnostics
	known := value.Known(m.Networks)
	if !known && m.NetworkMode.ValueString() == none {
		m.Networks = networkList(nil)
		return nil
	}
	wants := m.networks(ctx, &diags)
	if known && seen(wants, s) {
		m.Networks = networkList(wants)
		return nil
	}
	all, err := hotplug.Of(r.Session, s.ID).Interfaces().All(ctx)
	if err != nil {
		return err
	}
	order := ranks(s)
	slices.SortStableFunc(all, func(a, b *nova.Interface) int { return order(a) - order(b) })
	has := []network{}
	for _, one := range all {
		has = append(has, foundNetwork(one))
	}
	if known {
		serve(wants, has)
		has = shownAs(wants, has)
	}
	m.Networks = networkList(has)
	return nil
}

// shownAs are those of wants that are among has, with what is true of them.
func shownAs(wants, has []network) []network {
	kept := []network{}
	for _, w := range wants {
		at := slices.IndexFunc(has, func(h network) bool { return w.plugged() && h.PortID.Equal(w.PortID) })
		if at >= 0 {
			w.NetworkID, w.MAC, w.Addresses = has[at].NetworkID, has[at].MAC, has[at].Addresses
			kept = append(kept, w)
		}
	}
	return kept
}

// seen is whether the server shows addresses of each interface; they are filled in.
func seen(all []network, s *nova.Server) bool {
	addresses := map[string][]string{}
	for _, network := range s.Addresses {
		for _, a := range network {
			if a.Type != "floating" {
				addresses[a.MAC] = append(addresses[a.MAC], a.Address)
			}
		}
	}
	for i := range all {
		found, ok := addresses[all[i].MAC.ValueString()]
		if !ok || !all[i].plugged() {
			return false
		}
		slices.Sort(found)
		all[i].Addresses = value.ListOf(found)
	}
	return true
}

// ranks says where an interface stands among the server's, as far as the server shows: the guest has those of one network in the order of
// their addresses.
func ranks(s *nova.Server) func(*nova.Interface) int {
	rank := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(s.Addresses)) {
		for _, a := range s.Addresses[name] {
			if _, ok := rank[a.MAC]; !ok {
				rank[a.MAC] = len(rank)
			}
		}
	}
	return func(one *nova.Interface) int {
		if at, ok := rank[one.MAC]; ok {
			return at
		}
		return len(rank)
	}
}
