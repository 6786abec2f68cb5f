// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

func (k *Keystone) groupRoutes() []api.Route {
	const member = "/groups/{group_id}/users/{user_id}"
	return []api.Route{
		api.Get("/groups", "", k.listGroups),
		api.Post("/groups", "group", k.createGroup).Code(http.StatusCreated),
		api.Get("/groups/{group_id}", "group", k.showGroup),
		api.Patch("/groups/{group_id}", "group", k.updateGroup),
		api.Delete("/groups/{group_id}", k.deleteGroup),
		api.Get("/groups/{group_id}/users", "", k.listMembers),
		api.Put(member, "", k.addMember).Code(http.StatusNoContent),
		api.Get(member, "", k.checkMember).Code(http.StatusNoContent),
		api.Delete(member, k.removeMember),
	}
}

var groupKind = kind[Group]{&groups, "group", func(g *Group) api.Target { return api.Target{DomainID: g.DomainID} }}

type groupBody struct {
	Name        api.Opt[string] `json:"name" len:"1-64" pattern:"\\S"`
	DomainID    api.Opt[string] `json:"domain_id"`
	Description api.Opt[string] `json:"description" null:"ok"`
	Extra       map[string]any  `json:"*"`
}

type groupView struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	DomainID    string         `json:"domain_id"`
	Description string         `json:"description"`
	Links       links          `json:"links"`
	Extra       map[string]any `json:"*"`
}

func viewGroup(c *api.Call, g *Group) groupView {
	return groupView{
		ID: g.ID, Name: g.Name, DomainID: g.DomainID, Description: g.Description,
		Links: self(c, "/groups/"+g.ID), Extra: g.Extra,
	}
}

var groupAttributes = attributes[Group]{
	"id":        func(g *Group) string { return g.ID },
	"name":      func(g *Group) string { return g.Name },
	"domain_id": func(g *Group) string { return g.DomainID },
}

func (k *Keystone) listGroups(c *api.Call) (map[string]any, error) {
	domain := domainAsked(c)
	if err := allow(c, "identity:list_groups", api.Target{DomainID: domain}); err != nil {
		return nil, err
	}
	all, err := groupKind.all(k, c, domain)
	if err != nil {
		return nil, err
	}
	return listing(c, "groups", groupAttributes.keep(c, all), groups.Key, viewGroup)
}

func (k *Keystone) showGroup(c *api.Call) (groupView, error) {
	g, err := groupKind.read(k, c, c.Var("group_id"), "identity:get_group")
	if err != nil {
		return groupView{}, err
	}
	return viewGroup(c, g), nil
}

func (k *Keystone) createGroup(c *api.Call, in *groupBody) (groupView, error) {
	if !in.Name.Set {
		return groupView{}, required("name", "group")
	}
	g := &Group{
		ID: newID(), Name: in.Name.Value, DomainID: cmp.Or(in.DomainID.Value, ownDomain(c)),
		Description: in.Description.Value, Extra: extras(nil, in.Extra),
	}
	if err := allow(c, "identity:change_group", groupKind.target(g)); err != nil {
		return groupView{}, err
	}
	err := k.update(c, func(tx store.Tx) error {
		if _, err := (domainReference{ID: g.DomainID}).find(tx); err != nil {
			return missing(err, "domain", g.DomainID)
		}
		return duplicate(groups.Insert(tx, g), "group", g.Name)
	})
	if err != nil {
		return groupView{}, err
	}
	return viewGroup(c, g), nil
}

func (k *Keystone) updateGroup(c *api.Call, in *groupBody) (groupView, error) {
	g, err := groupKind.change(k, c, c.Var("group_id"), "identity:change_group", func(_ store.Tx, g *Group) error {
		if in.DomainID.Set && in.DomainID.Value != g.DomainID {
			return api.BadRequest("Cannot change domain_id of a group")
		}
		changed(&g.Name, in.Name)
		changed(&g.Description, in.Description)
		g.Extra = extras(g.Extra, in.Extra)
		return nil
	})
	if err != nil {
		return groupView{}, err
	}
	return viewGroup(c, g), nil
}

func (k *Keystone) deleteGroup(c *api.Call) error {
	return groupKind.delete(k, c, c.Var("group_id"), "identity:change_group", func(tx store.Tx, g *Group) error {
		return remove(tx, &assignments, "actor", "group:"+g.ID)
	})
}

func (k *Keystone) listMembers(c *api.Call) (map[string]any, error) {
	g, err := groupKind.read(k, c, c.Var("group_id"), "identity:get_group")
	if err != nil {
		return nil, err
	}
	var members []*User
	err = k.view(c, func(tx store.Tx) error {
		members = nil
		for _, id := range g.Members {
			u, err := users.Get(tx, id)
			if err != nil {
				return err
			}
			members = append(members, u)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return listing(c, "users", userAttributes.keep(c, members), users.Key, viewUser)
}

func (k *Keystone) addMember(c *api.Call, _ *api.None) (api.None, error) {
	_, err := groupKind.change(k, c, c.Var("group_id"), "identity:change_group", func(tx store.Tx, g *Group) error {
		u, err := userKind.find(c, tx, c.Var("user_id"), "identity:get_user")
		if err == nil && !slices.Contains(g.Members, u.ID) {
			g.Members = append(g.Members, u.ID)
		}
		return err
	})
	return api.None{}, err
}

func (k *Keystone) checkMember(c *api.Call) (api.None, error) {
	g, err := groupKind.read(k, c, c.Var("group_id"), "identity:get_group")
	if err == nil && !slices.Contains(g.Members, c.Var("user_id")) {
		err = missing(store.ErrNotFound, "user", c.Var("user_id"))
	}
	return api.None{}, err
}

func (k *Keystone) removeMember(c *api.Call) error {
	id := c.Var("user_id")
	_, err := groupKind.change(k, c, c.Var("group_id"), "identity:change_group", func(tx store.Tx, g *Group) error {
		if !slices.Contains(g.Members, id) {
			return missing(store.ErrNotFound, "user", id)
		}
		g.Members = without(g.Members, id)
		return revoke(tx, "user", id)
	})
	return err
}

func (k *Keystone) listUserGroups(c *api.Call) (map[string]any, error) {
	u, err := userKind.read(k, c, c.Var("user_id"), "identity:get_user")
	if err != nil {
		return nil, err
	}
	var found []*Group
	err = k.view(c, func(tx store.Tx) (err error) {
		found, err = groups.By(tx, "member", u.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return listing(c, "groups", groupAttributes.keep(c, found), groups.Key, viewGroup)
}

func without(ids []string, id string) []string {
	return slices.DeleteFunc(ids, func(each string) bool { return each == id })
}
