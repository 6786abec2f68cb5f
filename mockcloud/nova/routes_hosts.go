// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// hostGroup is what is about hosts: aggregates, server groups, hypervisors, services.
func (s *Service) hostGroup() []api.Route { return nil }
