// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// legacyGroup is what Nova no longer has: its older releases served it, and today's answers 410.
func (s *Service) legacyGroup() []api.Route {
	return slices.Concat(
		s.oldNetworkRoutes(), s.tenantNetworkRoutes(), s.fixedIPRoutes(), s.virtualInterfaceRoutes(), s.pingRoutes(), s.resetNetworkAction(),
		s.agentRoutes(), s.cellRoutes(), s.certificateRoutes(), s.cloudpipeRoutes(),
		s.Release.until(kilo, s.kiloRoutes()),
		s.dnsRoutes(), s.defaultRuleRoutes(), s.bulkRoutes(), s.serverConsoleRoutes(),
	)
}
