// SPDX-License-Identifier: MPL-2.0

package flavor_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
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
		{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: name},
		{ // others change a key of ours, and add one of their own
			PreConfig: func() {
				specify(t, cloud, name, map[string]string{"hw:cpu_policy": "mixed", "trait:HW_CPU_X86_VMX": "required"})
			},
			Config: config(name, `
  ram         = 256
  swap        = 128
  ephemeral   = 1
  extra_specs = { "hw:cpu_policy" = "dedicated" }`),
			ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				still(), specs(map[string]knownvalue.Check{"hw:cpu_policy": knownvalue.StringExact("dedicated")}),
			},
			Check: func(*terraform.State) error {
				return has(t, cloud, name, map[string]string{"hw:cpu_policy": "dedicated", "trait:HW_CPU_X86_VMX": "required"})
			},
		},
		{
			Config:           config(name, "  ram = 256\n  swap = 128\n  ephemeral = 1"),
			ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
			Check: func(*terraform.State) error {
				return has(t, cloud, name, map[string]string{"trait:HW_CPU_X86_VMX": "required"})
			},
		},
		{Config: config(name, "  ram = 512\n  rxtx_factor = 1.1"), ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate)},
	}})
}

// specify sets extra specs behind Terraform's back.
func specify(t *testing.T, cloud *acctest.Target, name string, specs map[string]string) {
	t.Helper()
	service, err := cloud.Client.At(t.Context(), 1)
	if err == nil {
		err = flavors.CreateExtraSpecs(t.Context(), service, shown(t, cloud, name).ID, flavors.ExtraSpecsOpts(specs)).Err
	}
	if err != nil {
		t.Fatal(err)
	}
}

// has is an error unless the flavor has these extra specs in the cloud.
func has(t *testing.T, cloud *acctest.Target, name string, specs map[string]string) error {
	t.Helper()
	if got := shown(t, cloud, name).ExtraSpecs; !maps.Equal(got, specs) {
		return fmt.Errorf("the extra specs are %v, not %v", got, specs)
	}
	return nil
}

// shown is a flavor by its name.
func shown(t *testing.T, cloud *acctest.Target, name string) flavors.Flavor {
	t.Helper()
	service, err := cloud.Client.At(t.Context(), 61)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := flavors.ListDetail(service, flavors.ListOpts{AccessType: flavors.AllAccess}).AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := flavors.ExtractFlavors(pages)
	at := slices.IndexFunc(all, func(f flavors.Flavor) bool { return f.Name == name })
	if err != nil || at < 0 {
		t.Fatalf("there is no flavor %s: %v", name, err)
	}
	return all[at]
}

func text(v string) tftypes.Value { return tftypes.NewValue(tftypes.String, v) }

func number(v float64) tftypes.Value { return tftypes.NewValue(tftypes.Number, v) }

func TestAccFlavorReplaces(t *testing.T) {
	t.Parallel()
	acctest.Cloud(t).Replaces(t, "nova_flavor", map[string]tftypes.Value{
		"id": text("f"), "name": text("f"), "vcpus": number(1), "ram": number(1), "disk": number(1), "ephemeral": number(1),
		"swap": number(1), "rxtx_factor": number(1), "is_public": tftypes.NewValue(tftypes.Bool, true),
	}, map[string]tftypes.Value{
		"id": text("g"), "name": text("g"), "vcpus": number(2), "ram": number(2), "disk": number(2), "ephemeral": number(2),
		"swap": number(2), "rxtx_factor": number(1.5), "is_public": tftypes.NewValue(tftypes.Bool, false),
	})
}

// TestAccFlavorMoved: a state of terraform-provider-openstack needs no change.
func TestAccFlavorMoved(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	service, err := cloud.Client.At(t.Context(), 55)
	if err != nil {
		t.Fatal(err)
	}
	name, disk, private := acctest.Name(t), 3, false
	made, err := flavors.Create(t.Context(), service, flavors.CreateOpts{
		Name: name, RAM: 256, VCPUs: 2, Disk: &disk, IsPublic: &private, Description: "old",
	}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flavors.Delete(context.WithoutCancel(t.Context()), service, made.ID).ExtractErr() })
	specify(t, cloud, name, map[string]string{"hw:cpu_policy": "shared"})
	state := cloud.Moved(t, "openstack_compute_flavor_v2", fmt.Sprintf(`{"id": %q, "region": "RegionOne", "flavor_id": %q, "name": %q,
		"description": "old", "ram": 256, "vcpus": 2, "disk": 3, "swap": 0, "ephemeral": 0, "rx_tx_factor": 1, "is_public": false,
		"extra_specs": {"hw:cpu_policy": "shared"}}`, made.ID, made.ID, name), "nova_flavor", map[string]tftypes.Value{
		"name": text(name), "description": text("old"), "ram": number(256), "vcpus": number(2), "disk": number(3), "swap": number(0),
		"ephemeral": number(0), "rxtx_factor": number(1), "is_public": tftypes.NewValue(tftypes.Bool, false),
		"extra_specs": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"hw:cpu_policy": text("shared")}),
	})
	if id := acctest.As[string](t, state["id"]); id != made.ID {
		t.Errorf("the flavor is %s, not %s", id, made.ID)
	}
	imported := cloud.ByIdentity(t, "nova_flavor", map[string]string{"id": made.ID})
	if got := acctest.As[string](t, imported["name"]); got != name {
		t.Errorf("by its identity %s is imported, not %s", got, name)
	}
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
		{
			Config:   config(name, "  ram = 64\n  extra_specs = { \"hw:numa_nodes\" = \"many\" }"),
			PlanOnly: true, ExpectError: regexp.MustCompile(`hw:numa_nodes has to be a whole number`),
		},
		{ // a name that Nova does not know is left to Nova
			Config:      config(name, "  ram = 64\n  extra_specs = { \"hw:no_such\" = \"c\" }"),
			ExpectError: regexp.MustCompile(`does not appear to be a valid\s+extra spec`),
		},
		{Config: "provider \"nova\" {\n  max_microversion = \"2.85\"\n}\n" + config(name, "  ram = 64\n  extra_specs = { \"hw:no_such\" = \"c\" }")},
		{Config: config(name, "  ram = 64"), ResourceName: address, ImportState: true, ImportStateId: "no such flavor", ExpectError: regexp.MustCompile(`No Such Flavor`)},
		{Config: config(name, "  ram = 256")},
	}})
}

func TestAccFlavorDisappears(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	var id string
	name := acctest.Name(t)
	made := config(name, fmt.Sprintf("  ram = 256\n  id = \"%s with spaces\"\n  extra_specs = { \"a b\" = \"\" }", name))
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

func TestAccFlavorInterrupted(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	id := acctest.Name(t)
	cloud.Interrupted(t, "nova_flavor", map[string]tftypes.Value{
		"id": text(id), "name": text(id), "ram": number(64), "vcpus": number(1), "disk": number(1),
		"extra_specs": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"a": text("b")}),
	})
	service, err := cloud.Client.At(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := flavors.Get(t.Context(), service, id).Extract(); !diagnose.NotFound(err) {
		t.Errorf("the flavor is left: %v", err)
	}
}

// TestAccFlavorForbidden: who may not make flavors is told why.
func TestAccFlavorForbidden(t *testing.T) {
	t.Parallel()
	_, member := acctest.CloudWithMember(t)
	member.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config:      config(acctest.Name(t), "  ram = 64"),
		ExpectError: regexp.MustCompile(`(?s)Unable to Create Flavor.*os-flavor-manage:create.*role`),
	}}})
}
