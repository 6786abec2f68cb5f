// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"encoding/json"
	"net/netip"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// addFixedIP is the body of the action addFixedIp.
type addFixedIP struct {
	NetworkID networkRef `json:"networkId" need:"2.1-" len:"1-36"`
}

// removeFixedIP is the body of the action removeFixedIp.
type removeFixedIP struct {
	Address netip.Addr `json:"address" need:"2.1-" format:"ip"`
}

// networkRef is a network's id; nova-network's were numbers.
type networkRef string

// Parse implements api.Parser.
func (r *networkRef) Parse(v any) error {
	switch v := v.(type) {
	case string:
		*r = networkRef(v)
	case json.Number:
		*r = networkRef(v.String())
	default:
		return api.WrongType(v, "string", "number")
	}
	return nil
}

func (s *Service) fixedIPActions() []api.Route {
	return []api.Route{
		api.Action(actionPath, "addFixedIp", s.addFixedIP).Only("-2.43"),
		api.Action(actionPath, "removeFixedIp", s.removeFixedIP).Only("-2.43"),
	}
}

func (s *Service) addFixedIP(c *api.Call, in *addFixedIP) (api.None, error) {
	inst, err := s.server(c, c.Var("id"), "os-multinic:add")
	if err != nil {
		return api.None{}, err
	}
	return api.None{}, refused(s.Compute.AddFixedIP(c.Context(), caller(c), inst.ID, string(in.NetworkID)))
}

func (s *Service) removeFixedIP(c *api.Call, in *removeFixedIP) (api.None, error) {
	inst, err := s.server(c, c.Var("id"), "os-multinic:remove")
	if err != nil {
		return api.None{}, err
	}
	return api.None{}, refused(s.Compute.RemoveFixedIP(c.Context(), caller(c), inst.ID, in.Address))
}
