// SPDX-License-Identifier: MPL-2.0

package network_test

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

func TestAccNetworkData(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	id := cloud.Network(t)
	config := fmt.Sprintf(`
data "nova_network" "id" {
  id = %q
}

data "nova_network" "name" {
  name     = data.nova_network.id.name
  external = false
}

data "nova_networks" "external" {
  external = true
}

data "nova_networks" "none" {
  name_regex = "^no such network$"
}
`, id)
	is := func(source string, at tfjsonpath.Path, of knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data."+source, at, of)
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			is("nova_network.name", tfjsonpath.New("id"), knownvalue.StringExact(id)),
			is("nova_network.name", tfjsonpath.New("subnets").AtSliceIndex(0).AtMapKey("cidr"), knownvalue.StringExact("192.0.2.0/24")),
			is("nova_network.name", tfjsonpath.New("subnet_ids"), knownvalue.SetSizeExact(1)),
			is("nova_network.name", tfjsonpath.New("mtu"), knownvalue.NotNull()),
			is("nova_networks.external", tfjsonpath.New("networks").AtSliceIndex(0).AtMapKey("external"), knownvalue.Bool(true)),
			is("nova_networks.none", tfjsonpath.New("ids"), knownvalue.ListSizeExact(0)),
		}},
		{Config: `data "nova_network" "none" { id = "no-such-network" }`, ExpectError: regexp.MustCompile(`(?s)No Such Network.*id\s+"no-such-network"`)},
		{Config: `data "nova_network" "all" { name_regex = "." }`, ExpectError: regexp.MustCompile(`(?s)Several Networks.*name_regex`)},
		{Config: config},
	}})
}

// TestAccNetworkDataOfNova: a cloud without Neutron in its catalogue tells id and name alone.
func TestAccNetworkDataOfNova(t *testing.T) {
	t.Parallel()
	cloud := acctest.CloudWithoutNeutron(t)
	config := `
data "nova_networks" "all" {}

data "nova_network" "first" {
  id = data.nova_networks.all.ids[0]
}
`
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: config,
		Check:  resource.TestCheckResourceAttrPair("data.nova_network.first", "name", "data.nova_networks.all", "networks.0.name"),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.nova_network.first", tfjsonpath.New("subnets"), knownvalue.Null()),
		},
	}}})
}
