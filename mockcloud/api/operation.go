// SPDX-License-Identifier: MPL-2.0

package api

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

// Operations are the routes below the service's mounts, in the order in which they were declared.
func (s *Service) Operations() []Operation {
	list := make([]Operation, len(s.Routes))
	for i, r := range s.Routes {
		list[i] = Operation{Method: r.method, Path: r.path, Action: r.action, Only: r.only, Rule: r.rule, Public: r.public}
	}
	return list
}
