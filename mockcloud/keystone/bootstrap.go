// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"context"
	"errors"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// What a fresh cloud has.
const (
	defaultDomain = "default"
	defaultRegion = "RegionOne"
)

// CatalogEntry is a service with one URL for all its interfaces.
type CatalogEntry struct{ Type, Name, Description, Path string }

// DefaultCatalog is the catalogue of a whole cloud. Cinder is there under both types that clients look for.
func DefaultCatalog() []CatalogEntry {
	return []CatalogEntry{
		{"identity", "keystone", "OpenStack Identity", "/identity"},
		{"compute", "nova", "OpenStack Compute", "/compute/v2.1"},
		{"compute_legacy", "nova_legacy", "OpenStack Compute (legacy 2.0)", "/compute/v2/$(project_id)s"},
		{"image", "glance", "OpenStack Image", "/image"},
		{"network", "neutron", "OpenStack Networking", "/network"},
		{"block-storage", "cinder", "OpenStack Block Storage", "/volume/v3/$(project_id)s"},
		{"volumev3", "cinderv3", "OpenStack Block Storage", "/volume/v3/$(project_id)s"},
		{"placement", "placement", "OpenStack Placement", "/placement"},
	}
}

// bootstrapRoles are the roles of a fresh cloud, and what each implies.
var bootstrapRoles = []struct{ name, implies string }{
	{"reader", ""},
	{"member", "reader"},
	{"manager", "member"},
	{"admin", "manager"},
	{"service", ""},
}

// bootstrapGrants are the assignments of a fresh cloud. The administrator has the whole system and its
// own project; both users may use the project demo.
var bootstrapGrants = []struct{ user, project, role string }{
	{"admin", "", "admin"},
	{"admin", "admin", "admin"},
	{"admin", "demo", "admin"},
	{"demo", "demo", "member"},
}

// bootstrap makes what a fresh cloud has, if the store has no domain, and sets the given passwords: Passwords
// always, FirstPasswords and random ones in a fresh store.
func (k *Keystone) bootstrap(ctx context.Context, options Options) error {
	fresh, current, err := k.state(ctx)
	if err != nil {
		return err
	}
	hashes := map[string]string{}
	for _, name := range []string{"admin", "demo"} {
		password, cost := options.Passwords[name], chosenCost
		first := options.FirstPasswords[name]
		switch {
		case password != "":
		case fresh && first != "":
			password = first
		case fresh:
			password, cost = newSecret(), madeCost
		default:
			if first != "" && passwordMatches(current[name], first) {
				k.passwords[name] = first
			}
			continue
		}
		k.passwords[name] = password
		if !fresh && passwordMatches(current[name], password) {
			continue
		}
		if hashes[name], err = hashPassword(password, cost); err != nil {
			return err
		}
	}
	if !fresh {
		if err := k.move(ctx, options.Moved); err != nil || len(hashes) == 0 {
			return err
		}
	}
	return k.change(ctx, func(tx store.Tx) error {
		_, err := projects.Get(tx, defaultDomain)
		if errors.Is(err, store.ErrNotFound) {
			return furnish(tx, options.Catalog, hashes)
		}
		if err != nil {
			return err
		}
		return setPasswords(tx, hashes)
	})
}

// state says whether the store is fresh, and else the password hashes of the users of the start.
func (k *Keystone) state(ctx context.Context) (fresh bool, hashes map[string]string, err error) {
	err = k.store.View(ctx, func(tx store.Tx) error {
		_, err := projects.Get(tx, defaultDomain)
		if errors.Is(err, store.ErrNotFound) {
			fresh = true
			return nil
		}
		if err != nil {
			return err
		}
		hashes = map[string]string{}
		inDomain, err := users.By(tx, "domain", defaultDomain)
		for _, u := range inDomain {
			hashes[u.Name] = u.Password
		}
		return err
	})
	return fresh, hashes, err
}

// setPasswords gives users that are still there another password, which ends their tokens.
func setPasswords(tx store.Tx, hashes map[string]string) error {
	for name, hash := range hashes {
		user, err := users.One(tx, "name", within(defaultDomain, name)[0])
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		user.Password = hash
		if err := errors.Join(users.Put(tx, user), revoke(tx, "user", user.ID)); err != nil {
			return err
		}
	}
	return nil
}

// furnish fills an empty store.
func furnish(tx store.Tx, catalog []CatalogEntry, hashes map[string]string) error {
	errs := []error{
		projects.Insert(tx, &Project{
			ID: defaultDomain, Name: "Default", Description: "The default domain", Enabled: true, IsDomain: true,
		}),
		regions.Insert(tx, &Region{ID: defaultRegion}),
	}
	roleIDs := map[string]string{}
	for _, r := range bootstrapRoles {
		roleIDs[r.name] = newID()
		errs = append(errs, roles.Insert(tx, &Role{ID: roleIDs[r.name], Name: r.name, Implies: one(roleIDs[r.implies])}))
	}
	projectIDs, userIDs := map[string]string{}, map[string]string{}
	for _, name := range []string{"admin", "demo"} {
		projectIDs[name], userIDs[name] = newID(), newID()
		errs = append(errs,
			projects.Insert(tx, &Project{
				ID: projectIDs[name], Name: name, DomainID: defaultDomain, ParentID: defaultDomain, Enabled: true,
			}),
			users.Insert(tx, &User{ID: userIDs[name], Name: name, DomainID: defaultDomain, Enabled: true, Password: hashes[name]}),
		)
	}
	for _, g := range bootstrapGrants {
		errs = append(errs, assignments.Insert(tx, &Assignment{
			UserID: userIDs[g.user], ProjectID: projectIDs[g.project], System: g.project == "", RoleID: roleIDs[g.role],
		}))
	}
	return errors.Join(append(errs, list(tx, catalog))...)
}

// list puts services with their three endpoints each into the catalogue.
func list(tx store.Tx, catalog []CatalogEntry) error {
	var errs []error
	for _, entry := range catalog {
		s := &Service{ID: newID(), Type: entry.Type, Name: entry.Name, Description: entry.Description, Enabled: true}
		errs = append(errs, services.Insert(tx, s))
		for _, face := range interfaces {
			errs = append(errs, endpoints.Insert(tx, &Endpoint{
				ID: newID(), ServiceID: s.ID, RegionID: defaultRegion, Interface: face, URL: entry.Path, Enabled: true,
			}))
		}
	}
	return errors.Join(errs...)
}

// move brings the catalogue of a store that is not fresh up to where things are now.
func (k *Keystone) move(ctx context.Context, to map[string]string) error {
	var moved []*Endpoint
	err := k.store.View(ctx, func(tx store.Tx) error {
		all, err := endpoints.All(tx)
		moved = slices.DeleteFunc(all, func(e *Endpoint) bool { return to[e.URL] == "" })
		return err
	})
	if err != nil || len(moved) == 0 {
		return err
	}
	return k.change(ctx, func(tx store.Tx) error {
		for _, e := range moved {
			there := *e
			there.URL = to[e.URL]
			if err := endpoints.Put(tx, &there); err != nil {
				return err
			}
		}
		return nil
	})
}

// interfaces are the kinds of endpoint.
var interfaces = []string{"admin", "internal", "public"}
