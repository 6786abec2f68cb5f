// SPDX-License-Identifier: MPL-2.0

package securitygroup_test

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

func TestAccSecurityGroupData(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := cloud.SecurityGroup(t)
	config := fmt.Sprintf(`
data "nova_security_group" "name" {
  name = %[1]q
}

data "nova_security_group" "id" {
  id = data.nova_security_group.name.id
}

data "nova_security_groups" "test" {
  name_regex = "^%[1]s$"
  project_id = data.nova_security_group.name.project_id
}

data "nova_security_groups" "tagged" {
  with_tags = ["no such tag"]
}
`, name)
	is := func(source string, at tfjsonpath.Path, of knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data."+source, at, of)
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			is("nova_security_group.id", tfjsonpath.New("name"), knownvalue.StringExact(name)),
			is("nova_security_group.id", tfjsonpath.New("rules"), knownvalue.ListSizeExact(2)),
			is("nova_security_group.id", tfjsonpath.New("rules").AtSliceIndex(0).AtMapKey("direction"), knownvalue.StringExact("egress")),
			is("nova_security_groups.test", tfjsonpath.New("ids"), knownvalue.ListSizeExact(1)),
			is("nova_security_groups.tagged", tfjsonpath.New("ids"), knownvalue.ListSizeExact(0)),
		}},
		{Config: `data "nova_security_group" "none" { name = "no such group" }`, ExpectError: regexp.MustCompile(`No Such Security Group`)},
	}})
}

// TestAccSecurityGroupDataOfNova: where the catalogue has no Neutron, Nova's proxies are asked.
func TestAccSecurityGroupDataOfNova(t *testing.T) {
	t.Parallel()
	cloud := acctest.CloudWithoutNeutron(t)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: `
data "nova_security_groups" "default" {
  name = "default"
}

data "nova_security_group" "first" {
  id = data.nova_security_groups.default.ids[0]
}
`,
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.nova_security_group.first", tfjsonpath.New("name"), knownvalue.StringExact("default")),
		},
	}}})
}
