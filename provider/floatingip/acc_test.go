// SPDX-License-Identifier: MPL-2.0

package floatingip_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
)

const address = "nova_floating_ip.test"

func config(pool, attributes string) string {
	return fmt.Sprintf("resource \"nova_floating_ip\" \"test\" {\n  pool = %q\n%s\n}\n", pool, attributes)
}

func does(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func is(attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
}

func floating(t *testing.T, cloud *acctest.Target) network.FloatingIPs {
	t.Helper()
	all, err := network.FloatingIPsOf(t.Context(), cloud.Client)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAccFloatingIP(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	pool := newPlace(t, cloud).pool
	var id string
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config(pool.Name, "  description = \"first\"\n  tags = [\"a\", \"b\"]"),
			ConfigStateChecks: []statecheck.StateCheck{
				is("address", knownvalue.NotNull()), is("network_id", knownvalue.StringExact(pool.ID)), is("project_id", knownvalue.NotNull()),
				is("tags", knownvalue.SetSizeExact(2)),
			},
			Check: resource.TestCheckResourceAttrWith(address, "id", func(v string) error { id = v; return nil }),
		},
		{ResourceName: address, ImportState: true, ImportStateVerify: true},
		{ // what someone else changed is changed back, with what the configuration changes
			PreConfig: func() {
				if err := floating(t, cloud).SetTags(t.Context(), id, []string{"theirs"}); err != nil {
					t.Fatal(err)
				}
			},
			Config: config(pool.Name, "  tags = [\"a\"]"), ConfigPlanChecks: does(address, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				is("description", knownvalue.Null()), is("tags", knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("a")})),
			},
		},
		{Config: config(pool.ID, ""), ConfigPlanChecks: does(address, plancheck.ResourceActionUpdate)}, // the same pool
		{ // disappears
			PreConfig: func() {
				if err := floating(t, cloud).Delete(t.Context(), id); err != nil {
					t.Fatal(err)
				}
			},
			Config: config(pool.ID, ""), ConfigPlanChecks: does(address, plancheck.ResourceActionCreate),
		},
	}})
}

// TestAccFloatingIPAddress: an address in particular replaces another.
func TestAccFloatingIPAddress(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	pool := newPlace(t, cloud).pool
	if os.Getenv("OS_AUTH_URL") != "" || os.Getenv("OS_CLOUD") != "" {
		t.Skip("which addresses the cloud has is not known")
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config(pool.Name, "")},
		{
			Config: config(pool.Name, `  address = "198.51.100.77"`), ConfigPlanChecks: does(address, plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{is("address", knownvalue.StringExact("198.51.100.77"))},
		},
		{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: "198.51.100.77"},
	}})
}

func TestAccFloatingIPIdentity(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: config(newPlace(t, cloud).pool.Name, ""), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("id")),
			}},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

func TestAccFloatingIPInvalid(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	pool := newPlace(t, cloud).pool
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config(pool.Name, `  address = "2001:db8::1"`), PlanOnly: true, ExpectError: regexp.MustCompile(`IPv4`)},
		{Config: config("no such pool", ""), ExpectError: regexp.MustCompile(`(?s)Unable to Create Floating IP of Pool "no such pool".*no\s+external\s+network`)},
		{
			Config:      config(pool.Name, `  address = "203.0.113.250"`),
			ExpectError: regexp.MustCompile(`(?s)Unable to Create Floating IP.*HTTP status: 4`),
		},
		{Config: config(pool.Name, "")},
	}})
}

func TestAccFloatingIPWithoutNeutron(t *testing.T) {
	t.Parallel()
	cloud := acctest.CloudWithoutNeutron(t)
	pool := newPlace(t, cloud).pool
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config(pool.Name, "  address = \"198.51.100.9\"\n  subnet_id = \"s\"\n  description = \"d\"\n  tags = [\"t\"]"), PlanOnly: true,
			ExpectError: regexp.MustCompile(`(?s)address cannot be used.*subnet_id cannot be used.*description cannot be used.*tags cannot be used`),
		},
		{Config: config(pool.Name, ""), ConfigStateChecks: []statecheck.StateCheck{is("address", knownvalue.NotNull()), is("network_id", knownvalue.Null())}},
		{ResourceName: address, ImportState: true, ImportStateVerify: true},
		{Config: config("no such pool", ""), ExpectError: regexp.MustCompile(`HTTP status: 404`)},
		{Config: config(pool.Name, "")},
	}})
}

// TestAccFloatingIPMoved: from the neighbour's floating IP, without a change.
func TestAccFloatingIPMoved(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	all := floating(t, cloud)
	pool := newPlace(t, cloud).pool
	made, err := all.Create(t.Context(), network.FloatingIP{Pool: pool, Description: "d"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := all.Delete(context.WithoutCancel(t.Context()), made.ID); err != nil {
			t.Error(err)
		}
	})
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	state := cloud.Moved(t, "openstack_networking_floatingip_v2", fmt.Sprintf(
		`{"id": %q, "pool": %q, "address": %q, "description": "d", "port_id": "", "tags": [], "all_tags": [], "region": "r"}`,
		made.ID, pool.Name, made.Address), "nova_floating_ip", map[string]tftypes.Value{"pool": text(pool.Name), "description": text("d")})
	if !state["address"].Equal(text(made.Address)) {
		t.Error(state["address"])
	}
}
