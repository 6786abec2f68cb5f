// SPDX-License-Identifier: MPL-2.0

package cloudtest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// BenchmarkStart is what a test pays for a cloud of its own, up to the first answer.
func BenchmarkStart(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		cloud, err := mockcloud.New(b.Context(), mockcloud.Options{})
		if err != nil {
			b.Fatal(err)
		}
		answer := httptest.NewRecorder()
		cloud.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/compute/", nil))
		if answer.Code != http.StatusOK {
			b.Fatal(answer.Code, answer.Body)
		}
		if err := cloud.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// Two clouds in one test know nothing of each other.
func TestClouds(t *testing.T) {
	t.Parallel()
	one := cloudtest.Start(t)
	two := cloudtest.Start(t, cloudtest.With(func(o *mockcloud.Options) { o.Bare = true }))
	count := func(c *cloudtest.Cloud, user string) int {
		t.Helper()
		env := c.Env(user)
		client, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{
			IdentityEndpoint: env["OS_AUTH_URL"], Username: env["OS_USERNAME"], Password: env["OS_PASSWORD"],
			TenantName: env["OS_PROJECT_NAME"], DomainName: env["OS_USER_DOMAIN_NAME"],
		})
		if err != nil {
			t.Fatal(err)
		}
		nova, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: env["OS_REGION_NAME"]})
		if err != nil {
			t.Fatal(err)
		}
		page, err := flavors.ListDetail(nova, nil).AllPages(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		list, err := flavors.ExtractFlavors(page)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if n := count(one, "demo"); n == 0 {
		t.Error("a fresh cloud has no flavors")
	}
	if n := count(two, "admin"); n != 0 {
		t.Errorf("a bare cloud has %d flavors", n)
	}
	if one.Password("demo") == two.Password("demo") {
		t.Error("two clouds made the same password")
	}
}

// A service that is left out of the catalogue is there for Nova's proxies alone.
func TestUnlisted(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.Start(t, cloudtest.With(func(o *mockcloud.Options) { o.Unlisted = []string{"network"} }))
	client, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{
		IdentityEndpoint: cloud.AuthURL, Username: "demo", Password: cloud.Password("demo"), TenantName: "demo", DomainName: "Default",
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openstack.NewNetworkV2(client, gophercloud.EndpointOpts{}); err == nil {
		t.Error("the catalogue has a network service")
	}
	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{})
	if err != nil {
		t.Fatal(err)
	}
	var body struct {
		Groups []struct{ Name string } `json:"security_groups"`
	}
	_, err = compute.Get(t.Context(), compute.ServiceURL("os-security-groups"), &body, nil) //nolint:bodyclose // read into body, and closed
	if err != nil || len(body.Groups) != 1 {
		t.Errorf("security groups by Nova's proxy: %v, %v", body, err)
	}
	if _, err := mockcloud.New(t.Context(), mockcloud.Options{Unlisted: []string{"networks"}}); err == nil {
		t.Error("what the catalogue does not have was left out of it")
	}
}

// In a test, Start does all of this and ends the cloud with the test.
func Example() {
	cloud, err := mockcloud.New(context.Background(), mockcloud.Options{Passwords: map[string]string{"demo": "secret"}})
	if err != nil {
		panic(err)
	}
	defer cloud.Close()
	server := httptest.NewServer(cloud.Handler())
	defer server.Close()

	login, err := http.NewRequestWithContext(context.Background(), http.MethodPost, server.URL+"/identity/v3/auth/tokens",
		strings.NewReader(`{"auth": {"identity": {"methods": ["password"],
			"password": {"user": {"name": "demo", "domain": {"id": "default"}, "password": "secret"}}}}}`))
	if err != nil {
		panic(err)
	}
	login.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(login)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	fmt.Println(answer.Status)
	// Output: 201 Created
}
