// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// caller is somebody who asks, and what a policy sees of it.
type caller struct {
	*session
	name     string
	identity *api.Identity
}

// admit makes the users of the project, and those outside.
func (m *matrix) admit(t testing.TB, cloud *cloudtest.Cloud) {
	t.Helper()
	for _, role := range []string{"admin", "manager", "member", "reader"} {
		m.callers = append(m.callers, m.cloud.newCaller(role, "projects/"+m.owner.project, role))
	}
	other := m.cloud.made("/identity/v3/projects", "project", object{"name": "others", "domain_id": "default"})
	expired := cloudtest.Start(t, cloudtest.With(brief))
	late := login(t, expired.URL, expired.Password("admin"))
	late.poll(func() (string, bool) {
		return "the token does not expire", late.status(http.MethodGet, "/flavors", nil) == http.StatusUnauthorized
	})
	m.callers = append(m.callers,
		m.cloud.newCaller("stranger", "projects/"+other, "member"),
		m.cloud.newCaller("system", "system", "reader"),
		caller{name: "nobody", session: &session{t: t, url: cloud.URL}},
		caller{name: "late", session: late},
	)
	slices.Reverse(m.callers) // who may do least comes first
}

// newCaller makes a user with a role in "projects/ID" or in the "system".
func (s *session) newCaller(name, where, role string) caller {
	s.t.Helper()
	user := s.made("/identity/v3/users", "user", object{"name": "matrix-" + name, "domain_id": "default", "password": "secret"})
	s.ask(http.MethodPut, "/identity/v3/"+where+"/users/"+user+"/roles/"+text(first(s.ask(http.MethodGet, "/identity/v3/roles?name="+role, nil), "roles"), "id"), nil)
	scope := object{"system": object{"all": true}}
	id := &api.Identity{UserID: user, System: true}
	if project, is := strings.CutPrefix(where, "projects/"); is {
		scope = object{"project": object{"id": project}}
		id = &api.Identity{UserID: user, ProjectID: project}
	}
	all := []string{"admin", "manager", "member", "reader"} // each implies the next
	id.Roles = all[slices.Index(all, role):]
	return caller{session: loginAs(s.t, s.url, "matrix-"+name, "secret", scope), name: name, identity: id}
}

// made makes something and returns its id.
func (s *session) made(path, name string, body object) string {
	s.t.Helper()
	return text(child(s.ask(http.MethodPost, path, object{name: body}), name), "id")
}
