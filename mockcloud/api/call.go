// SPDX-License-Identifier: MPL-2.0

package api

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/gorilla/mux"
)

// Call is one request on its way through a handler.
type Call struct {
	Request   *http.Request
	RequestID string // "req-…"
	// Identity is nil on public routes that were called without a token.
	Identity *Identity
	Version  Version
	// Loose: unknown keys are tolerated (legacy mounts, and routes as they say).
	Loose bool

	service *Service
	mount   *Mount
	media   media // of the answer
	route   *Route
	query   any
	header  http.Header
	base    string // what Base has found
	status  int
	struck  string // the rule that struck it
}

// Context ends with the request.
func (c *Call) Context() context.Context { return c.Request.Context() }

// Var is the value of a path variable, without its %-escapes.
func (c *Call) Var(name string) string {
	escaped := mux.Vars(c.Request)[name] // the router matches the escaped path, so that a name may hold a slash
	if value, err := url.PathUnescape(escaped); err == nil {
		return value
	}
	return escaped
}

// Below is the request's path below the mount and its project, with the query: "/servers?limit=1".
func (c *Call) Below() string {
	path := strings.TrimPrefix(c.Request.URL.EscapedPath(), c.service.Prefix)
	if c.mount != nil {
		path = strings.TrimPrefix(strings.TrimPrefix(path, c.mount.Path), mux.Vars(c.Request)[projectVar])
	}
	if query := c.Request.URL.RawQuery; query != "" {
		path += "?" + query
	}
	return path
}

// Header are the headers of the answer.
func (c *Call) Header() http.Header { return c.header }

// SetStatus answers with that status in place of the route's own.
func (c *Call) SetStatus(code int) { c.status = code }

// Since reports whether the request's version is at least 2.N.
func (c *Call) Since(n Version) bool { return c.Version >= n }

// ProjectID is the project of the request's token.
func (c *Call) ProjectID() string {
	if c.Identity == nil {
		return ""
	}
	return c.Identity.ProjectID
}

// Allowed reports whether the policy rule lets the caller do this to the target. A rule that the
// service does not have is a programming error and allows nobody.
func (c *Call) Allowed(rule string, target Target) bool {
	check, ok := c.service.Policy[rule]
	if !ok {
		c.service.log().Error("no such policy rule", "rule", rule)
		return false
	}
	return c.Identity != nil && check(c.Identity, target)
}

// Authorize returns a 403 Fault, in the service's words, when the rule forbids it.
func (c *Call) Authorize(rule string, target Target) error {
	if c.Allowed(rule, target) {
		return nil
	}
	return Forbidden("Policy doesn't allow %s to be performed.", rule)
}

// Own is the target of what the caller itself owns.
func (c *Call) Own() Target {
	if c.Identity == nil {
		return Target{}
	}
	return Target{ProjectID: c.Identity.ProjectID, UserID: c.Identity.UserID}
}

// Query is what the route's query type holds for this request; the route must have been declared
// with QueryOf[T].
func Query[T any](c *Call) *T { return c.query.(*T) }

// Legacy reports whether the request came through a legacy mount.
func (c *Call) Legacy() bool { return c.mount != nil && c.mount.Legacy }

// Decode reads a T, by its tags, out of a part of a body that the handler took as it came (bodies that
// hold one or many). A T that no route names is checked at its first use only.
func Decode[T any](c *Call, part any) (*T, error) {
	into := new(T)
	r := reading{planner: &c.service.types, version: c.Version, tolerance: tolerance{c.Loose, c.Legacy()}}
	if err := r.value(part, reflect.ValueOf(into).Elem(), &rules{}); err != nil {
		return nil, err.fault()
	}
	return into, nil
}
