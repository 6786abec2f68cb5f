// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// FlavorAccess is a project that may use a flavor that is not public.
type FlavorAccess struct {
	FlavorID string `json:"flavor_id"`
	TenantID string `json:"tenant_id"`
}

// flavorAccessList is the answer of the flavor access operations.
type flavorAccessList struct {
	Access []FlavorAccess `json:"flavor_access"`
}

type tenantAccess struct {
	Tenant string `json:"tenant" need:"2.1-" len:"1-255"`
}

func (s *Service) flavorAccessRoutes() []api.Route {
	return []api.Route{
		api.Get("/flavors/{id}/os-flavor-access", "", s.listFlavorAccess).Policy(rule("os-flavor-access")).
			AskedBy(api.QueryOf[noQuery]()).Loose("-2.101"),
		api.Action("/flavors/{id}/action", "addTenantAccess", s.addTenantAccess).Code(200).
			Policy(rule("os-flavor-access:add_tenant_access")),
		api.Action("/flavors/{id}/action", "removeTenantAccess", s.removeTenantAccess).Code(200).
			Policy(rule("os-flavor-access:remove_tenant_access")),
	}
}

func (f *flavorRecord) access() flavorAccessList {
	list := flavorAccessList{Access: []FlavorAccess{}}
	for _, project := range f.Projects {
		list.Access = append(list.Access, FlavorAccess{FlavorID: f.ID, TenantID: project})
	}
	return list
}

func (s *Service) listFlavorAccess(c *api.Call) (flavorAccessList, error) {
	f, err := s.flavor(c, c.Var("id"))
	if err != nil {
		return flavorAccessList{}, err
	}
	if f.Public {
		return flavorAccessList{}, api.NotFound("Access list not available for public flavors.")
	}
	return f.access(), nil
}

func (s *Service) addTenantAccess(c *api.Call, in *tenantAccess) (flavorAccessList, error) {
	if s.ProjectExists != nil {
		exists, err := s.ProjectExists(c.Context(), in.Tenant)
		if err != nil {
			return flavorAccessList{}, err
		}
		if !exists {
			return flavorAccessList{}, api.BadRequest("Project ID %s is not a valid project.", in.Tenant)
		}
	}
	f, err := s.changeFlavor(c, c.Var("id"), func(f *flavorRecord) error {
		switch {
		case f.Public && c.Since(accessOfPrivateOnly):
			return api.Conflict("Can not add access to a public flavor.")
		case slices.Contains(f.Projects, in.Tenant):
			return api.Conflict("Flavor access already exists for flavor %s and project %s combination.", f.ID, in.Tenant)
		}
		f.Projects = append(f.Projects, in.Tenant)
		return nil
	})
	if err != nil {
		return flavorAccessList{}, err
	}
	return f.access(), nil
}

func (s *Service) removeTenantAccess(c *api.Call, in *tenantAccess) (flavorAccessList, error) {
	f, err := s.changeFlavor(c, c.Var("id"), func(f *flavorRecord) error {
		at := slices.Index(f.Projects, in.Tenant)
		if at < 0 {
			return api.NotFound("Flavor access not found for %s / %s combination.", f.ID, in.Tenant)
		}
		f.Projects = slices.Delete(f.Projects, at, at+1)
		return nil
	})
	if err != nil {
		return flavorAccessList{}, err
	}
	return f.access(), nil
}
