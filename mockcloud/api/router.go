// SPDX-License-Identifier: MPL-2.0

package api

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gorilla/mux"
)

// router finds the endpoint of a request. All mounts share one table of routes: to build one takes long.
type router struct {
	service *Service
	mounts  []mounted
	routes  *mux.Router // below a mount
	root    *mux.Router // below the prefix
	// elsewhere is what is at every other path.
	elsewhere endpoint
}

// mounted is a mount with the syntax of the paths below it: the project, if they name one, and the rest.
type mounted struct {
	*Mount

	path *regexp.Regexp
}

// projectVar is the variable of the project that a path names.
const projectVar = "mount_project"

func (s *Service) route() *router {
	r := &router{service: s, routes: table(s.Routes), root: table(s.Root)}
	if s.Elsewhere != nil {
		r.elsewhere = endpoint{}
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			r.elsewhere[method] = []*Route{s.Elsewhere}
		}
	}
	for i := range s.Mounts {
		mount, project := &s.Mounts[i], "()"
		if mount.Project {
			project = "((?:/[0-9a-f-]+)?)" // Nova's project_id_regex
		}
		r.mounts = append(r.mounts, mounted{mount, regexp.MustCompile("^" + regexp.QuoteMeta(s.Prefix+mount.Path) + project + "(/.*)?$")})
	}
	return r
}

// ServeHTTP serves what the path names below the first mount that it is below, or else below the root. The router
// matches the escaped path, so that a name may hold a slash.
func (r *router) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	path := request.URL.EscapedPath()
	var below *Mount // which has nothing there
	for _, m := range r.mounts {
		if parts := m.parts(path, r.service); parts != nil {
			if at, vars := find(r.routes, parts[2]); at != nil && !m.misses(parts) {
				vars[projectVar] = parts[1]
				r.service.serve(w, mux.SetURLVars(request, vars), m.Mount, at)
				return
			}
			below = m.Mount
		}
	}
	if rest, inside := strings.CutPrefix(path, r.service.Prefix); inside {
		if at, vars := find(r.root, rest); at != nil {
			r.service.serve(w, mux.SetURLVars(request, vars), &Mount{}, at)
			return
		}
	}
	if below == nil && r.service.Elsewhere != nil {
		r.service.serve(w, request, &Mount{}, r.elsewhere)
		return
	}
	r.service.serve(w, request, below, nil)
}

// parts are the project and the rest of a path below the mount; nil of one that is not. A suffix that names a type
// is no part of it.
func (m *mounted) parts(path string, s *Service) []string {
	if s.cutsSuffixes(m.Mount) {
		_, path = cutSuffix(path)
	}
	return m.path.FindStringSubmatch(path)
}

// misses reports that the parts lack the project that they need.
func (m *mounted) misses(parts []string) bool {
	return m.NeedsProject && parts[1] == "" && strings.Trim(parts[2], "/") != ""
}

// find is the endpoint of a path, as it is escaped, with the values of its variables; nil where there is none.
func find(routes *mux.Router, path string) (endpoint, map[string]string) {
	plain, err := url.PathUnescape(path)
	if err != nil {
		return nil, nil
	}
	var match mux.RouteMatch
	if !routes.Match(&http.Request{URL: &url.URL{Path: above + plain, RawPath: above + path}}, &match) || match.MatchErr != nil {
		return nil, nil
	}
	at, _ := match.Handler.(endpoint)
	return at, match.Vars
}

// above stands before each path of a table, since mux takes no empty one.
const above = "/-"

// endpoint is everything that one path does: routes by method, several of a method when they are
// actions or have different versions.
type endpoint map[string][]*Route

// ServeHTTP makes it a handler, for mux's sake; the router takes it out again.
func (endpoint) ServeHTTP(http.ResponseWriter, *http.Request) {}

// table finds endpoints by path.
func table(routes []Route) *mux.Router {
	endpoints := map[string]endpoint{}
	for i := range routes {
		route := &routes[i]
		at := endpoints[route.path]
		if at == nil {
			at = endpoint{}
			endpoints[route.path] = at
		}
		for _, other := range at[route.method] {
			if other.action == route.action && overlap(other.only, route.only) {
				panic(fmt.Sprintf("%s %s %s is declared twice", route.method, route.path, route.action))
			}
		}
		at[route.method] = append(at[route.method], route)
	}
	// A literal segment goes before a variable: /servers/detail before /servers/{id}.
	paths := slices.SortedFunc(maps.Keys(endpoints), func(a, b string) int {
		return cmp.Compare(strings.ReplaceAll(a, "{", "~"), strings.ReplaceAll(b, "{", "~"))
	})
	router := mux.NewRouter().StrictSlash(false).UseEncodedPath().SkipClean(true)
	for _, path := range paths {
		router.Handle(above+path, endpoints[path])
	}
	return router
}
