// SPDX-License-Identifier: MPL-2.0

package quotaset_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/quotas"
)

const address = "nova_quota_set.test"

func config(project, attributes string) string {
	return fmt.Sprintf("resource \"nova_quota_set\" \"test\" {\n  project_id = %q\n%s\n}\n", project, attributes)
}

func does(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// shows are the limits that the state has.
func shows(wanted quotas.Values) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for name, limit := range wanted {
		checks = append(checks, statecheck.ExpectKnownValue(address, tfjsonpath.New(name), knownvalue.Int64Exact(limit)))
	}
	return checks
}

// holds is an error unless these limits are in force in the cloud.
func holds(cloud *acctest.Target, project, user string, wanted quotas.Values) error {
	found, err := quotas.Sets{Client: cloud.Client}.Get(context.Background(), project, user)
	if err != nil {
		return err
	}
	return quotas.Taken(wanted, found)
}

func set(t *testing.T, cloud *acctest.Target, project, user string, limits quotas.Values) {
	t.Helper()
	if err := (quotas.Sets{Client: cloud.Client}).Put(t.Context(), project, user, limits, true); err != nil {
		t.Fatal(err)
	}
}

func TestAccQuotaSet(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	project := cloud.Project(t)
	before, err := quotas.Sets{Client: cloud.Client}.Get(t.Context(), project, "")
	if err != nil {
		t.Fatal(err)
	}
	cloud.Test(t, resource.TestCase{
		Steps: []resource.TestStep{
			{ // 0 is nothing, -1 is anything, and what is not given stays
				Config: config(project, "  instances = 0\n  cores = -1\n  ram = 4096"),
				ConfigStateChecks: shows(quotas.Values{
					"instances": 0, "cores": -1, "ram": 4096, "key_pairs": before["key_pairs"], "fixed_ips": before["fixed_ips"],
				}),
				Check: func(*terraform.State) error {
					return holds(cloud, project, "", quotas.Values{"instances": 0, "cores": -1, "ram": 4096, "key_pairs": before["key_pairs"]})
				},
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true},
			{ // one that is given is changed, one is added, one is no longer given and stays
				Config: config(project, "  instances = 5\n  ram = 4096\n  server_groups = 7"), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: shows(quotas.Values{"instances": 5, "cores": -1, "ram": 4096, "server_groups": 7}),
			},
			{ // drift of what is not given is none
				PreConfig:        func() { set(t, cloud, project, "", quotas.Values{"cores": 3, "metadata_items": 9}) },
				Config:           config(project, "  instances = 5\n  ram = 4096\n  server_groups = 7"),
				ConfigPlanChecks: does(plancheck.ResourceActionNoop),
			},
			{ // drift of what is given is undone
				PreConfig: func() { set(t, cloud, project, "", quotas.Values{"instances": 50}) },
				Config:    config(project, "  instances = 5\n  ram = 4096\n  server_groups = 7"), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: shows(quotas.Values{"instances": 5, "cores": 3, "metadata_items": 9}),
			},
			{ // somebody resets them
				PreConfig: func() {
					if err := (quotas.Sets{Client: cloud.Client}).Reset(t.Context(), project, ""); err != nil {
						t.Fatal(err)
					}
				},
				Config: config(project, "  instances = 5"), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: shows(quotas.Values{"instances": 5, "ram": before["ram"]}),
			},
		},
		CheckDestroy: func(*terraform.State) error { return holds(cloud, project, "", before) },
	})
}

func TestAccQuotaSetOfUser(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	project, user := cloud.Project(t), cloud.User(t)
	set(t, cloud, project, "", quotas.Values{"instances": 4})
	of := func(attributes string) string {
		return config(project, fmt.Sprintf("  user_id = %q\n%s", user, attributes))
	}
	cloud.Test(t, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: of("  instances = 9"), ExpectError: regexp.MustCompile(`(?s)Quota limit 9 for instances must be less than or\s+equal to 4.*With force = true`)},
			{Config: of("  fixed_ips = 9"), PlanOnly: true, ExpectError: regexp.MustCompile(`Limit of the Project`)},
			{Config: of("  instances = 9\n  force = true\n  on_destroy = \"keep\""), ConfigStateChecks: shows(quotas.Values{"instances": 9})},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"force", "on_destroy"}},
			{Config: of("  instances = 2\n  on_destroy = \"keep\""), ConfigPlanChecks: does(plancheck.ResourceActionUpdate), ConfigStateChecks: shows(quotas.Values{"instances": 2})},
		},
		CheckDestroy: func(*terraform.State) error { return holds(cloud, project, user, quotas.Values{"instances": 2}) },
	})
}

// TestAccQuotaSetDisappears: with its project.
func TestAccQuotaSetDisappears(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	project := cloud.Project(t)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config(project, "  instances = 5")},
		{
			PreConfig: func() { cloud.DeleteProject(t, project) },
			Config:    config(project, "  instances = 5"), ConfigPlanChecks: does(plancheck.ResourceActionCreate),
			ExpectError: regexp.MustCompile(`(?s)Unable to Create Quota Set.*not a valid project`),
		},
	}})
}

func TestAccQuotaSetInvalid(t *testing.T) {
	t.Parallel()
	_, member := acctest.CloudWithMember(t)
	member.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config("p", "  cores = -2"), PlanOnly: true, ExpectError: regexp.MustCompile(`must be between -1 and`)},
		{Config: config("p_q", ""), PlanOnly: true, ExpectError: regexp.MustCompile(`may hold letters, digits and\s+hyphens`)},
		{Config: config("p", "  cores = 1"), ResourceName: address, ImportState: true, ImportStateId: "p/", ExpectError: regexp.MustCompile(`imported by\s+PROJECT_ID`)},
		{Config: config("p", "  cores = 1"), ExpectError: regexp.MustCompile(`(?s)Unable to Create Quota Set.*os-quota-sets:update.*role`)},
	}})
}

func TestAccQuotaSetReplaces(t *testing.T) {
	t.Parallel()
	text := func(v string) tftypes.Value { return tftypes.NewValue(tftypes.String, v) }
	acctest.Cloud(t).Replaces(t, "nova_quota_set",
		map[string]tftypes.Value{"id": text("p/u"), "project_id": text("p"), "user_id": text("u"), "on_destroy": text("reset")},
		map[string]tftypes.Value{"project_id": text("q"), "user_id": text("v")})
}

func TestAccQuotaSetMoved(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	project := cloud.Project(t)
	set(t, cloud, project, "", quotas.Values{"cores": 4, "ram": 2048})
	number := func(n int64) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }
	state := cloud.Moved(t, "openstack_compute_quotaset_v2", fmt.Sprintf(`{"id": "%s/RegionOne", "region": "RegionOne", "project_id": %q,
		"cores": 4, "ram": 2048, "instances": 10}`, project, project), "nova_quota_set", map[string]tftypes.Value{
		"project_id": tftypes.NewValue(tftypes.String, project), "cores": number(4), "ram": number(2048),
		"on_destroy": tftypes.NewValue(tftypes.String, "reset"),
	})
	if id := acctest.As[string](t, state["id"]); id != project {
		t.Error(id)
	}
	imported := cloud.ByIdentity(t, "nova_quota_set", map[string]string{"project_id": project})
	if !imported["user_id"].IsNull() || acctest.As[string](t, imported["on_destroy"]) != "reset" {
		t.Errorf("imported is %v", imported)
	}
	cloud.ByIdentity(t, "nova_quota_set", map[string]string{"project_id": project, "user_id": cloud.User(t)})
}
