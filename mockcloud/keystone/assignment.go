// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

func (k *Keystone) assignmentRoutes() []api.Route {
	return []api.Route{api.Get("/role_assignments", "", k.listAssignments)}
}

// listed is an assignment in a list. In the effective mode it may be the consequence of another one,
// the source, which its link then names.
type listed struct {
	Assignment
	source *Assignment
	viaID  string // the group that the user is a member of
}

// option reports whether a parameter without a value, or with a true one, is in the query.
func option(query url.Values, name string) bool {
	return query.Has(name) && !slices.Contains([]string{"0", "false", "no", "off"}, strings.ToLower(query.Get(name)))
}

func (k *Keystone) listAssignments(c *api.Call) (map[string]any, error) {
	query := c.Request.URL.Query()
	if err := checkAssignmentQuery(query); err != nil {
		return nil, err
	}
	rule := api.Target{DomainID: c.Identity.DomainID}
	if err := allow(c, "identity:list_role_assignments", rule); err != nil {
		return nil, err
	}
	items := []map[string]any{}
	err := k.view(c, func(tx store.Tx) error {
		items = items[:0]
		found, err := k.assignmentsFor(c, tx, query)
		if err != nil {
			return err
		}
		for _, a := range found {
			view, err := viewAssignment(c, tx, a, option(query, "include_names"))
			if err != nil {
				return err
			}
			items = append(items, view)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"role_assignments": items,
		"links":            map[string]any{"self": here(c, query), "previous": nil, "next": nil},
	}, nil
}

func checkAssignmentQuery(query url.Values) error {
	for _, pair := range [][2]string{
		{"user.id", "group.id"},
		{"scope.domain.id", "scope.project.id"}, {"scope.domain.id", "scope.system"}, {"scope.project.id", "scope.system"},
	} {
		if query.Get(pair[0]) != "" && query.Get(pair[1]) != "" {
			return api.BadRequest("Specify %s or %s, not both", pair[0], pair[1])
		}
	}
	switch {
	case option(query, "effective") && query.Get("group.id") != "":
		return api.BadRequest("Combining effective and group filter will always result in an empty list.")
	case option(query, "effective") && query.Get("scope.domain.id") != "" && query.Get("scope.OS-INHERIT:inherited_to") == "projects":
		return api.BadRequest("Combining effective, domain and inherited filters will always result in an empty list.")
	case option(query, "include_subtree") && query.Get("scope.project.id") == "":
		return api.BadRequest("scope.project.id must be specified if include_subtree is also specified")
	}
	return nil
}

// assignmentsFor are the assignments that the query asks for and the caller may see.
func (k *Keystone) assignmentsFor(c *api.Call, tx store.Tx, query url.Values) ([]listed, error) {
	rows, err := assignments.All(tx)
	if err != nil {
		return nil, err
	}
	var all []listed
	for _, a := range rows {
		if !option(query, "effective") {
			all = append(all, listed{Assignment: *a, source: a})
			continue
		}
		more, err := effective(tx, a)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	scopes := []string{query.Get("scope.project.id")}
	if option(query, "include_subtree") {
		below, err := descendants(tx, scopes[0])
		if err != nil {
			return nil, err
		}
		scopes = below.list(scopes)
	}
	var kept []listed
	for _, a := range all {
		target, err := targetOf(tx, &a.Assignment)
		if err != nil {
			return nil, err
		}
		if matches(&a, query, scopes) && c.Allowed("identity:list_role_assignments", target) {
			kept = append(kept, a)
		}
	}
	return kept, nil
}

func matches(a *listed, query url.Values, projects []string) bool {
	for name, value := range map[string]string{
		"user.id": a.UserID, "group.id": a.GroupID, "role.id": a.RoleID, "scope.domain.id": a.DomainID,
	} {
		if wanted := query.Get(name); wanted != "" && wanted != value {
			return false
		}
	}
	if query.Get("scope.project.id") != "" && !slices.Contains(projects, a.ProjectID) {
		return false
	}
	if query.Get("scope.system") != "" && !a.System {
		return false
	}
	return query.Get("scope.OS-INHERIT:inherited_to") != "projects" || a.Inherited || a.source.Inherited
}

// effective is what an assignment comes to: for each member of a group, on each project that inherits,
// with each role that is implied.
func effective(tx store.Tx, source *Assignment) ([]listed, error) {
	all := []listed{{Assignment: *source, source: source}}
	if source.GroupID != "" {
		group, err := groups.Get(tx, source.GroupID)
		if err != nil {
			return nil, err
		}
		all = nil
		for _, member := range group.Members {
			a := listed{Assignment: *source, source: source, viaID: source.GroupID}
			a.UserID, a.GroupID = member, ""
			all = append(all, a)
		}
	}
	if source.Inherited {
		below, err := descendants(tx, cmp.Or(source.ProjectID, source.DomainID))
		if err != nil {
			return nil, err
		}
		var on []listed
		for _, project := range below.list(nil) {
			for _, a := range all {
				a.ProjectID, a.DomainID, a.Inherited = project, "", false
				on = append(on, a)
			}
		}
		all = on
	}
	held, err := implied(tx, []string{source.RoleID})
	if err != nil {
		return nil, err
	}
	var with []listed
	for _, role := range held {
		for _, a := range all {
			a.RoleID = role.ID
			with = append(with, a)
		}
	}
	return with, nil
}

func viewAssignment(c *api.Call, tx store.Tx, a listed, names bool) (map[string]any, error) {
	view := map[string]any{"links": assignmentLinks(c, &a)}
	var err error
	name := func(kind, id string) any {
		if !names {
			return map[string]string{"id": id}
		}
		var named any
		if named, err = nameIn(tx, kind, id, err); err != nil {
			return nil
		}
		return named
	}
	view["role"] = name("role", a.RoleID)
	if a.GroupID != "" {
		view["group"] = name("group", a.GroupID)
	} else {
		view["user"] = name("user", a.UserID)
	}
	where := map[string]any{}
	switch {
	case a.ProjectID != "":
		where["project"] = name("project", a.ProjectID)
	case a.DomainID != "":
		where["domain"] = name("domain", a.DomainID)
	default:
		where["system"] = map[string]bool{"all": true}
	}
	if a.Inherited || a.source.Inherited {
		where["OS-INHERIT:inherited_to"] = "projects"
	}
	view["scope"] = where
	return view, err
}

// nameIn is an object with its name and that of its domain; before is the error of an earlier call.
func nameIn(tx store.Tx, kind, id string, before error) (any, error) {
	if before != nil {
		return nil, before
	}
	var domain, name string
	switch kind {
	case "user":
		u, err := users.Get(tx, id)
		if err != nil {
			return nil, err
		}
		domain, name = u.DomainID, u.Name
	case "group":
		g, err := groups.Get(tx, id)
		if err != nil {
			return nil, err
		}
		domain, name = g.DomainID, g.Name
	case "role":
		r, err := roles.Get(tx, id)
		if err != nil {
			return nil, err
		}
		domain, name = r.DomainID, r.Name
	default:
		p, err := projects.Get(tx, id)
		if err != nil {
			return nil, err
		}
		domain, name = p.DomainID, p.Name
	}
	if domain == "" {
		return reference{ID: id, Name: name}, nil
	}
	d, err := projects.Get(tx, domain)
	if err != nil {
		return nil, err
	}
	return homed{ID: id, Name: name, Domain: nameOf(d)}, nil
}

// assignmentLinks name the grant that the assignment is, or comes from.
func assignmentLinks(c *api.Call, a *listed) map[string]string {
	s := a.source
	path := "/system"
	switch {
	case s.ProjectID != "":
		path = "/projects/" + s.ProjectID
	case s.DomainID != "":
		path = "/domains/" + s.DomainID
	}
	if s.GroupID != "" {
		path += "/groups/" + s.GroupID
	} else {
		path += "/users/" + s.UserID
	}
	path += "/roles/" + s.RoleID
	if s.Inherited {
		path = "/OS-INHERIT" + path + inheritedTail
	}
	all := map[string]string{"assignment": c.URL(path)}
	if a.viaID != "" {
		all["membership"] = c.URL("/groups/" + a.viaID + "/users/" + a.UserID)
	}
	if a.RoleID != s.RoleID {
		all["prior_role"] = c.URL("/prior_role/" + s.RoleID + "/implies/" + a.RoleID)
	}
	return all
}
