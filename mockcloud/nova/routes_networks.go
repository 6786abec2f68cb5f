// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// networkGroup is what is about networks: interfaces, and the proxies of Neutron.
func (s *Service) networkGroup() []api.Route {
	return slices.Concat(
		s.interfaceRoutes(), s.serverSecurityGroupRoutes(), s.securityGroupActions(), s.fixedIPActions(), s.floatingIPActions(),
		s.networkProxyRoutes(), s.floatingIPRoutes(), s.securityGroupRoutes(), s.securityGroupRuleRoutes(),
	)
}
