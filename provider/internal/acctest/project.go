// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"
)

// Project makes a project for the test, and returns its id.
func (target *Target) Project(t *testing.T) string {
	t.Helper()
	service := target.identity(t)
	made, err := projects.Create(t.Context(), service, projects.CreateOpts{Name: Name(t)}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = projects.Delete(context.WithoutCancel(t.Context()), service, made.ID).ExtractErr() })
	return made.ID
}

// DeleteProject deletes a project before the test ends.
func (target *Target) DeleteProject(t *testing.T, id string) {
	t.Helper()
	if err := projects.Delete(t.Context(), target.identity(t), id).ExtractErr(); err != nil {
		t.Fatal(err)
	}
}

// User makes a user for the test, and returns the id.
func (target *Target) User(t *testing.T) string {
	t.Helper()
	service := target.identity(t)
	made, err := users.Create(t.Context(), service, users.CreateOpts{Name: Name(t)}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = users.Delete(context.WithoutCancel(t.Context()), service, made.ID).ExtractErr() })
	return made.ID
}

func (target *Target) identity(t *testing.T) *gophercloud.ServiceClient {
	t.Helper()
	compute, err := target.Client.At(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	service, err := openstack.NewIdentityV3(compute.ProviderClient, gophercloud.EndpointOpts{Region: target.Client.Region()})
	if err != nil {
		t.Fatal(err)
	}
	return service
}
