// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// networkGroup is what is about networks: interfaces, and the proxies of Neutron.
func (s *Service) networkGroup() []api.Route { return nil }
