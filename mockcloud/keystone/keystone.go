// SPDX-License-Identifier: MPL-2.0

// Package keystone is the identity service: OpenStack's Identity API v3 and, for the other services of
// the cloud, the authentication of requests in the same process.
//
// Keystone's records are in records.go; what a user may do where follows from its assignments
// (grants.go); a token is a row that says who, where and until when (token.go), and everything else
// about it is looked up when it is used, so that a role taken away is gone at once. Each collection of
// the API has a file: types, routes, handlers.
//
// Federation, OAuth, tokens for EC2 and S3 signatures, limits and endpoint filters are absent:
// their paths are 404, and asking for a token by one of those methods is 401, as in a Keystone without
// them.
package keystone

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Options are what a Keystone is made of; Store and Clock have to be given.
type Options struct {
	Store store.Store
	Clock clock.Clock
	Log   *slog.Logger
	// Passwords are given to the users admin and demo, also when the state is not new.
	Passwords map[string]string
	// FirstPasswords are given to those of them that Passwords leaves out when the state is new: who has none here
	// gets a random one. Later starts leave passwords as they are.
	FirstPasswords map[string]string
	// TokenLife is how long a token is valid; 0 is an hour.
	TokenLife time.Duration
	// Catalog is what the first start puts into the catalogue; nil is DefaultCatalog.
	Catalog []CatalogEntry
	// Moved are the paths, by those that another start may have put into the catalogue, that are there from now on.
	Moved map[string]string
}

// Keystone is the service. Its methods are safe for concurrent use.
type Keystone struct {
	store     store.Store
	clock     clock.Clock
	log       *slog.Logger
	tokenLife time.Duration
	pruned    atomic.Int64 // when expired tokens were last deleted, in seconds
	sessions  atomic.Pointer[sessions]
	// passwords are those that this start made, or was given and are right.
	passwords map[string]string
}

// New opens the Keystone in a store. The first start on a store makes the domain, users, projects,
// roles, region and catalogue that a fresh cloud has.
func New(ctx context.Context, options Options) (*Keystone, error) {
	k := &Keystone{
		store: options.Store, clock: options.Clock,
		log:       cmp.Or(options.Log, slog.New(slog.DiscardHandler)),
		tokenLife: cmp.Or(options.TokenLife, time.Hour),
		passwords: map[string]string{},
	}
	if options.Catalog == nil {
		options.Catalog = DefaultCatalog()
	}
	if err := k.bootstrap(ctx, options); err != nil {
		return nil, fmt.Errorf("keystone: %w", err)
	}
	if err := k.prune(ctx); err != nil {
		return nil, fmt.Errorf("keystone: %w", err)
	}
	return k, nil
}

// Password is the password of a user (admin, demo) that this start has made or was given, or "" when
// it was made by an earlier start: only its hash is kept.
func (k *Keystone) Password(user string) string { return k.passwords[user] }

// API is the service to be mounted, at /identity.
func (k *Keystone) API() *api.Service {
	return &api.Service{
		Type: "identity", Prefix: "/identity",
		Mounts: []api.Mount{{Path: "/v3"}},
		Root:   k.versionRoutes(),
		Routes: slices.Concat(
			k.tokenRoutes(), k.ownRoutes(), k.domainRoutes(), k.projectRoutes(), k.tagRoutes(), k.userRoutes(), k.groupRoutes(),
			k.roleRoutes(), k.inferenceRoutes(), k.grantRoutes(), k.assignmentRoutes(), k.regionRoutes(), k.serviceRoutes(),
			k.endpointRoutes(), k.credentialRoutes(), k.secretRoutes(), k.policyBlobRoutes(), k.trustRoutes(),
		),
		Fault: faultBody, Policy: policy(), Auth: k, Log: k.log,
		Lax: true, // Keystone keeps attributes that it does not know
	}
}

// Handler serves the API below /identity.
func (k *Keystone) Handler() http.Handler { return k.API().Handler() }

// faultBody is how Keystone spells a fault.
func faultBody(f *api.Fault) any {
	return map[string]any{"error": map[string]any{"code": f.Code, "message": f.Message, "title": http.StatusText(f.Code)}}
}

// newID is an id as Keystone's: a UUID without dashes.
func newID() string { return strings.ReplaceAll(uuid.NewString(), "-", "") }

// view reads, and passes faults through.
func (k *Keystone) view(c *api.Call, read func(store.Tx) error) error {
	return k.store.View(c.Context(), read)
}

func (k *Keystone) update(c *api.Call, change func(store.Tx) error) error {
	return k.change(c.Context(), change)
}

// missing turns store.ErrNotFound into Keystone's 404 for that kind of object.
func missing(err error, kind, id string) error {
	if errors.Is(err, store.ErrNotFound) {
		return api.NotFound("Could not find %s: %s.", kind, id)
	}
	return err
}

// duplicate turns store.ErrExists into Keystone's 409.
func duplicate(err error, kind, name string) error {
	if errors.Is(err, store.ErrExists) {
		return api.Conflict("Conflict occurred attempting to store %s - Duplicate entry found with name %s.", kind, name)
	}
	return err
}
