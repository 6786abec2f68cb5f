// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// resize is the body of the action resize.
type resize struct {
	FlavorRef  flavorRef `json:"flavorRef"         need:"2.1-"`
	DiskConfig string    `json:"OS-DCF:diskConfig" oneof:"AUTO MANUAL"`
}

func (s *Service) resizeActions() []api.Route {
	return []api.Route{
		api.Action(actionPath, "resize", s.resizeServer),
		api.Action(actionPath, "confirmResize", s.simple("servers:confirm_resize", s.Compute.Confirm)).Code(http.StatusNoContent),
		api.Action(actionPath, "revertResize", s.simple("servers:revert_resize", s.Compute.Revert)),
	}
}

func (s *Service) resizeServer(c *api.Call, in *resize) (none api.None, err error) {
	inst, err := s.server(c, c.Var("id"), "servers:resize")
	if err != nil {
		return none, err
	}
	f, err := s.flavor(c, string(in.FlavorRef))
	if fault := api.AsFault(err); fault != nil {
		return none, api.BadRequest("%s", fault.Message)
	}
	if err != nil {
		return none, err
	}
	want := compute.Resizing{Flavor: f.Flavor, DiskConfig: compute.DiskConfig(in.DiskConfig)}
	return none, refused(s.Compute.Resize(c.Context(), caller(c), inst.ID, want))
}
