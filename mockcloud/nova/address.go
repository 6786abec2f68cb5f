// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

func (s *Service) addressRoutes() []api.Route {
	ask := api.QueryOf[noQuery]()
	return []api.Route{
		api.Get("/servers/{id}/ips", "addresses", s.listAddresses).AskedBy(ask).Loose("-2.101"),
		api.Get("/servers/{id}/ips/{label}", "", s.showAddresses).AskedBy(ask).Loose("-2.101"),
	}
}

func (s *Service) listAddresses(c *api.Call) (map[string][]ServerAddress, error) {
	inst, err := s.server(c, c.Var("id"), "ips:index")
	if err != nil {
		return nil, err
	}
	return addresses(inst.VIFs, false), nil
}

func (s *Service) showAddresses(c *api.Call) (map[string][]ServerAddress, error) {
	inst, err := s.server(c, c.Var("id"), "ips:show")
	if err != nil {
		return nil, err
	}
	label := c.Var("label")
	list, there := addresses(inst.VIFs, false)[label]
	if !there {
		return nil, api.NotFound("Instance is not a member of specified network")
	}
	return map[string][]ServerAddress{label: list}, nil
}
