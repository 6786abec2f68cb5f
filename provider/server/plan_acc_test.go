// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// TestAccServerLateValues: what the configuration does not know before other resources are applied, the plan of a change
// does not foretell.
func TestAccServerLateValues(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	on := cloud.Network(t) // of its own: "auto" is the network of any other test, where there is but one
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
  networks        = [{ uuid = %q }]
  power_state     = terraform_data.late.output.power
  access_ip_v4    = terraform_data.late.output.address
  hostname        = terraform_data.late.output.hostname
  security_groups = terraform_data.late.output.group == "" ? null : [terraform_data.late.output.group]
}
`, power, address4, hostname, group, cloud.Image(t), cloud.Flavor(t), on),
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

// TestAccServerVolumesBelieved: Nova does not tell which device was asked for, so that of an imported server is believed, and
// the volume stays where it is, also from then on.
func TestAccServerVolumesBelieved(t *testing.T) {
	t.Parallel()
	c := &stored{Target: acctest.Cloud(t), t: t}
	volume := c.imported()
	config := func(more string) string {
		return c.config(c.image() + fmt.Sprintf("  volumes = [{ volume_id = %q, device = \"/dev/vdb\" }]\n", volume) + more)
	}
	c.Test(t, resource.TestCase{
		Steps: []resource.TestStep{
			c.importing(config("")),
			{Config: config(""), ConfigPlanChecks: does(plancheck.ResourceActionUpdate), Check: c.has(map[string]bool{volume: false})},
			{Config: config(`  description = "later"`), ConfigPlanChecks: does(plancheck.ResourceActionUpdate), Check: c.has(map[string]bool{volume: false})},
			{Config: c.config(c.image())},
		},
	})
}

// imported makes a server with a volume behind Terraform's back.
func (c *stored) imported() (volume string) {
	c.t.Helper()
	c.id = c.Server(c.t, "none")
	c.Rename(c.t, c.id, acctest.Name(c.t))
	volume = c.Volume(c.t)
	if err := c.volumes().Attach(c.t.Context(), nova.VolumeRequest{VolumeID: volume}); err != nil {
		c.t.Fatal(err)
	}
	c.VolumeBecomes(c.t, volume, "in-use")
	return volume
}

func (c *stored) importing(config string) resource.TestStep {
	return resource.TestStep{
		Config: config, ResourceName: address, ImportState: true, ImportStatePersist: true,
		ImportStateIdFunc: func(*terraform.State) (string, error) { return c.id, nil },
	}
}

// TestAccServerRebuiltOnce: a rebuild that was followed by a failure is not done once more, with what was written since lost.
func TestAccServerRebuiltOnce(t *testing.T) {
	t.Parallel()
	c := &stored{Target: acctest.Cloud(t), t: t}
	config := func(version int, flavor string, more ...string) string {
		return strings.Replace(c.config(c.image()+strings.Join(more, "\n")+fmt.Sprintf(`
  user_data_wo          = "#!/bin/sh"
  user_data_wo_version  = %[1]d
  user_data_change      = "rebuild"
  admin_pass_wo         = "xyzzy"
  admin_pass_wo_version = %[1]d
`, version)), fmt.Sprintf("%q", c.Flavor(t)), fmt.Sprintf("%q", flavor), 1)
	}
	c.Test(t, resource.TestCase{
		CheckDestroy: destroyed(c.Target, t),
		Steps: []resource.TestStep{
			{Config: config(1, c.Flavor(t))},
			{Config: config(2, "no-such-flavor"), ExpectError: regexp.MustCompile(`Unable to Change flavor`)},
			{Config: config(2, c.Flavor(t)), PlanOnly: true},
			{
				Config:      config(3, c.Flavor(t), `wait_for = { console_log = "never" }`, `timeouts = { update = "1s" }`),
				ExpectError: regexp.MustCompile(`Unable to Change image(.|\n)*longer\s+than\s+the\s+time\s+limit`),
			},
			{Config: config(3, c.Flavor(t)), PlanOnly: true},
		},
	})
}
