// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// virtualInterface is an interface of a server as nova-network told it: its port, whose network it named late, and
// in the legacy API by another name.
type virtualInterface struct {
	ID           string          `json:"id"`
	MAC          string          `json:"mac_address"`
	NetworkID    string          `json:"net_id" nova:"2.12-"`
	OldNetworkID api.Opt[string] `json:"OS-EXT-VIF-NET:net_id,omitempty"`
}

type virtualInterfaceQuery struct {
	Limit  api.Opt[api.Natural] `json:"limit"`
	Offset api.Opt[api.Natural] `json:"offset"`
}

func (s *Service) virtualInterfaceRoutes() []api.Route {
	return []api.Route{
		api.Get("/servers/{id}/os-virtual-interfaces", "virtual_interfaces", s.listVirtualInterfaces).
			AskedBy(api.QueryOf[virtualInterfaceQuery]()).Loose("-2.43").Only("-2.43"),
	}
}

func (s *Service) listVirtualInterfaces(c *api.Call) ([]virtualInterface, error) {
	inst, err := s.server(c, c.Var("id"), "os-virtual-interfaces")
	if err != nil {
		return nil, err
	}
	ports, err := s.portsOf(c, inst)
	if err != nil {
		return nil, err
	}
	q := api.Query[virtualInterfaceQuery](c)
	ports = limited(ports, q.Limit, q.Offset)
	views := make([]virtualInterface, len(ports))
	for i, p := range ports {
		views[i] = virtualInterface{ID: p.ID, MAC: p.MACAddress, NetworkID: p.NetworkID}
		if c.Legacy() {
			views[i].OldNetworkID = api.Some(p.NetworkID)
		}
	}
	return views, nil
}
