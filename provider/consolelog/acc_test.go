// SPDX-License-Identifier: MPL-2.0

package consolelog_test

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

// TestAccServerReadings reads all that there is to read of one server: its console, diagnostics, actions, migrations and usage.
func TestAccServerReadings(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	server := fmt.Sprintf(`
resource "nova_server" "test" {
  name         = %q
  image_id     = %q
  flavor_id    = %q
  network_mode = "none"
}
`, name, cloud.Image(t), cloud.Flavor(t))
	const readings = `
data "nova_console_log" "test" {
  server_id = nova_server.test.id
  lines     = 50
  pattern   = "^.*Command line: (\\S+)"
}

data "nova_console_log" "none" {
  server_id = nova_server.test.id
  pattern   = "no such line"
}

data "nova_server_diagnostics" "test" {
  server_id = nova_server.test.id
}

data "nova_instance_actions" "test" {
  server_id   = nova_server.test.id
  action      = "create"
  with_events = true
}

data "nova_migrations" "test" {
  server_id = nova_server.test.id
}

data "nova_usage" "test" {
  start      = "2020-01-01T00:00:00+01:00"
  depends_on = [nova_server.test]
}
`
	is := func(source string, at tfjsonpath.Path, of knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data."+source, at, of)
	}
	action := tfjsonpath.New("instance_actions").AtSliceIndex(0)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: server + readings,
			ConfigStateChecks: []statecheck.StateCheck{
				is("nova_console_log.test", tfjsonpath.New("matches"), knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("root=LABEL=root")})),
				is("nova_console_log.test", tfjsonpath.New("matched"), knownvalue.Bool(true)),
				statecheck.ExpectSensitiveValue("data.nova_console_log.test", tfjsonpath.New("output")),
				is("nova_console_log.none", tfjsonpath.New("matched"), knownvalue.Bool(false)),
				is("nova_server_diagnostics.test", tfjsonpath.New("state"), knownvalue.StringExact("running")),
				is("nova_server_diagnostics.test", tfjsonpath.New("num_cpus"), knownvalue.NotNull()),
				is("nova_server_diagnostics.test", tfjsonpath.New("memory").AtMapKey("maximum"), knownvalue.NotNull()),
				is("nova_server_diagnostics.test", tfjsonpath.New("cpus"), knownvalue.ListPartial(map[int]knownvalue.Check{
					0: knownvalue.ObjectPartial(map[string]knownvalue.Check{"id": knownvalue.Int64Exact(0)}),
				})),
				is("nova_server_diagnostics.test", tfjsonpath.New("raw"), knownvalue.Null()),
				is("nova_instance_actions.test", tfjsonpath.New("request_ids"), knownvalue.ListSizeExact(1)),
				is("nova_instance_actions.test", action.AtMapKey("action"), knownvalue.StringExact("create")),
				is("nova_instance_actions.test", action.AtMapKey("events").AtSliceIndex(0).AtMapKey("result"), knownvalue.StringExact("Success")),
				is("nova_migrations.test", tfjsonpath.New("ids"), knownvalue.ListSizeExact(0)),
			},
			Check: resource.TestCheckTypeSetElemAttrPair("data.nova_usage.test", "servers.*.id", "nova_server.test", "id"),
		},
		{ // in the words of the driver, and by older ways to ask
			Config: "provider \"nova\" {\n  max_microversion = \"2.47\"\n}\n" + server + readings,
			ConfigStateChecks: []statecheck.StateCheck{
				is("nova_server_diagnostics.test", tfjsonpath.New("raw"), knownvalue.NotNull()),
				is("nova_server_diagnostics.test", tfjsonpath.New("state"), knownvalue.Null()),
				is("nova_instance_actions.test", action.AtMapKey("updated"), knownvalue.Null()),
			},
		},
		{
			Config:      server + "data \"nova_console_log\" \"gone\" {\n  server_id = \"00000000-0000-0000-0000-000000000000\"\n}\n",
			ExpectError: regexp.MustCompile(`(?s)No Such Server.*server_id\s+"00000000-`),
		},
		{
			Config:      server + "data \"nova_migrations\" \"odd\" {\n  changed_since = \"yesterday\"\n}\n",
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`changed_since has to be a\s+time in RFC 3339`),
		},
		{
			Config: "provider \"nova\" {\n  max_microversion = \"2.58\"\n}\n" + server +
				"data \"nova_migrations\" \"old\" {\n  changed_since = \"2026-01-01T00:00:00Z\"\n}\n",
			ExpectError: regexp.MustCompile(`changed_since cannot be used: it\s+needs\s+microversion\s+2\.59`),
		},
		{Config: server},
	}})
}
