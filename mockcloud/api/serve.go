// SPDX-License-Identifier: MPL-2.0

package api

import (
	"errors"
	"net/http"
	"reflect"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/google/uuid"
)

var requestIDSyntax = regexp.MustCompile(`^req-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// serve serves one request: request id, panics and faults around what run does. at is nil for a path that
// nothing is at.
func (s *Service) serve(w http.ResponseWriter, r *http.Request, mount *Mount, at endpoint) {
	id := r.Header.Get("X-OpenStack-Request-ID")
	if !requestIDSyntax.MatchString(id) {
		id = "req-" + uuid.NewString()
	}
	w.Header().Set("X-Openstack-Request-Id", id)
	if s.Type == "compute" {
		w.Header().Set("X-Compute-Request-Id", id)
	}
	c := &Call{Request: r, RequestID: id, service: s, mount: mount, header: w.Header(), media: medias[0]}
	if s.hasXML(mount) {
		c.media = answerMedia(r)
	}
	out := &tracked{ResponseWriter: w}
	defer func() { c.observe(out.status) }()
	defer func() {
		if cause := recover(); cause != nil {
			if cause == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
				panic(cause)
			}
			s.log().Error("panic in a handler", "request_id", id, "method", r.Method, "path", r.URL.Path,
				"panic", cause, "stack", string(debug.Stack()))
			s.fail(c, out, errors.New("panic"))
		}
	}()
	if err := s.run(c, out, at); err != nil {
		s.fail(c, out, err)
	}
}

// tracked notices whether an answer was begun.
type tracked struct {
	http.ResponseWriter
	begun  bool
	status int // 0: none yet
}

func (t *tracked) WriteHeader(code int) {
	t.begun, t.status = true, code
	t.ResponseWriter.WriteHeader(code)
}

func (t *tracked) Write(b []byte) (int, error) {
	if !t.begun {
		t.begun, t.status = true, http.StatusOK
	}
	return t.ResponseWriter.Write(b)
}

// Unwrap serves http.ResponseController.
func (t *tracked) Unwrap() http.ResponseWriter { return t.ResponseWriter }

func (s *Service) fail(c *Call, w *tracked, err error) {
	fault := AsFault(err)
	if fault == nil && c.Context().Err() != nil {
		panic(http.ErrAbortHandler) // the client went away: there is nobody to answer, and nothing is wrong
	}
	if fault == nil {
		s.log().Error("request failed", "request_id", c.RequestID, "method", c.Request.Method, "path", c.Request.URL.Path, "error", err)
		fault = NewFault(http.StatusInternalServerError,
			"Unexpected API Error. The request id is %s; the log of the service says more.", c.RequestID)
	}
	if w.begun { // too late for a status: break the connection, so that nobody takes a part for the whole
		panic(http.ErrAbortHandler)
	}
	s.writeFault(c, w, fault)
}

// run is the pipeline: what admit does, then the handler and its answer, unless a rule strikes.
func (s *Service) run(c *Call, w http.ResponseWriter, at endpoint) error {
	do, err := s.admit(c, w, at)
	if err != nil {
		do = func(*Call, http.ResponseWriter) error { return err }
	}
	return c.perform(w, do)
}

// admit is token, path and method, version, body, policy; the rest is what it returns.
func (s *Service) admit(c *Call, w http.ResponseWriter, at endpoint) (work, error) {
	if err := s.authenticate(c, at); err != nil {
		return nil, err
	}
	if s.Limit != nil && c.Identity != nil {
		if err := s.Limit(c); err != nil {
			return nil, err
		}
	}
	if at == nil {
		return nil, NotFound("The resource could not be found.")
	}
	if err := s.version(c); err != nil {
		return nil, err
	}
	routes := at.routes(c.Request.Method)
	if routes == nil {
		return nil, NewFault(http.StatusMethodNotAllowed, "The method specified is not allowed for this resource.").
			With("Allow", strings.Join(at.methods(), ", "))
	}
	if project := strings.TrimPrefix(c.Var(projectVar), "/"); project != "" && c.Identity != nil && project != c.Identity.ProjectID {
		return nil, BadRequest("Malformed request URL: URL's project_id '%s' doesn't match Context's project_id '%s'",
			project, c.Identity.ProjectID)
	}
	limit := s.MaxBody
	if limit == 0 {
		limit = defaultMaxBody
	}
	if len(routes) == 1 && routes[0].maxBody != 0 {
		limit = routes[0].maxBody
	}
	c.Request.Body = http.MaxBytesReader(w, c.Request.Body, limit)
	if routes[0].raw {
		return s.admitRaw(c, routes[0])
	}
	in, err := s.prepare(c, routes)
	if err != nil {
		return nil, err
	}
	return func(c *Call, w http.ResponseWriter) error {
		answer, err := c.route.call(c, w, in)
		if err != nil {
			return err
		}
		return s.answer(c, w, answer)
	}, nil
}

func (s *Service) admitRaw(c *Call, route *Route) (work, error) {
	c.route = route
	if route.ask != nil {
		if err := s.readQuery(c); err != nil {
			return nil, err
		}
	}
	if route.rule != "" {
		if err := c.Authorize(route.rule, c.Own()); err != nil {
			return nil, err
		}
	}
	return func(c *Call, w http.ResponseWriter) error {
		_, err := route.call(c, w, nil)
		return err
	}, nil
}

func (at endpoint) routes(method string) []*Route {
	if method == http.MethodHead && at[method] == nil {
		method = http.MethodGet
	}
	return at[method]
}

func (at endpoint) methods() []string {
	var methods []string
	for method := range at {
		methods = append(methods, method)
	}
	if at[http.MethodGet] != nil && at[http.MethodHead] == nil {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return methods
}

func (s *Service) authenticate(c *Call, at endpoint) error {
	token := c.Request.Header.Get("X-Auth-Token")
	public := s.Auth == nil
	for _, route := range at.routes(c.Request.Method) {
		public = public || route.public
	}
	if s.Auth == nil || public && token == "" {
		return nil
	}
	challenge := `Keystone uri="` + c.Base() + `/identity"`
	if token == "" {
		return Unauthorized("The request you have made requires authentication.").With("WWW-Authenticate", challenge)
	}
	identity, err := s.Auth.Authenticate(c.Context(), token)
	if fault := AsFault(err); fault != nil && fault.Code == http.StatusUnauthorized {
		if public {
			return nil
		}
		return fault.With("WWW-Authenticate", challenge)
	}
	c.Identity = identity.under(s.Policy)
	return err
}

func (s *Service) version(c *Call) error {
	if s.Versions == nil {
		return nil
	}
	if c.mount.Legacy {
		c.Version, c.Loose = s.Versions.Min, true
		return nil
	}
	var err error
	c.Version, err = s.Versions.negotiate(c.Request.Header)
	if AsFault(err) == nil || AsFault(err).Code == http.StatusNotAcceptable {
		s.Versions.announce(c.header, c.Version)
	}
	return err
}

// prepare picks the route by version and action, checks query and policy and decodes the body.
func (s *Service) prepare(c *Call, routes []*Route) (any, error) {
	var body sent
	action := ""
	if routes[0].in != nil {
		var err error
		if body, err = s.read(c); err != nil {
			return nil, err
		}
		if routes[0].action != "" {
			if action, err = body.action(); err != nil {
				return nil, err
			}
		}
	}
	known := false
	for _, route := range routes {
		known = known || route.action == action
		if route.action == action && route.only.Has(c.Version) {
			c.route = route
		}
	}
	switch {
	case !known:
		return nil, BadRequest("There is no such action: %s", action)
	case c.route == nil:
		return nil, NotFound("API version %s is not supported on this method.", s.Versions.Text(c.Version))
	}
	c.Loose = c.Loose || s.Lax || len(c.route.loose) > 0 && c.route.loose.Has(c.Version)
	if c.route.ask != nil {
		if err := s.readQuery(c); err != nil {
			return nil, err
		}
	}
	in, err := s.decodeBody(c, body)
	if err != nil {
		return nil, err
	}
	if c.route.rule != "" {
		return in, c.Authorize(c.route.rule, c.Own())
	}
	return in, nil
}

func (s *Service) decodeBody(c *Call, body sent) (any, error) {
	if c.route.in == nil {
		return nil, nil
	}
	if c.route.in == reflect.TypeFor[None]() {
		return &None{}, nil
	}
	return s.types.decodeBody(c.route, c.Version, tolerance{c.Loose, c.Legacy()}, body.value(c))
}

func (s *Service) answer(c *Call, w http.ResponseWriter, value any) error {
	status := c.route.codes.At(c.Version)
	if c.status != 0 {
		status = c.status
	}
	if status == 0 {
		status = http.StatusOK
	}
	if _, none := value.(None); none {
		w.WriteHeader(status)
		return nil
	}
	room, _ := s.types.bodies.Get().(*[]byte)
	if room == nil {
		room = new([]byte)
	}
	defer s.types.bodies.Put(room)
	name, kind := c.route.answer, c.media
	if kind.atom && c.route.feed != nil {
		name, value, kind.xml = "feed", c.route.feed(value), true
	} else if kind.atom {
		kind = medias[0]
	}
	body, err := s.types.encode((*room)[:0], name, value, c.Version)
	if err != nil {
		return err
	}
	*room = body // as large as it has become
	if kind.xml {
		if body, err = s.XML.Encode(c.route.Name(), body); err != nil {
			return err
		}
	}
	w.Header().Set("Content-Type", kind.name)
	w.WriteHeader(status)
	_, err = w.Write(body)
	if err != nil {
		s.log().Debug("client went away", "request_id", c.RequestID, "error", err)
	}
	return nil
}
