// SPDX-License-Identifier: MPL-2.0

package servergroup_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// madeGroup is the id of a server group for the test.
func madeGroup(t *testing.T, cloud *acctest.Target, options servergroups.CreateOpts) string {
	t.Helper()
	service, err := cloud.Client.At(t.Context(), 64)
	if err != nil {
		t.Fatal(err)
	}
	made, err := servergroups.Create(t.Context(), service, options).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := servergroups.Delete(context.WithoutCancel(t.Context()), service, made.ID).ExtractErr(); err != nil {
			t.Error(err)
		}
	})
	return made.ID
}

func TestAccServerGroupData(t *testing.T) {
	t.Parallel()
	cloud, member := acctest.CloudWithMember(t)
	name := acctest.Name(t)
	id := madeGroup(t, cloud, servergroups.CreateOpts{
		Name: name, Policy: "anti-affinity", Rules: &servergroups.Rules{MaxServerPerHost: 3},
	})
	madeGroup(t, cloud, servergroups.CreateOpts{Name: name, Policy: "affinity"})
	theirs := madeGroup(t, member, servergroups.CreateOpts{Name: name + "-theirs", Policy: "affinity"})
	config := fmt.Sprintf(`
data "nova_server_group" "id" {
  id = %[1]q
}

data "nova_server_group" "policy" {
  name   = %[2]q
  policy = "anti-affinity"
}

data "nova_server_group" "theirs" {
  name         = "%[2]s-theirs"
  all_projects = true
}

data "nova_server_groups" "ours" {
  name_regex = "^%[2]s"
}
`, id, name)
	is := func(source, attribute string, of knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data."+source, tfjsonpath.New(attribute), of)
	}
	checks := []statecheck.StateCheck{
		is("nova_server_group.id", "policy", knownvalue.StringExact("anti-affinity")),
		is("nova_server_group.policy", "id", knownvalue.StringExact(id)), is("nova_server_group.policy", "members", knownvalue.SetSizeExact(0)),
		is("nova_server_group.theirs", "id", knownvalue.StringExact(theirs)), is("nova_server_groups.ours", "ids", knownvalue.ListSizeExact(2)),
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config, ConfigStateChecks: append(checks, is("nova_server_group.id", "max_server_per_host", knownvalue.Int64Exact(3)))},
		{
			Config: "provider \"nova\" {\n  max_microversion = \"2.12\"\n}\n" + config,
			ConfigStateChecks: append(checks, is("nova_server_group.id", "max_server_per_host", knownvalue.Null()),
				is("nova_server_group.id", "project_id", knownvalue.Null())),
		},
		{
			Config:      fmt.Sprintf("data \"nova_server_group\" \"two\" {\n  name = %q\n}\n", name),
			ExpectError: regexp.MustCompile(`(?s)Several Server Groups.*2 server groups have`),
		},
		{Config: `data "nova_server_group" "none" { id = "no-such-group" }`, ExpectError: regexp.MustCompile(`No Such Server Group`)},
	}})
}
