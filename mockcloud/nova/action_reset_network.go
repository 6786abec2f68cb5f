// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

func (s *Service) resetNetworkAction() []api.Route {
	return []api.Route{
		api.Action(actionPath, "resetNetwork", s.simple("os-admin-actions:reset_network", s.Compute.ResetNetwork)),
	}
}
