// SPDX-License-Identifier: MPL-2.0

package api

import (
	"net/http"
	"reflect"
)

// None is the body of a request that has none, or whose body does not matter, and of an empty answer.
type None struct{}

// Route declares one operation. The methods return changed copies, so that routes are written as
// tables.
type Route struct {
	method, path string
	// name wraps the request's body, answer the answer's; "" is no wrapping.
	name, answer string
	action       string
	codes        Since[int]
	only, loose  Ranges
	rule         string
	public, raw  bool
	secret       bool
	maxBody      int64
	in, out, ask reflect.Type
	// call runs the handler on the decoded body; w is for raw routes only.
	call func(c *Call, w http.ResponseWriter, in any) (any, error)
	// feed makes an Atom feed of the answer.
	feed func(answer any) any
}

// Get declares an operation without a body that answers {name: Out}.
func Get[Out any](path, name string, handle func(*Call) (Out, error)) Route {
	return Route{
		method: http.MethodGet, path: path, answer: name, out: reflect.TypeFor[Out](),
		call: func(c *Call, _ http.ResponseWriter, _ any) (any, error) { return handle(c) },
	}
}

// Post declares an operation that takes {name: In} and answers {name: Out}.
func Post[In, Out any](path, name string, handle func(*Call, *In) (Out, error)) Route {
	return withBody(http.MethodPost, path, name, handle)
}

// Put is Post with the method PUT.
func Put[In, Out any](path, name string, handle func(*Call, *In) (Out, error)) Route {
	return withBody(http.MethodPut, path, name, handle)
}

// Patch is Post with the method PATCH.
func Patch[In, Out any](path, name string, handle func(*Call, *In) (Out, error)) Route {
	return withBody(http.MethodPatch, path, name, handle)
}

// Delete declares an operation with neither body nor answer; 204 unless Codes says otherwise.
func Delete(path string, handle func(*Call) error) Route {
	return Route{
		method: http.MethodDelete, path: path, codes: Since[int]{{0, http.StatusNoContent}}, out: reflect.TypeFor[None](),
		call: func(c *Call, _ http.ResponseWriter, _ any) (any, error) { return None{}, handle(c) },
	}
}

// DeleteNamed is Delete of what the body names: {name: In}.
func DeleteNamed[In any](path, name string, handle func(*Call, *In) error) Route {
	route := withBody(http.MethodDelete, path, name, func(c *Call, in *In) (None, error) { return None{}, handle(c, in) })
	return route.Code(http.StatusNoContent)
}

// Action declares what POST path does with a body whose only key is name; the answer is not wrapped.
func Action[In, Out any](path, name string, handle func(*Call, *In) (Out, error)) Route {
	route := withBody(http.MethodPost, path, name, handle)
	route.action, route.answer = name, ""
	return route.Code(http.StatusAccepted)
}

// Raw declares an operation that reads the request's body and writes the answer by itself (uploads,
// downloads, JSON patches). An error that it returns before it wrote anything becomes a fault.
func Raw(method, path string, handle func(*Call, http.ResponseWriter) error) Route {
	return Route{
		method: method, path: path, raw: true,
		call: func(c *Call, w http.ResponseWriter, _ any) (any, error) { return nil, handle(c, w) },
	}
}

func withBody[In, Out any](method, path, name string, handle func(*Call, *In) (Out, error)) Route {
	return Route{
		method: method, path: path, name: name, answer: name,
		in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](),
		call: func(c *Call, _ http.ResponseWriter, in any) (any, error) { return handle(c, in.(*In)) },
	}
}

// Code is the success status in all versions; 200 unless said.
func (r Route) Code(status int) Route { return r.Codes(Since[int]{{0, status}}) }

// Codes are the success statuses by version.
func (r Route) Codes(codes Since[int]) Route { r.codes = codes; return r }

// Only is the versions in which the operation exists; in others it is 404.
func (r Route) Only(ranges string) Route { r.only = mustRanges(ranges); return r }

// Loose is the versions that tolerate unknown keys in body and query.
func (r Route) Loose(ranges string) Route { r.loose = mustRanges(ranges); return r }

// Answer wraps the answer in another name than the request; "" is no wrapping.
func (r Route) Answer(name string) Route { r.answer = name; return r }

// Policy is the rule that the caller must satisfy for its own project and user before the handler
// runs. Rules about the object itself are the handler's, by Call.Authorize.
func (r Route) Policy(rule string) Route { r.rule = rule; return r }

// Atom answers with what feed makes of the answer, as "feed", to who asks for Atom; others have JSON then.
func (r Route) Atom(feed func(answer any) any) Route { r.feed = feed; return r }

// Public lets requests in without a token; one that is sent is still checked.
func (r Route) Public() Route { r.public = true; return r }

// Secret: what ends the path is a secret, which no trace shows.
func (r Route) Secret() Route { r.secret = true; return r }

// MaxBody is the largest request body in bytes, in place of the service's own limit.
func (r Route) MaxBody(bytes int64) Route { r.maxBody = bytes; return r }

// Refused is the operation as a service knows it that no longer has it: whoever has a token is told so, whatever he asks.
func (r Route) Refused(fault *Fault) Route {
	r.rule, r.ask, r.raw = "", nil, false
	if r.in != nil {
		r.in = reflect.TypeFor[None]()
	}
	r.out = reflect.TypeFor[None]()
	r.call = func(*Call, http.ResponseWriter, any) (any, error) { return nil, fault }
	return r
}

// Path is where the operation is.
func (r Route) Path() string { return r.path }

// Name is what Operation.Name says: "POST /servers/{id}/action reboot".
func (r Route) Name() string { return operationName(r.method, r.path, r.action) }

// ActionName is the action's name; "" of what is none.
func (r Route) ActionName() string { return r.action }

// Alias is the same operation at another path, in those of its versions that are in ranges; false when that
// is none.
func (r Route) Alias(path, ranges string) (Route, bool) {
	var served bool
	r.path = path
	r.only, served = r.only.and(mustRanges(ranges))
	return r, served
}

// AskedBy declares the type of the operation's query parameters, by QueryOf.
func (r Route) AskedBy(query reflect.Type) Route { r.ask = query; return r }

// QueryOf names a query type for Route.AskedBy: a struct with the tags of a body. A []string field
// takes every value of its parameter, any other type the last.
func QueryOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

func mustRanges(text string) Ranges {
	ranges, err := ParseRanges(text)
	if err != nil {
		panic(err)
	}
	return ranges
}
