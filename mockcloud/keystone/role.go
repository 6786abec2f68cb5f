// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"errors"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

func (k *Keystone) roleRoutes() []api.Route {
	return []api.Route{
		api.Get("/roles", "", k.listRoles),
		api.Post("/roles", "role", k.createRole).Code(http.StatusCreated),
		api.Get("/roles/{role_id}", "role", k.showRole),
		api.Patch("/roles/{role_id}", "role", k.updateRole),
		api.Delete("/roles/{role_id}", k.deleteRole),
	}
}

var roleKind = kind[Role]{&roles, "role", anyTarget[Role]}

type roleBody struct {
	Name        api.Opt[string] `json:"name" len:"1-255" pattern:"\\S"`
	DomainID    api.Opt[string] `json:"domain_id" null:"ok"`
	Description api.Opt[string] `json:"description" null:"ok"`
	Options     map[string]any  `json:"options"`
	Extra       map[string]any  `json:"*"`
}

type roleView struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	DomainID    api.Opt[string] `json:"domain_id"`
	Description api.Opt[string] `json:"description"`
	Options     map[string]any  `json:"options"`
	Links       links           `json:"links"`
	Extra       map[string]any  `json:"*"`
}

func viewRole(c *api.Call, r *Role) roleView {
	return roleView{
		ID: r.ID, Name: r.Name, DomainID: orNull(r.DomainID), Description: orNull(r.Description), Options: r.Options,
		Links: self(c, "/roles/"+r.ID), Extra: r.Extra,
	}
}

var roleAttributes = attributes[Role]{
	"id":        func(r *Role) string { return r.ID },
	"name":      func(r *Role) string { return r.Name },
	"domain_id": func(r *Role) string { return r.DomainID },
}

// listRoles lists the roles of all domains together, unless one domain's are asked for.
func (k *Keystone) listRoles(c *api.Call) (map[string]any, error) {
	if err := allow(c, "identity:list_roles", api.Target{}); err != nil {
		return nil, err
	}
	domain := c.Request.URL.Query().Get("domain_id")
	all, err := roleKind.all(k, c, domain)
	if err != nil {
		return nil, err
	}
	var found []*Role
	for _, r := range all {
		if domain != "" || r.DomainID == "" {
			found = append(found, r)
		}
	}
	return listing(c, "roles", roleAttributes.keep(c, found), roles.Key, viewRole)
}

func (k *Keystone) showRole(c *api.Call) (roleView, error) {
	r, err := roleKind.read(k, c, c.Var("role_id"), "identity:get_role")
	if err != nil {
		return roleView{}, err
	}
	return viewRole(c, r), nil
}

func (k *Keystone) createRole(c *api.Call, in *roleBody) (roleView, error) {
	if err := allow(c, "identity:change_role", api.Target{}); err != nil {
		return roleView{}, err
	}
	if !in.Name.Set {
		return roleView{}, required("name", "role")
	}
	r := &Role{
		ID: newID(), Name: in.Name.Value, DomainID: in.DomainID.Value, Description: in.Description.Value,
		Options: in.Options, Extra: extras(nil, in.Extra),
	}
	err := k.update(c, func(tx store.Tx) error {
		if r.DomainID != "" {
			if _, err := (domainReference{ID: r.DomainID}).find(tx); err != nil {
				return missing(err, "domain", r.DomainID)
			}
		}
		return duplicate(roles.Insert(tx, r), "role", r.Name)
	})
	if err != nil {
		return roleView{}, err
	}
	return viewRole(c, r), nil
}

func (k *Keystone) updateRole(c *api.Call, in *roleBody) (roleView, error) {
	r, err := roleKind.change(k, c, c.Var("role_id"), "identity:change_role", func(_ store.Tx, r *Role) error {
		if in.DomainID.Set && in.DomainID.Value != r.DomainID {
			return api.BadRequest("Cannot change domain_id of a role")
		}
		if err := mutable("role", r.ID, r.Options, in.Options); err != nil {
			return err
		}
		changed(&r.Name, in.Name)
		changed(&r.Description, in.Description)
		r.Options, r.Extra = merged(r.Options, in.Options), extras(r.Extra, in.Extra)
		return nil
	})
	if err != nil {
		return roleView{}, err
	}
	return viewRole(c, r), nil
}

func (k *Keystone) deleteRole(c *api.Call) error {
	return roleKind.delete(k, c, c.Var("role_id"), "identity:change_role", func(tx store.Tx, r *Role) error {
		if err := mutable("role", r.ID, r.Options, nil); err != nil {
			return err
		}
		return releaseRole(tx, r.ID)
	})
}

// releaseRole deletes what depends on a role.
func releaseRole(tx store.Tx, id string) error {
	return errors.Join(
		remove(tx, &assignments, "role", id),
		eachOf(tx, &roles, "implies", id, func(prior *Role) error {
			prior.Implies = without(prior.Implies, id)
			return roles.Put(tx, prior)
		}),
	)
}
