// SPDX-License-Identifier: MPL-2.0

package flavor_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

func TestAccFlavorData(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	made := config(name, "  ram = 1048576\n  id = \""+name+"\"\n  extra_specs = { \"hw:cpu_policy\" = \"shared\" }")
	by := func(label, query string) string {
		return fmt.Sprintf("data \"nova_flavor\" %q {\n  %s\n  depends_on = [nova_flavor.test]\n}\n", label, query)
	}
	list := fmt.Sprintf("data \"nova_flavors\" \"test\" {\n  name_regex = \"^%s$|^m1.small$\"\n  depends_on = [nova_flavor.test]\n}\n", name)
	is := func(label string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.nova_flavor."+label, tfjsonpath.New("id"), knownvalue.StringExact(name))
	}
	specs := knownvalue.MapExact(map[string]knownvalue.Check{"hw:cpu_policy": knownvalue.StringExact("shared")})
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: made + by("id", fmt.Sprintf("id = %q", name)) + by("name", fmt.Sprintf("name = %q", name)) +
				by("least", "min_ram = 1048000\n  min_vcpus = 2\n  min_disk = 3") +
				by("specs", "min_ram = 1048000\n  is_public = true\n  with_extra_specs = { \"hw:cpu_policy\" = \"shared\" }") + list,
			ConfigStateChecks: []statecheck.StateCheck{
				is("id"), is("name"), is("least"), is("specs"),
				statecheck.ExpectKnownValue("data.nova_flavor.name", tfjsonpath.New("extra_specs"), specs),
				statecheck.ExpectKnownValue("data.nova_flavor.name", tfjsonpath.New("rxtx_factor"), knownvalue.Float64Exact(1)),
				statecheck.ExpectKnownValue("data.nova_flavors.test", tfjsonpath.New("ids"), knownvalue.ListPartial(map[int]knownvalue.Check{
					1: knownvalue.StringExact(name),
				})),
				statecheck.ExpectKnownValue("data.nova_flavors.test", tfjsonpath.New("flavors").AtSliceIndex(1).AtMapKey("extra_specs"), specs),
				statecheck.ExpectKnownValue("data.nova_flavors.test", tfjsonpath.New("flavors").AtSliceIndex(0).AtMapKey("ram"), knownvalue.Int64Exact(2048)),
			},
		},
		{ // without what 2.61 has, which then takes a call of its own
			Config: "provider \"nova\" {\n  max_microversion = \"2.54\"\n}\n" + made + by("name", fmt.Sprintf("name = %q", name)) + list,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.nova_flavor.name", tfjsonpath.New("extra_specs"), specs),
				statecheck.ExpectKnownValue("data.nova_flavor.name", tfjsonpath.New("description"), knownvalue.Null()),
				statecheck.ExpectKnownValue("data.nova_flavors.test", tfjsonpath.New("flavors").AtSliceIndex(1).AtMapKey("extra_specs"), knownvalue.Null()),
			},
		},
		{Config: made + by("both", "id = \"a\"\n  name = \"b\""), PlanOnly: true, ExpectError: regexp.MustCompile(`Invalid\s+Attribute\s+Combination`)},
		{Config: made + by("odd", "name_regex = \"(\""), PlanOnly: true, ExpectError: regexp.MustCompile(`Invalid\s+Regular\s+Expression`)},
		{Config: made + by("none", "name = \"no such flavor\""), ExpectError: regexp.MustCompile(`(?s)No Such Flavor.*with name "no such flavor"`)},
		{Config: made},
	}})
}
