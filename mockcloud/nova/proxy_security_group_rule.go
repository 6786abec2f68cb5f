// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"errors"
	"net/http"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// neutronRule is what Nova reads of a security group rule.
type neutronRule struct {
	ID            string  `json:"id"`
	GroupID       string  `json:"security_group_id"`
	Direction     string  `json:"direction"`
	Protocol      *string `json:"protocol"`
	PortMin       *int    `json:"port_range_min"`
	PortMax       *int    `json:"port_range_max"`
	RemotePrefix  *string `json:"remote_ip_prefix"`
	RemoteGroupID *string `json:"remote_group_id"`
}

var neutronRules = networkKind[neutronRule]{"security_group_rule", "security_group_rules", "/security-group-rules"}

// SecurityGroupRule is a rule as Nova shows it. It has a group or a range, and the other is empty.
type SecurityGroupRule struct {
	ID            string    `json:"id"`
	ParentGroupID string    `json:"parent_group_id"`
	Protocol      *string   `json:"ip_protocol"`
	FromPort      *int      `json:"from_port"`
	ToPort        *int      `json:"to_port"`
	Group         ruleGroup `json:"group"`
	Range         ruleRange `json:"ip_range"`
}

type ruleGroup struct {
	Name     string `json:"name,omitempty"`
	TenantID string `json:"tenant_id,omitempty"`
}

type ruleRange struct {
	CIDR string `json:"cidr,omitempty"`
}

// anywhere is how Nova tells that a rule has no prefix.
const anywhere = "0.0.0.0/0"

// The range that Nova tells for a protocol with ports, and for one without, whose rule names none.
const (
	firstPort, lastPort = 1, 65535
	anyPort             = -1
)

// ports are the rule's from_port and to_port.
func (r neutronRule) ports() (from, to *int) {
	switch {
	case r.Protocol == nil || r.PortMin != nil || r.PortMax != nil:
		return r.PortMin, r.PortMax
	case hasPorts(*r.Protocol):
		return pointer(firstPort), pointer(lastPort)
	}
	return pointer(anyPort), pointer(anyPort)
}

func (r neutronRule) cidr() string {
	if r.RemotePrefix == nil || *r.RemotePrefix == "" {
		return anywhere
	}
	return *r.RemotePrefix
}

func hasPorts(protocol string) bool {
	return strings.EqualFold(protocol, "tcp") || strings.EqualFold(protocol, "udp")
}

// ruleViewer makes views of rules; it asks for each group that they name once.
type ruleViewer struct {
	neutron
	known map[string]*ruleGroup // nil: there is no such group any more
}

func (v ruleViewer) group(g neutronGroup) (SecurityGroup, error) {
	view := SecurityGroup{ID: g.ID, Name: g.Name, Description: g.Description, TenantID: g.ProjectID, Rules: []SecurityGroupRule{}}
	for _, r := range g.Rules {
		if r.Direction != "ingress" {
			continue
		}
		rule, there, err := v.rule(r)
		if err != nil {
			return view, err
		}
		if there {
			view.Rules = append(view.Rules, rule)
		}
	}
	return view, nil
}

// rule is the view of a rule; false for one whose group is gone.
func (v ruleViewer) rule(r neutronRule) (SecurityGroupRule, bool, error) {
	view := SecurityGroupRule{ID: r.ID, ParentGroupID: r.GroupID, Protocol: r.Protocol}
	view.FromPort, view.ToPort = r.ports()
	if r.RemoteGroupID == nil {
		view.Range.CIDR = r.cidr()
		return view, true, nil
	}
	id := *r.RemoteGroupID
	if _, asked := v.known[id]; !asked {
		g, err := neutronGroups.show(v.neutron, id)
		var refusal *neutronFault
		switch {
		case err == nil:
			v.known[id] = &ruleGroup{Name: g.Name, TenantID: g.ProjectID}
		case errors.As(err, &refusal) && refusal.status == http.StatusNotFound:
			v.known[id] = nil
		default:
			return view, false, inNovasWords(err)
		}
	}
	if v.known[id] == nil {
		return view, false, nil
	}
	view.Group = *v.known[id]
	return view, true, nil
}

func (s *Service) securityGroupRuleRoutes() []api.Route {
	const path = "/os-security-group-rules"
	return []api.Route{
		api.Post(path, "security_group_rule", s.createSecurityGroupRule).Only(proxied).Loose(proxied).Policy(rule("os-security-groups:rule:create")),
		api.Delete(path+"/{id}", s.deleteSecurityGroupRule).Only(proxied).Code(http.StatusAccepted).Policy(rule("os-security-groups:rule:delete")),
	}
}

func (s *Service) createSecurityGroupRule(c *api.Call, in *securityRuleCreate) (SecurityGroupRule, error) {
	none, n := SecurityGroupRule{}, s.neutron(c)
	parent, err := s.securityGroup(c, in.ParentGroupID)
	if err != nil {
		return none, err
	}
	if in.GroupID.Pointer() != nil {
		if _, err := s.securityGroup(c, in.GroupID.Value); err != nil {
			return none, err
		}
	}
	wanted, err := in.rule()
	if err != nil {
		return none, err
	}
	if wanted.in(parent.Rules) {
		return none, api.BadRequest("This rule already exists in group %s", parent.ID)
	}
	made, err := neutronRules.create(n, wanted.fields(parent.ID))
	if err != nil {
		return none, inNovasWords(err, networkWords{status: http.StatusConflict, code: http.StatusForbidden})
	}
	view, there, err := ruleViewer{n, map[string]*ruleGroup{}}.rule(made)
	if err == nil && !there {
		err = api.NotFound("Security group %s not found.", in.GroupID.Value)
	}
	return view, err
}

func (s *Service) deleteSecurityGroupRule(c *api.Call) error {
	id := c.Var("id")
	if !isUUID(id) {
		return api.BadRequest("Security group id should be uuid")
	}
	return inNovasWords(neutronRules.delete(s.neutron(c), id))
}
