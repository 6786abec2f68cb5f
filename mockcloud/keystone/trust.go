// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// A trust cannot be changed once it is made, nor handed on by the trustee: there is no redelegation.
func (k *Keystone) trustRoutes() []api.Route {
	const all, one = "/OS-TRUST/trusts", "/OS-TRUST/trusts/{trust_id}"
	return []api.Route{
		api.Get(all, "", k.listTrusts),
		api.Get(all+"/", "", k.listTrusts),
		api.Post(all, "trust", k.createTrust).Code(http.StatusCreated),
		api.Get(one, "trust", k.showTrust),
		api.Delete(one, k.deleteTrust),
		api.Get(one+"/roles", "", k.listTrustRoles),
		api.Get(one+"/roles/{role_id}", "role", k.showTrustRole),
	}
}

type trustBody struct {
	Trustor       string               `json:"trustor_user_id" need:""`
	Trustee       string               `json:"trustee_user_id" need:""`
	Impersonation api.Opt[bool]        `json:"impersonation"`
	Project       api.Opt[string]      `json:"project_id" null:"ok"`
	Roles         []roleReference      `json:"roles"`
	Expires       api.Opt[string]      `json:"expires_at" null:"ok"`
	Remaining     api.Opt[api.Integer] `json:"remaining_uses" null:"ok"`
}

type trustView struct {
	ID            string                `json:"id"`
	Trustor       string                `json:"trustor_user_id"`
	Trustee       string                `json:"trustee_user_id"`
	Impersonation bool                  `json:"impersonation"`
	Project       api.Opt[string]       `json:"project_id"`
	Expires       api.Opt[string]       `json:"expires_at"`
	Deleted       api.Opt[string]       `json:"deleted_at"` // always null
	Remaining     *int                  `json:"remaining_uses"`
	Redelegation  int                   `json:"redelegation_count"` // always 0
	Roles         []roleView            `json:"roles,omitempty"`    // but in lists
	RolesLinks    api.Opt[collectionOf] `json:"roles_links,omitempty"`
	Links         links                 `json:"links"`
}

// collectionOf are the links of a collection within an object.
type collectionOf struct {
	Self     string          `json:"self"`
	Next     api.Opt[string] `json:"next"`
	Previous api.Opt[string] `json:"previous"`
}

func trustPath(t *Trust) string { return "/OS-TRUST/trusts/" + t.ID }

func viewTrust(c *api.Call, t *Trust) trustView {
	view := trustView{
		ID: t.ID, Trustor: t.TrustorID, Trustee: t.TrusteeID, Impersonation: t.Impersonation, Project: orNull(t.ProjectID),
		Remaining: t.Remaining, Links: self(c, trustPath(t)),
	}
	if !t.Expires.IsZero() {
		view.Expires = api.Some(stamp(t.Expires))
	}
	return view
}

// viewWhole is viewTrust with the roles.
func viewWhole(c *api.Call, tx store.Tx, t *Trust) (trustView, error) {
	view := viewTrust(c, t)
	view.RolesLinks = api.Some(collectionOf{Self: c.URL(trustPath(t) + "/roles")})
	given, err := t.roles(tx)
	for _, role := range given {
		view.Roles = append(view.Roles, viewRole(c, role))
	}
	return view, err
}

// roles are those of the trust's that there still are.
func (t *Trust) roles(tx store.Tx) (given []*Role, err error) {
	for _, id := range t.RoleIDs {
		role, err := roles.Get(tx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		given = append(given, role)
	}
	return given, nil
}

// findTrust is the trust of the path, if the caller has a part in it. Who has none may learn that there is one,
// as in Keystone.
func (k *Keystone) findTrust(c *api.Call, tx store.Tx, rule string) (*Trust, error) {
	id := c.Var("trust_id")
	t, err := trusts.Get(tx, id)
	if err == nil && t.over(k.clock.Now()) {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, missing(err, "trust", id)
	}
	if _, err := k.mayTrust(c, tx); err != nil {
		return nil, err
	}
	parts := []string{t.TrustorID}
	if rule == "identity:get_trust" {
		parts = append(parts, t.TrusteeID)
	}
	if slices.Contains(parts, c.Identity.UserID) {
		return t, nil
	}
	return t, allow(c, rule, api.Target{})
}

// over tells whether nobody can use the trust any more.
func (t *Trust) over(now time.Time) bool {
	return !t.Expires.IsZero() && !t.Expires.After(now) || t.Remaining != nil && *t.Remaining == 0
}

// mayTrust is who calls. It refuses the tokens of application credentials: what was made for a program is not to make trusts.
func (k *Keystone) mayTrust(c *api.Call, tx store.Tx) (*holder, error) {
	held, err := k.holderOf(tx, c.Request.Header.Get("X-Auth-Token"))
	if errors.Is(err, errDead) { // it ended since it was checked
		return nil, unauthorized()
	}
	if err == nil && held.credential != nil {
		err = api.Forbidden("Using method 'application_credential' is not allowed for managing trusts.")
	}
	return held, err
}

func (k *Keystone) listTrusts(c *api.Call) (map[string]any, error) {
	query := c.Request.URL.Query()
	rule, user := "identity:list_trusts", ""
	for parameter, its := range map[string]string{
		"trustee_user_id": "identity:list_trusts_for_trustee", "trustor_user_id": "identity:list_trusts_for_trustor",
	} {
		if query.Get(parameter) != "" {
			rule, user = its, query.Get(parameter)
		}
	}
	if err := allow(c, rule, api.Target{UserID: user}); err != nil {
		return nil, err
	}
	var found []*Trust
	err := k.view(c, func(tx store.Tx) (err error) {
		if _, err := k.mayTrust(c, tx); err != nil {
			return err
		}
		if user == "" {
			found, err = trusts.All(tx)
		} else {
			found, err = trusts.By(tx, "user", user)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	now := k.clock.Now()
	found = slices.DeleteFunc(found, func(t *Trust) bool { return t.over(now) })
	return listing(c, "trusts", trustAttributes.keep(c, found), trusts.Key, viewTrust)
}

var trustAttributes = attributes[Trust]{
	"trustor_user_id": func(t *Trust) string { return t.TrustorID },
	"trustee_user_id": func(t *Trust) string { return t.TrusteeID },
	"project_id":      func(t *Trust) string { return t.ProjectID },
}

func (k *Keystone) showTrust(c *api.Call) (view trustView, err error) {
	err = k.view(c, func(tx store.Tx) error {
		t, err := k.findTrust(c, tx, "identity:get_trust")
		if err == nil {
			view, err = viewWhole(c, tx, t)
		}
		return err
	})
	return view, err
}

func (k *Keystone) deleteTrust(c *api.Call) error {
	return k.update(c, func(tx store.Tx) error {
		t, err := k.findTrust(c, tx, "identity:delete_trust")
		if err != nil {
			return err
		}
		return errors.Join(trusts.Delete(tx, t.ID), revoke(tx, "trust", t.ID))
	})
}

func (k *Keystone) trustRoles(c *api.Call) (given []*Role, err error) {
	err = k.view(c, func(tx store.Tx) error {
		t, err := k.findTrust(c, tx, "identity:get_trust")
		if err == nil {
			given, err = t.roles(tx)
		}
		return err
	})
	return given, err
}

func (k *Keystone) listTrustRoles(c *api.Call) (map[string]any, error) {
	given, err := k.trustRoles(c)
	if err != nil {
		return nil, err
	}
	return listing(c, "roles", given, roles.Key, viewRole)
}

func (k *Keystone) showTrustRole(c *api.Call) (roleView, error) {
	given, err := k.trustRoles(c)
	if err != nil {
		return roleView{}, err
	}
	for _, role := range given {
		if role.ID == c.Var("role_id") {
			return viewRole(c, role), nil
		}
	}
	return roleView{}, missing(store.ErrNotFound, "role", c.Var("role_id"))
}
