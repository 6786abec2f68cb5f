// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// stateGroup is what changes a server where it is, and what looks into it.
func (s *Service) stateGroup() []api.Route {
	return slices.Concat(
		s.stateActions(), s.imageActions(), s.rescueAction(), s.rebuildAction(), s.consoleActions(), s.consoleRoutes(),
		s.diagnosticsRoutes(), s.serverPasswordRoutes(), s.topologyRoutes(),
	)
}
