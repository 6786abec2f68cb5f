// SPDX-License-Identifier: MPL-2.0

package remoteconsole_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// config opens a console and has the echo provider show, in its state, what it gave.
func config(server, attributes string) string {
	return fmt.Sprintf(`
ephemeral "nova_remote_console" "test" {
  server_id = %q
%s
}

provider "echo" {
  data = ephemeral.nova_remote_console.test
}
`, server, attributes)
}

func TestAccRemoteConsole(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	server := cloud.Server(t, "none")
	shows := func(name, kind, protocol, url string) []statecheck.StateCheck {
		at := func(attribute string) tfjsonpath.Path { return tfjsonpath.New("data").AtMapKey(attribute) }
		return []statecheck.StateCheck{
			statecheck.ExpectKnownValue("echo."+name, at("type"), knownvalue.StringExact(kind)),
			statecheck.ExpectKnownValue("echo."+name, at("protocol"), knownvalue.StringExact(protocol)),
			statecheck.ExpectKnownValue("echo."+name, at("url"), knownvalue.StringRegexp(regexp.MustCompile(url))),
		}
	}
	echo := func(name string) string { return fmt.Sprintf("resource \"echo\" %q {}\n", name) }
	older := func(version string) string {
		return fmt.Sprintf("provider \"nova\" {\n  max_microversion = %q\n}\n", version)
	}
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_10_0)},
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){"echo": echoprovider.NewProviderServer()},
		Steps: []resource.TestStep{
			{Config: config(server, "") + echo("vnc"), ConfigStateChecks: shows("vnc", "novnc", "vnc", `^http.*token`)},
			{Config: config(server, `type = "serial"`) + echo("serial"), ConfigStateChecks: shows("serial", "serial", "serial", `^ws.*token=`)},
			{ // by the action of before 2.6
				Config: older("2.5") + config(server, `type = "serial"`) + echo("older"), ConfigStateChecks: shows("older", "serial", "serial", `^ws.*token=`),
			},
			{Config: config(server, `type = "telnet"`), PlanOnly: true, ExpectError: regexp.MustCompile(`value\s+must\s+be\s+one\s+of`)},
			{
				Config: older("2.98") + config(server, `type = "spice-direct"`), PlanOnly: true,
				ExpectError: regexp.MustCompile(`Cloud Too Old(.|\n)*needs\s+microversion\s+2.99`),
			},
			{
				Config: config("00000000-0000-0000-0000-000000000000", ""), PlanOnly: true,
				ExpectError: regexp.MustCompile(`Unable to Open Remote Console of Server(.|\n)*HTTP status: 404`),
			},
			{Config: "# nothing\n"},
		},
	})
}
