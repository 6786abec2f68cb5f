// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"maps"
	"slices"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/pagination"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/hotplug"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// groups are the server's security groups, each by its name or, if m has it so, by its id. Where a port that was given to
// the server or attached by others brings groups of its own, those that m does not have are left out.
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
	if value.Known(m.SecurityGroups) && interfaces(s) > 1 {
		if of, known, err := r.groupsOfPorts(ctx, m, s.ID); known || err != nil {
			return of, err
		}
	}
	if !foreign {
		return r.managed(ctx, m, s.ID, groups)
	}
	listed, err := r.Servers().SecurityGroups(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	groups = groups[:0]
	for _, group := range listed {
		groups = append(groups, m.spelt(group))
	}
	return r.managed(ctx, m, s.ID, groups)
}

func (r *server) managed(ctx context.Context, m model, id string, groups []string) ([]string, error) {
	beside := func(group string) bool { return !value.Has(m.SecurityGroups, group) }
	if !value.Known(m.SecurityGroups) || !slices.ContainsFunc(groups, beside) {
		return groups, nil
	}
	var diags diag.Diagnostics
	foreign, err := r.foreign(ctx, id, m.networks(ctx, &diags), value.Known(m.Networks))
	if foreign {
		groups = slices.DeleteFunc(groups, beside)
	}
	return groups, err
}

// foreign is whether the server has ports whose groups are their own: such as were given to it, or attached by others. all
// are its interfaces as far as they are managed, if that is known.
func (r *server) foreign(ctx context.Context, id string, all []network, known bool) (bool, error) {
	if !known || slices.ContainsFunc(all, network.given) {
		return known, nil
	}
	has, err := hotplug.Of(r.Session, id).Interfaces().All(ctx)
	return slices.ContainsFunc(has, func(one *nova.Interface) bool {
		return !slices.ContainsFunc(all, func(n network) bool { return n.PortID.ValueString() == one.PortID })
	}), err
}

// spelt is how m has the group: by its name or, if m has it so, by its id.
func (g *grouping) spelt(group nova.SecurityGroup) string {
	if value.Has(g.SecurityGroups, group.ID) {
		return group.ID
	}
	return group.Name
}

// interfaces are how many interfaces the server shows addresses of.
func interfaces(s *nova.Server) int {
	macs := map[string]bool{}
	for _, addresses := range s.Addresses {
		for _, a := range addresses {
			macs[a.MAC] = true
		}
	}
	return len(macs)
}

// port is what Neutron says of a port and its groups.
type port struct {
	ports.Port
	Secured *bool `json:"port_security_enabled"`
}

// guarded is whether Nova gives the port groups: not without addresses, nor where port security is off.
func (p port) guarded() bool { return len(p.FixedIPs) > 0 && (p.Secured == nil || *p.Secured) }

// groupsOfPorts are the groups of the interfaces that Nova made: Nova shows what any of the server's ports has. A group of
// m's that one of them lacks is left out, as it has to be given to it again; one that m does not have is not. known is
// false where that cannot be told.
func (r *server) groupsOfPorts(ctx context.Context, m model, id string) (groups []string, known bool, err error) {
	var diags diag.Diagnostics
	service, err := r.Servers().Client.Network()
	if noNeutron(err) {
		return nil, false, nil
	}
	var all []port
	if err == nil {
		var pages pagination.Page
		if pages, err = ports.List(service, ports.ListOpts{DeviceID: id}).AllPages(ctx); err == nil {
			err = ports.ExtractPortsInto(pages, &all)
		}
	}
	if err != nil {
		return nil, false, err
	}
	made, has := 0, map[string]int{}
	for _, one := range m.networks(ctx, &diags) {
		at := slices.IndexFunc(all, func(p port) bool { return p.ID == one.PortID.ValueString() })
		switch {
		case one.given():
			continue
		case at < 0:
			return nil, false, nil
		case !all[at].guarded():
			continue
		}
		made++
		for _, group := range all[at].SecurityGroups {
			has[group]++
		}
	}
	uneven := slices.ContainsFunc(slices.Collect(maps.Values(has)), func(n int) bool { return n < made })
	if made == 0 || made == len(all) && !uneven { // or what Nova shows is what each has
		return nil, false, nil
	}
	listed, err := r.Servers().SecurityGroups(ctx, id)
	groups = []string{}
	for _, group := range listed {
		spelt := m.spelt(group)
		if n := has[group.ID]; n == made || n > 0 && !value.Has(m.SecurityGroups, spelt) {
			groups = append(groups, spelt)
		}
	}
	return groups, err == nil, err
}
