// SPDX-License-Identifier: MPL-2.0

package keystone_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	c := start(t)
	admin, demo := c.Password("admin"), c.Password("demo")
	c.user("nobody")
	disabled := c.user("disabled", "member")
	c.ask(200, "PATCH /users/"+disabled, `{"user":{"enabled":false}}`)
	off := c.ask(201, "POST /projects", `{"project":{"name":"off","enabled":false}}`).id("project")
	c.ask(204, "PUT /projects/"+off+"/users/"+c.userID("demo")+"/roles/"+c.roleID("member"), "")
	for _, x := range []struct {
		name, user, password, scope string
		status                      int
		part                        string // of the answer
	}{
		{"unscoped", "demo", demo, "", 201, `"methods":["password"]`},
		{"explicitly unscoped", "demo", demo, `"unscoped":{}`, 201, `"methods":["password"]`},
		{"project", "demo", demo, onDemo, 201, `"is_domain":false,"roles":[{"id":`},
		{"admin on project", "admin", admin, onAdmin, 201, `"name":"manager"}`},
		{"system", "admin", admin, onSystem, 201, `"system":{"all":true}`},
		{"domain without a role on it", "admin", admin, onDomain, 401, `"title":"Unauthorized"`},
		{"other project", "demo", demo, onAdmin, 401, "requires authentication"},
		{"disabled project", "demo", demo, `"project":{"id":"` + off + `"}`, 401, "requires authentication"},
		{"unknown project", "demo", demo, `"project":{"id":"nope"}`, 401, "requires authentication"},
		{"system without a role", "demo", demo, onSystem, 401, "requires authentication"},
		{"wrong password", "demo", "no", onDemo, 401, "requires authentication"},
		{"empty password", "demo", "", onDemo, 401, "requires authentication"},
		{"unknown user", "eve", "no", "", 401, "requires authentication"},
		{"user without roles", "nobody", "pw", onDemo, 401, "requires authentication"},
		{"user without roles, unscoped", "nobody", "pw", "", 201, ""},
		{"disabled user", "disabled", "pw", onDemo, 401, "requires authentication"},
		{"trust", "demo", demo, `"OS-TRUST:trust":{"id":"x"}`, 401, "requires authentication"},
		{"two scopes", "demo", demo, onDemo + "," + onSystem, 400, "one of project, domain and system"},
		{"odd scope", "demo", demo, `"moon":{}`, 400, "one of project, domain and system"},
	} {
		t.Run(x.name, func(t *testing.T) {
			a := c.do("POST /auth/tokens", "", passwordBody(x.user, x.password, x.scope))
			if a.status != x.status || !strings.Contains(a.text, x.part) {
				t.Fatalf("%d %s; want %d with %s", a.status, a.text, x.status, x.part)
			}
			challenge := a.header.Get("WWW-Authenticate")
			if want := `Keystone uri="` + strings.TrimSuffix(c.url, "/v3") + `"`; (a.status == 401) != (challenge == want) {
				t.Errorf("WWW-Authenticate of a %d is %q", a.status, challenge)
			}
			if (a.header.Get("X-Subject-Token") != "") != (a.status == 201) {
				t.Error("a token comes with a 201 and only with it")
			}
		})
	}
}

// A method is tried once, however often it is named: each try costs the hash of a password.
func TestLoginByOneMethodOften(t *testing.T) {
	t.Parallel()
	c := start(t)
	body := passwordBody("demo", c.Password("demo"), onDemo)
	often := strings.Replace(body, `["password"]`, `["password"`+strings.Repeat(`,"password"`, 5_000)+`]`, 1)
	if often == body {
		t.Fatal("the body names no methods")
	}
	if a := c.do("POST /auth/tokens", "", often); a.status != 201 || !strings.Contains(a.text, `"methods":["password"]`) {
		t.Errorf("%d %.300s", a.status, a.text)
	}
}

func TestLoginMalformed(t *testing.T) {
	t.Parallel()
	c := start(t)
	for body, status := range map[string]int{
		``:                                     400,
		`{`:                                    400,
		`{}`:                                   400,
		`{"auth":{}}`:                          400,
		`{"auth":{"identity":{"methods":[]}}}`: 400,
		`{"auth":{"identity":{"methods":["password"]}}}`:                                                                400,
		`{"auth":{"identity":{"methods":["token"]}}}`:                                                                   400,
		`{"auth":{"identity":{"methods":["saml2"]}}}`:                                                                   401,
		`{"auth":{"identity":{"methods":["token"],"token":{"id":"x"}}}}`:                                                401,
		`{"auth":{"identity":{"methods":["password"],"password":{"user":{}}}}}`:                                         400,
		`{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"x","password":"x"}}}}}`:                  401,
		`{"auth":{"identity":{"methods":["application_credential"],"application_credential":{"id":"x","secret":"x"}}}}`: 401,
		`{"auth":{"identity":{"methods":["token"],"token":{"id":"x"}},"scope":7}}`:                                      400,
		`{"auth":{"identity":{"methods":["token"],"token":{"id":"x"}},"scope":{"project":"demo"}}}`:                     400,
	} {
		if a := c.do("POST /auth/tokens", "", body); a.status != status || a.at("error", "code") != float64(status) {
			t.Errorf("%s: %d %s, want %d", body, a.status, a.text, status)
		}
	}
}

func TestTokenAnswer(t *testing.T) {
	t.Parallel()
	c := start(t)
	a := c.do("POST /auth/tokens", "", passwordBody("demo", c.Password("demo"), onDemo))
	for _, x := range []struct {
		path []any
		want any
	}{
		{[]any{"token", "issued_at"}, "2026-01-02T03:04:05.000000Z"},
		{[]any{"token", "expires_at"}, "2026-01-02T04:04:05.000000Z"},
		{[]any{"token", "user", "name"}, "demo"},
		{[]any{"token", "user", "domain", "name"}, "Default"},
		{[]any{"token", "project", "domain", "id"}, "default"},
		{[]any{"token", "roles", 0, "name"}, "member"},
		{[]any{"token", "roles", 1, "name"}, "reader"},
		{[]any{"token", "roles", 2}, nil},
		{[]any{"token", "catalog", 0, "endpoints", 0, "region"}, "RegionOne"},
	} {
		if got := a.at(x.path...); got != x.want {
			t.Errorf("%v is %v, want %v", x.path, got, x.want)
		}
	}
	if strings.Contains(a.text, c.Password("demo")) {
		t.Error("the answer has the password in it")
	}
	bare := c.do("POST /auth/tokens?nocatalog", "", passwordBody("demo", c.Password("demo"), onDemo))
	if bare.status != 201 || bare.at("token", "catalog") != nil {
		t.Errorf("nocatalog: %s", bare.text)
	}
}

func TestValidateAndRevoke(t *testing.T) {
	t.Parallel()
	c := start(t)
	token, other := c.demo(), c.login("demo", c.Password("demo"), "")
	c.user("watcher", "service")
	c.user("eve", "member")
	watcher, eve := c.login("watcher", "pw", onDemo), c.login("eve", "pw", onDemo)
	for _, x := range []struct {
		name, request, caller, subject string
		status                         int
	}{
		{"by itself", "GET", token, token, 200},
		{"by another of its user", "GET", other, token, 200},
		{"by the admin", "GET", c.admin, token, 200},
		{"by a service", "GET", watcher, token, 200},
		{"by somebody else", "GET", eve, token, 403},
		{"HEAD", "HEAD", c.admin, token, 200},
		{"unknown", "GET", c.admin, "nope", 404},
		{"unknown, HEAD", "HEAD", c.admin, "nope", 404},
		{"unknown, by a user", "GET", eve, "nope", 404},
		{"by nobody", "GET", "", token, 401},
		{"by an unknown token", "GET", "nope", token, 401},
		{"revoked by somebody else", "DELETE", eve, token, 403},
		{"revoked by a service", "DELETE", watcher, token, 403},
		{"revoked", "DELETE", other, token, 204},
		{"after that", "GET", c.admin, token, 404},
		{"revoked again", "DELETE", c.admin, token, 404},
		{"the other one", "GET", c.admin, other, 200},
	} {
		a := c.do(x.request+" /auth/tokens", x.caller, "", "X-Subject-Token", x.subject)
		if a.status != x.status {
			t.Errorf("%s: %d %s, want %d", x.name, a.status, a.text, x.status)
		}
	}
	if a := c.do("GET /auth/projects", token, ""); a.status != 401 {
		t.Errorf("a revoked token is good for %d", a.status)
	}
}

func TestTokensExpire(t *testing.T) {
	t.Parallel()
	c := start(t)
	token := c.demo()
	c.clock.Advance(40 * time.Minute)
	again := c.do("POST /auth/tokens", "", fmt.Sprintf(`{"auth":{"identity":{"methods":["token"],"token":{"id":%q}},"scope":{%s}}}`, token, onDemo))
	second := again.header.Get("X-Subject-Token")
	if again.at("token", "expires_at") != "2026-01-02T04:04:05.000000Z" {
		t.Errorf("a token from a token lives on: %s", again.text)
	}
	if audit := again.at("token", "audit_ids").([]any); len(audit) != 2 {
		t.Errorf("audit_ids: %v", audit)
	}
	c.clock.Advance(20*time.Minute - time.Second)
	if !c.valid(token) || !c.valid(second) {
		t.Error("a token ends too early")
	}
	c.clock.Advance(time.Second)
	if c.valid(token) || c.valid(second) {
		t.Error("a token outlives its time")
	}
	c.demo() // deletes what has expired
	if n := c.rows("keystone.tokens"); n != 1 {
		t.Errorf("%d tokens are kept, want the one that is valid", n)
	}
}

// TestTokensEnd takes away, one by one, what a token stands on.
func TestTokensEnd(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name string
		do   func(c *cloud, user, project string)
		undo func(c *cloud, user, project string)
	}{
		{"password set", func(c *cloud, user, _ string) { c.ask(200, "PATCH /users/"+user, `{"user":{"password":"new"}}`) }, nil},
		{"password changed", func(c *cloud, user, _ string) {
			if a := c.do("POST /users/"+user+"/password", "", `{"user":{"password":"new","original_password":"pw"}}`); a.status != 204 {
				c.Fatalf("%d %s", a.status, a.text)
			}
		}, nil},
		{"user disabled", func(c *cloud, user, _ string) { c.ask(200, "PATCH /users/"+user, `{"user":{"enabled":false}}`) },
			func(c *cloud, user, _ string) { c.ask(200, "PATCH /users/"+user, `{"user":{"enabled":true}}`) }},
		{"user deleted", func(c *cloud, user, _ string) { c.ask(204, "DELETE /users/"+user, "") }, nil},
		{"project disabled", func(c *cloud, _, project string) {
			c.ask(200, "PATCH /projects/"+project, `{"project":{"enabled":false}}`)
		},
			func(c *cloud, _, project string) {
				c.ask(200, "PATCH /projects/"+project, `{"project":{"enabled":true}}`)
			}},
		{"project deleted", func(c *cloud, _, project string) { c.ask(204, "DELETE /projects/"+project, "") }, nil},
		{"role taken away", func(c *cloud, user, project string) {
			c.ask(204, "DELETE /projects/"+project+"/users/"+user+"/roles/"+c.roleID("member"), "")
		}, nil},
		{"role deleted", func(c *cloud, _, _ string) { c.ask(204, "DELETE /roles/"+c.roleID("member"), "") }, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			user, project := c.user("bob", "member"), c.projectID("demo")
			token := c.login("bob", "pw", onDemo)
			if !c.valid(token) {
				t.Fatal("not valid to begin with")
			}
			x.do(c, user, project)
			if c.valid(token) {
				t.Error("still valid")
			}
			if x.undo != nil {
				x.undo(c, user, project)
				if c.valid(token) {
					t.Error("valid again")
				}
			}
			if !c.valid(c.admin) {
				t.Error("somebody else's token ended too")
			}
		})
	}
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	c := start(t)
	id, err := c.Authenticate(t.Context(), c.demo())
	if err != nil {
		t.Fatal(err)
	}
	if id.UserName != "demo" || id.UserDomainID != "default" || id.ProjectName != "demo" || id.ProjectDomainID != "default" ||
		!slices.Equal(id.Roles, []string{"member", "reader"}) || id.System || id.DomainID != "" || !id.Expires.Equal(epoch.Add(time.Hour)) {
		t.Errorf("%+v", id)
	}
	system, err := c.Authenticate(t.Context(), c.login("admin", c.Password("admin"), onSystem))
	if err != nil || !system.System || system.ProjectID != "" || !system.Admin() {
		t.Errorf("%+v, %v", system, err)
	}
	for _, token := range []string{"", "nope", strings.Repeat("x", 1<<16)} {
		if _, err := c.Authenticate(t.Context(), token); api.AsFault(err) == nil || api.AsFault(err).Code != http.StatusUnauthorized {
			t.Errorf("an unknown token: %v", err)
		}
	}
}

func TestDefaultProject(t *testing.T) {
	t.Parallel()
	c := start(t)
	id := c.user("bob", "member")
	c.ask(200, "PATCH /users/"+id, `{"user":{"default_project_id":"`+c.projectID("demo")+`"}}`)
	a := c.do("POST /auth/tokens", "", passwordBody("bob", "pw", ""))
	if a.at("token", "project", "name") != "demo" {
		t.Errorf("not scoped to the default project: %s", a.text)
	}
	c.ask(200, "PATCH /users/"+id, `{"user":{"default_project_id":"`+c.projectID("admin")+`"}}`)
	a = c.do("POST /auth/tokens", "", passwordBody("bob", "pw", ""))
	if a.status != 201 || a.at("token", "project") != nil {
		t.Errorf("a default project without a role: %s", a.text)
	}
}
