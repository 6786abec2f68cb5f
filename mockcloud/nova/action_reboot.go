// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// reboot is the body of the action reboot.
type reboot struct {
	Type string `json:"type" need:"2.1-" oneof:"HARD Hard hard SOFT Soft soft"`
}

func (s *Service) rebootAction() []api.Route {
	return []api.Route{api.Action(actionPath, "reboot", s.rebootServer)}
}

func (s *Service) rebootServer(c *api.Call, in *reboot) (api.None, error) {
	inst, err := s.server(c, c.Var("id"), "servers:reboot")
	if err != nil {
		return api.None{}, err
	}
	return api.None{}, refused(s.Compute.Reboot(c.Context(), caller(c), inst.ID, compute.RebootType(strings.ToUpper(in.Type))))
}
