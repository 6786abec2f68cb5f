// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// moveGroup is what moves servers to another host or size.
func (s *Service) moveGroup() []api.Route {
	return slices.Concat(
		s.resizeActions(), s.migrateActions(), s.evacuateAction(), s.shelveActions(), s.migrationRoutes(), s.serverMigrationRoutes(),
	)
}
