// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"errors"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// addFloatingIP is the body of the action addFloatingIp.
type addFloatingIP struct {
	Address string `json:"address"       need:"2.1-" format:"ip"`
	Fixed   string `json:"fixed_address" format:"ip"`
}

// removeFloatingIP is the body of the action removeFloatingIp.
type removeFloatingIP struct {
	Address string `json:"address" need:"2.1-" format:"ip"`
}

func (s *Service) floatingIPActions() []api.Route {
	return []api.Route{
		api.Action(actionPath, "addFloatingIp", s.addFloatingIP).Only("-2.43"),
		api.Action(actionPath, "removeFloatingIp", s.removeFloatingIP).Only("-2.43"),
	}
}

func (s *Service) addFloatingIP(c *api.Call, in *addFloatingIP) (api.None, error) {
	none := api.None{}
	inst, err := s.server(c, c.Var("id"), "os-floating-ips:add")
	if err != nil {
		return none, err
	}
	port, fixed, err := behindFloating(inst, canonical(in.Address), canonical(in.Fixed))
	if err != nil {
		return none, err
	}
	failed := func(err error) error {
		var refusal *neutronFault
		message := err.Error()
		if errors.As(err, &refusal) {
			message = refusal.Message
		}
		return api.BadRequest("Unable to associate floating IP %s to fixed IP %s for instance %s. Error: %s", in.Address, fixed, inst.ID, message)
	}
	found, err := s.floatingIPsBy(c, in.Address)
	switch {
	case err != nil:
		return none, err
	case len(found) == 0:
		return none, api.NotFound("floating IP not found")
	case len(found) > 1:
		return none, failed(errors.New("Multiple floating IPs are found for address " + in.Address + "."))
	}
	_, err = neutronFloatingIPs.update(s.neutron(c), found[0].ID, object{"port_id": port, "fixed_ip_address": fixed})
	var refusal *neutronFault
	switch {
	case err == nil:
		return none, nil
	case errors.As(err, &refusal) && refusal.status == http.StatusConflict:
		return none, api.BadRequest("%s", refusal.Message)
	case errors.As(err, &refusal) && refusal.status == http.StatusForbidden:
		return none, api.Forbidden("%s", refusal.Message)
	}
	return none, failed(err)
}

// behindFloating is the port and the fixed address that a floating one shall lead to: the one named, or
// the server's first IPv4 address.
func behindFloating(inst *compute.Instance, address, wanted string) (port, fixed string, err error) {
	if len(inst.VIFs) == 0 {
		return "", "", api.BadRequest("Instance network is not ready yet")
	}
	none := true
	for _, vif := range inst.VIFs {
		for _, a := range vif.Addresses {
			if a.Type != compute.FixedAddress {
				continue
			}
			none = false
			if ip := a.IP.String(); ip == wanted || wanted == "" && a.IP.Is4() {
				return vif.PortID, ip, nil
			}
		}
	}
	switch {
	case none:
		err = api.BadRequest("No fixed IPs associated to instance")
	case wanted != "":
		err = api.BadRequest("Specified fixed address not assigned to instance")
	default:
		err = api.BadRequest("Unable to associate floating IP %s to any fixed IPs for instance %s. "+
			"Instance has no fixed IPv4 addresses to associate.", address, inst.ID)
	}
	return "", "", err
}

// floatingIPsBy are the floating IPs of an address that the caller sees.
func (s *Service) floatingIPsBy(c *api.Call, address string) ([]neutronFloatingIP, error) {
	found, err := neutronFloatingIPs.list(s.neutron(c), where("floating_ip_address", canonical(address)))
	return found, inNovasWords(err)
}

// removeFloatingIP goes by the address: the server that it leads to must be the one in the path.
func (s *Service) removeFloatingIP(c *api.Call, in *removeFloatingIP) (api.None, error) {
	none, id := api.None{}, c.Var("id")
	found, err := s.floatingIPsBy(c, in.Address)
	switch {
	case err != nil:
		return none, err
	case len(found) == 0:
		return none, api.NotFound("Floating IP not found for address %s.", in.Address)
	case len(found) > 1:
		return none, api.Conflict("Multiple floating IPs are found for address %s.", in.Address)
	}
	leads := found[0].instance()
	if leads == "" {
		err = c.Authorize(rule("os-floating-ips:remove"), c.Own())
	} else {
		_, err = s.server(c, leads, "os-floating-ips:remove")
	}
	switch {
	case err != nil:
		return none, err
	case leads != id:
		return none, api.Conflict("Floating IP %s is not associated with instance %s.", in.Address, id)
	}
	_, err = neutronFloatingIPs.update(s.neutron(c), found[0].ID, object{"port_id": nil})
	return none, inNovasWords(err)
}
