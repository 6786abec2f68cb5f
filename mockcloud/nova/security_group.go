// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"net/url"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// neutronPort is what Nova reads of a port.
type neutronPort struct {
	ID             string    `json:"id"`
	NetworkID      string    `json:"network_id"`
	DeviceID       string    `json:"device_id"`
	DeviceOwner    string    `json:"device_owner"`
	MACAddress     string    `json:"mac_address"`
	Status         string    `json:"status"`
	FixedIPs       []fixedIP `json:"fixed_ips"`
	SecurityGroups []string  `json:"security_groups"`
	PortSecurity   *bool     `json:"port_security_enabled"`
}

// fixedIP is an address of a port, in Neutron's answers and in Nova's.
type fixedIP struct {
	IPAddress string `json:"ip_address"`
	SubnetID  string `json:"subnet_id"`
}

var neutronPorts = networkKind[neutronPort]{"port", "ports", "/ports"}

// portsOf are the server's ports that the caller sees, in the order in which it got them.
func (s *Service) portsOf(c *api.Call, inst *compute.Instance) ([]neutronPort, error) {
	ports, err := neutronPorts.list(s.neutron(c), where("device_id", inst.ID))
	if err != nil {
		return nil, inNovasWords(err)
	}
	place := func(p neutronPort) int {
		return slices.IndexFunc(inst.VIFs, func(v compute.VIF) bool { return v.PortID == p.ID })
	}
	slices.SortStableFunc(ports, func(a, b neutronPort) int { return cmp.Compare(place(a), place(b)) })
	return ports, nil
}

func (s *Service) serverSecurityGroupRoutes() []api.Route {
	return []api.Route{
		api.Get("/servers/{id}/os-security-groups", "security_groups", s.listServerSecurityGroups).
			AskedBy(api.QueryOf[noQuery]()).Loose("-2.101"),
	}
}

// listServerSecurityGroups tells of the groups in force on the server's ports.
func (s *Service) listServerSecurityGroups(c *api.Call) ([]SecurityGroup, error) {
	inst, err := s.server(c, c.Var("id"), "os-security-groups:list")
	if err != nil {
		return nil, err
	}
	ports, err := s.portsOf(c, inst)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, p := range ports {
		ids = append(ids, p.SecurityGroups...)
	}
	if len(ids) == 0 {
		return []SecurityGroup{}, nil
	}
	slices.Sort(ids)
	groups, err := neutronGroups.list(s.neutron(c), url.Values{"id": slices.Compact(ids)})
	if err != nil {
		return nil, inNovasWords(err)
	}
	return s.groupViews(c, groups)
}
