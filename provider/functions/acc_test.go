// SPDX-License-Identifier: MPL-2.0

package functions_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

func TestAccFunctions(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name, network := acctest.Name(t), cloud.Network(t)
	config := func(outputs string) string {
		return fmt.Sprintf(`
terraform {
  required_providers {
    nova = { source = "hashicorp/nova" }
  }
}

data "nova_flavor" "test" {
  id = %[3]q
}

resource "nova_server" "test" {
  name      = %[1]q
  image_id  = %[2]q
  flavor_id = data.nova_flavor.test.id
  networks  = [{ uuid = %[4]q, fixed_ip = "192.0.2.77" }]
}

locals {
  same = "192.0.2.77" == provider::nova::server_address(nova_server.test, "", "ipv4", "fixed")
}
%[5]s
`, name, cloud.Image(t), cloud.Flavor(t), network, outputs)
	}
	output := func(name, value string) string { return fmt.Sprintf("\noutput %q {\n  value = %s\n}\n", name, value) }
	is := func(name string, check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownOutputValue(name, check)
	}
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		Steps: []resource.TestStep{
			{
				Config: config(output("same", "local.same") +
					output("fits", `provider::nova::flavor_fits(data.nova_flavor.test, { vcpus = 1, ram = 1, disk = 0 })`) +
					output("kept", `provider::nova::flavor_fits(nova_server.test.flavor, { ram = 1e9 })`) +
					output("ssh", `provider::nova::ssh_config({ a = nova_server.test }, { user = "root" })`) +
					output("id", `provider::nova::parse_id(upper(nova_server.test.id)) == nova_server.test.id`) +
					output("part", `provider::nova::parse_import_id("nova_server_tag", "${nova_server.test.id}/blue").tag`) +
					output("zone", `provider::nova::parse_availability_zone("az:host")`)),
				ConfigStateChecks: []statecheck.StateCheck{
					is("same", knownvalue.Bool(true)), is("fits", knownvalue.Bool(true)), is("kept", knownvalue.Bool(false)),
					is("ssh", knownvalue.StringRegexp(regexp.MustCompile("^Host "+name+" [0-9a-f-]{36}\n  HostName 192.0.2.77\n  User root\n$"))),
					is("id", knownvalue.Bool(true)), is("part", knownvalue.StringExact("blue")),
					is("zone", knownvalue.ObjectExact(map[string]knownvalue.Check{
						"zone": knownvalue.StringExact("az"), "host": knownvalue.StringExact("host"), "node": knownvalue.Null(),
					})),
				},
			},
			{
				Config:      config(output("none", `provider::nova::server_address(nova_server.test, "nowhere")`)),
				ExpectError: regexp.MustCompile(`"network"\s+parameter:(.|\n)*has\s+no\s+address\s+in\s+network\s+"nowhere"`),
			},
			{Config: config("")},
		},
	})
}

// TestEveryResourceHasAnImportID: what the provider gains, parse_import_id has to know.
func TestEveryResourceHasAnImportID(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	server := cloud.Protocol(t)
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) *tfprotov6.DynamicValue {
		v, err := tfprotov6.NewDynamicValue(tftypes.String, tftypes.NewValue(tftypes.String, s))
		if err != nil {
			t.Fatal(err)
		}
		return &v
	}
	for kind := range schemas.ResourceSchemas {
		called, err := server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{
			Name: "parse_import_id", Arguments: []*tfprotov6.DynamicValue{text(kind), text("a/b")},
		})
		if err != nil || called.Error != nil {
			t.Errorf("%s: %v, %v", kind, called.Error, err)
		}
	}
}
