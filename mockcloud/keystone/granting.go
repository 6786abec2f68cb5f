// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"net/http"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// grantRoutes are the same four operations for each kind of target and actor.
func (k *Keystone) grantRoutes() []api.Route {
	var routes []api.Route
	for _, actor := range []string{"/users/{user_id}", "/groups/{group_id}"} {
		for _, at := range []struct{ base, tail string }{
			{"/projects/{project_id}" + actor + "/roles", ""},
			{"/domains/{domain_id}" + actor + "/roles", ""},
			{"/system" + actor + "/roles", ""},
			{"/OS-INHERIT/projects/{project_id}" + actor + "/roles", inheritedTail},
			{"/OS-INHERIT/domains/{domain_id}" + actor + "/roles", inheritedTail},
		} {
			one := at.base + "/{role_id}" + at.tail
			routes = append(routes,
				api.Get(at.base+at.tail, "", k.listGrants),
				api.Put(one, "", k.addGrant).Code(http.StatusNoContent),
				api.Get(one, "", k.checkGrant).Code(http.StatusNoContent),
				api.Delete(one, k.removeGrant),
			)
		}
	}
	return routes
}

const inheritedTail = "/inherited_to_projects"

// granted is the assignment that a path means, after a look at everything that it names.
func (k *Keystone) granted(c *api.Call, tx store.Tx, rule string) (*Assignment, error) {
	a := &Assignment{
		UserID: c.Var("user_id"), GroupID: c.Var("group_id"), ProjectID: c.Var("project_id"), DomainID: c.Var("domain_id"),
		RoleID: c.Var("role_id"), Inherited: strings.HasSuffix(c.Request.URL.Path, inheritedTail),
	}
	a.System = a.ProjectID == "" && a.DomainID == ""
	for _, lookUp := range []func(store.Tx, *Assignment) (api.Target, error){targetOf, actorOf} {
		target, absent := lookUp(tx, a)
		if err := allow(c, rule, target); err != nil { // who may not is not told what is missing
			return nil, err
		}
		if absent != nil {
			return nil, absent
		}
	}
	return a, nil
}

func targetOf(tx store.Tx, a *Assignment) (api.Target, error) {
	switch {
	case a.ProjectID != "":
		p, err := projects.Get(tx, a.ProjectID)
		if err != nil {
			return api.Target{}, missing(err, "project", a.ProjectID)
		}
		return api.Target{DomainID: domainOf(p)}, nil
	case a.DomainID != "":
		d, err := (domainReference{ID: a.DomainID}).find(tx)
		if err != nil {
			return api.Target{}, missing(err, "domain", a.DomainID)
		}
		return api.Target{DomainID: d.ID}, nil
	}
	return api.Target{}, nil
}

func actorOf(tx store.Tx, a *Assignment) (api.Target, error) {
	if a.GroupID != "" {
		g, err := groups.Get(tx, a.GroupID)
		if err != nil {
			return api.Target{}, missing(err, "group", a.GroupID)
		}
		return groupKind.target(g), nil
	}
	u, err := users.Get(tx, a.UserID)
	if err != nil {
		return api.Target{}, missing(err, "user", a.UserID)
	}
	return userKind.target(u), nil
}

func (k *Keystone) listGrants(c *api.Call) (map[string]any, error) {
	var found []*Role
	err := k.view(c, func(tx store.Tx) error {
		found = nil
		at, err := k.granted(c, tx, "identity:list_grants")
		if err != nil {
			return err
		}
		all, err := assignments.By(tx, "actor", at.actor())
		if err != nil {
			return err
		}
		for _, a := range all {
			at.RoleID = a.RoleID
			if at.key() != a.key() {
				continue
			}
			role, err := roles.Get(tx, a.RoleID)
			if err != nil {
				return err
			}
			found = append(found, role)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return listing(c, "roles", found, roles.Key, viewRole)
}

// changed is the assignment that a path adds or removes, of a role that the caller may grant.
func (k *Keystone) changed(c *api.Call, tx store.Tx) (*Assignment, error) {
	a, err := k.granted(c, tx, "identity:change_grant")
	if err != nil {
		return nil, err
	}
	role, err := roles.Get(tx, a.RoleID)
	if err != nil {
		return nil, missing(err, "role", a.RoleID)
	}
	return a, mayGrant(c, role)
}

func (k *Keystone) addGrant(c *api.Call, _ *api.None) (api.None, error) {
	return api.None{}, k.update(c, func(tx store.Tx) error {
		a, err := k.changed(c, tx)
		if err != nil {
			return err
		}
		return assignments.Put(tx, a)
	})
}

func (k *Keystone) checkGrant(c *api.Call) (api.None, error) {
	return api.None{}, k.view(c, func(tx store.Tx) error {
		a, err := k.granted(c, tx, "identity:list_grants")
		if err != nil {
			return err
		}
		_, err = assignments.Get(tx, a.key())
		return missing(err, "role", a.RoleID)
	})
}

func (k *Keystone) removeGrant(c *api.Call) error {
	return k.update(c, func(tx store.Tx) error {
		a, err := k.changed(c, tx)
		if err != nil {
			return err
		}
		return missing(assignments.Delete(tx, a.key()), "role assignment with role", a.RoleID)
	})
}
