// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// volumeGroup is what is about servers' block devices and shares.
func (s *Service) volumeGroup() []api.Route { return nil }
