// SPDX-License-Identifier: MPL-2.0

package servergroup_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

const address = "nova_server_group.test"

func config(name, policy, attributes string) string {
	return fmt.Sprintf("resource \"nova_server_group\" \"test\" {\n  name = %q\n  policy = %q\n%s\n}\n", name, policy, attributes)
}

func old(v string) string { return fmt.Sprintf("provider \"nova\" {\n  max_microversion = %q\n}\n", v) }

func does(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func TestAccServerGroup(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	replaces := does(plancheck.ResourceActionDestroyBeforeCreate)
	is := func(attribute string, check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config(name, "anti-affinity", "  max_server_per_host = 2"),
			ConfigStateChecks: []statecheck.StateCheck{
				is("policy", knownvalue.StringExact("anti-affinity")), is("max_server_per_host", knownvalue.Int64Exact(2)),
				is("members", knownvalue.SetSizeExact(0)), is("project_id", knownvalue.NotNull()), is("user_id", knownvalue.NotNull()),
			},
		},
		{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: name},
		{Config: config(name, "anti-affinity", "  max_server_per_host = 3"), ConfigPlanChecks: replaces},
		{Config: config(name+"-renamed", "anti-affinity", "  max_server_per_host = 3"), ConfigPlanChecks: replaces},
		{Config: config(name+"-renamed", "soft-affinity", ""), ConfigPlanChecks: replaces},
		{ResourceName: address, ImportState: true, ImportStateVerify: true},
	}})
}

// TestAccServerGroupMembers: who is in the group is seen at the next refresh, and is no change.
func TestAccServerGroupMembers(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	made := config(name, "affinity", "")
	var group, member string
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: made, Check: resource.TestCheckResourceAttrWith(address, "id", func(v string) error { group = v; return nil })},
		{
			PreConfig: func() {
				service, err := cloud.Client.At(t.Context(), 37)
				if err != nil {
					t.Fatal(err)
				}
				var body struct{ Server struct{ ID string } }
				_, err = service.Post(t.Context(), service.ServiceURL("servers"), map[string]any{
					"server":             map[string]any{"name": name, "imageRef": cloud.Image(t), "flavorRef": cloud.Flavor(t), "networks": "none"},
					"os:scheduler_hints": map[string]any{"group": group},
				}, &body, nil)
				if err != nil {
					t.Fatal(err)
				}
				member = body.Server.ID
				t.Cleanup(func() {
					if err := cloud.Servers().Delete(context.WithoutCancel(t.Context()), member); err != nil {
						t.Error(err)
					}
				})
			},
			Config: made, ConfigPlanChecks: does(plancheck.ResourceActionNoop),
			Check: resource.TestCheckResourceAttrWith(address, "members.0", func(v string) error {
				if v != member {
					return fmt.Errorf("%s is in the group, not %s", v, member)
				}
				return nil
			}),
		},
	}})
}

// TestAccServerGroupOld: on a cloud from before rules, and what it is too old for.
func TestAccServerGroupOld(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: old("2.14") + config(name, "soft-affinity", ""), PlanOnly: true,
			ExpectError: regexp.MustCompile(`policy cannot be used: it needs\s+microversion\s+2\.15`),
		},
		{
			Config: old("2.63") + config(name, "anti-affinity", "  max_server_per_host = 2"), PlanOnly: true,
			ExpectError: regexp.MustCompile(`max_server_per_host cannot be used: it needs\s+microversion\s+2\.64`),
		},
		{Config: old("2.12") + config(name, "affinity", ""), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, tfjsonpath.New("policy"), knownvalue.StringExact("affinity")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("project_id"), knownvalue.Null()),
		}},
	}})
}

func TestAccServerGroupIdentity(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: config(acctest.Name(t), "affinity", ""), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("id")),
			}},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

func TestAccServerGroupInvalid(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	twin := `resource "nova_server_group" "twin" {
  name   = nova_server_group.test.name
  policy = "affinity"
}
`
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config(name, "nearby", ""), PlanOnly: true, ExpectError: regexp.MustCompile(`value\s+must\s+be\s+one\s+of`)},
		{Config: config(" "+name, "affinity", ""), PlanOnly: true, ExpectError: regexp.MustCompile(`white\s+space`)},
		{Config: config(name, "affinity", "  max_server_per_host = 2"), PlanOnly: true, ExpectError: regexp.MustCompile(`Rule Without Effect`)},
		{Config: config(name, "affinity", "") + twin},
		{ResourceName: address, ImportState: true, ImportStateId: name, ExpectError: regexp.MustCompile(`2\s+server\s+groups\s+have\s+that\s+name`)},
		{ResourceName: address, ImportState: true, ImportStateId: "no such", ExpectError: regexp.MustCompile(`no\s+server\s+group\s+with\s+that\s+name`)},
	}})
}

func TestAccServerGroupDisappears(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	made := config(acctest.Name(t), "affinity", "")
	var id string
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: made, Check: resource.TestCheckResourceAttrWith(address, "id", func(v string) error { id = v; return nil })},
		{
			PreConfig: func() {
				service, err := cloud.Client.At(t.Context(), 1)
				if err == nil {
					err = servergroups.Delete(t.Context(), service, id).ExtractErr()
				}
				if err != nil {
					t.Fatal(err)
				}
			},
			Config: made, ConfigPlanChecks: does(plancheck.ResourceActionCreate),
		},
	}})
}

// TestAccServerGroupMoved: from the neighbour's server group, without a change.
func TestAccServerGroupMoved(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	service, err := cloud.Client.At(t.Context(), 64)
	if err != nil {
		t.Fatal(err)
	}
	made, err := servergroups.Create(t.Context(), service, servergroups.CreateOpts{
		Name: name, Policy: "anti-affinity", Rules: &servergroups.Rules{MaxServerPerHost: 4},
	}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := servergroups.Delete(context.WithoutCancel(t.Context()), service, made.ID).ExtractErr(); err != nil {
			t.Error(err)
		}
	})
	cloud.Moved(t, "openstack_compute_servergroup_v2", fmt.Sprintf(
		`{"id": %q, "name": %q, "policies": ["anti-affinity"], "rules": [{"max_server_per_host": 4}], "members": [], "value_specs": null, "region": "r"}`,
		made.ID, name), "nova_server_group", map[string]tftypes.Value{
		"name": tftypes.NewValue(tftypes.String, name), "policy": tftypes.NewValue(tftypes.String, "anti-affinity"),
		"max_server_per_host": tftypes.NewValue(tftypes.Number, 4),
	})
}
