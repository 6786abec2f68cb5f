// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// evacuate is the body of the action evacuate.
type evacuate struct {
	Host            api.Opt[string] `json:"host" len:"1-255" pattern:"^[a-zA-Z0-9-._]*$"`
	AdminPass       api.Opt[string] `json:"adminPass"`
	OnSharedStorage api.Boolean     `json:"onSharedStorage" nova:"-2.13" need:"-2.13"`
	Force           api.Boolean     `json:"force" nova:"2.29-2.67"`
}

// evacuated is the answer up to 2.13. Without a password it is one of null: the disk was kept.
type evacuated struct {
	AdminPass *string `json:"adminPass"`
}

func (s *Service) evacuateAction() []api.Route {
	return []api.Route{
		api.Action(actionPath, "evacuate", s.evacuateServer).Code(http.StatusOK).Only("-2.13"),
		api.Action(actionPath, "evacuate", func(c *api.Call, in *evacuate) (api.None, error) {
			_, err := s.evacuateServer(c, in)
			return api.None{}, err
		}).Code(http.StatusOK).Only("2.14-"),
	}
}

func (s *Service) evacuateServer(c *api.Call, in *evacuate) (out evacuated, err error) {
	inst, err := s.server(c, c.Var("id"), "os-evacuate")
	if err != nil {
		return out, err
	}
	host := in.Host.Value
	if in.Force && host == "" {
		return out, api.BadRequest("Can't force to a non-provided destination")
	}
	if out.AdminPass, err = s.evacuationPassword(in); err != nil {
		return out, err
	}
	if err := s.checkTarget(c, inst, host); err != nil {
		return out, err
	}
	want := compute.EvacuateRequest{Host: host, Force: bool(in.Force), Stop: c.Since(evacuatesToStopped)}
	if c.Version < forcesEvacuation {
		want.Force = host != ""
	}
	if out.AdminPass != nil {
		want.AdminPassword = *out.AdminPass
	}
	return out, refused(s.Compute.Evacuate(c.Context(), caller(c), inst.ID, want))
}

// evacuationPassword is the new disk's; a disk on shared storage keeps its own.
func (s *Service) evacuationPassword(in *evacuate) (*string, error) {
	switch {
	case in.AdminPass.Set && bool(in.OnSharedStorage):
		return nil, api.BadRequest("admin password can't be changed on existing disk")
	case in.AdminPass.Set:
		return &in.AdminPass.Value, nil
	case bool(in.OnSharedStorage):
		return nil, nil
	}
	pass, err := password(s.Random)
	return &pass, err
}

func (s *Service) checkTarget(c *api.Call, inst *compute.Instance, host string) error {
	if host == "" {
		return nil
	}
	hosts, err := s.Compute.Hosts(c.Context())
	switch {
	case err != nil:
		return err
	case !slices.ContainsFunc(hosts, func(h *compute.Host) bool { return h.Name == host }):
		return api.NotFound("Compute host %s not found.", host)
	case inst.Host == host:
		return api.BadRequest("The target host can't be the same one.")
	}
	return nil
}
