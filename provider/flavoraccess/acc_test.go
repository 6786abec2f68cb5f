// SPDX-License-Identifier: MPL-2.0

package flavoraccess_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

const address = "nova_flavor_access.test"

// private is a flavor of the test that nobody but administrators sees.
func private(t *testing.T, cloud *acctest.Target, public bool) string {
	t.Helper()
	service, disk := compute(t, cloud), 1
	made, err := flavors.Create(t.Context(), service, flavors.CreateOpts{
		Name: acctest.Name(t), RAM: 64, VCPUs: 1, Disk: &disk, IsPublic: &public,
	}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flavors.Delete(context.WithoutCancel(t.Context()), service, made.ID).ExtractErr() })
	return made.ID
}

func compute(t *testing.T, cloud *acctest.Target) *gophercloud.ServiceClient {
	t.Helper()
	service, err := cloud.Client.At(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return service
}

// projects are those that may use the flavor.
func projects(t *testing.T, cloud *acctest.Target, flavor string) []string {
	t.Helper()
	pages, err := flavors.ListAccesses(compute(t, cloud), flavor).AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := flavors.ExtractAccesses(pages)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, access := range all {
		ids = append(ids, access.TenantID)
	}
	return ids
}

func config(flavor, project string) string {
	return fmt.Sprintf("resource \"nova_flavor_access\" \"test\" {\n  flavor_id = %q\n  project_id = %q\n}\n", flavor, project)
}

func TestAccFlavorAccess(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	flavor, project := private(t, cloud, false), cloud.Project(t)
	gone := func() {
		err := flavors.RemoveAccess(t.Context(), compute(t, cloud), flavor, flavors.RemoveAccessOpts{Tenant: project}).Err
		if err != nil {
			t.Fatal(err)
		}
	}
	cloud.Test(t, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config: config(flavor, project),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact(flavor+"/"+project)),
				},
				Check: func(*terraform.State) error {
					if got := projects(t, cloud, flavor); !slices.Equal(got, []string{project}) {
						return fmt.Errorf("projects %v may use the flavor", got)
					}
					return nil
				},
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true},
			{ // disappears
				PreConfig: gone, Config: config(flavor, project),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
				}},
			},
			{ResourceName: address, ImportState: true, ImportStateId: flavor, ExpectError: regexp.MustCompile(`imported by\s+FLAVOR_ID/PROJECT_ID`)},
			{ // granted already
				Config: config(flavor, project) + fmt.Sprintf(
					"resource \"nova_flavor_access\" \"again\" {\n  flavor_id = %q\n  project_id = %q\n  depends_on = [nova_flavor_access.test]\n}\n", flavor, project),
				ExpectError: regexp.MustCompile(`(?s)Unable to Grant Flavor Access.*import that by\s+the id`),
			},
			{Config: config(flavor, project)},
		},
		CheckDestroy: func(*terraform.State) error {
			if got := projects(t, cloud, flavor); len(got) > 0 {
				return fmt.Errorf("projects %v may still use the flavor", got)
			}
			return nil
		},
	})
}

func TestAccFlavorAccessRefused(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	public := private(t, cloud, true)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config("f", "a/b"), PlanOnly: true, ExpectError: regexp.MustCompile(`may hold letters, digits and\s+hyphens`)},
		{Config: config(public, cloud.Project(t)), ExpectError: regexp.MustCompile(`(?s)Can not add access to a public flavor.*409`)},
		{Config: config(public, "nobody"), ExpectError: regexp.MustCompile(`not a valid project`)},
	}})
}

func TestAccFlavorAccessReplaces(t *testing.T) {
	t.Parallel()
	text := func(v string) tftypes.Value { return tftypes.NewValue(tftypes.String, v) }
	acctest.Cloud(t).Replaces(t, "nova_flavor_access",
		map[string]tftypes.Value{"id": text("f/p"), "flavor_id": text("f"), "project_id": text("p")},
		map[string]tftypes.Value{"flavor_id": text("g"), "project_id": text("q")})
}

func TestAccFlavorAccessMoved(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	flavor, project := private(t, cloud, false), cloud.Project(t)
	err := flavors.AddAccess(t.Context(), compute(t, cloud), flavor, flavors.AddAccessOpts{Tenant: project}).Err
	if err != nil {
		t.Fatal(err)
	}
	state := cloud.Moved(t, "openstack_compute_flavor_access_v2",
		fmt.Sprintf(`{"id": "%s/%s", "region": "RegionOne", "flavor_id": %q, "tenant_id": %q}`, flavor, project, flavor, project),
		"nova_flavor_access", map[string]tftypes.Value{
			"flavor_id": tftypes.NewValue(tftypes.String, flavor), "project_id": tftypes.NewValue(tftypes.String, project),
		})
	if id := acctest.As[string](t, state["id"]); id != flavor+"/"+project {
		t.Error(id)
	}
	cloud.ByIdentity(t, "nova_flavor_access", map[string]string{"flavor_id": flavor, "project_id": project})
}
