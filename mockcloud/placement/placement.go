// SPDX-License-Identifier: MPL-2.0

// Package placement is the Placement API at microversions 1.0 to 1.39, a file per collection. It shows what
// Nova has written: a resource provider per compute host with its inventories, traits, aggregates and
// allocations, read from Nova's own records, so that the two never disagree. Providers, classes, traits and
// consumers that others make are kept beside them.
//
// What operators change of a compute host here (traits and resource classes of their own, allocation ratios,
// aggregates) is told to Nova, whose scheduler heeds it. What Nova alone decides (the amount of CPUs, the
// allocations of its servers) is refused with 409. There is no POST /reshaper.
package placement

import (
	"log/slog"
	"net/http"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Options are what a placement service is made of.
type Options struct {
	Store store.Store
	Clock clock.Clock
	Nova  Nova
	Auth  api.Authenticator
	Log   *slog.Logger // nil: no log
}

// Service is the Placement API.
type Service struct {
	Options
	http http.Handler
}

// newest is the newest microversion, of 2023; 1.0 is the first.
const newest api.Version = 39

// New makes the service. It panics where its own tables are wrong.
func New(o Options) *Service {
	s := &Service{Options: o}
	s.http = (&api.Service{
		Type: "placement", Prefix: "/placement", Fault: fault, Auth: o.Auth, Log: o.Log, Policy: policy(),
		Versions: &api.Microversions{Service: "placement", Major: "1", Max: newest},
		Root: slices.Concat(
			[]api.Route{api.Get("", "versions", listVersions).Public(), api.Get("/", "versions", listVersions).Public()},
			s.providerRoutes(), s.inventoryRoutes(), s.usageRoutes(), s.aggregateRoutes(), s.traitRoutes(), s.classRoutes(),
			s.allocationRoutes(), s.candidateRoutes(),
		),
	}).Handler()
	return s
}

// Handler serves everything below /placement.
func (s *Service) Handler() http.Handler { return s.http }

type versionEntry struct {
	ID         string     `json:"id"`
	Status     string     `json:"status"`
	MinVersion string     `json:"min_version"`
	MaxVersion string     `json:"max_version"`
	Links      []api.Link `json:"links"`
}

func listVersions(*api.Call) ([]versionEntry, error) {
	return []versionEntry{{
		ID: "v1.0", Status: "CURRENT", MinVersion: "1.0", MaxVersion: "1.39", Links: []api.Link{{Href: "", Rel: "self"}},
	}}, nil
}

// The codes of errors, since 1.23.
const (
	undefinedCode    = "placement.undefined_code"
	concurrentUpdate = "placement.concurrent_update"
	duplicateName    = "placement.duplicate_name"
	providerInUse    = "placement.resource_provider.inuse"
	providerIsParent = "placement.resource_provider.cannot_delete_parent"
	providerNotFound = "placement.resource_provider.not_found"
	inventoryInUse   = "placement.inventory.inuse"
	badQueryValue    = "placement.query.bad_value"
)

// fault is Placement's error body.
func fault(f *api.Fault) any {
	code := f.Kind
	if code == "" {
		code = undefinedCode
	}
	return map[string]any{"errors": []map[string]any{
		{"status": f.Code, "title": http.StatusText(f.Code), "detail": f.Message, "code": code},
	}}
}

// usagesRule is the one that lets a project's readers in.
const (
	adminRule  = "placement:admin_or_service"
	usagesRule = "placement:usages"
)

// policy are Placement's rules: one for all but GET /usages.
func policy() api.Policy {
	adminOrService := api.All(api.InProject, api.Any(api.Role("admin"), api.Role("service")))
	return api.Policy{
		adminRule:  adminOrService,
		usagesRule: api.Any(adminOrService, api.RoleInProject("reader")),
	}
}

// guarded gives the routes the rule that holds for nearly all.
func guarded(routes ...api.Route) []api.Route {
	for i := range routes {
		routes[i] = routes[i].Policy(adminRule)
	}
	return routes
}

// The microversions that handlers ask for.
const (
	tellsModified      api.Version = 15 // headers Last-Modified and Cache-Control
	aggregatesCount    api.Version = 19 // in the provider's generation
	answersProvider    api.Version = 20 // POST /resource_providers
	forbidsTraits      api.Version = 22
	reservesAll        api.Version = 26
	showsAllClasses    api.Version = 27 // in the summaries of candidates
	checksConsumers    api.Version = 28 // by their generation
	negatesMemberships api.Version = 32
	movesProviders     api.Version = 37
	typesConsumers     api.Version = 38
	requiresAnyOf      api.Version = 39
)

// modified tells when what is answered was last changed.
func (s *Service) modified(c *api.Call) {
	if c.Since(tellsModified) {
		c.Header().Set("Last-Modified", s.Clock.Now().UTC().Format(http.TimeFormat))
		c.Header().Set("Cache-Control", "no-cache")
	}
}
