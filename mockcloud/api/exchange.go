// SPDX-License-Identifier: MPL-2.0

package api

import (
	"context"
	"net/http"
	"path"
)

// Exchange is what is known of a request once it has been answered. It holds no bodies and no headers,
// for they hold secrets.
type Exchange struct {
	Service      string // the service's type: "compute"
	Method, Path string
	Query        string
	Operation    string // the route's path below its mount: "/servers/{id}"; "" for unknown ones
	Action       string // of server actions and the like
	Microversion string // "2.90"; "" where the service has none
	RequestID    string
	ProjectID    string
	UserID       string
	Status       int    // 0: the connection was taken over or broken
	Fault        string // the rule of package fault that struck; "" for none
}

type exchangeKey struct{}

// Observed returns a request whose exchange is written to e by the time that it has been served.
func Observed(r *http.Request, e *Exchange) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), exchangeKey{}, e))
}

// observe fills in the exchange, if somebody wants it.
func (c *Call) observe(status int) {
	e, wanted := c.Context().Value(exchangeKey{}).(*Exchange)
	if !wanted {
		return
	}
	*e = Exchange{
		Service: c.service.Type, Method: c.Request.Method, Path: c.Request.URL.Path, Query: c.Request.URL.RawQuery,
		RequestID: c.RequestID, Status: status, Fault: c.struck,
	}
	if c.service.Versions != nil && c.Version != 0 {
		e.Microversion = c.service.Versions.Text(c.Version)
	}
	if c.route != nil {
		e.Operation, e.Action = c.route.path, c.route.action
		if c.route.secret {
			e.Path = path.Join(path.Dir(e.Path), path.Base(e.Operation))
		}
	}
	if c.Identity != nil {
		e.ProjectID, e.UserID = c.Identity.ProjectID, c.Identity.UserID
	}
}
