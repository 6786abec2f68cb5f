// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

func (k *Keystone) userRoutes() []api.Route {
	return []api.Route{
		api.Get("/users", "", k.listUsers),
		api.Post("/users", "user", k.createUser).Code(http.StatusCreated),
		api.Get("/users/{user_id}", "user", k.showUser),
		api.Patch("/users/{user_id}", "user", k.updateUser),
		api.Delete("/users/{user_id}", k.deleteUser),
		api.Post("/users/{user_id}/password", "user", k.changePassword).Code(http.StatusNoContent).Public(),
		api.Get("/users/{user_id}/projects", "", k.listUserProjects),
		api.Get("/users/{user_id}/groups", "", k.listUserGroups),
	}
}

var userKind = kind[User]{&users, "user", func(u *User) api.Target {
	return api.Target{UserID: u.ID, DomainID: u.DomainID}
}}

type userBody struct {
	Name           api.Opt[string] `json:"name" len:"1-255" pattern:"\\S"`
	DomainID       api.Opt[string] `json:"domain_id" null:"ok"`
	DefaultProject api.Opt[string] `json:"default_project_id" null:"ok"`
	Description    api.Opt[string] `json:"description" null:"ok"`
	Enabled        api.Opt[bool]   `json:"enabled"`
	Password       api.Opt[string] `json:"password" null:"ok"`
	Options        map[string]any  `json:"options"`
	Extra          map[string]any  `json:"*"`
}

type userView struct {
	ID              string          `json:"id"`
	Name            string          `json:"name"`
	DomainID        string          `json:"domain_id"`
	DefaultProject  string          `json:"default_project_id,omitempty"`
	Description     string          `json:"description,omitempty"`
	Enabled         bool            `json:"enabled"`
	PasswordExpires api.Opt[string] `json:"password_expires_at"`
	Options         map[string]any  `json:"options"`
	Links           links           `json:"links"`
	Extra           map[string]any  `json:"*"`
}

func viewUser(c *api.Call, u *User) userView {
	return userView{
		ID: u.ID, Name: u.Name, DomainID: u.DomainID, DefaultProject: u.DefaultProjectID, Description: u.Description,
		Enabled: u.Enabled, Options: u.Options, Links: self(c, "/users/"+u.ID), Extra: u.Extra,
	}
}

var userAttributes = attributes[User]{
	"id":                 func(u *User) string { return u.ID },
	"name":               func(u *User) string { return u.Name },
	"domain_id":          func(u *User) string { return u.DomainID },
	"enabled":            func(u *User) string { return flag(u.Enabled) },
	"default_project_id": func(u *User) string { return u.DefaultProjectID },
}

func (k *Keystone) listUsers(c *api.Call) (map[string]any, error) {
	domain := domainAsked(c)
	if err := allow(c, "identity:list_users", api.Target{DomainID: domain}); err != nil {
		return nil, err
	}
	all, err := userKind.all(k, c, domain)
	if err != nil {
		return nil, err
	}
	return listing(c, "users", userAttributes.keep(c, all), users.Key, viewUser)
}

func (k *Keystone) showUser(c *api.Call) (userView, error) {
	u, err := userKind.read(k, c, c.Var("user_id"), "identity:get_user")
	if err != nil {
		return userView{}, err
	}
	return viewUser(c, u), nil
}

func (k *Keystone) createUser(c *api.Call, in *userBody) (userView, error) {
	if !in.Name.Set {
		return userView{}, required("name", "user")
	}
	u := &User{
		ID: newID(), Name: in.Name.Value, DomainID: cmp.Or(in.DomainID.Value, ownDomain(c)), Description: in.Description.Value,
		DefaultProjectID: in.DefaultProject.Value, Enabled: orTrue(in.Enabled), Options: in.Options, Extra: extras(nil, in.Extra),
	}
	if err := allow(c, "identity:change_user", userKind.target(u)); err != nil {
		return userView{}, err
	}
	var err error
	if u.Password, err = hashOf(in.Password); err != nil {
		return userView{}, err
	}
	err = k.update(c, func(tx store.Tx) error {
		if _, err := (domainReference{ID: u.DomainID}).find(tx); err != nil {
			return missing(err, "domain", u.DomainID)
		}
		if err := noDomain(tx, u.DefaultProjectID); err != nil {
			return err
		}
		return duplicate(users.Insert(tx, u), "user", u.Name)
	})
	if err != nil {
		return userView{}, err
	}
	return viewUser(c, u), nil
}

// noDomain refuses a domain as the default project of a user.
func noDomain(tx store.Tx, id string) error {
	p, err := projects.Get(tx, id)
	switch {
	case id == "" || errors.Is(err, store.ErrNotFound): // Keystone takes an unknown project as well
		return nil
	case err != nil:
		return err
	case p.IsDomain:
		return api.BadRequest("User's default project ID cannot be a domain ID: %s", id)
	}
	return nil
}

// hashOf is the hash of a password that a person chose; "" for none.
func hashOf(password api.Opt[string]) (string, error) {
	if !password.Set || password.Null {
		return "", nil
	}
	return hashPassword(password.Value, chosenCost)
}

func (k *Keystone) updateUser(c *api.Call, in *userBody) (userView, error) {
	// First whether, then the costly hash, then the change.
	if _, err := userKind.read(k, c, c.Var("user_id"), "identity:change_user"); err != nil {
		return userView{}, err
	}
	hash, err := hashOf(in.Password)
	if err != nil {
		return userView{}, err
	}
	u, err := userKind.change(k, c, c.Var("user_id"), "identity:change_user", func(tx store.Tx, u *User) error {
		if in.DomainID.Set && in.DomainID.Value != u.DomainID {
			return api.BadRequest("Cannot change domain_id of a user")
		}
		changed(&u.Name, in.Name)
		changed(&u.DefaultProjectID, in.DefaultProject)
		changed(&u.Description, in.Description)
		changed(&u.Enabled, in.Enabled)
		u.Options, u.Extra = merged(u.Options, in.Options), extras(u.Extra, in.Extra)
		if in.Password.Set {
			u.Password = hash
		}
		if err := noDomain(tx, u.DefaultProjectID); err != nil {
			return err
		}
		if in.Password.Set || !u.Enabled {
			return revoke(tx, "user", u.ID)
		}
		return nil
	})
	if err != nil {
		return userView{}, err
	}
	return viewUser(c, u), nil
}

func (k *Keystone) deleteUser(c *api.Call) error {
	return userKind.delete(k, c, c.Var("user_id"), "identity:change_user", func(tx store.Tx, u *User) error {
		return releaseUser(tx, u.ID)
	})
}

// releaseUser deletes what depends on a user.
func releaseUser(tx store.Tx, id string) error {
	return errors.Join(
		remove(tx, &assignments, "actor", "user:"+id),
		remove(tx, &credentials, "user", id),
		remove(tx, &secrets, "user", id),
		remove(tx, &trusts, "user", id),
		revoke(tx, "user", id),
		eachOf(tx, &groups, "member", id, func(g *Group) error {
			g.Members = without(g.Members, id)
			return groups.Put(tx, g)
		}),
	)
}

type passwordBody struct {
	Password string `json:"password" need:"" len:"1-"`
	Original string `json:"original_password" need:""`
}

// changePassword is for who knows the old password; no token is needed, as one may not be had.
func (k *Keystone) changePassword(c *api.Call, in *passwordBody) (api.None, error) {
	id := c.Var("user_id")
	shown, err := k.provePassword(c.Context(), &userReference{ID: id}, in.Original)
	if errors.Is(err, errDead) {
		return api.None{}, unauthorized()
	}
	if err != nil {
		return api.None{}, err
	}
	if in.Password == in.Original {
		return api.None{}, api.BadRequest("The new password cannot be the same as the original.")
	}
	hash, err := hashPassword(in.Password, chosenCost)
	if err != nil {
		return api.None{}, err
	}
	return api.None{}, k.update(c, func(tx store.Tx) error {
		u, err := users.Get(tx, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && (u.Password != shown.password || !u.Enabled) {
			return unauthorized()
		}
		if err != nil {
			return err
		}
		u.Password = hash
		return errors.Join(users.Put(tx, u), revoke(tx, "user", id))
	})
}

// listUserProjects lists what a user has a role on.
func (k *Keystone) listUserProjects(c *api.Call) (map[string]any, error) {
	u, err := userKind.read(k, c, c.Var("user_id"), "identity:list_user_projects")
	if err != nil {
		return nil, err
	}
	found, err := k.scopes(c, u.ID)
	if err != nil {
		return nil, err
	}
	return listing(c, "projects", keepProjects(c, found.projects), projects.Key, viewProject)
}
