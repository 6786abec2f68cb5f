// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

func (k *Keystone) createTrust(c *api.Call, in *trustBody) (view trustView, err error) {
	t, err := k.newTrust(c, in)
	if err != nil {
		return view, err
	}
	err = k.update(c, func(tx store.Tx) error {
		held, err := k.mayTrust(c, tx)
		if err != nil {
			return err
		}
		if held.trust != nil {
			return api.Forbidden("You are not authorized to perform the requested action: a trust cannot be delegated further.")
		}
		if _, err := users.Get(tx, t.TrusteeID); err != nil {
			return missing(err, "user", t.TrusteeID)
		}
		if err := t.give(tx, in.Roles); err != nil {
			return err
		}
		if err := trusts.Insert(tx, t); err != nil {
			return err
		}
		view, err = viewWhole(c, tx, t)
		return err
	})
	return view, err
}

// newTrust is the trust that a request asks for, but for its roles.
func (k *Keystone) newTrust(c *api.Call, in *trustBody) (*Trust, error) {
	if err := allow(c, "identity:create_trust", api.Target{UserID: in.Trustor}); err != nil {
		return nil, err
	}
	t := &Trust{
		ID: newID(), TrustorID: in.Trustor, TrusteeID: in.Trustee, ProjectID: in.Project.Value, Impersonation: in.Impersonation.Value,
	}
	switch {
	case !in.Impersonation.Set:
		return nil, required("impersonation", "trust")
	case t.ProjectID != "" && len(in.Roles) == 0:
		return nil, api.Forbidden("You are not authorized to perform the requested action: At least one role should be specified.")
	}
	if in.Remaining.Set && !in.Remaining.Null {
		uses := int(in.Remaining.Value)
		if uses <= 0 {
			return nil, api.BadRequest("remaining_uses must be a positive integer or null.")
		}
		t.Remaining = &uses
	}
	if in.Expires.Set && !in.Expires.Null {
		expires, err := api.ParseTime(in.Expires.Value)
		if err != nil {
			return nil, api.BadRequest("Timestamp not in expected format. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.")
		}
		if !expires.After(k.clock.Now()) {
			return nil, api.BadRequest("The 'expires_at' must not be before now. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.")
		}
		t.Expires = expires.Truncate(time.Microsecond)
	}
	return t, nil
}

// give puts the roles asked for into the trust: nobody gives what they do not have.
func (t *Trust) give(tx store.Tx, asked []roleReference) error {
	var held []*Role
	if t.ProjectID != "" {
		project, err := projects.Get(tx, t.ProjectID)
		if err != nil {
			return missing(err, "project", t.ProjectID)
		}
		if held, err = rolesIn(tx, t.TrustorID, scope{project: project}); err != nil {
			return err
		}
	}
	for _, want := range asked {
		at := slices.IndexFunc(held, func(r *Role) bool { return want.ID != "" && r.ID == want.ID || want.ID == "" && r.Name == want.Name })
		if at < 0 {
			return missing(store.ErrNotFound, "role", want.ID+want.Name)
		}
		if !slices.Contains(t.RoleIDs, held[at].ID) {
			t.RoleIDs = append(t.RoleIDs, held[at].ID)
		}
	}
	return nil
}

// use puts a trust into the token that its trustee asks for. Every use counts.
func (t *Trust) use(tx store.Tx, row *Token) error {
	if row.UserID != t.TrusteeID || t.over(row.Issued) {
		return errDead
	}
	row.TrustID, row.ProjectID = t.ID, t.ProjectID
	if t.Impersonation {
		row.UserID = t.TrustorID
	}
	if !t.Expires.IsZero() && t.Expires.Before(row.Expires) {
		row.Expires = t.Expires
	}
	if t.Remaining == nil {
		return nil
	}
	left := *t.Remaining - 1
	t.Remaining = &left
	return trusts.Put(tx, t)
}

// entrust gives the holder of a token that came of a trust the roles of it. As with an application
// credential, one of which the trustor has lost a role since is of no use at all.
func (h *holder) entrust(tx store.Tx, id string) error {
	t, err := trusts.Get(tx, id)
	if err != nil {
		return dead(err)
	}
	for _, user := range []string{t.TrustorID, t.TrusteeID} {
		if _, _, err := liveUser(tx, user); err != nil {
			return err
		}
	}
	h.trust = t
	if h.scope == (scope{}) {
		return nil
	}
	held, err := rolesIn(tx, t.TrustorID, h.scope)
	if err != nil {
		return err
	}
	for _, role := range t.RoleIDs {
		if !slices.ContainsFunc(held, func(r *Role) bool { return r.ID == role }) {
			return errDead
		}
	}
	h.roles, err = implied(tx, t.RoleIDs)
	return err
}
