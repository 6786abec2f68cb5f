// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// volumeProxyGroup is the proxies of Cinder.
func (s *Service) volumeProxyGroup() []api.Route { return nil }
