// SPDX-License-Identifier: MPL-2.0

package keystone_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/applicationcredentials"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/catalog"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/endpoints"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/regions"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/services"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"
	"github.com/gophercloud/gophercloud/v2/pagination"
)

// gopher is a client of the cloud that was written by others: what it cannot read, no client can.
func (c *cloud) gopher(options gophercloud.AuthOptions) *gophercloud.ServiceClient {
	c.Helper()
	options.IdentityEndpoint = strings.TrimSuffix(c.url, "/v3")
	provider, err := openstack.AuthenticatedClient(c.Context(), options)
	if err != nil {
		c.Fatal(err)
	}
	client, err := openstack.NewIdentityV3(provider, gophercloud.EndpointOpts{Region: "RegionOne"})
	if err != nil {
		c.Fatal(err)
	}
	return client
}

func (c *cloud) gopherAdmin() *gophercloud.ServiceClient {
	return c.gopher(gophercloud.AuthOptions{Username: "admin", Password: c.Password("admin"), DomainID: "default", TenantName: "admin"})
}

// need is the value of a call that has to succeed.
func need[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// pages is everything of a list.
func pages[T any](t *testing.T, pager pagination.Pager, extract func(pagination.Page) ([]T, error)) []T {
	t.Helper()
	all, err := pager.AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return need[[]T](t)(extract(all))
}

func TestGopherTokens(t *testing.T) {
	t.Parallel()
	c := start(t)
	admin := c.gopherAdmin()
	demo := c.gopher(gophercloud.AuthOptions{Username: "demo", Password: c.Password("demo"), DomainName: "Default", TenantName: "demo"})
	token := demo.Token()
	got := tokens.Get(t.Context(), admin, token)
	if user := need[*tokens.User](t)(got.ExtractUser()); user.Name != "demo" || user.Domain.Name != "Default" {
		t.Errorf("user %+v", user)
	}
	if project := need[*tokens.Project](t)(got.ExtractProject()); project.Name != "demo" || project.Domain.ID != "default" {
		t.Errorf("project %+v", project)
	}
	if held := need[[]tokens.Role](t)(got.ExtractRoles()); len(held) != 2 {
		t.Errorf("roles %+v", held)
	}
	if entries := need[*tokens.ServiceCatalog](t)(got.ExtractServiceCatalog()).Entries; len(entries) != 8 {
		t.Errorf("%d entries in the catalogue", len(entries))
	}
	if listed := pages(t, catalog.List(demo), catalog.ExtractServiceCatalog); len(listed) != 8 {
		t.Errorf("%d entries in /auth/catalog", len(listed))
	}
	if !need[bool](t)(tokens.Validate(t.Context(), admin, token)) {
		t.Error("not valid")
	}
	if err := tokens.Revoke(t.Context(), admin, token).Err; err != nil {
		t.Error(err)
	}
	if valid, err := tokens.Validate(t.Context(), admin, token); valid || !gophercloud.ResponseCodeIs(err, http.StatusNotFound) && err != nil {
		t.Errorf("after the end: %v, %v", valid, err)
	}
	for _, serviceType := range []string{"compute", "image", "network", "placement"} {
		options := gophercloud.EndpointOpts{Type: serviceType, Region: "RegionOne", Availability: gophercloud.AvailabilityPublic}
		if url, err := admin.EndpointLocator(options); err != nil || !strings.HasPrefix(url, strings.TrimSuffix(c.url, "/identity/v3")) {
			t.Errorf("%s is at %q, %v", serviceType, url, err)
		}
	}
	system := c.gopher(gophercloud.AuthOptions{Username: "admin", Password: c.Password("admin"), DomainID: "default", Scope: &gophercloud.AuthScope{System: true}})
	if got := need[[]projects.Project](t)(projects.ExtractProjects(need[pagination.Page](t)(projects.ListAvailable(system).AllPages(t.Context())))); len(got) != 2 {
		t.Errorf("the admin's projects: %v", got)
	}
}

func TestGopherUsersAndGrants(t *testing.T) {
	t.Parallel()
	c := start(t)
	admin, ctx := c.gopherAdmin(), t.Context()
	domain := need[*domains.Domain](t)(domains.Create(ctx, admin, domains.CreateOpts{Name: "lab", Description: "d"}).Extract())
	project := need[*projects.Project](t)(projects.Create(ctx, admin, projects.CreateOpts{
		Name: "p", DomainID: domain.ID, Tags: []string{"x"}, Extra: map[string]any{"size": 3},
	}).Extract())
	if project.ParentID != domain.ID || project.DomainID != domain.ID || !project.Enabled || project.Extra["size"] != 3.0 {
		t.Errorf("project %+v", project)
	}
	user := need[*users.User](t)(users.Create(ctx, admin, users.CreateOpts{
		Name: "u", DomainID: domain.ID, Password: "pw", DefaultProjectID: project.ID, Extra: map[string]any{"email": "u@x"},
	}).Extract())
	if user.DefaultProjectID != project.ID || user.Extra["email"] != "u@x" || !user.Enabled {
		t.Errorf("user %+v", user)
	}
	group := need[*groups.Group](t)(groups.Create(ctx, admin, groups.CreateOpts{Name: "g", DomainID: domain.ID}).Extract())
	if err := users.AddToGroup(ctx, admin, group.ID, user.ID).ExtractErr(); err != nil {
		t.Fatal(err)
	}
	if !need[bool](t)(users.IsMemberOfGroup(ctx, admin, group.ID, user.ID).Extract()) {
		t.Error("not a member")
	}
	role := pages(t, roles.List(admin, roles.ListOpts{Name: "member"}), roles.ExtractRoles)[0]
	if err := roles.Assign(ctx, admin, role.ID, roles.AssignOpts{GroupID: group.ID, ProjectID: project.ID}).ExtractErr(); err != nil {
		t.Fatal(err)
	}
	names, yes := true, true
	listed := pages(t, roles.ListAssignments(admin, roles.ListAssignmentsOpts{UserID: user.ID, IncludeNames: &names, Effective: &yes}), roles.ExtractRoleAssignments)
	if len(listed) != 2 || listed[0].Scope.Project.Name != "p" || listed[0].User.Domain.Name != "lab" {
		t.Errorf("assignments %+v", listed)
	}
	member := c.gopher(gophercloud.AuthOptions{UserID: user.ID, Password: "pw", TenantID: project.ID})
	if err := users.ChangePassword(ctx, member, user.ID, users.ChangePasswordOpts{OriginalPassword: "pw", Password: "wp"}).ExtractErr(); err != nil {
		t.Error(err)
	}
	if _, err := users.Get(ctx, member, user.ID).Extract(); !gophercloud.ResponseCodeIs(err, http.StatusUnauthorized) {
		t.Errorf("the old token: %v", err)
	}
	member = c.gopher(gophercloud.AuthOptions{UserID: user.ID, Password: "wp", TenantID: project.ID})
	if found := pages(t, users.ListProjects(admin, user.ID), projects.ExtractProjects); len(found) != 1 {
		t.Errorf("projects %+v", found)
	}
	disabled := false
	if _, err := projects.Update(ctx, admin, project.ID, projects.UpdateOpts{Enabled: &disabled}).Extract(); err != nil {
		t.Error(err)
	}
	if _, err := users.Get(ctx, member, user.ID).Extract(); !gophercloud.ResponseCodeIs(err, http.StatusUnauthorized) {
		t.Errorf("the token of a disabled project: %v", err)
	}
	if _, err := domains.Update(ctx, admin, domain.ID, domains.UpdateOpts{Enabled: &disabled}).Extract(); err != nil {
		t.Error(err)
	}
	if err := domains.Delete(ctx, admin, domain.ID).ExtractErr(); err != nil {
		t.Error(err)
	}
	if _, err := groups.Get(ctx, admin, group.ID).Extract(); !gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
		t.Errorf("a group of a deleted domain: %v", err)
	}
}

func TestGopherCatalogAndCredentials(t *testing.T) {
	t.Parallel()
	c := start(t)
	admin, ctx := c.gopherAdmin(), t.Context()
	region := need[*regions.Region](t)(regions.Create(ctx, admin, regions.CreateOpts{ID: "Two", ParentRegionID: "RegionOne"}).Extract())
	service := need[*services.Service](t)(services.Create(ctx, admin, services.CreateOpts{Type: "object-store", Extra: map[string]any{"name": "swift"}}).Extract())
	endpoint := need[*endpoints.Endpoint](t)(endpoints.Create(ctx, admin, endpoints.CreateOpts{
		ServiceID: service.ID, Region: region.ID, Availability: gophercloud.AvailabilityPublic, URL: "https://swift.example/v1", Name: "s",
	}).Extract())
	if endpoint.URL != "https://swift.example/v1" || endpoint.Region != "Two" || !endpoint.Enabled {
		t.Errorf("endpoint %+v", endpoint)
	}
	if found := pages(t, endpoints.List(admin, endpoints.ListOpts{ServiceID: service.ID}), endpoints.ExtractEndpoints); len(found) != 1 {
		t.Errorf("endpoints %+v", found)
	}
	if found := pages(t, services.List(admin, services.ListOpts{ServiceType: "compute"}), services.ExtractServices); len(found) != 1 {
		t.Errorf("services %+v", found)
	}
	user := need[*tokens.User](t)(tokens.Get(ctx, admin, admin.Token()).ExtractUser())
	made := need[*applicationcredentials.ApplicationCredential](t)(applicationcredentials.Create(ctx, admin, user.ID, applicationcredentials.CreateOpts{
		Name: "robot", Roles: []applicationcredentials.Role{{Name: "reader"}},
	}).Extract())
	robot := c.gopher(gophercloud.AuthOptions{ApplicationCredentialID: made.ID, ApplicationCredentialSecret: made.Secret})
	if _, err := projects.Create(ctx, robot, projects.CreateOpts{Name: "x"}).Extract(); !gophercloud.ResponseCodeIs(err, http.StatusForbidden) {
		t.Errorf("a reader creates a project: %v", err)
	}
	found := pages(t, applicationcredentials.List(robot, user.ID, applicationcredentials.ListOpts{Name: "robot"}), applicationcredentials.ExtractApplicationCredentials)
	if len(found) != 1 || found[0].Secret != "" || found[0].Roles[0].Name != "reader" {
		t.Errorf("credentials %+v", found)
	}
	if err := applicationcredentials.Delete(ctx, admin, user.ID, made.ID).ExtractErr(); err != nil {
		t.Error(err)
	}
	if err := services.Delete(ctx, admin, service.ID).ExtractErr(); err != nil {
		t.Error(err)
	}
	if err := regions.Delete(ctx, admin, "Two").ExtractErr(); err != nil {
		t.Error(err)
	}
}
