// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

func (s *Service) serverPasswordRoutes() []api.Route {
	const path = "/servers/{id}/os-server-password"
	return []api.Route{
		api.Get(path, "password", s.showServerPassword).AskedBy(api.QueryOf[noQuery]()).Loose("-2.101"),
		api.Delete(path, s.clearServerPassword),
	}
}

// showServerPassword is what the guest has posted: its password, encrypted with its key.
func (s *Service) showServerPassword(c *api.Call) (string, error) {
	inst, err := s.server(c, c.Var("id"), "os-server-password:show")
	if err != nil {
		return "", err
	}
	return inst.EncryptedPassword, nil
}

func (s *Service) clearServerPassword(c *api.Call) error {
	inst, err := s.server(c, c.Var("id"), "os-server-password:clear")
	if err != nil {
		return err
	}
	return refused(s.Compute.ClearPassword(c.Context(), inst.ID))
}
