// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// neutronGroup is what Nova reads of a security group.
type neutronGroup struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	Description *string       `json:"description"`
	ProjectID   string        `json:"project_id"`
	Rules       []neutronRule `json:"security_group_rules"`
}

var neutronGroups = networkKind[neutronGroup]{"security_group", "security_groups", "/security-groups"}

// SecurityGroup is a security group as Nova shows it: with the rules for what comes in only.
type SecurityGroup struct {
	ID          string              `json:"id"`
	Name        string              `json:"name"`
	Description *string             `json:"description"`
	TenantID    string              `json:"tenant_id"`
	Rules       []SecurityGroupRule `json:"rules"`
}

// securityGroupFields is the body of POST and PUT.
type securityGroupFields struct {
	Name        api.Opt[string] `json:"name"        need:"2.1-" len:"0-255"`
	Description api.Opt[string] `json:"description" need:"2.1-" len:"0-255"`
}

type securityGroupQuery struct {
	Limit      api.Opt[api.Natural] `json:"limit"`
	Offset     api.Opt[api.Natural] `json:"offset"`
	AllTenants api.Opt[string]      `json:"all_tenants"`
}

func (s *Service) securityGroupRoutes() []api.Route {
	const path = "/os-security-groups"
	routes := []api.Route{
		api.Get(path, "security_groups", s.listSecurityGroups).AskedBy(api.QueryOf[securityGroupQuery]()).Policy(rule("os-security-groups:get")),
		api.Post(path, "security_group", s.createSecurityGroup).Policy(rule("os-security-groups:create")),
		api.Get(path+"/{id}", "security_group", s.showSecurityGroup).AskedBy(api.QueryOf[noQuery]()).Policy(rule("os-security-groups:show")),
		api.Put(path+"/{id}", "security_group", s.updateSecurityGroup).Policy(rule("os-security-groups:update")),
		api.Delete(path+"/{id}", s.deleteSecurityGroup).Code(http.StatusAccepted).Policy(rule("os-security-groups:delete")),
	}
	for i := range routes {
		routes[i] = routes[i].Only(proxied).Loose(proxied)
	}
	return routes
}

func (s *Service) listSecurityGroups(c *api.Call) ([]SecurityGroup, error) {
	q, filters := api.Query[securityGroupQuery](c), where("project_id", c.ProjectID())
	if q.AllTenants.Set && c.Identity.Admin() {
		filters = nil
	}
	groups, err := neutronGroups.list(s.neutron(c), filters)
	if err != nil {
		return nil, inNovasWords(err)
	}
	groups = groups[min(int(q.Offset.Value), len(groups)):]
	groups = groups[:min(cmp.Or(int(q.Limit.Value), maxLimit), maxLimit, len(groups))]
	return s.groupViews(c, groups)
}

// groupViews are the groups in Nova's order: by project, then by name.
func (s *Service) groupViews(c *api.Call, groups []neutronGroup) ([]SecurityGroup, error) {
	v := ruleViewer{s.neutron(c), map[string]*ruleGroup{}}
	for _, g := range groups {
		v.known[g.ID] = &ruleGroup{Name: g.Name, TenantID: g.ProjectID}
	}
	views := make([]SecurityGroup, len(groups))
	for i, g := range groups {
		var err error
		if views[i], err = v.group(g); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(views, func(a, b SecurityGroup) int {
		return cmp.Or(cmp.Compare(a.TenantID, b.TenantID), cmp.Compare(a.Name, b.Name))
	})
	return views, nil
}

// securityGroup is the group of that id.
func (s *Service) securityGroup(c *api.Call, id string) (neutronGroup, error) {
	if !isUUID(id) {
		return neutronGroup{}, api.BadRequest("Security group id should be uuid")
	}
	g, err := neutronGroups.show(s.neutron(c), id)
	return g, inNovasWords(err)
}

func (s *Service) groupView(c *api.Call, g neutronGroup) (SecurityGroup, error) {
	views, err := s.groupViews(c, []neutronGroup{g})
	if err != nil {
		return SecurityGroup{}, err
	}
	return views[0], nil
}

func (s *Service) showSecurityGroup(c *api.Call) (SecurityGroup, error) {
	g, err := s.securityGroup(c, c.Var("id"))
	if err != nil {
		return SecurityGroup{}, err
	}
	return s.groupView(c, g)
}

// createSecurityGroup tells of every conflict as of a quota that is used up, as Nova does.
func (s *Service) createSecurityGroup(c *api.Call, in *securityGroupFields) (SecurityGroup, error) {
	g, err := neutronGroups.create(s.neutron(c), in.sent())
	if err != nil {
		return SecurityGroup{}, inNovasWords(err, networkWords{status: http.StatusConflict, code: http.StatusForbidden})
	}
	return s.groupView(c, g)
}

func (f *securityGroupFields) sent() object {
	return object{"name": f.Name.Value, "description": f.Description.Value}
}

func (s *Service) updateSecurityGroup(c *api.Call, in *securityGroupFields) (SecurityGroup, error) {
	g, err := s.securityGroup(c, c.Var("id"))
	if err != nil {
		return SecurityGroup{}, err
	}
	if g, err = neutronGroups.update(s.neutron(c), g.ID, in.sent()); err != nil {
		return SecurityGroup{}, inNovasWords(err, networkWords{status: http.StatusConflict, code: http.StatusBadRequest})
	}
	return s.groupView(c, g)
}

func (s *Service) deleteSecurityGroup(c *api.Call) error {
	g, err := s.securityGroup(c, c.Var("id"))
	if err != nil {
		return err
	}
	return inNovasWords(neutronGroups.delete(s.neutron(c), g.ID), networkWords{status: http.StatusConflict, code: http.StatusBadRequest})
}

// groupByNameOrID is the group of that id that the caller sees, or the one of its project that has the
// name.
func (s *Service) groupByNameOrID(c *api.Call, nameOrID string) (neutronGroup, error) {
	for _, filters := range []url.Values{where("id", nameOrID), {"name": {nameOrID}, "project_id": {c.ProjectID()}}} {
		found, err := neutronGroups.list(s.neutron(c), filters)
		switch {
		case err != nil:
			return neutronGroup{}, inNovasWords(err)
		case len(found) > 1:
			return neutronGroup{}, api.Conflict("Multiple security_group matches found for name '%s', use an ID to be more specific.", nameOrID)
		case len(found) == 1:
			return found[0], nil
		}
	}
	return neutronGroup{}, api.NotFound("Security group %s is not found for project %s", nameOrID, c.ProjectID())
}
