// SPDX-License-Identifier: MPL-2.0

// Package novatest is a cloud at the level of the protocol, for what no well-behaved cloud does when it
// is asked to: answers that get lost, tokens that stop working, busy endpoints. It keeps servers as
// plain JSON and knows nothing of Nova's rules. Anything else is tested against mockcloud.
package novatest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Cloud has one Keystone, one Nova and one region.
type Cloud struct {
	URL string
	// Offers is the newest microversion, "2.96".
	Offers string

	mu       sync.Mutex
	tokens   int
	made     int
	valid    string
	servers  map[string]Server
	requests []string
	hook     Hook
	after    Hook
	acts     func(s Server, action string)
}

// Server is a server as GET shows it.
type Server map[string]any

// Hook may answer a request in the cloud's place; it returns whether it did.
type Hook func(w http.ResponseWriter, r *http.Request) bool

// Start serves until the test ends.
func Start(t testing.TB) *Cloud {
	t.Helper()
	c := &Cloud{Offers: "2.96", servers: map[string]Server{}}
	served := httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(served.Close)
	c.URL = served.URL
	return c
}

// Env is the environment that names the cloud and its only user.
func (c *Cloud) Env(name string) string {
	return map[string]string{
		"OS_AUTH_URL": c.URL + "/identity/v3", "OS_USERNAME": "user", "OS_PASSWORD": "s3cret", "OS_PROJECT_NAME": "project",
		"OS_USER_DOMAIN_ID": "default", "OS_PROJECT_DOMAIN_ID": "default", "OS_REGION_NAME": "RegionOne",
	}[name]
}

// Intercept puts a hook before all further requests.
func (c *Cloud) Intercept(hook Hook) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hook = hook
}

// InterceptAfter puts a hook in the place of the answers to all further requests, whose work is done.
func (c *Cloud) InterceptAfter(hook Hook) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.after = hook
}

// OnAction is called, under the cloud's lock, with each server action.
func (c *Cloud) OnAction(acts func(s Server, action string)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acts = acts
}

// Put adds or changes a server.
func (c *Cloud) Put(id string, fields Server) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(id, fields)
}

// IDs are the servers' ids.
func (c *Cloud) IDs() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.servers))
}

func (c *Cloud) put(id string, fields Server) {
	s := c.servers[id]
	if s == nil {
		s = Server{
			"id": id, "name": id, "status": "ACTIVE", "flavor": map[string]any{"id": "1"}, "image": map[string]any{"id": "i"},
			"OS-EXT-STS:task_state": nil, "metadata": map[string]string{}, "addresses": map[string]any{},
		}
		c.servers[id] = s
	}
	for name, field := range fields {
		s[name] = field
	}
}

// Expire makes Nova refuse the tokens given so far.
func (c *Cloud) Expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.valid = "none"
}

// Count is how many requests there were that begin so: "GET /compute/v2.1/servers/detail".
func (c *Cloud) Count(prefix string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, request := range c.requests {
		if strings.HasPrefix(request, prefix) {
			n++
		}
	}
	return n
}

func (c *Cloud) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.requests = append(c.requests, r.Method+" "+r.URL.RequestURI())
	hook, after := c.hook, c.after
	c.mu.Unlock()
	if hook != nil && hook(w, r) {
		return
	}
	if after == nil {
		c.answer(w, r)
		return
	}
	kept := httptest.NewRecorder()
	c.answer(kept, r)
	if after(w, r) {
		return
	}
	maps.Copy(w.Header(), kept.Header())
	w.WriteHeader(kept.Code)
	_, _ = w.Write(kept.Body.Bytes())
}

func (c *Cloud) answer(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w.Header().Set("X-Openstack-Request-Id", "req-00000000-0000-0000-0000-000000000001")
	path, compute := strings.CutPrefix(r.URL.Path, "/compute/v2.1")
	switch {
	case r.URL.Path == "/identity/v3/auth/tokens":
		c.token(w)
	case compute && path == "/":
		answer(w, http.StatusOK, map[string]any{"version": map[string]string{"id": "v2.1", "version": c.Offers, "min_version": "2.1"}})
	case r.Header.Get("X-Auth-Token") != c.valid:
		answer(w, http.StatusUnauthorized, map[string]any{"error": map[string]any{"code": 401, "message": "token expired"}})
	case compute && strings.HasPrefix(path, "/servers"):
		c.serveServers(w, r, strings.Split(strings.Trim(path, "/"), "/")[1:])
	default:
		notFound(w)
	}
}

func (c *Cloud) token(w http.ResponseWriter) {
	c.tokens++
	c.valid = fmt.Sprintf("token-%d", c.tokens)
	w.Header().Set("X-Subject-Token", c.valid)
	endpoint := map[string]any{"interface": "public", "region": "RegionOne", "region_id": "RegionOne", "url": c.URL + "/compute/v2.1"}
	answer(w, http.StatusCreated, map[string]any{"token": map[string]any{
		"expires_at": "2099-01-01T00:00:00.000000Z",
		"catalog":    []any{map[string]any{"type": "compute", "name": "nova", "endpoints": []any{endpoint}}},
	}})
}

func (c *Cloud) serveServers(w http.ResponseWriter, r *http.Request, rest []string) {
	switch {
	case r.Method == http.MethodPost && len(rest) == 0:
		var body struct{ Server Server }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			answer(w, http.StatusBadRequest, nil)
			return
		}
		c.made++
		id := fmt.Sprintf("00000000-0000-0000-0000-%012d", c.made)
		c.put(id, Server{
			"name": body.Server["name"], "flavor": map[string]any{"id": body.Server["flavorRef"]},
			"image": map[string]any{"id": body.Server["imageRef"]},
		})
		answer(w, http.StatusAccepted, map[string]any{"server": map[string]any{"id": id}})
	case len(rest) == 1 && rest[0] == "detail":
		all := []Server{}
		for _, s := range c.servers {
			all = append(all, s)
		}
		answer(w, http.StatusOK, map[string]any{"servers": all})
	case len(rest) == 0 || c.servers[rest[0]] == nil:
		notFound(w)
	case len(rest) == 2 && rest[1] == "os-security-groups":
		answer(w, http.StatusOK, map[string]any{"security_groups": c.servers[rest[0]]["security_groups"]})
	case r.Method == http.MethodGet:
		answer(w, http.StatusOK, map[string]any{"server": c.servers[rest[0]]})
	case r.Method == http.MethodDelete:
		delete(c.servers, rest[0])
		w.WriteHeader(http.StatusNoContent)
	case len(rest) == 2 && rest[1] == "action":
		var body map[string]any
		if json.NewDecoder(r.Body).Decode(&body) == nil && c.acts != nil {
			for action := range body {
				c.acts(c.servers[rest[0]], action)
			}
		}
		w.WriteHeader(http.StatusAccepted)
	default:
		notFound(w)
	}
}

func notFound(w http.ResponseWriter) {
	answer(w, http.StatusNotFound, map[string]any{"itemNotFound": map[string]any{"code": 404, "message": "Not here."}})
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}

// Reset breaks the connection as a machine does that forgot it.
func Reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// BreakOff hangs up in the middle of an answer.
func BreakOff(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "100")
	_, _ = w.Write([]byte(`{"server": {"id": "`))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// HangUp closes the connection without an answer, as a proxy does that loses one.
func HangUp(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = connection.Close()
	}
}
