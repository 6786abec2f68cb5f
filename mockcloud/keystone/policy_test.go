// SPDX-License-Identifier: MPL-2.0

package keystone_test

import (
	"strings"
	"testing"
)

// TestPolicy asks the same of everybody: the status for a member of a project, a reader and a manager
// of the domain, a reader of the system, and the admin.
func TestPolicy(t *testing.T) {
	t.Parallel()
	c := start(t)
	domainUser := func(name, role string) string {
		id := c.user(name)
		c.ask(204, "PUT /domains/default/users/"+id+"/roles/"+c.roleID(role), "")
		return c.login(name, "pw", onDomain)
	}
	reader, manager := domainUser("reader", "reader"), domainUser("manager", "manager")
	c.ask(204, "PUT /system/users/"+c.user("auditor")+"/roles/"+c.roleID("reader"), "")
	auditor := c.login("auditor", "pw", onSystem)
	callers := []string{c.demo(), reader, manager, auditor, c.admin}

	other := c.ask(201, "POST /domains", `{"domain":{"name":"other"}}`).id("domain")
	ids := strings.NewReplacer(
		"$demo", c.userID("demo"), "$admin", c.userID("admin"), "$project", c.projectID("demo"), "$foreign", c.projectID("admin"),
		"$other", other, "$root", c.roleID("admin"), "$victim", c.user("victim"), "$member", c.roleID("member"),
		"$outsider", c.ask(201, "POST /users", `{"user":{"name":"outsider","domain_id":"`+other+`"}}`).id("user"),
	)
	for _, x := range []struct {
		request, body string
		want          [5]int
	}{
		{"GET /projects", "", [5]int{403, 200, 200, 200, 200}},
		{"GET /projects?domain_id=$other", "", [5]int{403, 403, 403, 200, 200}},
		{"GET /projects/$project", "", [5]int{200, 200, 200, 200, 200}},
		{"GET /projects/$foreign", "", [5]int{403, 200, 200, 200, 200}},
		{"GET /projects/nope", "", [5]int{403, 403, 403, 404, 404}},
		{"POST /projects", `{"project":{}}`, [5]int{400, 400, 400, 400, 400}},
		{"POST /projects", `{"project":{"name":"demo"}}`, [5]int{403, 403, 409, 403, 409}},
		{"POST /projects", `{"project":{"name":"demo","domain_id":"nope"}}`, [5]int{404, 404, 404, 404, 404}},
		{"PATCH /projects/$project", `{"project":{}}`, [5]int{403, 403, 200, 403, 200}},
		{"GET /projects/default", "", [5]int{403, 403, 403, 200, 200}},
		{"PATCH /projects/default", `{"project":{}}`, [5]int{403, 403, 403, 403, 200}},
		{"DELETE /projects/default", "", [5]int{403, 403, 403, 403, 403}},
		{"PATCH /domains/default", `{"domain":{}}`, [5]int{403, 403, 403, 403, 200}},
		{"DELETE /projects/nope", "", [5]int{403, 403, 403, 403, 404}},
		{"GET /users", "", [5]int{403, 200, 200, 200, 200}},
		{"GET /users/$demo", "", [5]int{200, 200, 200, 200, 200}},
		{"GET /users/$admin", "", [5]int{403, 200, 200, 200, 200}},
		{"GET /users/$outsider", "", [5]int{403, 403, 403, 200, 200}},
		{"PATCH /users/$demo", `{"user":{}}`, [5]int{403, 403, 200, 403, 200}},
		{"PATCH /users/$outsider", `{"user":{}}`, [5]int{403, 403, 403, 403, 200}},
		{"POST /users", `{"user":{"name":"demo"}}`, [5]int{403, 403, 409, 403, 409}},
		{"GET /users/$demo/projects", "", [5]int{200, 200, 200, 200, 200}},
		{"GET /users/$admin/projects", "", [5]int{403, 200, 200, 200, 200}},
		{"GET /domains", "", [5]int{403, 200, 200, 200, 200}},
		{"GET /domains/default", "", [5]int{200, 200, 200, 200, 200}},
		{"GET /domains/$other", "", [5]int{403, 403, 403, 200, 200}},
		{"POST /domains", `{"domain":{"name":"other"}}`, [5]int{403, 403, 403, 403, 409}},
		{"GET /roles", "", [5]int{403, 403, 200, 200, 200}},
		{"POST /roles", `{"role":{"name":"admin"}}`, [5]int{403, 403, 403, 403, 409}},
		{"GET /role_assignments", "", [5]int{403, 200, 200, 200, 200}},
		{"PUT /projects/$project/users/$demo/roles/$member", "", [5]int{403, 403, 204, 403, 204}},
		{"PUT /projects/$project/users/$outsider/roles/$member", "", [5]int{403, 403, 403, 403, 204}},
		{"PUT /projects/$project/users/$victim/roles/$root", "", [5]int{403, 403, 403, 403, 204}},
		{"DELETE /projects/$project/users/$victim/roles/$root", "", [5]int{403, 403, 403, 403, 204}},
		{"PUT /system/users/$victim/roles/$member", "", [5]int{403, 403, 403, 403, 204}},
		{"GET /regions", "", [5]int{200, 200, 200, 200, 200}},
		{"GET /services", "", [5]int{403, 403, 403, 200, 200}},
		{"GET /endpoints", "", [5]int{403, 403, 403, 200, 200}},
		{"POST /regions", `{"region":{"id":"RegionOne"}}`, [5]int{403, 403, 403, 403, 409}},
		{"GET /auth/projects", "", [5]int{200, 200, 200, 200, 200}},
		{"GET /users/$demo/application_credentials", "", [5]int{200, 403, 403, 200, 200}},
		{"POST /users/$demo/application_credentials", `{"application_credential":{"name":"x","roles":[{"name":"nope"}]}}`, [5]int{400, 403, 403, 403, 403}},
		{"GET /policies", "", [5]int{403, 403, 403, 200, 200}},
		{"POST /policies", `{"policy":{"type":"t","blob":"b"}}`, [5]int{403, 403, 403, 403, 201}},
		{"POST /credentials", `{"credential":{"type":"t","blob":"b","user_id":"$demo"}}`, [5]int{201, 403, 403, 403, 201}},
		{"GET /credentials?type=t", "", [5]int{200, 200, 200, 200, 200}},
		{"GET /credentials/nope", "", [5]int{403, 403, 403, 404, 404}},
		{"GET /nothing", "", [5]int{404, 404, 404, 404, 404}},
	} {
		for i, caller := range callers {
			if a := c.do(ids.Replace(x.request), caller, ids.Replace(x.body)); a.status != x.want[i] {
				t.Errorf("%s %s by %s: %d, want %d: %s", x.request, x.body,
					[]string{"a member", "a domain's reader", "a domain's manager", "the system's reader", "the admin"}[i],
					a.status, x.want[i], a.text)
			}
		}
		if a := c.do(ids.Replace(x.request), "", x.body); a.status != 401 {
			t.Errorf("%s without a token: %d", x.request, a.status)
		}
	}
}

// TestDomainReaderSees only what is in its domain, whatever it asks.
func TestDomainReaderSees(t *testing.T) {
	t.Parallel()
	c := start(t)
	other := c.ask(201, "POST /domains", `{"domain":{"name":"other"}}`).id("domain")
	id := c.ask(201, "POST /users", `{"user":{"name":"r","password":"pw","domain_id":"`+other+`"}}`).id("user")
	c.ask(204, "PUT /domains/"+other+"/users/"+id+"/roles/"+c.roleID("reader"), "")
	c.ask(201, "POST /projects", `{"project":{"name":"theirs","domain_id":"`+other+`"}}`)
	a := c.do("POST /auth/tokens", "", `{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"`+id+`","password":"pw"}}},"scope":{"domain":{"name":"other"}}}}`)
	token := a.header.Get("X-Subject-Token")
	for list, want := range map[string]string{"projects": "theirs", "users": "r", "domains": "other", "groups": ""} {
		if got := c.do("GET /"+list, token, "").names(list); got != want {
			t.Errorf("%s: %q, want %q", list, got, want)
		}
	}
	if n := len(c.do("GET /role_assignments", token, "").at("role_assignments").([]any)); n != 1 {
		t.Errorf("%d role assignments, want its own", n)
	}
}
