// SPDX-License-Identifier: MPL-2.0

package keystone_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// trusting is a cloud where bob, a member of demo, can trust eve, who is nobody there.
func trusting(t *testing.T) (c *cloud, bob, eve, token string) {
	t.Helper()
	c = start(t)
	bob, eve = c.user("bob", "member"), c.user("eve")
	return c, bob, eve, c.login("bob", "pw", onDemo)
}

// trust asks for one of bob's on demo; more are further attributes.
func (c *cloud) trust(token, bob, eve string, impersonation bool, more string) answer {
	c.Helper()
	return c.do("POST /OS-TRUST/trusts", token, fmt.Sprintf(`{"trust":{"trustor_user_id":%q,"trustee_user_id":%q,"project_id":%q,"impersonation":%t%s}}`,
		bob, eve, c.projectID("demo"), impersonation, more))
}

func onTrust(id string) string { return fmt.Sprintf(`"OS-TRUST:trust":{"id":%q}`, id) }

const asReader = `,"roles":[{"name":"reader"}]`

func TestTrusts(t *testing.T) {
	t.Parallel()
	c, bob, eve, token := trusting(t)
	made := c.trust(token, bob, eve, true, asReader+`,"expires_at":"2026-01-02T03:34:05Z"`)
	if made.status != 201 || made.at("trust", "roles", 0, "name") != "reader" || made.at("trust", "expires_at") != "2026-01-02T03:34:05.000000Z" ||
		made.at("trust", "redelegation_count") != 0.0 || !strings.HasSuffix(made.at("trust", "roles_links", "self").(string), "/roles") {
		t.Fatalf("%d %s", made.status, made.text)
	}
	at := "/OS-TRUST/trusts/" + made.id("trust")
	reader, member := at+"/roles/"+c.roleID("reader"), at+"/roles/"+c.roleID("member")
	c.user("mallory", "member")
	eves, mallory := c.login("eve", "pw", ""), c.login("mallory", "pw", onDemo)
	for _, x := range []struct {
		token, request string
		status         int
		answer         string
	}{
		{token, "GET " + at, 200, `"impersonation":true`},
		{eves, "GET " + at, 200, `"trustor_user_id":"` + bob},
		{mallory, "GET " + at, 403, "identity:get_trust"},
		{c.admin, "GET " + at, 200, ""},
		{token, "GET " + at + "/roles", 200, `"name":"reader"`},
		{token, "GET " + reader, 200, `"role":{`},
		{token, "HEAD " + reader, 200, ""},
		{token, "GET " + member, 404, "Could not find role"},
		{token, "GET /OS-TRUST/trusts?trustor_user_id=" + bob, 200, made.id("trust")},
		{eves, "GET /OS-TRUST/trusts/?trustee_user_id=" + eve, 200, made.id("trust")},
		{eves, "GET /OS-TRUST/trusts?trustor_user_id=" + eve, 200, `"trusts":[]`},
		{eves, "GET /OS-TRUST/trusts?trustor_user_id=" + bob, 403, "list_trusts_for_trustor"},
		{eves, "GET /OS-TRUST/trusts", 403, "identity:list_trusts"},
		{c.admin, "GET /OS-TRUST/trusts", 200, made.id("trust")},
		{c.admin, "GET /OS-TRUST/trusts/x", 404, "Could not find trust: x."},
		{eves, "DELETE " + at, 403, "identity:delete_trust"},
		{token, "DELETE " + at, 204, ""},
		{token, "GET " + at, 404, ""},
	} {
		if a := c.do(x.request, x.token, ""); a.status != x.status || !strings.Contains(a.text, x.answer) {
			t.Errorf("%s: %d %s; want %d with %s", x.request, a.status, a.text, x.status, x.answer)
		}
	}
}

// Nobody gives away what is not theirs.
func TestTrustsRefused(t *testing.T) {
	t.Parallel()
	c, bob, eve, token := trusting(t)
	robot := c.credential(token, bob, `"name":"robot","unrestricted":true,"secret":"s"`)
	robots := c.useCredential(robot.id("application_credential"), "s", "").header.Get("X-Subject-Token")
	for name, x := range map[string]struct {
		a      answer
		status int
	}{
		"in another's name":        {c.trust(token, eve, bob, true, asReader), 403},
		"by an administrator":      {c.trust(c.admin, bob, eve, true, asReader), 403},
		"a role not held":          {c.trust(token, bob, eve, true, `,"roles":[{"name":"admin"}]`), 404},
		"no roles":                 {c.trust(token, bob, eve, true, ""), 403},
		"to nobody":                {c.trust(token, bob, "x", true, asReader), 404},
		"no time":                  {c.trust(token, bob, eve, true, asReader+`,"expires_at":"bad.123Z"`), 400},
		"past":                     {c.trust(token, bob, eve, true, asReader+`,"expires_at":"2025-01-02T03:34:05Z"`), 400},
		"no uses":                  {c.trust(token, bob, eve, true, asReader+`,"remaining_uses":0`), 400},
		"by a program":             {c.trust(robots, bob, eve, true, asReader), 403},
		"impersonation is not set": {c.do("POST /OS-TRUST/trusts", token, `{"trust":{"trustor_user_id":"`+bob+`","trustee_user_id":"`+eve+`"}}`), 400},
	} {
		if x.a.status != x.status {
			t.Errorf("%s: %d %s, want %d", name, x.a.status, x.a.text, x.status)
		}
	}
}

// A trustee acts in the project with the roles of the trust and no others, in either's name, and cannot make
// more of it.
func TestTrustsUsed(t *testing.T) {
	t.Parallel()
	c, bob, eve, token := trusting(t)
	for impersonation, name := range map[bool]string{true: "bob", false: "eve"} {
		id := c.trust(token, bob, eve, impersonation, asReader+`,"expires_at":"2026-01-02T03:34:05Z"`).id("trust")
		a := c.do("POST /auth/tokens", "", passwordBody("eve", "pw", onTrust(id)))
		if a.status != 201 || a.at("token", "user", "name") != name || a.at("token", "project", "name") != "demo" ||
			a.at("token", "OS-TRUST:trust", "trustee_user", "id") != eve || a.at("token", "expires_at") != "2026-01-02T03:34:05.000000Z" {
			t.Fatalf("%d %s", a.status, a.text)
		}
		used := a.header.Get("X-Subject-Token")
		identity, err := c.Authenticate(t.Context(), used)
		if err != nil || identity.UserName != name || strings.Join(identity.Roles, " ") != "reader" {
			t.Errorf("eve is %+v, %v", identity, err)
		}
		more := c.do("POST /auth/tokens", "", fmt.Sprintf(`{"auth":{"identity":{"methods":["token"],"token":{"id":%q}},"scope":{%s}}}`, used, onDemo))
		further := c.trust(used, bob, c.userID("demo"), impersonation, asReader)
		robot := c.do("POST /users/"+bob+"/application_credentials", used, `{"application_credential":{"name":"r"}}`)
		for what, a := range map[string]answer{"another token": more, "another trust": further, "a credential": robot} {
			if a.status != 403 {
				t.Errorf("%s of a token of a trust: %d %s", what, a.status, a.text)
			}
		}
		if a := c.do("POST /auth/tokens", "", passwordBody("bob", "pw", onTrust(id))); a.status != 401 {
			t.Errorf("used by the trustor: %d %s", a.status, a.text)
		}
		if c.do("DELETE /OS-TRUST/trusts/"+id, token, ""); c.valid(used) {
			t.Error("a token outlives its trust")
		}
	}
}

// A trust lasts as long as its time, its uses, its users and its roles.
func TestTrustsEnd(t *testing.T) {
	t.Parallel()
	c, bob, eve, token := trusting(t)
	use := func(id string) int {
		return c.do("POST /auth/tokens", "", passwordBody("eve", "pw", onTrust(id))).status
	}
	twice := c.trust(token, bob, eve, true, asReader+`,"remaining_uses":2`).id("trust")
	if got := []int{use(twice), use(twice), use(twice)}; fmt.Sprint(got) != "[201 201 401]" {
		t.Errorf("two uses: %v", got)
	}
	if a := c.do("GET /OS-TRUST/trusts/"+twice, token, ""); a.status != 404 {
		t.Errorf("used up: %d %s", a.status, a.text)
	}
	role := c.trust(token, bob, eve, true, `,"roles":[{"name":"member"}]`).id("trust")
	grant := " /projects/" + c.projectID("demo") + "/users/" + bob + "/roles/" + c.roleID("member")
	before := use(role)
	c.ask(204, "DELETE"+grant, "")
	after := use(role)
	c.ask(204, "PUT"+grant, "")
	if before != 201 || after != 401 {
		t.Errorf("with the role %d, without %d", before, after)
	}
	token = c.login("bob", "pw", onDemo)
	short := c.trust(token, bob, eve, true, asReader+`,"expires_at":"2026-01-02T03:14:05Z"`).id("trust")
	c.clock.Advance(11 * time.Minute)
	if got := use(short); got != 401 {
		t.Errorf("after its end: %d", got)
	}
	last := c.trust(token, bob, eve, false, asReader).id("trust")
	c.ask(204, "DELETE /users/"+bob, "")
	if got := use(last); got != 401 {
		t.Errorf("without its trustor: %d", got)
	}
	if a := c.ask(200, "GET /OS-TRUST/trusts", ""); strings.Contains(a.text, last) {
		t.Errorf("a trust outlives its trustor: %s", a.text)
	}
}
