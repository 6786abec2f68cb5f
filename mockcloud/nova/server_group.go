// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// ServerGroup is a set of servers that are kept together or apart. Before 2.64 its one policy was a list.
type ServerGroup struct {
	ID        string           `json:"id"`
	Name      string           `json:"name"`
	Policies  []string         `json:"policies"   nova:"-2.63"`
	Metadata  struct{}         `json:"metadata"   nova:"-2.63"`
	Policy    string           `json:"policy"     nova:"2.64-"`
	Rules     serverGroupRules `json:"rules"      nova:"2.64-"`
	Members   []string         `json:"members"`
	ProjectID string           `json:"project_id" nova:"2.13-"`
	UserID    string           `json:"user_id"    nova:"2.13-"`
}

// serverGroupRules go with anti-affinity.
type serverGroupRules struct {
	MaxServerPerHost api.Opt[api.Natural] `json:"max_server_per_host,omitempty" range:"1-"`
}

// ServerGroupCreate is the body of POST /os-server-groups.
type ServerGroupCreate struct {
	Name        name             `json:"name"     need:"2.1-" len:"1-255"`
	OldPolicies []string         `json:"policies" nova:"-2.14"     need:"-2.14"     len:"1-1" oneof:"anti-affinity affinity"`
	Policies    []string         `json:"policies" nova:"2.15-2.63" need:"2.15-2.63" len:"1-1" oneof:"anti-affinity affinity soft-anti-affinity soft-affinity"`
	Policy      string           `json:"policy"   nova:"2.64-"     need:"2.64-"     oneof:"anti-affinity affinity soft-anti-affinity soft-affinity"`
	Rules       serverGroupRules `json:"rules"    nova:"2.64-"`
}

type serverGroupQuery struct {
	AllProjects api.Opt[string]      `json:"all_projects"`
	Limit       api.Opt[api.Natural] `json:"limit"`
	Offset      api.Opt[api.Natural] `json:"offset"`
}

func (s *Service) serverGroupRoutes() []api.Route {
	const path = "/os-server-groups"
	return []api.Route{
		api.Get(path, "server_groups", s.listServerGroups).AskedBy(api.QueryOf[serverGroupQuery]()).Loose("-2.74").
			Policy(rule("os-server-groups:index")),
		api.Post(path, "server_group", s.createServerGroup).Policy(rule("os-server-groups:create")),
		api.Get(path+"/{id}", "server_group", s.showServerGroup).AskedBy(api.QueryOf[noQuery]()).Loose("-2.101"),
		api.Delete(path+"/{id}", s.deleteServerGroup),
	}
}

// serverGroupView is the group as the request sees it.
func serverGroupView(g *compute.ServerGroup, members []string) ServerGroup {
	view := ServerGroup{
		ID: g.ID, Name: g.Name, Policies: []string{g.Policy}, Policy: g.Policy, Members: members,
		ProjectID: g.ProjectID, UserID: g.UserID,
	}
	if g.MaxPerHost > 0 {
		view.Rules.MaxServerPerHost = api.Some(api.Natural(g.MaxPerHost))
	}
	if members == nil {
		view.Members = []string{}
	}
	return view
}

// findServerGroup finds a group, if policy lets the caller at it. Who belongs to another project is not told
// that it is there.
func (s *Service) findServerGroup(c *api.Call, policy string) (*compute.ServerGroup, error) {
	g, err := s.Compute.ServerGroup(c.Context(), c.Var("id"))
	if err != nil {
		return nil, refused(err)
	}
	if g.ProjectID != c.ProjectID() && !c.Identity.Admin() {
		return nil, api.NotFound("Instance group %s could not be found.", g.ID)
	}
	return g, c.Authorize(rule(policy), api.Target{ProjectID: g.ProjectID, UserID: g.UserID})
}

func (s *Service) showServerGroup(c *api.Call) (ServerGroup, error) {
	g, err := s.findServerGroup(c, "os-server-groups:show")
	if err != nil {
		return ServerGroup{}, err
	}
	members, err := s.Compute.Members(c.Context(), g.ID)
	return serverGroupView(g, members[g.ID]), err
}

func (s *Service) deleteServerGroup(c *api.Call) error {
	g, err := s.findServerGroup(c, "os-server-groups:delete")
	if err != nil {
		return err
	}
	return refused(s.Compute.DeleteServerGroup(c.Context(), g.ID))
}

func (s *Service) createServerGroup(c *api.Call, in *ServerGroupCreate) (ServerGroup, error) {
	group := compute.ServerGroup{Name: string(in.Name), Policy: in.Policy, MaxPerHost: int(in.Rules.MaxServerPerHost.Value)}
	for _, policies := range [][]string{in.OldPolicies, in.Policies} {
		if len(policies) > 0 {
			group.Policy = policies[0]
		}
	}
	if in.Rules.MaxServerPerHost.Set && group.Policy != compute.AntiAffinity {
		return ServerGroup{}, api.BadRequest("Only anti-affinity policy supports rules.")
	}
	made, err := s.Compute.CreateServerGroup(c.Context(), caller(c), group)
	if err != nil {
		return ServerGroup{}, refused(err)
	}
	return serverGroupView(made, nil), nil
}

func (s *Service) listServerGroups(c *api.Call) ([]ServerGroup, error) {
	q := api.Query[serverGroupQuery](c)
	project := c.ProjectID()
	if q.AllProjects.Set && c.Identity.Admin() { // the others get their own
		if err := c.Authorize(rule("os-server-groups:index:all_projects"), c.Own()); err != nil {
			return nil, err
		}
		project = ""
	}
	groups, err := s.Compute.ServerGroups(c.Context(), project)
	if err != nil {
		return nil, err
	}
	groups = limited(groups, q.Limit, q.Offset)
	ids := make([]string, len(groups))
	for i, g := range groups {
		ids[i] = g.ID
	}
	members, err := s.Compute.Members(c.Context(), ids...)
	views := []ServerGroup{}
	for _, g := range groups {
		views = append(views, serverGroupView(g, members[g.ID]))
	}
	return views, err
}

// limited is the part of a list that limit and offset ask for; a limit of 0 is none.
func limited[T any](all []T, limit, offset api.Opt[api.Natural]) []T {
	all = all[min(int(offset.Value), len(all)):]
	most := maxLimit
	if limit.Value > 0 {
		most = min(most, int(limit.Value))
	}
	return all[:min(most, len(all))]
}

// groupsOf is the group of a server, as a list.
func groupsOf(inst *compute.Instance) serverGroups {
	if inst.ServerGroupID == "" {
		return serverGroups{Groups: []string{}}
	}
	return serverGroups{Groups: []string{inst.ServerGroupID}}
}
