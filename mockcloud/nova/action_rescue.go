// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// rescue is the body of the action rescue; it may be null.
type rescue struct {
	AdminPass api.Opt[string] `json:"adminPass"`
	ImageRef  imageRef        `json:"rescue_image_ref" format:"uuid"`
}

type rescued struct {
	AdminPass string `json:"adminPass"`
}

func (s *Service) rescueAction() []api.Route {
	return []api.Route{api.Action(actionPath, "rescue", s.rescueServer).Code(http.StatusOK)}
}

func (s *Service) rescueServer(c *api.Call, in *api.Opt[rescue]) (rescued, error) {
	inst, err := s.server(c, c.Var("id"), "os-rescue")
	if err != nil {
		return rescued{}, err
	}
	pass := in.Value.AdminPass.Value
	if !in.Value.AdminPass.Set {
		if pass, err = password(s.Random); err != nil {
			return rescued{}, err
		}
	}
	err = s.Compute.Rescue(c.Context(), caller(c), inst.ID, compute.RescueRequest{
		ImageID: string(in.Value.ImageRef), AdminPassword: pass, VolumeBacked: c.Since(rescuesVolumes),
	})
	return rescued{AdminPass: pass}, refused(err)
}
