// SPDX-License-Identifier: MPL-2.0

// Package cloudtest gives Go tests a cloud of their own, in process and within milliseconds:
//
//	cloud := cloudtest.Start(t)
//	provider, err := openstack.AuthenticatedClient(ctx, gophercloud.AuthOptions{
//		IdentityEndpoint: cloud.AuthURL, Username: "demo", Password: cloud.Password("demo"),
//		TenantName: "demo", DomainName: "Default",
//	})
//
// The cloud is on a loopback port, has two simulated hosts, and goes with the test.
package cloudtest

import (
	"net/http/httptest"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
)

// Cloud is a cloud that runs as long as its test.
type Cloud struct {
	*mockcloud.Cloud
	// URL is where all services are; AuthURL is Keystone's.
	URL, AuthURL string
}

// Option changes what the cloud is made of.
type Option func(*mockcloud.Options)

// With changes the options by hand: another store, clock, driver, quota.
func With(change func(*mockcloud.Options)) Option { return change }

// Release serves Nova's API as that release had it: mockcloud.Options.Release.
func Release(name string) Option { return With(func(o *mockcloud.Options) { o.Release = name }) }

// Start starts a cloud and ends it with the test.
func Start(t testing.TB, options ...Option) *Cloud {
	t.Helper()
	var o mockcloud.Options
	for _, option := range options {
		option(&o)
	}
	cloud, err := mockcloud.New(t.Context(), o)
	if err != nil {
		t.Fatalf("start a cloud: %v", err)
	}
	server := httptest.NewServer(cloud.Handler())
	t.Cleanup(func() {
		server.Close()
		if err := cloud.Close(); err != nil {
			t.Errorf("close the cloud: %v", err)
		}
	})
	return &Cloud{Cloud: cloud, URL: server.URL, AuthURL: server.URL + "/identity/v3"}
}

// Password is the password of the user admin or demo.
func (c *Cloud) Password(user string) string { return c.Keystone.Password(user) }

// Env are the OS_* variables with which every OpenStack client finds the cloud, as the user admin or
// demo in its own project.
func (c *Cloud) Env(user string) map[string]string {
	return map[string]string{
		"OS_AUTH_URL": c.AuthURL, "OS_IDENTITY_API_VERSION": "3", "OS_REGION_NAME": "RegionOne", "OS_INTERFACE": "public",
		"OS_USERNAME": user, "OS_PASSWORD": c.Password(user), "OS_PROJECT_NAME": user,
		"OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default",
	}
}
