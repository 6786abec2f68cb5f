// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Owners are the projects of all networks, by the networks' ids; "" is nobody.
func (s *Service) Owners(ctx context.Context) (map[string]string, error) {
	owners := map[string]string{}
	err := s.store.View(ctx, func(tx store.Tx) error {
		clear(owners)
		all, err := networkTable.All(tx)
		for _, n := range all {
			owners[n.ID] = n.ProjectID
		}
		return err
	})
	return owners, err
}

// Give makes a network of one project another's, with its subnets and its DHCP port; "" is nobody, and what is
// nobody's only administrators see. The API cannot: it is for nova-network's networks, which projects take and leave.
// Ports that projects have there stay theirs. False when the network is the first project's no more.
func (s *Service) Give(ctx context.Context, id, from, to string) (given bool, err error) {
	err = s.updateAs(ctx, Caller{Admin: true}.identity(), func(o *op) error {
		given = false
		n, err := o.networks.find(o, id)
		if err != nil || n.ProjectID != from {
			return err
		}
		n.ProjectID, given = to, true
		o.networks.touch(o, n)
		if err := networkTable.Put(o.tx, n); err != nil {
			return err
		}
		return o.giveParts(id, to)
	})
	return given, err
}

// giveParts gives what a network is made of to its new owner.
func (o *op) giveParts(network, to string) error {
	within, err := subnetTable.By(o.tx, "network_id", network)
	if err != nil {
		return err
	}
	for _, s := range within {
		s.ProjectID = to
		o.subnets.touch(o, s)
		if err := subnetTable.Put(o.tx, s); err != nil {
			return err
		}
	}
	dhcp, err := dhcpPort(o, network)
	if err != nil || dhcp == nil {
		return err
	}
	dhcp.ProjectID = to
	return portTable.Put(o.tx, dhcp)
}
