// SPDX-License-Identifier: MPL-2.0

package limits_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// TestAccProjectReadings reads what there is to read of a project and of the API: limits, quotas and versions.
func TestAccProjectReadings(t *testing.T) {
	t.Parallel()
	cloud, member := acctest.CloudWithMember(t)
	const config = `
data "nova_limits" "test" {}

data "nova_quota_set" "test" {}

data "nova_quota_set" "again" {
  project_id = data.nova_quota_set.test.project_id
}

data "nova_api_versions" "test" {}
`
	is := func(source string, at tfjsonpath.Path, of knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data."+source, at, of)
	}
	same := resource.ComposeAggregateTestCheckFunc(
		resource.TestCheckResourceAttrPair("data.nova_limits.test", "max_instances", "data.nova_quota_set.again", "instances"),
		resource.TestCheckResourceAttrPair("data.nova_limits.test", "cores_used", "data.nova_quota_set.again", "in_use.cores"),
	)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config, Check: same,
			ConfigStateChecks: []statecheck.StateCheck{
				is("nova_limits.test", tfjsonpath.New("max_instances"), knownvalue.NotNull()),
				is("nova_limits.test", tfjsonpath.New("server_groups_used"), knownvalue.NotNull()),
				is("nova_quota_set.test", tfjsonpath.New("reserved").AtMapKey("ram"), knownvalue.Int64Exact(0)),
				is("nova_quota_set.test", tfjsonpath.New("server_group_members"), knownvalue.NotNull()),
				is("nova_api_versions.test", tfjsonpath.New("min_microversion"), knownvalue.StringExact("2.1")),
				is("nova_api_versions.test", tfjsonpath.New("versions").AtSliceIndex(1).AtMapKey("id"), knownvalue.StringExact("v2.1")),
				is("nova_api_versions.test", tfjsonpath.New("versions").AtSliceIndex(0).AtMapKey("max_microversion"), knownvalue.Null()),
			},
		},
		{
			Config: "provider \"nova\" {\n  max_microversion = \"2.54\"\n}\n" + config, Check: same,
			ConfigStateChecks: []statecheck.StateCheck{
				is("nova_api_versions.test", tfjsonpath.New("usable_microversion"), knownvalue.StringExact("2.54")),
				is("nova_api_versions.test", tfjsonpath.New("usable_minor"), knownvalue.Int64Exact(54)),
				is("nova_api_versions.test", tfjsonpath.New("max_microversion"), knownvalue.StringRegexp(regexp.MustCompile(`^2\.[0-9]{2,}$`))),
			},
		},
	}})
	member.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config, Check: same},
		{
			Config:      "data \"nova_limits\" \"other\" {\n  project_id = \"another\"\n}\n",
			ExpectError: regexp.MustCompile(`(?s)Unable to Read Limits.*403`),
		},
	}})
}
