// SPDX-License-Identifier: MPL-2.0

package keystone_test

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestExchanges holds single exchanges of the admin against status and a part of the answer. $name is
// the id of what an earlier line has made as "name".
func TestExchanges(t *testing.T) {
	t.Parallel()
	c := start(t)
	variable := regexp.MustCompile(`\$[a-z]+`)
	ids := map[string]string{"demo": c.projectID("demo"), "admin": c.userID("admin"), "reader": c.roleID("reader"), "root": c.roleID("admin")}
	for _, x := range []struct {
		as, request, body string
		status            int
		part              string
	}{
		{"p", "POST /projects", `{"project":{"name":"p","description":"d","tags":["b","a"],"colour":"red"}}`, 201, `"colour":"red"`},
		{"", "POST /projects", `{"project":{"name":"p"}}`, 409, `{"error":{"code":409,"message":"Conflict occurred attempting to store project - Duplicate entry found with name p.","title":"Conflict"}}`},
		{"", "POST /projects", `{"project":{}}`, 400, "'name' is a required property"},
		{"", "POST /projects", `{"project":{"name":""}}`, 400, "is too short"},
		{"", "POST /projects", `{"project":{"name":"  "}}`, 400, "does not match"},
		{"", "POST /projects", `{"project":{"name":"` + strings.Repeat("x", 65) + `"}}`, 400, "is too long"},
		{"", "POST /projects", `{"project":{"name":"q","enabled":"yes"}}`, 400, "is not of type 'boolean'"},
		{"", "POST /projects", `{"project":{"name":"q","domain_id":"nope"}}`, 404, "Could not find domain: nope."},
		{"", "POST /projects", `{"project":{"name":"q","parent_id":"nope"}}`, 404, "Could not find project: nope."},
		{"child", "POST /projects", `{"project":{"name":"child","parent_id":"$p"}}`, 201, `"parent_id":"$p"`},
		{"", "GET /projects/$p?subtree_as_ids", "", 200, `"subtree":{"$child":null}`},
		{"", "GET /projects/$child?parents_as_ids", "", 200, `"parents":{"$p":{"default":null}}`},
		{"", "DELETE /projects/$p", "", 403, "since it is not a leaf in the hierarchy"},
		{"", "GET /projects/nope", "", 404, "Could not find project: nope."},
		{"", "PATCH /projects/$p", `{"project":{"description":null,"size":1}}`, 200, `"size":1`},
		{"", "PATCH /projects/$p", `{"project":{"parent_id":"$demo"}}`, 403, "parent_id"},
		{"", "PATCH /projects/$p", `{"project":{"name":"demo"}}`, 409, "Duplicate entry"},
		{"", "GET /projects?tags=a,b", "", 200, `"name":"p"`},
		{"", "GET /projects?tags-any=a,z&name=demo", "", 200, `"projects":[]`},
		{"", "GET /projects/$p/tags", "", 200, `"tags":["b","a"]`},
		{"", "PUT /projects/$p/tags/c%20d", "", 201, ""},
		{"", "HEAD /projects/$p/tags/c%20d", "", 204, ""},
		{"", "GET /projects/$p/tags/z", "", 404, "Could not find project tag: z."},
		{"", "DELETE /projects/$p/tags/b", "", 204, ""},
		{"", "PUT /projects/$p/tags", `{"tags":["y","x","y"]}`, 200, `"tags":["x","y"]`},
		{"", "DELETE /projects/$p/tags", "", 204, ""},

		{"u", "POST /users", `{"user":{"name":"u","password":"pw","email":"u@x"}}`, 201, `"email":"u@x"`},
		{"", "POST /users", `{"user":{"name":"u"}}`, 409, "Conflict occurred attempting to store user"},
		{"", "POST /users", `{"user":{"name":"v","domain_id":"nope"}}`, 404, "Could not find domain: nope."},
		{"", "POST /users", `{"user":{"name":"v","default_project_id":"default"}}`, 400, "cannot be a domain ID"},
		{"", "PATCH /users/$u", `{"user":{"name":"w","domain_id":"other"}}`, 400, "Cannot change domain_id"},
		{"", "PATCH /users/$u", `{"user":{"name":"w"}}`, 200, `"name":"w"`},
		{"", "GET /users/$u", "", 200, `"password_expires_at":null`},
		{"", "GET /users/nope", "", 404, "Could not find user: nope."},
		{"", "POST /users/$u/password", `{"user":{"password":"x","original_password":"no"}}`, 401, "requires authentication"},
		{"", "POST /users/$u/password", `{"user":{"password":"pw","original_password":"pw"}}`, 400, "cannot be the same"},

		{"d", "POST /domains", `{"domain":{"name":"d"}}`, 201, `"enabled":true`},
		{"", "POST /domains", `{"domain":{"name":"d"}}`, 409, "Conflict"},
		{"du", "POST /users", `{"user":{"name":"u","domain_id":"$d"}}`, 201, `"domain_id":"$d"`},
		{"dp", "POST /projects", `{"project":{"name":"p","domain_id":"$d"}}`, 201, `"domain_id":"$d"`},
		{"", "POST /projects", `{"project":{"name":"q","domain_id":"$d","parent_id":"$p"}}`, 400, "in another domain"},
		{"", "GET /domains/$p", "", 404, "Could not find domain"},
		{"", "GET /projects/$d", "", 200, `"is_domain":true`},
		{"", "PUT /domains/$d/users/$du/roles/$reader", "", 204, ""},
		{"", "DELETE /domains/$d", "", 403, "please disable it first"},
		{"", "DELETE /projects/$d", "", 403, "since it is not a leaf"},
		{"pd", "POST /projects", `{"project":{"name":"pd","is_domain":true}}`, 201, `"domain_id":null`},
		{"pdu", "POST /users", `{"user":{"name":"u","domain_id":"$pd"}}`, 201, ""},
		{"", "POST /projects", `{"project":{"name":"x","is_domain":true,"domain_id":"$pd"}}`, 400, "only root projects"},
		{"", "GET /domains/$pd", "", 200, `"name":"pd"`},
		{"", "DELETE /projects/$pd", "", 403, "please disable it first"},
		{"", "PATCH /projects/$pd", `{"project":{"enabled":false}}`, 200, ""},
		{"", "DELETE /projects/$pd", "", 204, ""},
		{"", "GET /users/$pdu", "", 404, ""},
		{"", "PATCH /domains/$d", `{"domain":{"enabled":false}}`, 200, `"enabled":false`},
		{"", "DELETE /domains/$d", "", 204, ""},
		{"", "GET /users/$du", "", 404, ""},
		{"", "GET /projects/$dp", "", 404, ""},

		{"r", "POST /roles", `{"role":{"name":"r"}}`, 201, `"domain_id":null`},
		{"", "POST /roles", `{"role":{"name":"r"}}`, 409, "Conflict"},
		{"", "PUT /roles/$r/implies/$reader", "", 201, `"prior_role":{"id":"$r"`},
		{"", "PUT /roles/$r/implies/$root", "", 403, "cannot be an implied"},
		{"", "HEAD /roles/$r/implies/$reader", "", 204, ""},
		{"", "GET /roles/$r/implies", "", 200, `"implies":[{"id":"$reader"`},
		{"", "GET /role_inferences", "", 200, `"prior_role":{"id":"$r"`},
		{"", "PUT /projects/$p/users/$u/roles/$r", "", 204, ""},
		{"", "PUT /projects/$p/users/$u/roles/$r", "", 204, ""},
		{"", "HEAD /projects/$p/users/$u/roles/$r", "", 204, ""},
		{"", "GET /projects/$p/users/$u/roles/$reader", "", 404, ""},
		{"", "GET /projects/$p/users/$u/roles", "", 200, `"name":"r"`},
		{"", "PUT /projects/$p/users/$u/roles/nope", "", 404, "Could not find role: nope."},
		{"", "PUT /projects/nope/users/$u/roles/$r", "", 404, "Could not find project: nope."},
		{"", "PUT /projects/$p/users/nope/roles/$r", "", 404, "Could not find user: nope."},
		{"", "GET /users/$u/projects", "", 200, `"name":"p"`},
		{"", "DELETE /projects/$p/users/$u/roles/$reader", "", 404, "Could not find role assignment"},
		{"", "DELETE /projects/$p/users/$u/roles/$r", "", 204, ""},
		{"", "PUT /system/users/$u/roles/$reader", "", 204, ""},
		{"", "GET /system/users/$u/roles", "", 200, `"name":"reader"`},
		{"", "DELETE /roles/$r", "", 204, ""},
		{"", "GET /role_assignments?user.id=x&group.id=y", "", 400, "not both"},

		{"g", "POST /groups", `{"group":{"name":"g"}}`, 201, `"domain_id":"default"`},
		{"", "PUT /groups/$g/users/$u", "", 204, ""},
		{"", "PUT /groups/$g/users/nope", "", 404, "Could not find user: nope."},
		{"", "HEAD /groups/$g/users/$u", "", 204, ""},
		{"", "GET /groups/$g/users", "", 200, `"name":"w"`},
		{"", "GET /users/$u/groups", "", 200, `"name":"g"`},
		{"", "DELETE /groups/$g/users/$u", "", 204, ""},
		{"", "GET /groups/$g/users/$u", "", 404, ""},
		{"", "DELETE /groups/$g", "", 204, ""},

		{"", "PUT /regions/a%2Fb", `{"region":{"description":"x"}}`, 201, `"id":"a/b"`},
		{"", "GET /regions/a%2Fb", "", 200, `"parent_region_id":null`},
		{"", "POST /regions", `{"region":{"id":"a/b"}}`, 409, "Conflict"},
		{"", "POST /regions", `{"region":{"parent_region_id":"nope"}}`, 404, "Could not find region: nope."},
		{"", "PATCH /regions/a%2Fb", `{"region":{"parent_region_id":"a/b"}}`, 400, "below itself"},
		{"s", "POST /services", `{"service":{"type":"t"}}`, 201, `"name":""`},
		{"", "POST /services", `{"service":{"name":"t"}}`, 400, "'type' is a required property"},
		{"e", "POST /endpoints", `{"endpoint":{"service_id":"$s","region_id":"a/b","interface":"public","url":"https://x/$(tenant_id)s"}}`, 201, `"url":"https://x/$(tenant_id)s"`},
		{"", "POST /endpoints", `{"endpoint":{"service_id":"nope","interface":"public","url":"https://x"}}`, 400, "Could not find service: nope."},
		{"", "POST /endpoints", `{"endpoint":{"service_id":"$s","interface":"best","url":"https://x"}}`, 400, "is not one of"},
		{"", "POST /endpoints", `{"endpoint":{"service_id":"$s","interface":"public","url":"x"}}`, 400, "does not match"},
		{"", "POST /endpoints", `{"endpoint":{"service_id":"$s","interface":"public","url":"https://y","region":"made"}}`, 201, `"region_id":"made"`},
		{"", "GET /regions/made", "", 200, ""},
		{"", "DELETE /regions/made", "", 403, "associated endpoints"},
		{"", "GET /auth/catalog", "", 200, `"type":"t"`},
		{"", "PATCH /endpoints/$e", `{"endpoint":{"enabled":false}}`, 200, `"enabled":false`},
		{"", "GET /endpoints?service_id=$s&enabled=false", "", 200, `"id":"$e"`},
		{"", "DELETE /services/$s", "", 204, ""},
		{"", "GET /endpoints/$e", "", 404, ""},

		{"pol", "POST /policies", `{"policy":{"type":"json","blob":"{}","of":"nova"}}`, 201, `"of":"nova"`},
		{"", "POST /policies", `{"policy":{"type":"json"}}`, 400, "'blob' is a required property"},
		{"", "PATCH /policies/$pol", `{"policy":{"type":"yaml"}}`, 200, `"blob":"{}"`},
		{"", "GET /policies?type=yaml", "", 200, `"id":"$pol"`},
		{"", "GET /policies?type=json", "", 200, `"policies":[]`},
		{"", "DELETE /policies/$pol", "", 204, ""},
		{"", "GET /policies/$pol", "", 404, "Could not find policy"},

		{"cred", "POST /credentials", `{"credential":{"type":"totp","blob":"x","user_id":"$u"}}`, 201, `"project_id":null`},
		{"", "POST /credentials", `{"credential":{"type":"ec2","blob":"x","user_id":"$u","project_id":"$p"}}`, 400, "Invalid blob in credential"},
		{"", "POST /credentials", `{"credential":{"type":"ec2","blob":"{}","user_id":"$u","project_id":"$p"}}`, 400, "Expecting to find access in credential"},
		{"", "POST /credentials", `{"credential":{"type":"ec2","blob":"{\"access\":\"a\"}","user_id":"$u"}}`, 400, "'project_id' is a required property"},
		{"key", "POST /credentials", `{"credential":{"type":"ec2","blob":"{\"access\":\"a\"}","user_id":"$u","project_id":"$p"}}`, 201,
			`"id":"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"`}, // SHA-256 of "a"
		{"", "POST /credentials", `{"credential":{"type":"ec2","blob":"{\"access\":\"a\"}","user_id":"$u","project_id":"$p"}}`, 409, "Conflict"},
		{"", "GET /credentials?type=ec2&user_id=$u", "", 200, `"credentials":[{"id":"$key"`},
		{"", "PATCH /credentials/$key", `{"credential":{"blob":"{}"}}`, 400, "Expecting to find access"},
		{"", "PATCH /credentials/$cred", `{"credential":{"blob":"y","project_id":"$p"}}`, 200, `"project_id":"$p"`},
		{"", "DELETE /credentials/$cred", "", 204, ""},
		{"", "GET /credentials/$cred", "", 404, "Could not find credential"},

		{"improject", "POST /projects", `{"project":{"name":"improject","options":{"immutable":true}}}`, 201, `"immutable":true`},
		{"", "PATCH /projects/$improject", `{"project":{"name":"x"}}`, 403, "immutable"},
		{"", "DELETE /projects/$improject", "", 403, "immutable"},
		{"", "PATCH /projects/$improject", `{"project":{"options":{"immutable":false}}}`, 200, `"immutable":false`},
		{"", "PATCH /projects/$improject", `{"project":{"name":"im"}}`, 200, `"name":"im"`},
		{"imrole", "POST /roles", `{"role":{"name":"imrole","options":{"immutable":true}}}`, 201, `"immutable":true`},
		{"", "PATCH /roles/$imrole", `{"role":{"name":"x"}}`, 403, "immutable"},
		{"", "DELETE /roles/$imrole", "", 403, "immutable"},
		{"", "PATCH /roles/$imrole", `{"role":{"options":{"immutable":false}}}`, 200, `"immutable":false`},
		{"", "PATCH /roles/$imrole", `{"role":{"name":"im"}}`, 200, `"name":"im"`},
		{"imdomain", "POST /domains", `{"domain":{"name":"imdomain","options":{"immutable":true}}}`, 201, `"immutable":true`},
		{"", "PATCH /domains/$imdomain", `{"domain":{"name":"x"}}`, 403, "immutable"},
		{"", "DELETE /domains/$imdomain", "", 403, "immutable"},
		{"", "PATCH /domains/$imdomain", `{"domain":{"options":{"immutable":false}}}`, 200, `"immutable":false`},
		{"", "PATCH /domains/$imdomain", `{"domain":{"name":"im"}}`, 200, `"name":"im"`},

		{"", "GET /OS-FEDERATION/mappings", "", 404, "The resource could not be found."},
		{"", "GET /OS-FEDERATION/identity_providers", "", 404, ""},
		{"", "PUT /users", "", 405, `"title":"Method Not Allowed"`},
		{"", "DELETE /users/$u", "", 204, ""},
		{"", "DELETE /users/$u", "", 404, ""},
	} {
		expand := func(s string) string {
			return variable.ReplaceAllStringFunc(s, func(name string) string { return cmp.Or(ids[name[1:]], name) })
		}
		a := c.do(expand(x.request), c.admin, expand(x.body))
		if a.status != x.status || !strings.Contains(a.text, expand(x.part)) {
			t.Errorf("%s %s: %d %s; want %d with %s", x.request, x.body, a.status, a.text, x.status, expand(x.part))
		}
		if x.as != "" {
			for _, object := range a.body {
				ids[x.as], _ = object.(map[string]any)["id"].(string)
			}
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	c := start(t)
	for i := range 3 {
		c.ask(201, "POST /projects", fmt.Sprintf(`{"project":{"name":"P%d","enabled":%t}}`, i, i != 1))
	}
	for query, want := range map[string]string{
		"name=P1":                   "P1",
		"name=p1":                   "",
		"name__iexact=p1":           "P1",
		"name__startswith=P":        "P0 P1 P2",
		"name__icontains=p":         "P0 P1 P2",
		"name__endswith=2":          "P2",
		"enabled=false":             "P1",
		"enabled=0":                 "P1",
		"enabled&name__contains=P":  "P0 P2",
		"parent_id=nope":            "",
		"domain_id=nope":            "",
		"is_domain=true":            "Default",
		"unheard=of":                "P0 P1 P2 admin demo",
		"domain_id=default&name=P0": "P0",
	} {
		got := strings.Fields(c.ask(200, "GET /projects?"+query, "").names("projects"))
		if !sameSet(got, strings.Fields(want)) {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
}

func sameSet(a, b []string) bool {
	count := map[string]int{}
	for _, x := range a {
		count[x]++
	}
	for _, x := range b {
		count[x]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestPages(t *testing.T) {
	t.Parallel()
	c := start(t)
	next, pages := "/users?limit=1", 0
	for seen := ""; next != ""; pages++ {
		a := c.ask(200, "GET "+next, "")
		name := a.names("users")
		if name == "" || strings.Contains(seen, name) {
			t.Fatalf("page %d has %q after %q", pages, name, seen)
		}
		seen += name
		link, _ := a.at("links", "next").(string)
		next = strings.TrimPrefix(link, c.url)
	}
	if pages != 2 {
		t.Errorf("%d pages for 2 users", pages)
	}
	c.ask(400, "GET /users?marker=nope", "")
	c.ask(400, "GET /users?limit=-1", "")
}

func TestLinksFollowTheClient(t *testing.T) {
	t.Parallel()
	c := start(t)
	proxied := []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "cloud.example", "X-Forwarded-Prefix", "/lab"}
	for request, want := range map[string]string{
		"GET /projects":                   `"self":"https://cloud.example/lab/identity/v3/projects`,
		"GET /users/" + c.userID("admin"): `"self":"https://cloud.example/lab/identity/v3/users/`,
		"GET /auth/catalog":               `"url":"https://cloud.example/lab/compute/v2.1"`,
		"GET /endpoints":                  `"url":"https://cloud.example/lab/image"`,
		"GET /role_assignments":           `"assignment":"https://cloud.example/lab/identity/v3/`,
		"GET ":                            `"href":"https://cloud.example/lab/identity/v3/"`,
	} {
		if a := c.do(request, c.admin, "", proxied...); a.status != 200 || !strings.Contains(a.text, want) {
			t.Errorf("%s: %d %s lacks %s", request, a.status, a.text, want)
		}
	}
	compute := "/compute/v2/" + c.projectID("admin")
	if a := c.ask(http.StatusOK, "GET /auth/catalog", ""); !strings.Contains(a.text, compute) {
		t.Errorf("the catalogue lacks %s", compute)
	}
	system := c.login("admin", c.Password("admin"), onSystem)
	if a := c.do("GET /auth/catalog", system, ""); a.status != 200 || strings.Contains(a.text, "compute/v2/") {
		t.Errorf("an endpoint of a project in a system's catalogue: %s", a.text)
	}
	if a := c.do("GET /auth/catalog", c.login("admin", c.Password("admin"), ""), ""); a.status != 403 {
		t.Errorf("the catalogue of an unscoped token: %d", a.status)
	}
}
