// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

func TestAccServerData(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	config := scene(t, cloud, fmt.Sprintf("name = %q\n network_mode = \"none\"", name)) + `
data "nova_server" "id" {
  id = nova_server.test.id
}

data "nova_server" "name" {
  name = nova_server.test.name
}
`
	same := func(source, name string) resource.TestCheckFunc {
		return resource.TestCheckResourceAttrPair("data.nova_server."+source, name, address, name)
	}
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			{
				Config: config,
				Check: resource.ComposeAggregateTestCheckFunc(same("id", "name"), same("name", "id"), same("name", "status"),
					same("name", "flavor.ram"), same("id", "image_id"), same("id", "key_name"), same("id", "power_state")),
			},
			{
				Config:      config + `data "nova_server" "none" { name = "no such server" }`,
				ExpectError: regexp.MustCompile(`No Such Server(.|\n)*the name "no such server"`),
			},
			{Config: config},
		},
	})
}
