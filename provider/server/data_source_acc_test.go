// SPDX-License-Identifier: MPL-2.0

package server_test

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

func TestAccServerData(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t) + ".a+b" // what a regular expression would take as more than text
	made := scene(t, cloud, fmt.Sprintf(`
name         = %q
network_mode = "none"
tags         = ["blue", "green"]
metadata     = { role = "web" }
`, name)) + fmt.Sprintf(`
resource "nova_server" "other" {
  name         = %q
  image_id     = nova_server.test.image_id
  flavor_id    = nova_server.test.flavor_id
  network_mode = "none"
}
`, name+"-other")
	queries := fmt.Sprintf(`
data "nova_server" "id" {
  id = nova_server.test.id
}

data "nova_server" "name" {
  name       = nova_server.test.name
  depends_on = [nova_server.other]
}

data "nova_servers" "both" {
  flavor_id  = nova_server.test.flavor_id
  name_regex = "^%s"
  status     = "ACTIVE"
  depends_on = [nova_server.other]
}

data "nova_servers" "tagged" {
  with_tags     = ["blue", "green"]
  with_any_tag  = ["blue", "red"]
  with_metadata = { role = "web" }
  key_name      = nova_server.test.key_name
  locked        = false
  depends_on    = [nova_server.other]
}

data "nova_servers" "untagged" {
  without_tags = ["blue"]
  flavor_id    = nova_server.test.flavor_id
  all_projects = true
  depends_on   = [nova_server.other]
}

data "nova_servers" "address" {
  address    = "192.0.2.99"
  depends_on = [nova_server.test]
}
`, regexp.MustCompile(`[.+]`).ReplaceAllString(name, "."))
	same := func(source, name string) resource.TestCheckFunc {
		return resource.TestCheckResourceAttrPair("data.nova_server."+source, name, address, name)
	}
	ids := func(source string, size int) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.nova_servers."+source, tfjsonpath.New("ids"), knownvalue.ListSizeExact(size))
	}
	first := func(source, of string) resource.TestCheckFunc {
		return resource.TestCheckResourceAttrPair("data.nova_servers."+source, "ids.0", "nova_server."+of, "id")
	}
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			{
				Config: made + queries,
				Check: resource.ComposeAggregateTestCheckFunc(same("id", "name"), same("name", "id"), same("name", "status"),
					same("name", "flavor.ram"), same("id", "image_id"), same("id", "key_name"), same("id", "power_state"),
					first("both", "test"), first("tagged", "test"), first("untagged", "other")),
				ConfigStateChecks: []statecheck.StateCheck{ids("both", 2), ids("tagged", 1), ids("untagged", 1), ids("address", 0)},
			},
			{
				Config:      made + "data \"nova_server\" \"two\" {\n  flavor_id = nova_server.other.flavor_id\n}\n",
				ExpectError: regexp.MustCompile(`(?s)Several Servers.*2 servers have flavor_id.*set\s+most_recent`),
			},
			{
				Config:      made + `data "nova_server" "none" { name = "no such server" }`,
				ExpectError: regexp.MustCompile(`No Such Server(.|\n)*name "no such server"`),
			},
			{
				Config:      "provider \"nova\" {\n  max_microversion = \"2.72\"\n}\n" + made + "data \"nova_servers\" \"locked\" {\n  locked = true\n}\n",
				ExpectError: regexp.MustCompile(`locked cannot be used: it\s+needs\s+microversion\s+2\.73`),
			},
			{Config: made},
		},
	})
}
