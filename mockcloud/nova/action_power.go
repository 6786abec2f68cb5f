// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

func (s *Service) powerActions() []api.Route {
	return []api.Route{
		api.Action(actionPath, "os-start", s.simple("servers:start", s.Compute.Start)),
		api.Action(actionPath, "os-stop", s.simple("servers:stop", s.Compute.Stop)),
	}
}
