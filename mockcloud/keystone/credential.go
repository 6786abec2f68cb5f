// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Application credentials cannot be changed once they are made, as in Keystone: PATCH is 405.
func (k *Keystone) credentialRoutes() []api.Route {
	const all = "/users/{user_id}/application_credentials"
	return []api.Route{
		api.Get(all, "", k.listCredentials),
		api.Post(all, "application_credential", k.createCredential).Code(http.StatusCreated),
		api.Get(all+"/{credential_id}", "application_credential", k.showCredential),
		api.Delete(all+"/{credential_id}", k.deleteCredential),
	}
}

type credentialBody struct {
	Name         string           `json:"name" need:"" len:"1-255" pattern:"\\S"`
	Description  api.Opt[string]  `json:"description" null:"ok"`
	Secret       api.Opt[string]  `json:"secret" null:"ok"`
	Roles        []roleReference  `json:"roles"`
	Expires      api.Opt[string]  `json:"expires_at" null:"ok"`
	Unrestricted api.Opt[bool]    `json:"unrestricted" null:"ok"`
	AccessRules  []map[string]any `json:"access_rules"`
}

type roleReference struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type credentialView struct {
	ID           string             `json:"id"`
	Name         string             `json:"name"`
	Description  api.Opt[string]    `json:"description"`
	Project      string             `json:"project_id"`
	User         string             `json:"user_id"`
	Roles        []roleInCredential `json:"roles"`
	Expires      api.Opt[string]    `json:"expires_at"`
	Unrestricted bool               `json:"unrestricted"`
	System       api.Opt[string]    `json:"system"`
	Secret       string             `json:"secret,omitempty"` // only where it is made
	Links        links              `json:"links"`
}

type roleInCredential struct {
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	DomainID api.Opt[string] `json:"domain_id"`
}

func viewCredential(c *api.Call, tx store.Tx, a *ApplicationCredential) (credentialView, error) {
	view := credentialView{
		ID: a.ID, Name: a.Name, Description: orNull(a.Description), Project: a.ProjectID, User: a.UserID,
		Roles: []roleInCredential{}, Unrestricted: a.Unrestricted,
		Links: self(c, "/users/"+a.UserID+"/application_credentials/"+a.ID),
	}
	if !a.Expires.IsZero() {
		view.Expires = api.Some(strings.TrimSuffix(stamp(a.Expires), "Z")) // Keystone leaves the zone out just here
	}
	for _, id := range a.RoleIDs {
		role, err := roles.Get(tx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return view, err
		}
		view.Roles = append(view.Roles, roleInCredential{ID: role.ID, Name: role.Name, DomainID: orNull(role.DomainID)})
	}
	return view, nil
}

var credentialAttributes = attributes[ApplicationCredential]{
	"id":           func(a *ApplicationCredential) string { return a.ID },
	"name":         func(a *ApplicationCredential) string { return a.Name },
	"project_id":   func(a *ApplicationCredential) string { return a.ProjectID },
	"unrestricted": func(a *ApplicationCredential) string { return flag(a.Unrestricted) },
}

func (k *Keystone) listCredentials(c *api.Call) (map[string]any, error) {
	user := c.Var("user_id")
	if err := allow(c, "identity:get_application_credential", api.Target{UserID: user}); err != nil {
		return nil, err
	}
	var found []*ApplicationCredential
	views := map[string]credentialView{}
	err := k.view(c, func(tx store.Tx) (err error) {
		if _, err = users.Get(tx, user); err != nil {
			return missing(err, "user", user)
		}
		if found, err = credentials.By(tx, "user", user); err != nil {
			return err
		}
		for _, a := range found {
			if views[a.ID], err = viewCredential(c, tx, a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return listing(c, "application_credentials", credentialAttributes.keep(c, found), credentials.Key,
		func(_ *api.Call, a *ApplicationCredential) credentialView { return views[a.ID] })
}

func (k *Keystone) showCredential(c *api.Call) (credentialView, error) {
	var view credentialView
	err := k.view(c, func(tx store.Tx) error {
		a, err := findCredential(c, tx, "identity:get_application_credential")
		if err == nil {
			view, err = viewCredential(c, tx, a)
		}
		return err
	})
	return view, err
}

// findCredential is the credential of the path, which has to be the user's of the path.
func findCredential(c *api.Call, tx store.Tx, rule string) (*ApplicationCredential, error) {
	user, id := c.Var("user_id"), c.Var("credential_id")
	if err := allow(c, rule, api.Target{UserID: user}); err != nil {
		return nil, err
	}
	a, err := credentials.Get(tx, id)
	if err == nil && a.UserID != user {
		err = store.ErrNotFound
	}
	return a, missing(err, "application credential", id)
}

func (k *Keystone) createCredential(c *api.Call, in *credentialBody) (credentialView, error) {
	a, secret, err := k.newCredential(c, in)
	if err != nil {
		return credentialView{}, err
	}
	var view credentialView
	err = k.update(c, func(tx store.Tx) error {
		held, err := k.mayHandOut(c, tx)
		if err != nil {
			return err
		}
		if a.RoleIDs, err = pick(held.roles, in.Roles); err != nil {
			return err
		}
		if err := duplicate(credentials.Insert(tx, a), "application credential", a.Name); err != nil {
			return err
		}
		view, err = viewCredential(c, tx, a)
		view.Secret = secret
		return err
	})
	return view, err
}

// newCredential is the credential that a request asks for, but for its roles, and its secret.
func (k *Keystone) newCredential(c *api.Call, in *credentialBody) (*ApplicationCredential, string, error) {
	user := c.Var("user_id")
	if err := allow(c, "identity:create_application_credential", api.Target{UserID: user}); err != nil {
		return nil, "", err
	}
	if c.Identity.ProjectID == "" {
		return nil, "", api.BadRequest("Application credentials are made with a token that is scoped to a project.")
	}
	if len(in.AccessRules) > 0 {
		// To keep rules that no service heeds would promise a safety that there is not.
		return nil, "", api.NewFault(http.StatusNotImplemented, "Access rules are not supported.")
	}
	a := &ApplicationCredential{
		ID: newID(), Name: in.Name, Description: in.Description.Value, UserID: user, ProjectID: c.Identity.ProjectID,
		Unrestricted: in.Unrestricted.Value,
	}
	if in.Expires.Set && !in.Expires.Null {
		expires, err := api.ParseTime(in.Expires.Value)
		if err != nil || !expires.After(k.clock.Now()) {
			return nil, "", api.BadRequest("Invalid input for field/attribute expires_at. Value: %s. It is not a time in the future.", in.Expires.Value)
		}
		a.Expires = expires.Truncate(time.Microsecond)
	}
	secret, cost := in.Secret.Value, chosenCost
	if secret == "" {
		secret, cost = random(64), madeCost
	}
	var err error
	a.Secret, err = hashPassword(secret, cost)
	return a, secret, err
}

// pick are the ids of the roles asked for, all of them if none is; they have to be among those held.
func pick(held []*Role, asked []roleReference) ([]string, error) {
	var ids []string
	for _, role := range held {
		if len(asked) == 0 {
			ids = append(ids, role.ID)
		}
	}
	for _, want := range asked {
		at := slices.IndexFunc(held, func(r *Role) bool {
			return want.ID != "" && r.ID == want.ID || want.ID == "" && r.Name == want.Name
		})
		if at < 0 {
			return nil, api.BadRequest("Invalid application credential: Could not find role assignment with role: %s, user or group, project.",
				want.ID+want.Name)
		}
		if !slices.Contains(ids, held[at].ID) {
			ids = append(ids, held[at].ID)
		}
	}
	return ids, nil
}

// mayHandOut is who calls, unless by the token of a restricted application credential: that can neither
// make nor delete others.
func (k *Keystone) mayHandOut(c *api.Call, tx store.Tx) (*holder, error) {
	held, err := k.holderOf(tx, c.Request.Header.Get("X-Auth-Token"))
	if errors.Is(err, errDead) { // it ended since it was checked
		return nil, unauthorized()
	}
	if err == nil && held.trust != nil { // it would outlive the trust
		err = api.Forbidden("You are not authorized to perform the requested action: a trust cannot be used to manage application credentials.")
	}
	if err == nil && held.credential != nil && !held.credential.Unrestricted {
		err = api.Forbidden("Using method 'application_credential' is not allowed for managing additional application credentials.")
	}
	return held, err
}

func (k *Keystone) deleteCredential(c *api.Call) error {
	return k.update(c, func(tx store.Tx) error {
		a, err := findCredential(c, tx, "identity:delete_application_credential")
		if err != nil {
			return err
		}
		if _, err := k.mayHandOut(c, tx); err != nil {
			return err
		}
		return errors.Join(credentials.Delete(tx, a.ID), revoke(tx, "credential", a.ID))
	})
}
