// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// volumeProxyGroup is the proxies of Cinder.
func (s *Service) volumeProxyGroup() []api.Route {
	return slices.Concat(s.volumeProxyRoutes(), s.snapshotProxyRoutes(), s.assistedRoutes())
}
