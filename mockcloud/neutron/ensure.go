// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"context"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Group is the id of a project's security group of that name, which is made, by an administrator, if there is none: in
// one transaction, so that of those who ask at once one makes it. The API cannot, where names are not unique.
func (s *Service) Group(ctx context.Context, project, name, description string) (id string, err error) {
	err = s.updateAs(ctx, Caller{ProjectID: project, Admin: true}.identity(), func(o *op) error {
		own, err := groupTable.By(o.tx, "project_id", project)
		if err != nil {
			return err
		}
		if at := slices.IndexFunc(own, func(g *SecurityGroup) bool { return g.Name == name }); at >= 0 {
			id = own[at].ID
			return nil
		}
		made, err := o.groups.make(o, &groupFields{owner: owner{Description: api.Some(description)}, Name: api.Some(name)})
		if err == nil {
			id = made.ID
		}
		return err
	})
	return id, err
}

// Pool is the id of an external network of that name, which is made, by the project's administrator, if there is none; made
// tells that. It is Group for networks.
func (s *Service) Pool(ctx context.Context, project, name, description string) (id string, made bool, err error) {
	err = s.updateAs(ctx, Caller{ProjectID: project, Admin: true}.identity(), func(o *op) error {
		made = false
		all, err := networkTable.All(o.tx)
		if err != nil {
			return err
		}
		if at := slices.IndexFunc(all, func(n *Network) bool { return n.External && n.Name == name }); at >= 0 {
			id = all[at].ID
			return nil
		}
		n, err := o.networks.make(o, &networkFields{
			owner: owner{Description: api.Some(description)}, Name: api.Some(name), External: api.Some(api.Boolean(true)),
		})
		if err == nil {
			id, made = n.ID, true
		}
		return err
	})
	return id, made, err
}
