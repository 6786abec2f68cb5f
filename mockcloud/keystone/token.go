// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// errDead: the token is unknown, expired or revoked, or what it stands for is no longer there, enabled
// or granted.
var errDead = errors.New("token is not valid")

// tokenID is what is kept of a token: whoever reads the state cannot use it.
func tokenID(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// holder is everything that a valid token stands for.
type holder struct {
	token      *Token
	user       *User
	userDomain *Project
	scope      scope
	// home is the domain of the scope's project.
	home       *Project
	roles      []*Role
	credential *ApplicationCredential
	trust      *Trust
}

// holderOf is what a token, as the client holds it, stands for, or errDead.
func (k *Keystone) holderOf(tx store.Tx, token string) (*holder, error) {
	row, err := tokens.Get(tx, tokenID(token))
	if err != nil {
		return nil, dead(err)
	}
	return k.resolve(tx, row)
}

func dead(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return errDead
	}
	return err
}

// resolve looks up all that a token refers to.
func (k *Keystone) resolve(tx store.Tx, row *Token) (*holder, error) {
	now := k.clock.Now()
	if !row.Expires.After(now) {
		return nil, errDead
	}
	h := &holder{token: row, scope: scope{system: row.System}}
	var err error
	if h.user, h.userDomain, err = liveUser(tx, row.UserID); err != nil {
		return nil, err
	}
	if row.ProjectID != "" {
		if h.scope.project, err = enabled(tx, row.ProjectID); err != nil {
			return nil, err
		}
		if h.home, err = enabled(tx, domainOf(h.scope.project)); err != nil {
			return nil, err
		}
	}
	if row.DomainID != "" {
		if h.scope.domain, err = enabled(tx, row.DomainID); err != nil {
			return nil, err
		}
	}
	if row.TrustID != "" {
		return h, h.entrust(tx, row.TrustID)
	}
	if h.scope == (scope{}) {
		return h, nil
	}
	if h.roles, err = rolesIn(tx, row.UserID, h.scope); err != nil {
		return nil, err
	}
	if row.CredentialID != "" {
		if err := h.restrict(tx, row.CredentialID, k); err != nil {
			return nil, err
		}
	}
	if len(h.roles) == 0 {
		return nil, errDead
	}
	return h, nil
}

// liveUser is a user that is there and enabled, as is its domain.
func liveUser(tx store.Tx, id string) (*User, *Project, error) {
	user, err := users.Get(tx, id)
	if err != nil {
		return nil, nil, dead(err)
	}
	domain, err := enabled(tx, user.DomainID)
	if err == nil && !user.Enabled {
		err = errDead
	}
	return user, domain, err
}

// domainOf is the domain of a project; a domain is its own.
func domainOf(p *Project) string {
	if p.IsDomain {
		return p.ID
	}
	return p.DomainID
}

func enabled(tx store.Tx, id string) (*Project, error) {
	p, err := projects.Get(tx, id)
	if err != nil {
		return nil, dead(err)
	}
	if !p.Enabled {
		return nil, errDead
	}
	return p, nil
}

// restrict leaves of the roles those that the application credential has. One that was made with a
// role which its user has lost since is of no use at all, as in Keystone.
func (h *holder) restrict(tx store.Tx, id string, k *Keystone) error {
	credential, err := credentials.Get(tx, id)
	if err != nil {
		return dead(err)
	}
	if !credential.Expires.IsZero() && !credential.Expires.After(k.clock.Now()) {
		return errDead
	}
	h.credential = credential
	for _, role := range credential.RoleIDs {
		if !slices.ContainsFunc(h.roles, func(r *Role) bool { return r.ID == role }) {
			return errDead
		}
	}
	h.roles, err = implied(tx, credential.RoleIDs)
	return err
}

// issue stores a token and returns it as the client will hold it, with what it stands for; errDead
// when the user may not have it.
func (k *Keystone) issue(tx store.Tx, row Token) (string, *holder, error) {
	token := random(32)
	row.ID = tokenID(token)
	h, err := k.resolve(tx, &row)
	if err != nil {
		return "", nil, err
	}
	return token, h, tokens.Insert(tx, &row)
}

// revoke deletes the tokens that belong to something: index is "user", "project", "domain",
// "credential" or "trust".
func revoke(tx store.Tx, index, id string) error { return remove(tx, &tokens, index, id) }

// pruneIfDue deletes expired tokens once in a token's lifetime, so that they never outnumber the valid
// ones by more than about as many.
func (k *Keystone) pruneIfDue(ctx context.Context) error {
	if k.clock.Now().Unix()-k.pruned.Load() < int64(k.tokenLife.Seconds()) {
		return nil
	}
	return k.prune(ctx)
}

func (k *Keystone) prune(ctx context.Context) error {
	now := k.clock.Now()
	k.pruned.Store(now.Unix())
	k.forget()
	var expired []string
	err := k.store.View(ctx, func(tx store.Tx) error {
		expired = expired[:0]
		all, err := tokens.All(tx)
		for _, row := range all {
			if !row.Expires.After(now) {
				expired = append(expired, row.ID)
			}
		}
		return err
	})
	if err != nil || len(expired) == 0 {
		return err
	}
	return k.store.Update(ctx, func(tx store.Tx) error {
		for _, id := range expired {
			if err := tokens.Delete(tx, id); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		return nil
	})
}

func unauthorized() *api.Fault {
	return api.Unauthorized("The request you have made requires authentication.")
}
