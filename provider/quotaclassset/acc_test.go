// SPDX-License-Identifier: MPL-2.0

package quotaclassset_test

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

const address = "nova_quota_class_set.test"

func config(attributes string) string {
	return fmt.Sprintf("resource \"nova_quota_class_set\" \"test\" {\n%s\n}\n", attributes)
}

func does(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func shows(wanted quotas.Values) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for name, limit := range wanted {
		checks = append(checks, statecheck.ExpectKnownValue(address, tfjsonpath.New(name), knownvalue.Int64Exact(limit)))
	}
	return checks
}

// class are the limits of a class in the cloud. The tests have classes of their own, but for one, so that a cloud that is
// in use can be tested on.
func class(t *testing.T, cloud *acctest.Target, name string) quotas.Values {
	t.Helper()
	limits, err := quotas.Classes{Client: cloud.Client}.Get(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	return limits
}

func TestAccQuotaClassSet(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	of := func(attributes string) string { return config(fmt.Sprintf("  name = %q\n%s", name, attributes)) }
	before := class(t, cloud, name)
	set := func(limits quotas.Values) func() {
		return func() {
			if err := (quotas.Classes{Client: cloud.Client}).Put(t.Context(), name, limits); err != nil {
				t.Fatal(err)
			}
		}
	}
	cloud.Test(t, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config:            of("  cores = 40\n  instances = 0"),
				ConfigStateChecks: shows(quotas.Values{"cores": 40, "instances": 0, "ram": before["ram"], "server_groups": before["server_groups"]}),
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: name, ImportStateVerifyIdentifierAttribute: "name"},
			{
				Config: of("  cores = 50\n  server_groups = -1"), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: shows(quotas.Values{"cores": 50, "instances": 0, "server_groups": -1}),
			},
			{ // drift of what is not given is none
				PreConfig: set(quotas.Values{"key_pairs": 9}), Config: of("  cores = 50\n  server_groups = -1"), ConfigPlanChecks: does(plancheck.ResourceActionNoop),
			},
			{
				PreConfig: set(quotas.Values{"cores": 9}), Config: of("  cores = 50\n  server_groups = -1"), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: shows(quotas.Values{"cores": 50, "key_pairs": 9}),
			},
		},
		CheckDestroy: func(*terraform.State) error { // all that the resource set is as it was, and what others set is theirs
			wanted := quotas.Values{}
			for limit, n := range before {
				wanted[limit] = n
			}
			wanted["key_pairs"] = 9
			return quotas.Taken(wanted, class(t, cloud, name))
		},
	})
}

func TestAccQuotaClassSetKept(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	cloud.Test(t, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config:   fmt.Sprintf("provider \"nova\" {\n  max_microversion = \"2.49\"\n}\n%s", config("  server_groups = 1")),
				PlanOnly: true, ExpectError: regexp.MustCompile(`server_groups cannot be used: it needs\s+microversion\s+2\.50`),
			},
			{Config: config("  cores = -2"), PlanOnly: true, ExpectError: regexp.MustCompile(`must be between -1 and`)},
			{Config: config(fmt.Sprintf("  name = %q\n  ram = 1", name))},
			{Config: config(fmt.Sprintf("  name = %q\n  ram = 2\n  on_destroy = \"keep\"", name)), ConfigPlanChecks: does(plancheck.ResourceActionUpdate)},
		},
		CheckDestroy: func(*terraform.State) error { return quotas.Taken(quotas.Values{"ram": 2}, class(t, cloud, name)) },
	})
}

// TestAccQuotaClassSetInForce: the class default is what projects without limits of their own have.
func TestAccQuotaClassSetInForce(t *testing.T) {
	t.Parallel()
	cloud, member := acctest.CloudWithMember(t)
	project := cloud.Project(t)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: config("  instances = 77"),
		Check: func(*terraform.State) error {
			found, err := quotas.Sets{Client: cloud.Client}.Get(t.Context(), project, "")
			if err != nil {
				return err
			}
			return quotas.Taken(quotas.Values{"instances": 77}, found)
		},
	}}})
	member.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: config("  instances = 77"), ExpectError: regexp.MustCompile(`(?s)Unable to Create Quota Class.*os-quota-class-sets:.*role`),
	}}})
}

func TestAccQuotaClassSetByIdentity(t *testing.T) {
	t.Parallel()
	acctest.Cloud(t).ByIdentity(t, "nova_quota_class_set", map[string]string{"name": "default"})
}

func TestAccQuotaClassSetReplaces(t *testing.T) {
	t.Parallel()
	text := func(v string) tftypes.Value { return tftypes.NewValue(tftypes.String, v) }
	acctest.Cloud(t).Replaces(t, "nova_quota_class_set",
		map[string]tftypes.Value{"name": text("a"), "on_destroy": text("restore")}, map[string]tftypes.Value{"name": text("b")})
}
