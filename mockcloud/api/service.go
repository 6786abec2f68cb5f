// SPDX-License-Identifier: MPL-2.0

package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
)

// Service is one API: its routes, and what holds for all of them.
type Service struct {
	// Type is the service's type in the catalogue: "compute".
	Type string
	// Prefix is where it lives on the cloud's one port: "/compute".
	Prefix string
	// Mounts are the places below the prefix at which all Routes are served. Root holds routes
	// that are served at the prefix itself (version documents).
	Mounts []Mount
	Root   []Route
	Routes []Route
	// Elsewhere answers what is asked at none of these places; nil is 404.
	Elsewhere *Route
	// Versions are the microversions spoken; nil for none.
	Versions *Microversions
	Fault    FaultBody
	// XML is the other notation of bodies on the legacy mounts; nil for JSON alone.
	XML    *XML
	Policy Policy
	// Auth checks tokens. Nil makes every route public.
	Auth Authenticator
	// Limit refuses requests before anything is known of them but who makes them; nil refuses none.
	Limit func(*Call) error
	// Formats are named formats beyond the kit's own: they say what is wrong, or "".
	Formats map[string]func(string) string
	// MaxBody is the largest request body in bytes; 0 is 112 KiB, as Nova's.
	MaxBody int64
	// Lax tolerates unknown keys everywhere.
	Lax bool
	Log *slog.Logger

	types planner
}

// Mount is a path below a service's prefix.
type Mount struct {
	Path string // "/v2.1"
	// Project allows the project's id after the path: /v2.1/{project_id}/servers. With NeedsProject all but the mount's own
	// document has it.
	Project, NeedsProject bool
	// Suffixes lets paths end in that of a type, ".json" or ".xml", whatever answers are in.
	Suffixes bool
	// Legacy serves the least version, with loose validation (Nova's /v2).
	Legacy bool
}

// defaultMaxBody is Nova's max_request_body_size.
const defaultMaxBody = 114688

func (s *Service) log() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.New(slog.DiscardHandler)
}

// Handler builds the service: it serves everything below Prefix. It panics on a bad tag, a bad
// range or two routes for one operation, which no test of the service can miss.
func (s *Service) Handler() http.Handler {
	s.types.formats = s.Formats
	for _, routes := range [][]Route{s.Root, s.Routes} {
		for i := range routes {
			s.plan(&routes[i])
		}
	}
	if s.Elsewhere != nil {
		s.plan(s.Elsewhere)
	}
	return s.route()
}

func overlap(a, b Ranges) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	for _, x := range a {
		for _, y := range b {
			if x.From <= y.To && y.From <= x.To {
				return true
			}
		}
	}
	return false
}

// plan checks the tags of a route's types and its rule once, at registration.
func (s *Service) plan(r *Route) {
	if r.rule != "" && s.Policy[r.rule] == nil {
		panic(fmt.Sprintf("%s %s: no policy rule %s", r.method, r.path, r.rule))
	}
	s.types.check(r.in)
	s.types.check(r.out)
	s.types.check(r.ask)
}

// Mentioned tells the minor versions that any tag, range or code of the service names, for the guard
// test that no microversion was forgotten.
func (s *Service) Mentioned() map[Version]bool {
	seen := map[Version]bool{}
	note := func(ranges Ranges) {
		for _, r := range ranges {
			seen[r.From] = true
			seen[r.To+1] = true
		}
	}
	for _, route := range slices.Concat(s.Root, s.Routes) {
		note(route.only)
		note(route.loose)
		for _, code := range route.codes {
			seen[code.From] = true
		}
		s.types.ranges(route.in, note)
		s.types.ranges(route.out, note)
		s.types.ranges(route.ask, note)
	}
	return seen
}
