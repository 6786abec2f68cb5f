// SPDX-License-Identifier: MPL-2.0

package keystone_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// assigned lists assignments as "role user|group target", sorted, names included.
func (c *cloud) assigned(query string) string {
	c.Helper()
	a := c.ask(200, "GET /role_assignments?include_names&"+query, "")
	items, _ := a.at("role_assignments").([]any)
	var all []string
	for i := range items {
		at := func(path ...any) string {
			if name, ok := a.at(append([]any{"role_assignments", i}, path...)...).(string); ok {
				return name
			}
			return ""
		}
		line := at("role", "name") + " " + at("user", "name") + at("group", "name") + " "
		line += at("scope", "project", "name") + at("scope", "domain", "name")
		if a.is("role_assignments", i, "scope", "system", "all") {
			line += "system"
		}
		if at("scope", "OS-INHERIT:inherited_to") != "" {
			line += "+"
		}
		all = append(all, line)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func TestAssignments(t *testing.T) {
	t.Parallel()
	c := start(t)
	bob, member, demo := c.user("bob"), c.roleID("member"), c.projectID("demo")
	group := c.ask(201, "POST /groups", `{"group":{"name":"team"}}`).id("group")
	c.ask(204, "PUT /groups/"+group+"/users/"+bob, "")
	child := c.ask(201, "POST /projects", fmt.Sprintf(`{"project":{"name":"child","parent_id":%q}}`, demo)).id("project")
	c.ask(204, "PUT /projects/"+demo+"/groups/"+group+"/roles/"+member, "")
	c.ask(204, "PUT /OS-INHERIT/projects/"+demo+"/users/"+bob+"/roles/"+member+"/inherited_to_projects", "")
	c.ask(204, "HEAD /OS-INHERIT/projects/"+demo+"/users/"+bob+"/roles/"+member+"/inherited_to_projects", "")
	c.ask(404, "HEAD /projects/"+demo+"/users/"+bob+"/roles/"+member, "")
	c.ask(204, "PUT /domains/default/users/"+bob+"/roles/"+member, "")
	for query, want := range map[string]string{
		"":                                       "admin admin admin, admin admin demo, admin admin system, member bob Default, member bob demo+, member demo demo, member team demo",
		"user.id=" + bob:                         "member bob Default, member bob demo+",
		"group.id=" + group:                      "member team demo",
		"scope.system=all":                       "admin admin system",
		"scope.project.id=" + demo:               "admin admin demo, member bob demo+, member demo demo, member team demo",
		"scope.domain.id=default":                "member bob Default",
		"role.id=" + member:                      "member bob Default, member bob demo+, member demo demo, member team demo",
		"scope.OS-INHERIT:inherited_to=projects": "member bob demo+",
		"effective&user.id=" + bob: "member bob Default, member bob child+, member bob demo, " +
			"reader bob Default, reader bob child+, reader bob demo",
		"effective&scope.project.id=" + child:                          "member bob child+, reader bob child+",
		"include_subtree&scope.project.id=" + demo + "&user.id=" + bob: "member bob demo+",
		"effective=false&user.id=" + bob:                               "member bob Default, member bob demo+",
	} {
		if got := c.assigned(query); got != want {
			t.Errorf("%s:\n%s, want\n%s", query, got, want)
		}
	}
	for _, scope := range []string{onDemo, `"project":{"id":"` + child + `"}`, onDomain} {
		c.login("bob", "pw", scope)
	}
	a := c.do("GET /auth/projects", c.login("bob", "pw", ""), "")
	if got := strings.Fields(a.names("projects")); !sameSet(got, []string{"demo", "child"}) {
		t.Errorf("bob's projects: %v", got)
	}
	if got := c.do("GET /auth/domains", c.login("bob", "pw", ""), "").names("domains"); got != "Default" {
		t.Errorf("bob's domains: %s", got)
	}
	if got := c.do("GET /auth/system", c.admin, "").text; !strings.Contains(got, `{"all":true}`) {
		t.Errorf("the admin's system: %s", got)
	}
	c.ask(204, "DELETE /groups/"+group, "")
	c.ask(204, "DELETE /projects/"+child, "")
	if got, want := c.assigned("effective&user.id="+bob), "member bob Default, reader bob Default"; got != want {
		t.Errorf("after the group and the child: %s, want %s", got, want)
	}
}
