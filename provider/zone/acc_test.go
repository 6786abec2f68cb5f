// SPDX-License-Identifier: MPL-2.0

package zone_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

func TestAccAvailabilityZones(t *testing.T) {
	t.Parallel()
	cloud, member := acctest.CloudWithMember(t)
	is := func(source string, at tfjsonpath.Path, of knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.nova_availability_zones."+source, at, of)
	}
	first := func(name string) tfjsonpath.Path {
		return tfjsonpath.New("availability_zones").AtSliceIndex(0).AtMapKey(name)
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: `
data "nova_availability_zones" "test" {}

data "nova_availability_zones" "down" {
  state = "unavailable"
}

data "nova_availability_zones" "hosts" {
  state      = "any"
  name_regex = "^nova$"
  with_hosts = true
}
`,
		ConfigStateChecks: []statecheck.StateCheck{
			is("test", tfjsonpath.New("names"), knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("nova")})),
			is("test", first("available"), knownvalue.Bool(true)), is("test", first("hosts"), knownvalue.Null()),
			is("down", tfjsonpath.New("names"), knownvalue.ListSizeExact(0)), is("hosts", first("hosts"), knownvalue.NotNull()),
		},
	}}})
	member.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config:      `data "nova_availability_zones" "hosts" { with_hosts = true }`,
		ExpectError: regexp.MustCompile(`(?s)Unable to Find Availability Zones.*403.*administrators\s+only`),
	}}})
}
