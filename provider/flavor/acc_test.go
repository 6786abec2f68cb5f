// SPDX-License-Identifier: MPL-2.0

package flavor_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

const address = "nova_flavor.test"

func config(name, attributes string) string {
	return fmt.Sprintf("resource \"nova_flavor\" \"test\" {\n  name = %q\n  vcpus = 2\n  disk = 3\n%s\n}\n", name, attributes)
}

func TestAccFlavor(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	same := statecheck.CompareValue(compare.ValuesSame())
	still := func() statecheck.StateCheck { return same.AddStateValue(address, tfjsonpath.New("id")) }
	does := func(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
	}
	specs := func(of map[string]knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(address, tfjsonpath.New("extra_specs"), knownvalue.MapExact(of))
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config(name, `
  ram         = 256
  swap        = 128
  ephemeral   = 1
  description = "first"
  extra_specs = { "hw:cpu_policy" = "shared", "quota:cpu_shares" = "10" }`),
			ConfigStateChecks: []statecheck.StateCheck{
				still(), specs(map[string]knownvalue.Check{
					"hw:cpu_policy": knownvalue.StringExact("shared"), "quota:cpu_shares": knownvalue.StringExact("10"),
				}),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("swap"), knownvalue.Int64Exact(128)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("is_public"), knownvalue.Bool(true)),
			},
		},
		{
			Config: config(name, `
  ram         = 256
  swap        = 128
  ephemeral   = 1
  extra_specs = { "hw:cpu_policy" = "dedicated" }`),
			ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				still(), specs(map[string]knownvalue.Check{"hw:cpu_policy": knownvalue.StringExact("dedicated")}),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("description"), knownvalue.Null()),
			},
		},
		{ResourceName: address, ImportState: true, ImportStateVerify: true},
		{Config: config(name, "  ram = 512"), ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate)},
	}})
}


// TestAccFlavorPrivate: an administrator finds a private flavor by its name, but gets none unasked.
func TestAccFlavorPrivate(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	made := config(name, "  ram = 2097152\n  is_public = false")
	by := func(query string) string {
		return made + "data \"nova_flavor\" \"test\" {\n  " + query + "\n  depends_on = [nova_flavor.test]\n}\n"
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: by(fmt.Sprintf("name = %q", name)),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.nova_flavor.test", tfjsonpath.New("is_public"), knownvalue.Bool(false)),
			},
		},
		{Config: by("min_ram = 2097152"), ExpectError: regexp.MustCompile(`No Such Flavor`)},
		{Config: made},
	}})
}

func TestAccFlavorInvalid(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config(name, "  ram = 0"), PlanOnly: true, ExpectError: regexp.MustCompile(`value\s+must\s+be\s+between`)},
		{Config: config(name, "  ram = 64\n  extra_specs = { \"a/b\" = \"c\" }"), PlanOnly: true, ExpectError: regexp.MustCompile(`may\s+hold\s+letters`)},
		{
			Config:   "provider \"nova\" {\n  max_microversion = \"2.54\"\n}\n" + config(name, "  ram = 64\n  description = \"d\""),
			PlanOnly: true, ExpectError: regexp.MustCompile(`description cannot be used: it needs\s+microversion\s+2\.55`),
		},
		{Config: config(name, "  ram = 256")},
	}})
}

func TestAccFlavorDisappears(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	var id string
	made := config(acctest.Name(t), "  ram = 256")
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: made, Check: resource.TestCheckResourceAttrWith(address, "id", func(v string) error { id = v; return nil })},
		{
			PreConfig: func() {
				service, err := cloud.Client.At(t.Context(), 1)
				if err == nil {
					err = flavors.Delete(t.Context(), service, id).ExtractErr()
				}
				if err != nil {
					t.Fatal(err)
				}
			},
			Config: made,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
			}},
		},
	}})
}
