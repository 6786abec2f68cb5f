// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// accountGroup is quotas, usages, and the proxies of Glance and Ironic.
func (s *Service) accountGroup() []api.Route {
	return slices.Concat(
		s.quotaSetRoutes(), s.quotaClassRoutes(), s.usageRoutes(), s.usageAuditRoutes(), s.externalEventRoutes(),
		s.extensionRoutes(), s.bareMetalRoutes(), s.imageRoutes(), s.imageMetadataRoutes(),
	)
}
