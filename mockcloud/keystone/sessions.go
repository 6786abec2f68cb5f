// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Every request of every service asks who holds its token, and the answer takes a dozen rows. So it is
// remembered, together with the generation of the records that it was made of: a number in the store
// that every change adds one to, whichever process makes it. One row then tells whether the answer
// still holds. Issuing a token changes no answer and leaves the number alone.
const (
	metaTable     = "keystone.meta"
	generationKey = "generation"
)

// sessions are the identities known at one generation.
type sessions struct {
	generation int
	known      sync.Map // token id -> *session
}

type session struct {
	identity api.Identity
	until    time.Time
}

// generation is that of the transaction's snapshot.
func generation(tx store.Tx) (int, error) {
	value, err := tx.Get(metaTable, generationKey)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(value))
}

// change is an Update that may end what tokens stand for: all but the issue of one.
func (k *Keystone) change(ctx context.Context, change func(store.Tx) error) error {
	return k.store.Update(ctx, func(tx store.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		n, err := generation(tx)
		if err != nil {
			return err
		}
		return tx.Put(metaTable, generationKey, []byte(strconv.Itoa(n+1)), nil)
	})
}

// at are the sessions of a generation. Those of an older one are forgotten; a reader whose snapshot is
// older than what is known gets a place of its own.
func (k *Keystone) at(generation int) *sessions {
	for {
		current := k.sessions.Load()
		if current != nil && current.generation == generation {
			return current
		}
		next := &sessions{generation: generation}
		if current != nil && current.generation > generation {
			return next
		}
		if k.sessions.CompareAndSwap(current, next) {
			return next
		}
	}
}

// forget makes room: those who come back are looked up again.
func (k *Keystone) forget() { k.sessions.Store(nil) }

// Authenticate implements api.Authenticator.
func (k *Keystone) Authenticate(ctx context.Context, token string) (*api.Identity, error) {
	id := tokenID(token)
	var found *session
	err := k.store.View(ctx, func(tx store.Tx) error {
		n, err := generation(tx)
		if err != nil {
			return err
		}
		at := k.at(n)
		if known, ok := at.known.Load(id); ok {
			found = known.(*session)
			return nil
		}
		h, err := k.holderOf(tx, token)
		if err != nil {
			return err
		}
		found = h.session()
		at.known.Store(id, found)
		return nil
	})
	if err == nil && !found.until.After(k.clock.Now()) {
		err = errDead
	}
	if errors.Is(err, errDead) {
		return nil, unauthorized()
	}
	if err != nil {
		return nil, err
	}
	identity := found.identity
	return &identity, nil
}

// session is the holder as other services see it.
func (h *holder) session() *session {
	id := api.Identity{
		UserID: h.user.ID, UserName: h.user.Name, UserDomainID: h.user.DomainID,
		System: h.scope.system, Expires: h.token.Expires,
	}
	for _, role := range h.roles {
		id.Roles = append(id.Roles, role.Name)
	}
	if p := h.scope.project; p != nil {
		id.ProjectID, id.ProjectName, id.ProjectDomainID = p.ID, p.Name, p.DomainID
	}
	if d := h.scope.domain; d != nil {
		id.DomainID = d.ID
	}
	until := h.token.Expires
	if c := h.credential; c != nil && !c.Expires.IsZero() && c.Expires.Before(until) {
		until = c.Expires
	}
	return &session{identity: id, until: until}
}
