// SPDX-License-Identifier: MPL-2.0

package api

import (
	"cmp"
	"context"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/fault"
)

type rulesKey struct{}

// judgement is what may strike a request, until it has been asked: what a service asks of another inside the same
// request is not judged again.
type judgement struct {
	rules *fault.Rules
	clock clock.Clock
	asked bool
}

// Judged returns a request that the rules may strike, with delays of that clock.
func Judged(r *http.Request, rules *fault.Rules, c clock.Clock) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), rulesKey{}, &judgement{rules: rules, clock: c}))
}

// work is what is left to do for a request once it is known what it asks for.
type work func(c *Call, w http.ResponseWriter) error

// perform does the work, unless a rule has something else in mind. A cut connection ends in http.ErrAbortHandler, by
// which net/http breaks it without a word.
func (c *Call) perform(w http.ResponseWriter, do work) error {
	j, judged := c.Context().Value(rulesKey{}).(*judgement)
	if !judged || j.asked {
		return do(c, w)
	}
	j.asked = true
	strike := j.rules.Decide(c.seen())
	c.struck = strike.Rule
	if err := j.clock.Sleep(c.Context(), strike.Before); err != nil {
		return err
	}
	switch {
	case strike.End == nil && strike.After == 0:
		return do(c, w)
	case strike.End == nil:
		return do(c, &late{ResponseWriter: w, wait: func() { _ = j.clock.Sleep(c.Context(), strike.After) }})
	case strike.End.After:
		told := c.header
		c.header = http.Header{}
		_ = do(c, deaf{c.header}) // whatever came of it
		c.header = told
		if err := j.clock.Sleep(c.Context(), strike.After); err != nil {
			return err
		}
	}
	return c.end(strike.End)
}

// late waits before it answers.
type late struct {
	http.ResponseWriter

	wait  func()
	begun bool
}

func (l *late) WriteHeader(code int) {
	if !l.begun {
		l.begun = true
		l.wait()
	}
	l.ResponseWriter.WriteHeader(code)
}

func (l *late) Write(b []byte) (int, error) {
	if !l.begun {
		l.WriteHeader(http.StatusOK)
	}
	return l.ResponseWriter.Write(b)
}

// Unwrap serves http.ResponseController.
func (l *late) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// deaf is where an answer goes that nobody will get.
type deaf struct{ header http.Header }

func (d deaf) Header() http.Header         { return d.header }
func (d deaf) WriteHeader(int)             {}
func (d deaf) Write(b []byte) (int, error) { return len(b), nil }

// end is what the client gets in place of the answer.
func (c *Call) end(e *fault.Effect) error {
	if e.Cut {
		panic(http.ErrAbortHandler)
	}
	refusal := NewFault(e.Status, "%s", cmp.Or(e.Message, http.StatusText(e.Status), "Injected fault"))
	if e.RetryAfter > 0 {
		refusal = refusal.After(e.RetryAfter)
	}
	return refusal
}

// seen is the request as rules see it.
func (c *Call) seen() *fault.Request {
	q := &fault.Request{Service: c.service.Type, Method: c.Request.Method, Path: c.Request.URL.Path, Project: c.ProjectID()}
	if c.route != nil {
		q.Operation = operationName(c.route.method, c.route.path, c.route.action)
	}
	return q
}
