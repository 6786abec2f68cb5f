// SPDX-License-Identifier: MPL-2.0

package keystone_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func (c *cloud) credential(token, user, attributes string) answer {
	c.Helper()
	a := c.do("POST /users/"+user+"/application_credentials", token, `{"application_credential":{`+attributes+`}}`)
	if a.status != 201 {
		c.Fatalf("%d %s", a.status, a.text)
	}
	return a
}

func (c *cloud) useCredential(id, secret, scope string) answer {
	c.Helper()
	return c.do("POST /auth/tokens", "", fmt.Sprintf(
		`{"auth":{"identity":{"methods":["application_credential"],"application_credential":{"id":%q,"secret":%q}}%s}}`, id, secret, scopeOf(scope)))
}

func TestApplicationCredential(t *testing.T) {
	t.Parallel()
	c := start(t)
	user := c.user("bob", "member")
	owner := c.login("bob", "pw", onDemo)
	made := c.credential(owner, user, `"name":"robot","roles":[{"name":"reader"}],"expires_at":"2026-01-02T03:34:05"`)
	id, secret := made.id("application_credential"), made.at("application_credential", "secret").(string)

	a := c.useCredential(id, secret, "")
	if a.status != 201 || a.at("token", "project", "name") != "demo" || a.at("token", "roles", 0, "name") != "reader" ||
		a.at("token", "roles", 1) != nil || !a.is("token", "application_credential", "restricted") {
		t.Fatalf("%d %s", a.status, a.text)
	}
	robot := a.header.Get("X-Subject-Token")
	identity, err := c.Authenticate(t.Context(), robot)
	if err != nil || identity.Has("member") || !identity.Has("reader") {
		t.Errorf("the robot is %+v, %v", identity, err)
	}
	byName := c.do("POST /auth/tokens", "", `{"auth":{"identity":{"methods":["application_credential"],"application_credential":
		{"name":"robot","user":{"name":"bob","domain":{"id":"default"}},"secret":"`+secret+`"}}}}`)
	if byName.status != 201 {
		t.Errorf("by name: %d %s", byName.status, byName.text)
	}
	for name, a := range map[string]answer{
		"wrong secret":  c.useCredential(id, "no", ""),
		"no secret":     c.useCredential(id, "", ""),
		"other project": c.useCredential(id, secret, onAdmin),
		"system":        c.useCredential(id, secret, onSystem),
		"unscoped":      c.useCredential(id, secret, `"unscoped":{}`),
	} {
		if a.status != 401 {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	if a := c.useCredential(id, secret, onDemo); a.status != 201 {
		t.Errorf("its own project named: %d %s", a.status, a.text)
	}
	rescoped := c.do("POST /auth/tokens", "", fmt.Sprintf(`{"auth":{"identity":{"methods":["token"],"token":{"id":%q}}}}`, robot))
	if !rescoped.is("token", "application_credential", "restricted") || rescoped.at("token", "roles", 1) != nil {
		t.Errorf("a token from its token has more: %s", rescoped.text)
	}
	c.clock.Advance(30 * time.Minute)
	if c.valid(robot) || c.useCredential(id, secret, "").status != 401 {
		t.Error("it works after its end")
	}
}

func TestApplicationCredentialManaging(t *testing.T) {
	t.Parallel()
	c := start(t)
	user := c.user("bob", "member")
	owner := c.login("bob", "pw", onDemo)
	path := "/users/" + user + "/application_credentials"
	free := c.credential(owner, user, `"name":"free","unrestricted":true,"secret":"s"`)
	bound := c.credential(owner, user, `"name":"bound","secret":"s"`)
	freeToken := c.useCredential(free.id("application_credential"), "s", "").header.Get("X-Subject-Token")
	boundToken := c.useCredential(bound.id("application_credential"), "s", "").header.Get("X-Subject-Token")
	unscoped := c.login("bob", "pw", "")
	for _, x := range []struct {
		name, request, token, attributes string
		status                           int
		part                             string
	}{
		{"list", "GET " + path, owner, "", 200, `"links":{`},
		{"list by name", "GET " + path + "?name=free", owner, "", 200, `"name":"free"`},
		{"show", "GET " + path + "/" + free.id("application_credential"), owner, "", 200, `"unrestricted":true`},
		{"of another user", "GET /users/" + c.userID("demo") + "/application_credentials/" + free.id("application_credential"), c.admin, "", 404, ""},
		{"change", "PATCH " + path + "/" + free.id("application_credential"), owner, `"name":"x"`, 405, ""},
		{"taken name", "POST " + path, owner, `"name":"free"`, 409, "Conflict"},
		{"no name", "POST " + path, owner, ``, 400, "'name' is a required property"},
		{"role that is not held", "POST " + path, owner, `"name":"x","roles":[{"name":"admin"}]`, 400, "role assignment"},
		{"end in the past", "POST " + path, owner, `"name":"x","expires_at":"2020-01-01T00:00:00"`, 400, "expires_at"},
		{"odd end", "POST " + path, owner, `"name":"x","expires_at":"soon"`, 400, "expires_at"},
		{"access rules", "POST " + path, owner, `"name":"x","access_rules":[{"path":"/"}]`, 501, "not supported"},
		{"without a project", "POST " + path, unscoped, `"name":"x"`, 400, "scoped to a project"},
		{"for another", "POST " + path, c.admin, `"name":"x"`, 403, "not authorized"},
		{"by a bound one", "POST " + path, boundToken, `"name":"x"`, 403, "application_credential"},
		{"deleted by a bound one", "DELETE " + path + "/" + free.id("application_credential"), boundToken, "", 403, ""},
		{"by a free one", "POST " + path, freeToken, `"name":"x"`, 201, ""},
		{"deleted", "DELETE " + path + "/" + bound.id("application_credential"), freeToken, "", 204, ""},
		{"deleted again", "DELETE " + path + "/" + bound.id("application_credential"), owner, "", 404, "Could not find application credential"},
	} {
		body := `{"application_credential":{` + x.attributes + `}}`
		if a := c.do(x.request, x.token, body); a.status != x.status || !strings.Contains(a.text, x.part) {
			t.Errorf("%s: %d %s; want %d with %s", x.name, a.status, a.text, x.status, x.part)
		}
	}
	if c.valid(boundToken) {
		t.Error("the token of a deleted credential is valid")
	}
	if a := c.do("GET "+path, owner, ""); strings.Contains(a.text, `"secret"`) {
		t.Errorf("a secret is shown again: %s", a.text)
	}
	c.ask(204, "DELETE /projects/"+c.projectID("demo")+"/users/"+user+"/roles/"+c.roleID("member"), "")
	if c.valid(freeToken) || c.useCredential(free.id("application_credential"), "s", "").status != 401 {
		t.Error("a credential outlives the role that it was made of")
	}
}

// What acts by an application credential reaches only the secrets of its project, and nobody those of others.
func TestSecretsStayWithinBounds(t *testing.T) {
	t.Parallel()
	c := start(t)
	user := c.user("bob", "member")
	owner := c.login("bob", "pw", onDemo)
	bound := c.useCredential(c.credential(owner, user, `"name":"bound","secret":"s"`).id("application_credential"), "s", "").header.Get("X-Subject-Token")
	keep := func(project string) string {
		a := c.do("POST /credentials", owner, `{"credential":{"type":"totp","blob":"b","user_id":"`+user+`","project_id":`+project+`}}`)
		if a.status != 201 {
			t.Fatalf("%d %s", a.status, a.text)
		}
		return a.id("credential")
	}
	here, nowhere := keep(`"`+c.projectID("demo")+`"`), keep("null")
	for _, x := range []struct {
		request, token, body string
		status               int
	}{
		{"GET /credentials/" + here, bound, "", 200},
		{"GET /credentials/" + nowhere, bound, "", 403},
		{"PATCH /credentials/" + nowhere, bound, `{"credential":{"blob":"x"}}`, 403},
		{"DELETE /credentials/" + nowhere, bound, "", 403},
		{"GET /credentials/" + here, c.demo(), "", 403},
		{"PATCH /credentials/" + here, owner, `{"credential":{"user_id":"` + c.userID("admin") + `"}}`, 403},
		{"PATCH /credentials/" + here, owner, `{"credential":{"blob":"x"}}`, 200},
	} {
		if a := c.do(x.request, x.token, x.body); a.status != x.status {
			t.Errorf("%s: %d %s; want %d", x.request, a.status, a.text, x.status)
		}
	}
	if a := c.do("GET /credentials", bound, ""); !strings.Contains(a.text, here) || strings.Contains(a.text, nowhere) {
		t.Errorf("listed by an application credential: %s", a.text)
	}
	if a := c.do("GET /credentials", c.demo(), ""); strings.Contains(a.text, here) {
		t.Errorf("listed by somebody else: %s", a.text)
	}
	c.ask(204, "DELETE /users/"+user, "")
	c.ask(404, "GET /credentials/"+here, "")
}
