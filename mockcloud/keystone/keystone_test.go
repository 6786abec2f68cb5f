// SPDX-License-Identifier: MPL-2.0

package keystone_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/keystone"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// cloud is a Keystone on loopback, with a clock that only the test turns.
type cloud struct {
	*testing.T
	*keystone.Keystone
	clock *clock.Manual
	store store.Store
	url   string // of /v3
	admin string // a token of the admin in its project
}

func start(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{T: t, clock: clock.NewManual(epoch), store: memory.New()}
	c.open(nil)
	server := httptest.NewServer(c.Handler())
	t.Cleanup(server.Close)
	c.url = server.URL + "/identity/v3"
	c.admin = c.login("admin", c.Password("admin"), `"project":{"name":"admin","domain":{"id":"default"}}`)
	return c
}

// open starts Keystone on the store, again when it is not the first time.
func (c *cloud) open(passwords map[string]string) {
	c.Helper()
	var err error
	c.Keystone, err = keystone.New(c.Context(), keystone.Options{Store: c.store, Clock: c.clock, Passwords: passwords})
	if err != nil {
		c.Fatal(err)
	}
}

// answer is a decoded answer.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   map[string]any
	text   string
}

// do sends "METHOD /path" below /v3.
func (c *cloud) do(request, token, body string, headers ...string) answer {
	c.Helper()
	method, path, _ := strings.Cut(request, " ")
	r, err := http.NewRequestWithContext(c.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	if token != "" {
		r.Header.Set("X-Auth-Token", token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		c.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.Fatal(err)
	}
	a := answer{t: c.T, status: response.StatusCode, header: response.Header, text: string(text)}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &a.body); err != nil {
			c.Fatalf("%s: %v: %s", request, err, text)
		}
	}
	return a
}

// ask is do as the admin, with a status that is demanded.
func (c *cloud) ask(status int, request, body string) answer {
	c.Helper()
	a := c.do(request, c.admin, body)
	if a.status != status {
		c.Fatalf("%s %s: %d, want %d: %s", request, body, a.status, status, a.text)
	}
	return a
}

// at follows keys and indices into an answer: at("token", "roles", 0, "name"); nil where there is
// nothing.
func (a answer) at(path ...any) any {
	var v any = a.body
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

// is reports whether there is a true.
func (a answer) is(path ...any) bool {
	yes, _ := a.at(path...).(bool)
	return yes
}

func (a answer) id(kind string) string {
	a.t.Helper()
	id, ok := a.at(kind, "id").(string)
	if !ok {
		a.t.Fatalf("no %s.id in %s", kind, a.text)
	}
	return id
}

// names are the names, or ids where there are none, of the items of a list, in order.
func (a answer) names(list string) string {
	items, _ := a.body[list].([]any)
	var all []string
	for _, item := range items {
		object := item.(map[string]any)
		if name, ok := object["name"].(string); ok {
			all = append(all, name)
		} else {
			all = append(all, fmt.Sprint(object["id"]))
		}
	}
	return strings.Join(all, " ")
}

func passwordBody(user, password, scope string) string {
	return fmt.Sprintf(`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":%q,"domain":{"id":"default"},"password":%q}}}%s}}`,
		user, password, scopeOf(scope))
}

func scopeOf(scope string) string {
	if scope == "" {
		return ""
	}
	return `,"scope":{` + scope + `}`
}

const (
	onDemo   = `"project":{"name":"demo","domain":{"name":"Default"}}`
	onAdmin  = `"project":{"name":"admin","domain":{"id":"default"}}`
	onDomain = `"domain":{"id":"default"}`
	onSystem = `"system":{"all":true}`
)

// login returns a token; the test fails without one.
func (c *cloud) login(user, password, scope string) string {
	c.Helper()
	a := c.do("POST /auth/tokens", "", passwordBody(user, password, scope))
	if a.status != http.StatusCreated {
		c.Fatalf("login of %s: %d %s", user, a.status, a.text)
	}
	return a.header.Get("X-Subject-Token")
}

func (c *cloud) demo() string { return c.login("demo", c.Password("demo"), onDemo) }

// projectID and the others find what a fresh cloud has.
func (c *cloud) projectID(name string) string { return c.first("projects", name) }
func (c *cloud) userID(name string) string    { return c.first("users", name) }
func (c *cloud) roleID(name string) string    { return c.first("roles", name) }

func (c *cloud) first(kind, name string) string {
	c.Helper()
	a := c.ask(http.StatusOK, "GET /"+kind+"?name="+name, "")
	id, ok := a.at(kind, 0, "id").(string)
	if !ok {
		c.Fatalf("no %s in %s: %s", name, kind, a.text)
	}
	return id
}

// user makes a user with the password "pw" and these roles on the project demo.
func (c *cloud) user(name string, roles ...string) string {
	c.Helper()
	id := c.ask(http.StatusCreated, "POST /users", fmt.Sprintf(`{"user":{"name":%q,"password":"pw"}}`, name)).id("user")
	for _, role := range roles {
		c.ask(http.StatusNoContent, "PUT /projects/"+c.projectID("demo")+"/users/"+id+"/roles/"+c.roleID(role), "")
	}
	return id
}

// valid reports whether a token still opens anything.
func (c *cloud) valid(token string) bool {
	c.Helper()
	_, err := c.Authenticate(c.Context(), token)
	return err == nil
}
