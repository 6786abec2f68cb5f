// SPDX-License-Identifier: MPL-2.0

package api

import (
	"net/http"
	"strings"
)

// Operation is one route, as tests and documents see it.
type Operation struct {
	Method, Path, Action string
	// Only is the versions in which it exists; empty is all.
	Only Ranges
	// Rule is the policy rule that the route itself demands; "" where the handler asks, or nobody.
	Rule string
	// Public needs no token.
	Public bool
}

// Name is how rules of package fault name the operation: "POST /servers/{id}/action reboot".
func (o Operation) Name() string { return operationName(o.Method, o.Path, o.Action) }

func operationName(method, path, action string) string {
	return strings.TrimSuffix(method+" "+path+" "+action, " ")
}

// OperationsOf is what a handler that Service.Handler made serves: the service's type and its operations.
func OperationsOf(handler http.Handler) (string, []Operation) {
	r, ok := handler.(*router)
	if !ok {
		return "", nil
	}
	return r.service.Type, r.service.Operations()
}

// Operations are the routes below the service's mounts, in the order in which they were declared.
func (s *Service) Operations() []Operation {
	list := make([]Operation, len(s.Routes))
	for i, r := range s.Routes {
		list[i] = Operation{Method: r.method, Path: r.path, Action: r.action, Only: r.only, Rule: r.rule, Public: r.public}
	}
	return list
}
