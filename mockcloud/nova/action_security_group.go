// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// securityGroupName is the body of the actions addSecurityGroup and removeSecurityGroup: a name or an id.
type securityGroupName struct {
	Name string `json:"name" need:"2.1-" len:"1-"`
}

func (s *Service) securityGroupActions() []api.Route {
	return []api.Route{
		api.Action(actionPath, "addSecurityGroup", s.addSecurityGroup),
		api.Action(actionPath, "removeSecurityGroup", s.removeSecurityGroup),
	}
}

// groupedPorts is what both actions begin with: the server's ports, and the id of the group.
func (s *Service) groupedPorts(c *api.Call, in *securityGroupName, policy string) ([]neutronPort, string, error) {
	inst, err := s.server(c, c.Var("id"), policy)
	if err != nil {
		return nil, "", err
	}
	if strings.TrimSpace(in.Name) == "" {
		return nil, "", api.BadRequest("Security group name cannot be empty")
	}
	group, err := s.groupByNameOrID(c, in.Name)
	if err != nil {
		return nil, "", err
	}
	ports, err := s.portsOf(c, inst)
	if err == nil && len(ports) == 0 {
		err = api.NotFound("instance_id %s could not be found as device id on any ports", inst.ID)
	}
	return ports, group.ID, err
}

// addSecurityGroup puts all of the server's ports into the group, or none.
func (s *Service) addSecurityGroup(c *api.Call, in *securityGroupName) (api.None, error) {
	none := api.None{}
	ports, group, err := s.groupedPorts(c, in, "os-security-groups:add")
	if err != nil {
		return none, err
	}
	for _, p := range ports {
		if len(p.FixedIPs) == 0 || p.PortSecurity != nil && !*p.PortSecurity {
			return none, api.BadRequest("Network requires port_security_enabled and subnet associated in order to apply security groups.")
		}
	}
	for _, p := range ports {
		if slices.Contains(p.SecurityGroups, group) {
			continue
		}
		if err := s.regroup(c, p, append(p.SecurityGroups, group)); err != nil {
			return none, err
		}
	}
	return none, nil
}

func (s *Service) regroup(c *api.Call, p neutronPort, groups []string) error {
	_, err := neutronPorts.update(s.neutron(c), p.ID, object{"security_groups": groups})
	return inNovasWords(
		err,
		networkWords{status: http.StatusBadRequest, code: http.StatusBadRequest},
		networkWords{status: http.StatusConflict, code: http.StatusConflict},
	)
}

// removeSecurityGroup takes the server's ports out of the group; one of them must be in it.
func (s *Service) removeSecurityGroup(c *api.Call, in *securityGroupName) (api.None, error) {
	none, found := api.None{}, false
	ports, group, err := s.groupedPorts(c, in, "os-security-groups:remove")
	if err != nil {
		return none, err
	}
	for _, p := range ports {
		at := slices.Index(p.SecurityGroups, group)
		if at < 0 {
			continue
		}
		found = true
		if err := s.regroup(c, p, slices.Delete(p.SecurityGroups, at, at+1)); err != nil {
			return none, err
		}
	}
	if !found {
		return none, api.NotFound("Security group %s not associated with the instance %s", in.Name, c.Var("id"))
	}
	return none, nil
}
