// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// TestAccServerLateValues: what the configuration does not know before other resources are applied, the plan of a change
// does not foretell.
func TestAccServerLateValues(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	same := statecheck.CompareValue(compare.ValuesSame())
	step := func(power, address4, hostname, group string) resource.TestStep {
		return resource.TestStep{
			Config: fmt.Sprintf(`
resource "terraform_data" "late" {
  input = { power = %q, address = %q, hostname = %q, group = %q }
}

resource "nova_server" "test" {
  name            = "late"
  image_id        = %q
  flavor_id       = %q
  network_mode    = "auto"
  power_state     = terraform_data.late.output.power
  access_ip_v4    = terraform_data.late.output.address
  hostname        = terraform_data.late.output.hostname
  security_groups = terraform_data.late.output.group == "" ? null : [terraform_data.late.output.group]
}
`, power, address4, hostname, group, cloud.Image(t), cloud.Flavor(t)),
			ConfigStateChecks: []statecheck.StateCheck{
				same.AddStateValue(address, tfjsonpath.New("id")), one("power_state", power), one("access_ip_v4", address4), one("hostname", hostname),
			},
		}
	}
	changed := step("shutoff", "192.0.2.2", "second", cloud.SecurityGroup(t))
	changed.ConfigPlanChecks = does(plancheck.ResourceActionUpdate)
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps:        []resource.TestStep{step("active", "192.0.2.1", "first", ""), changed},
	})
}

// TestAccServerNoVolumesAtAll: a list that a module makes may turn out to be empty.
func TestAccServerNoVolumesAtAll(t *testing.T) {
	t.Parallel()
	c := &stored{Target: acctest.Cloud(t), t: t}
	c.Test(t, resource.TestCase{
		CheckDestroy: destroyed(c.Target, t),
		Steps: []resource.TestStep{
			{Config: c.config(c.image())},
			{Config: c.config(c.image() + "  volumes = []\n"), ConfigStateChecks: []statecheck.StateCheck{value("volumes", knownvalue.ListSizeExact(0))}},
			{Config: c.config(c.image()), ConfigStateChecks: []statecheck.StateCheck{value("volumes", knownvalue.Null())}},
		},
	})
}

// TestAccServerLockImported: the lock of an imported server is left alone where the configuration has no say about it.
func TestAccServerLockImported(t *testing.T) {
	t.Parallel()
	c := &stored{Target: acctest.Cloud(t), t: t}
	c.id = c.Server(t, "none")
	c.Rename(t, c.id, acctest.Name(t))
	is := func(reason string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			s, err := c.Servers().Get(t.Context(), c.id)
			if err == nil && (!s.Locked || s.LockedReason != reason) {
				err = fmt.Errorf("locked: %t, because of %q", s.Locked, s.LockedReason)
			}
			return err
		}
	}
	lock := func() {
		if err := c.Servers().ActBest(t.Context(), 73, c.id, map[string]any{"lock": map[string]string{"locked_reason": "theirs"}}); err != nil {
			t.Error(err)
		}
	}
	unlock := func() {
		if err := c.Servers().Act(t.Context(), c.id, map[string]any{"unlock": nil}); err != nil {
			t.Error(err)
		}
	}
	c.Test(t, resource.TestCase{
		Steps: []resource.TestStep{
			{
				PreConfig: lock, Config: c.config(c.image()), ResourceName: address, ImportState: true, ImportStatePersist: true,
				ImportStateIdFunc: func(*terraform.State) (string, error) { return c.id, nil },
			},
			{Config: c.config(c.image() + `  metadata = { a = "b" }`), Check: is("theirs")},
			{PreConfig: unlock, Config: c.config(c.image() + `  metadata = { a = "b" }`)},
		},
	})
}

// TestAccServerLockedMetadata: Nova does not change the metadata of a locked server for those who are no administrators.
func TestAccServerLockedMetadata(t *testing.T) {
	t.Parallel()
	_, member := acctest.CloudWithMember(t)
	c := &stored{Target: member, t: t}
	step := func(round, locked string) resource.TestStep {
		return resource.TestStep{Config: c.config(c.image() + fmt.Sprintf("  metadata = { round = %q }\n  locked = %s\n", round, locked))}
	}
	c.Test(t, resource.TestCase{
		CheckDestroy: destroyed(member, t),
		Steps:        []resource.TestStep{step("1", "true"), step("2", "true"), step("3", "false")},
	})
}
