// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"cmp"
	"errors"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// ownRoutes tell the holder of a token what it can do next.
func (k *Keystone) ownRoutes() []api.Route {
	return []api.Route{
		api.Get("/auth/catalog", "", k.ownCatalog),
		api.Get("/auth/projects", "", k.ownProjects),
		api.Get("/auth/domains", "", k.ownDomains),
		api.Get("/auth/system", "", k.ownSystem),
	}
}

func (k *Keystone) ownCatalog(c *api.Call) (map[string]any, error) {
	if c.Identity.ProjectID == "" && c.Identity.DomainID == "" && !c.Identity.System {
		return nil, api.Forbidden("A scoped token is required to produce a service catalog.")
	}
	catalog, err := k.catalog(c, &Token{UserID: c.Identity.UserID, ProjectID: c.Identity.ProjectID})
	return map[string]any{"catalog": catalog, "links": self(c, "/auth/catalog")}, err
}

func (k *Keystone) ownProjects(c *api.Call) (map[string]any, error) {
	found, err := k.scopes(c, c.Identity.UserID)
	if err != nil {
		return nil, err
	}
	return listing(c, "projects", projectAttributes.keep(c, usable(found.projects)), projects.Key, viewProject)
}

func (k *Keystone) ownDomains(c *api.Call) (map[string]any, error) {
	found, err := k.scopes(c, c.Identity.UserID)
	if err != nil {
		return nil, err
	}
	return listing(c, "domains", domainAttributes.keep(c, usable(found.domains)), projects.Key, viewDomain)
}

func usable(all []*Project) []*Project {
	return slices.DeleteFunc(all, func(p *Project) bool { return !p.Enabled })
}

func (k *Keystone) ownSystem(c *api.Call) (map[string]any, error) {
	found, err := k.scopes(c, c.Identity.UserID)
	if err != nil {
		return nil, err
	}
	system := []map[string]bool{}
	if found.system {
		system = append(system, map[string]bool{"all": true})
	}
	return map[string]any{"system": system, "links": self(c, "/auth/system")}, nil
}

// scopes are what a user has any role on.
type scopes struct {
	projects, domains []*Project
	system            bool
}

func (k *Keystone) scopes(c *api.Call, userID string) (scopes, error) {
	var found scopes
	err := k.view(c, func(tx store.Tx) (err error) {
		found, err = scopesOf(tx, userID)
		return err
	})
	return found, err
}

func scopesOf(tx store.Tx, userID string) (scopes, error) {
	var found scopes
	grants, err := grantsOf(tx, userID)
	if err != nil {
		return found, err
	}
	ids, domains := map[string]bool{}, map[string]bool{}
	for _, a := range grants {
		switch {
		case a.Inherited:
			below, err := descendants(tx, cmp.Or(a.ProjectID, a.DomainID))
			if err != nil {
				return found, err
			}
			for _, id := range below.list(nil) {
				ids[id] = true
			}
		case a.System:
			found.system = true
		case a.ProjectID != "":
			ids[a.ProjectID] = true
		default:
			domains[a.DomainID] = true
		}
	}
	var errProjects, errDomains error
	found.projects, errProjects = some(tx, ids)
	found.domains, errDomains = some(tx, domains)
	return found, errors.Join(errProjects, errDomains)
}

// some are the projects with these ids, in the order of ids.
func some(tx store.Tx, ids map[string]bool) ([]*Project, error) {
	var found []*Project
	for id := range ids {
		p, err := projects.Get(tx, id)
		if err != nil {
			return nil, err
		}
		found = append(found, p)
	}
	slices.SortFunc(found, func(a, b *Project) int { return cmp.Compare(a.ID, b.ID) })
	return found, nil
}
