// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// TestAccServerNetworks: an interface with the asked address, and security groups by name. Groups by id, and
// their changes, are tested in server_test.go: mockcloud has not the server's os-security-groups yet, nor addSecurityGroup.
func TestAccServerNetworks(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	network := cloud.Network(t)
	name := cloud.SecurityGroup(t)
	address := statecheck.ExpectKnownValue(address, tfjsonpath.New("addresses").AtSliceIndex(0).AtMapKey("address"), knownvalue.StringExact("192.0.2.77"))
	step := func(label, groups string, want ...string) resource.TestStep {
		var all []knownvalue.Check
		for _, group := range want {
			all = append(all, knownvalue.StringExact(group))
		}
		return resource.TestStep{
			// user_data makes each step a server of its own.
			Config: scene(t, cloud, fmt.Sprintf(`
  name      = "connected"
  user_data = %q
  networks  = [{ uuid = %q, fixed_ip = "192.0.2.77" }]
  %s
`, label, network, groups)),
			ConfigStateChecks: []statecheck.StateCheck{address, value("security_groups", knownvalue.SetExact(all))},
		}
	}
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			step("by default", "", "default"),
			step("by name", fmt.Sprintf("security_groups = [\"default\", %q]", name), "default", name),
		},
	})
}
