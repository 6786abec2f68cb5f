// SPDX-License-Identifier: MPL-2.0

package placement

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// ProviderUsages is what is allocated of a provider, by resource class.
type ProviderUsages struct {
	Generation int            `json:"resource_provider_generation"`
	Usages     map[string]int `json:"usages"`
}

// TotalUsages is what a project has, by resource class; since 1.38 by type of consumer first.
type TotalUsages struct {
	Usages any `json:"usages"`
}

type usagesQuery struct {
	ProjectID string `json:"project_id"    need:"1.9-" len:"1-255"`
	UserID    string `json:"user_id"       len:"1-255"`
	Type      string `json:"consumer_type" nova:"1.38-" len:"1-255" pattern:"^[A-Z0-9_]+$|^all$|^unknown$"`
}

func (s *Service) usageRoutes() []api.Route {
	return []api.Route{
		api.Get("/resource_providers/{uuid}/usages", "", s.providerUsages).Policy(adminRule),
		api.Get("/usages", "", s.totalUsages).Only("1.9-").AskedBy(api.QueryOf[usagesQuery]()),
	}
}

func (s *Service) providerUsages(c *api.Call) (ProviderUsages, error) {
	p, err := s.find(c.Context(), c.Var("uuid"))
	if err != nil {
		return ProviderUsages{}, err
	}
	usages := map[string]int{}
	for class := range p.Inventories {
		usages[class] = p.Used[class]
	}
	s.modified(c)
	return ProviderUsages{Generation: p.Generation, Usages: usages}, nil
}

func (s *Service) totalUsages(c *api.Call) (TotalUsages, error) {
	q := api.Query[usagesQuery](c)
	if err := c.Authorize(usagesRule, api.Target{ProjectID: q.ProjectID}); err != nil {
		return TotalUsages{}, err
	}
	all, err := s.consumers(c.Context())
	if err != nil {
		return TotalUsages{}, err
	}
	total, byType := map[string]int{}, map[string]map[string]int{}
	for _, user := range all {
		if user.ProjectID != q.ProjectID || q.UserID != "" && user.UserID != q.UserID {
			continue
		}
		kind := user.Type
		switch q.Type {
		case "", kind:
		case "all":
			kind = "all"
		default:
			continue
		}
		if byType[kind] == nil {
			byType[kind] = map[string]int{}
		}
		byType[kind]["consumer_count"]++
		for _, resources := range user.Allocations {
			for class, amount := range resources {
				total[class] += amount
				byType[kind][class] += amount
			}
		}
	}
	s.modified(c)
	if c.Since(typesConsumers) {
		return TotalUsages{Usages: byType}, nil
	}
	return TotalUsages{Usages: total}, nil
}
