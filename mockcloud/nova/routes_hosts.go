// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// hostGroup is what is about hosts: aggregates, server groups, hypervisors, services.
func (s *Service) hostGroup() []api.Route {
	return slices.Concat(
		s.aggregateRoutes(), s.serverGroupRoutes(), s.hypervisorRoutes(), s.serviceRoutes(), s.hostRoutes(),
	)
}
