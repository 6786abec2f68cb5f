// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// ServerIP is an address in the answers of /servers/{id}/ips.
type ServerIP struct {
	Version int    `json:"version"`
	Addr    string `json:"addr"`
}

func (s *Service) addressRoutes() []api.Route {
	ask := api.QueryOf[noQuery]()
	return []api.Route{
		api.Get("/servers/{id}/ips", "addresses", s.listAddresses).AskedBy(ask).Loose("-2.101"),
		api.Get("/servers/{id}/ips/{label}", "", s.showAddresses).AskedBy(ask).Loose("-2.101"),
	}
}

func (s *Service) listAddresses(c *api.Call) (map[string][]ServerIP, error) {
	return s.serverIPs(c, "ips:index")
}

func (s *Service) serverIPs(c *api.Call, policy string) (map[string][]ServerIP, error) {
	inst, err := s.server(c, c.Var("id"), policy)
	if err != nil {
		return nil, err
	}
	all := map[string][]ServerIP{}
	for label, list := range addresses(inst.VIFs) {
		for _, a := range list {
			all[label] = append(all[label], ServerIP{Version: a.Version, Addr: a.Addr})
		}
	}
	return all, nil
}

func (s *Service) showAddresses(c *api.Call) (map[string][]ServerIP, error) {
	all, err := s.serverIPs(c, "ips:show")
	if err != nil {
		return nil, err
	}
	list, there := all[c.Var("label")]
	if !there {
		return nil, api.NotFound("Instance is not a member of specified network")
	}
	return map[string][]ServerIP{c.Var("label"): list}, nil
}
