// SPDX-License-Identifier: MPL-2.0

package servertag_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
)

const address = "nova_server_tag.test"

func config(server, tag string) string {
	return fmt.Sprintf("resource \"nova_server_tag\" \"test\" {\n  server_id = %q\n  tag       = %q\n}\n", server, tag)
}

func does(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func TestAccServerTag(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	server, other := cloud.Server(t, "none"), cloud.Server(t, "none")
	if err := cloud.Servers().AddTag(t.Context(), server, "others"); err != nil {
		t.Fatal(err)
	}
	has := func(server, tag string, wanted bool) error {
		err := cloud.Servers().HasTag(t.Context(), server, tag)
		if err != nil && !diagnose.NotFound(err) || wanted != (err == nil) {
			return fmt.Errorf("tag %q of server %s is there: %t (%w)", tag, server, err == nil, err)
		}
		return nil
	}
	check := func(server, tag string, wanted bool) resource.TestCheckFunc {
		return func(*terraform.State) error { return has(server, tag, wanted) }
	}
	drop := func() {
		if err := cloud.Servers().DropTag(t.Context(), other, "50% red:dark"); err != nil {
			t.Fatal(err)
		}
	}
	cloud.Test(t, resource.TestCase{
		CheckDestroy: resource.ComposeAggregateTestCheckFunc(check(other, "50% red:dark", false), check(server, "others", true)),
		Steps: []resource.TestStep{
			{
				Config: config(server, "blue"),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact(server+"/blue")),
				},
				Check: resource.ComposeAggregateTestCheckFunc(check(server, "blue", true), check(server, "others", true)),
			},
			{
				Config: config(server, "50% red:dark"), ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate),
				Check: resource.ComposeAggregateTestCheckFunc(check(server, "50% red:dark", true), check(server, "blue", false)),
			},
			{
				Config: config(other, "50% red:dark"), ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate),
				Check: resource.ComposeAggregateTestCheckFunc(check(other, "50% red:dark", true), check(server, "50% red:dark", false)),
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true},
			{PreConfig: drop, Config: config(other, "50% red:dark"), ConfigPlanChecks: does(plancheck.ResourceActionCreate)},
		},
	})
}

func TestAccServerTagIdentity(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	server := cloud.Server(t, "none")
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: config(server, "blue"), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("server_id")),
				statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("tag")),
			}},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

func TestAccServerTagInvalid(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	server := cloud.Server(t, "none")
	const nobody = "00000000-0000-0000-0000-000000000000"
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config(server, "a,b"), PlanOnly: true, ExpectError: regexp.MustCompile(`neither\s+a\s+comma`)},
		{Config: config("web", "a"), PlanOnly: true, ExpectError: regexp.MustCompile(`has\s+to\s+be\s+a\s+UUID`)},
		{
			Config:      "provider \"nova\" {\n  max_microversion = \"2.25\"\n}\n" + config(server, "a"),
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`Cloud Too Old(.|\n)*needs\s+microversion\s+2.26`),
		},
		{Config: config(nobody, "a"), ExpectError: regexp.MustCompile(`Unable to Create Server Tag "a"(.|\n)*HTTP status: 404`)},
		{Config: config(server, "a")},
		{ResourceName: address, ImportState: true, ImportStateId: server, ExpectError: regexp.MustCompile(`SERVER_ID/TAG`)},
	}})
}
