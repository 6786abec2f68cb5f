// SPDX-License-Identifier: MPL-2.0

package placement

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// AllocationCandidates are the ways in which a request could be met, and what the providers in them have.
type AllocationCandidates struct {
	Requests  []AllocationRequest        `json:"allocation_requests"`
	Summaries map[string]providerSummary `json:"provider_summaries"`
}

// AllocationRequest is one way: a body of PUT /allocations/{consumer}.
type AllocationRequest struct {
	Listed      []listedRequest           `json:"allocations" nova:"-1.11"`
	Allocations map[string]requestedShare `json:"allocations" nova:"1.12-"`
	// Mappings are the providers of each group, since 1.34.
	Mappings map[string][]string `json:"mappings" nova:"1.34-"`
}

type listedRequest struct {
	Provider  providerID     `json:"resource_provider"`
	Resources map[string]int `json:"resources"`
}

type providerID struct {
	UUID string `json:"uuid"`
}

type requestedShare struct {
	Resources map[string]int `json:"resources"`
}

type providerSummary struct {
	Resources map[string]classSummary `json:"resources"`
	Traits    []string                `json:"traits"               nova:"1.17-"`
	Parent    *string                 `json:"parent_provider_uuid" nova:"1.29-"`
	Root      string                  `json:"root_provider_uuid"   nova:"1.29-"`
}

type classSummary struct {
	Capacity int `json:"capacity"`
	Used     int `json:"used"`
}

type candidateQuery struct {
	Limit        api.Opt[api.Natural] `json:"limit"         nova:"1.16-" range:"1-"`
	GroupPolicy  string               `json:"group_policy"  nova:"1.25-" oneof:"none isolate"`
	RootRequired []string             `json:"root_required" nova:"1.35-"`
	SameSubtree  []string             `json:"same_subtree"  nova:"1.36-"`
	Groups       map[string]any       `json:"*"` // resources, required, member_of, in_tree, each with any suffix
}

func (s *Service) candidateRoutes() []api.Route {
	return guarded(api.Get("/allocation_candidates", "", s.listCandidates).Only("1.10-").AskedBy(api.QueryOf[candidateQuery]()))
}

// group is a part of a request, which one provider meets. The one without a suffix is "".
type group struct {
	suffix string
	*wanted
}

var groupParameter = regexp.MustCompile(`^(resources|required|member_of|in_tree)([A-Za-z0-9_-]{0,64})$`)

// groupSince are the versions of the parameters.
var groupSince = map[string]api.Version{"resources": 10, "required": 17, "member_of": 21, "in_tree": 31}

// groups reads the parameters of all groups, in the order of suffixes.
func (s *Service) groups(c *api.Call, q *candidateQuery) ([]group, error) {
	values := map[string]map[string][]string{} // by suffix and parameter
	for key, list := range q.Groups {
		parts := groupParameter.FindStringSubmatch(key)
		const numbered, named = 25, 33
		switch {
		case parts == nil, !c.Since(groupSince[parts[1]]),
			parts[2] != "" && !c.Since(numbered),
			strings.Trim(parts[2], "0123456789") != "" && !c.Since(named):
			return nil, api.BadRequest("Invalid query string parameters: Additional properties are not allowed ('%s' was unexpected)", key)
		}
		if values[parts[2]] == nil {
			values[parts[2]] = map[string][]string{}
		}
		texts, _ := list.([]any)
		for _, text := range texts {
			if t, isText := text.(string); isText {
				values[parts[2]][parts[1]] = append(values[parts[2]][parts[1]], t)
			}
		}
	}
	var groups []group
	suffixed := 0
	for _, suffix := range slices.Sorted(maps.Keys(values)) {
		of := values[suffix]
		if len(of["resources"]) == 0 && len(q.SameSubtree) == 0 {
			return nil, api.BadRequest("All traits and aggregates must be associated with resources: group '%s' has none.", suffix)
		}
		w, err := s.wanted(c, strings.Join(of["resources"], ","), of["required"], of["member_of"], strings.Join(of["in_tree"], ""))
		if err != nil {
			return nil, err
		}
		groups = append(groups, group{suffix, w})
		if suffix != "" {
			suffixed++
		}
	}
	switch {
	case len(groups) == 0:
		return nil, api.BadRequest("Invalid query string parameters: 'resources' is a required property")
	case suffixed > 1 && q.GroupPolicy == "":
		return nil, api.BadRequest(`The "group_policy" parameter is required when specifying more than one "resources{N}" parameter.`)
	}
	return groups, nil
}

// listCandidates puts each group on one provider, all of one tree.
func (s *Service) listCandidates(c *api.Call) (AllocationCandidates, error) {
	q := api.Query[candidateQuery](c)
	groups, err := s.groups(c, q)
	if err != nil {
		return AllocationCandidates{}, err
	}
	root, err := s.wanted(c, "", q.RootRequired, nil, "")
	if err != nil {
		return AllocationCandidates{}, err
	}
	list, err := s.all(c.Context())
	if err != nil {
		return AllocationCandidates{}, err
	}
	most := -1
	if q.Limit.Set {
		most = int(q.Limit.Value)
	}
	answer := AllocationCandidates{Requests: []AllocationRequest{}, Summaries: map[string]providerSummary{}}
	for _, top := range list {
		if top.ParentID != "" || !root.fits(list, top) {
			continue
		}
		tree := slices.DeleteFunc(slices.Clone(list), func(p *Provider) bool { return rootOf(list, p) != top.ID })
		for _, chosen := range combine(list, tree, groups, q.GroupPolicy == "isolate") {
			if len(answer.Requests) == most {
				break
			}
			answer.Requests = append(answer.Requests, requestFor(groups, chosen))
			for _, p := range chosen {
				answer.Summaries[p.ID] = summaryOf(c, list, p, groups)
			}
		}
	}
	s.modified(c)
	return answer, nil
}

// combine are the choices of a provider for each group, within one tree.
func combine(list, tree []*Provider, groups []group, isolate bool) [][]*Provider {
	chosen := [][]*Provider{nil}
	for _, g := range groups {
		var longer [][]*Provider
		for _, before := range chosen {
			for _, p := range tree {
				if isolate && g.suffix != "" && suffixedOn(groups, before, p) {
					continue
				}
				with := append(slices.Clone(before), p)
				if g.fits(list, p) && p.has(together(groups, with, p)) {
					longer = append(longer, with)
				}
			}
		}
		chosen = longer
	}
	return chosen
}

// suffixedOn tells that a group with a suffix was put on the provider.
func suffixedOn(groups []group, chosen []*Provider, p *Provider) bool {
	for i, other := range chosen {
		if other == p && groups[i].suffix != "" {
			return true
		}
	}
	return false
}

// together is what the groups that were put on the provider take of it.
func together(groups []group, chosen []*Provider, p *Provider) map[string]int {
	sum := map[string]int{}
	for i, other := range chosen {
		if other == p {
			for class, amount := range groups[i].resources {
				sum[class] += amount
			}
		}
	}
	return sum
}

func requestFor(groups []group, chosen []*Provider) AllocationRequest {
	request := AllocationRequest{Allocations: map[string]requestedShare{}, Mappings: map[string][]string{}}
	for i, p := range chosen {
		request.Mappings[groups[i].suffix] = []string{p.ID}
		resources := together(groups, chosen, p)
		if _, there := request.Allocations[p.ID]; there || len(resources) == 0 {
			continue
		}
		request.Allocations[p.ID] = requestedShare{resources}
		request.Listed = append(request.Listed, listedRequest{providerID{p.ID}, resources})
	}
	return request
}

func summaryOf(c *api.Call, list []*Provider, p *Provider, groups []group) providerSummary {
	summary := providerSummary{Resources: map[string]classSummary{}, Traits: providerTraits(p).Traits, Root: rootOf(list, p)}
	if p.ParentID != "" {
		summary.Parent = &p.ParentID
	}
	for class, i := range p.Inventories {
		asked := slices.ContainsFunc(groups, func(g group) bool { return g.resources[class] > 0 })
		if asked || c.Since(showsAllClasses) {
			summary.Resources[class] = classSummary{Capacity: i.capacity(), Used: p.Used[class]}
		}
	}
	return summary
}
