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
