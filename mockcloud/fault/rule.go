// SPDX-License-Identifier: MPL-2.0

// Package fault is the language in which tests say what goes wrong in a cloud: rules that match requests at the
// HTTP door, and effects that strike them.
//
//	cloud.Faults().Add(fault.Rule{
//		Operation: "POST /servers", Skip: 1, Times: 2,
//		Effects: []fault.Effect{{Status: 503, RetryAfter: time.Second}, {Cut: true, After: true}},
//	})
//
// lets the first server be created, answers the next request with 503, and does the work of the one after that but
// breaks its connection. What happens to the n-th request that a rule matches depends on the rule, its seed and n
// alone: a test that asks in one order fails in one way.
//
// The package decides; what a strike does to a connection is the business of package api.
package fault

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Rule says which requests are struck, and by what. A field that is zero does not narrow the rule.
type Rule struct {
	// ID names the rule; Add makes one up.
	ID string
	// Service is a service's type in the catalogue: "compute".
	Service string
	Method  string
	// Path is a pattern of the path of the URL: * stands for what is between two slashes, ** for anything.
	// "/compute/v2.1/servers/*"
	Path string
	// Operation is a route as the service declares it, below its version: "POST /servers", or with the name of an
	// action "POST /servers/{id}/action reboot". Requests that never get to a route (of a path that does not exist,
	// with a body that is none) match no operation.
	Operation string
	// Project is the id of the project that the request's token is for.
	Project string

	// Skip is how many of the matching requests pass first; Times is after how many strikes the rule is spent (0:
	// never).
	Skip, Times int
	// Probability, from 0 to 1, is the share of the other matching requests that are struck: by the Seed, and for
	// each anew. 0 is all of them.
	Probability float64
	Seed        uint64
	// Effects take turns, from the first one again after the last.
	Effects []Effect
}

// Effect is what happens to a request: an answer with a Status, or a Cut connection, or neither; after a Delay, if
// there is one.
type Effect struct {
	// Delay is time of the cloud's clock.
	Delay time.Duration
	// Status is answered, from 400 to 599, in the service's own form of errors. Message is what it says; "" is a
	// general text.
	Status  int
	Message string
	// RetryAfter is told beside the status, in whole seconds.
	RetryAfter time.Duration
	// Cut breaks the connection without an answer.
	Cut bool
	// After has all this happen after the work is done, in place of its answer; otherwise the work is not done.
	After bool
}

// ends is whether the request gets another answer than its own, or none.
func (e Effect) ends() bool { return e.Cut || e.Status != 0 }

// Request is what rules see of a request.
type Request struct{ Service, Method, Path, Operation, Project string }

// Invalid is the error about a rule that makes no sense.
type Invalid struct{ Field, Problem string }

func (e *Invalid) Error() string { return e.Field + ": " + e.Problem }

// matches is whether the rule is about the request.
func (r *Rule) matches(path *regexp.Regexp, q *Request) bool {
	for _, pair := range [...][2]string{{r.Service, q.Service}, {r.Method, q.Method}, {r.Operation, q.Operation}, {r.Project, q.Project}} {
		if pair[0] != "" && pair[0] != pair[1] {
			return false
		}
	}
	return path == nil || path.MatchString(q.Path)
}

// check refuses what could never strike, or not as it says.
func (r *Rule) check(operations map[string][]string) error {
	methods := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	for _, wrong := range []struct {
		is      bool
		field   string
		problem string
	}{
		{strings.Contains(r.ID, "/"), "id", "has to be without a slash"},
		{r.Method != "" && !slices.Contains(methods, r.Method), "method", fmt.Sprintf("%q is none of %s", r.Method, strings.Join(methods, ", "))},
		{r.Path != "" && !strings.HasPrefix(r.Path, "/") && !strings.HasPrefix(r.Path, "*"), "path", "has to begin with a slash"},
		{r.Skip < 0, "skip", "has to be 0 or more"},
		{r.Times < 0, "times", "has to be 0 or more"},
		{!(r.Probability >= 0 && r.Probability <= 1), "probability", "has to be from 0 to 1"}, // NaN is not, either
		{len(r.Effects) == 0, "effects", "a rule needs one at least"},
	} {
		if wrong.is {
			return &Invalid{wrong.field, wrong.problem}
		}
	}
	for _, e := range r.Effects {
		if err := e.check(); err != nil {
			return err
		}
	}
	return r.checkOperation(operations)
}

func (e Effect) check() error {
	switch {
	case e.Delay < 0:
		return &Invalid{"delay", "has to be 0 or more"}
	case e.Status != 0 && (e.Status < http.StatusBadRequest || e.Status > 599):
		return &Invalid{"status", fmt.Sprintf("%d is not from 400 to 599", e.Status)}
	case e.Status != 0 && e.Cut:
		return &Invalid{"cut", "a connection that is cut gets no status"}
	case e.Status == 0 && (e.Message != "" || e.RetryAfter != 0):
		return &Invalid{"status", "a message or a retry_after needs one"}
	case e.RetryAfter < 0:
		return &Invalid{"retry_after", "has to be 0 or more"}
	}
	return nil
}

// compile makes a regular expression of a path's pattern; nil of none.
func compile(pattern string) *regexp.Regexp {
	if pattern == "" {
		return nil
	}
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.ReplaceAll(quoted, `\*\*`, `.*`)
	return regexp.MustCompile("^" + strings.ReplaceAll(quoted, `\*`, `[^/]*`) + "$")
}
