// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"fmt"
	"net"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// sized is a configuration with two flavors to choose from, and a server of one of them.
func sized(t *testing.T, cloud *acctest.Target, size, attributes string) string {
	t.Helper()
	return fmt.Sprintf(`
resource "nova_flavor" "small" {
  name  = "%[1]s-small"
  vcpus = 1
  ram   = 256
  disk  = 1
}

resource "nova_flavor" "large" {
  name  = "%[1]s-large"
  vcpus = 1
  ram   = 512
  disk  = 1
}

resource "nova_flavor" "vast" {
  name  = "%[1]s-vast"
  vcpus = 1
  ram   = 256
  disk  = 1000000000
}

resource "nova_server" "test" {
  name         = "kept"
  image_id     = %[2]q
  flavor_id    = nova_flavor.%[3]s.id
  network_mode = "none"
  %[4]s
}
`, acctest.Name(t), cloud.Image(t), size, attributes)
}

func one(attribute string, text string) statecheck.StateCheck {
	return value(attribute, knownvalue.StringExact(text))
}

// TestAccServerStates: every state in which a server can be kept, and changes that Nova makes only in others.
func TestAccServerStates(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	same := statecheck.CompareValue(compare.ValuesSame())
	var id string
	step := func(size, attributes string, checks ...statecheck.StateCheck) resource.TestStep {
		return resource.TestStep{
			Config: sized(t, cloud, size, attributes), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
			ConfigStateChecks: append(checks, same.AddStateValue(address, tfjsonpath.New("id"))),
		}
	}
	act := func(step resource.TestStep, actions ...string) resource.TestStep {
		step.PreConfig = func() {
			for _, action := range actions {
				if err := cloud.Servers().Act(t.Context(), id, map[string]any{action: nil}); err != nil {
					t.Error(err)
				}
				if err := cloud.Rested(t.Context(), id); err != nil {
					t.Error(err)
				}
			}
		}
		return step
	}
	locked := value("locked", knownvalue.Bool(true))
	create := step("small", `
  power_state = "shelved_offloaded"
  locked      = true
  lock_reason = "a test"
  metadata    = { round = "1" }
  wait_for    = { console_log = "login:" }`, one("status", "SHELVED_OFFLOADED"), locked)
	create.ConfigPlanChecks = does(plancheck.ResourceActionCreate)
	create.Check = resource.TestCheckResourceAttrWith(address, "id", func(v string) error { id = v; return nil })
	rescued := func(round string) resource.TestStep {
		return step("large", fmt.Sprintf(`
  metadata = { round = %q }
  rescue   = {}`, round), one("status", "RESCUE"), one("power_state", "active"), value("lock_reason", knownvalue.Null()))
	}
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			create,
			// A shelved server can neither be resized nor get metadata. What depends on its addresses need not wait for that.
			knowing("addresses", step("large", `
  power_state = "shelved_offloaded"
  locked      = true
  lock_reason = "a test"
  metadata    = { round = "2" }`, one("status", "SHELVED_OFFLOADED"), locked,
				statecheck.ExpectKnownValue(address, tfjsonpath.New("flavor").AtMapKey("ram"), knownvalue.Int64Exact(512)),
				value("all_metadata", knownvalue.MapExact(map[string]knownvalue.Check{"round": knownvalue.StringExact("2")})))),
			step("large", `
  power_state = "suspended"
  locked      = true
  lock_reason = "another"
  metadata    = { round = "2" }`, one("status", "SUSPENDED"), locked, one("lock_reason", "another")),
			act(step("large", `
  power_state = "suspended"
  locked      = true
  lock_reason = "another"
  metadata    = { round = "2" }`, one("status", "SUSPENDED"), locked), "unlock", "resume"),
			rescueUnlocked(rescued("2")),
			rescued("3"),
			act(rescued("3"), "unrescue"),
			// The password is set by a guest that runs, of its own system.
			step("large", `
  metadata              = { round = "3" }
  power_state           = "shutoff"
  admin_pass_wo         = "xyzzy"
  admin_pass_wo_version = 1
  disk_config           = "MANUAL"`, one("status", "SHUTOFF"), one("disk_config", "MANUAL"),
				value("rescue", knownvalue.Null()), value("admin_pass_wo", knownvalue.Null())),
		},
	})
}

// knowing has the plan know an empty list.
func knowing(attribute string, step resource.TestStep) resource.TestStep {
	step.ConfigPlanChecks.PreApply = append(step.ConfigPlanChecks.PreApply,
		plancheck.ExpectKnownValue(address, tfjsonpath.New(attribute), knownvalue.ListExact(nil)))
	return step
}

// rescueUnlocked says in the configuration that the server is not locked.
func rescueUnlocked(step resource.TestStep) resource.TestStep {
	step.Config = regexp.MustCompile(`rescue   = \{\}`).ReplaceAllString(step.Config, "rescue = {}\n  locked = false")
	return step
}

// TestAccServerResize: one that waits to be confirmed, and one for which there is no host.
func TestAccServerResize(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	var id string
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			{
				Config: sized(t, cloud, "small", `power_state = "shutoff"`),
				Check:  resource.TestCheckResourceAttrWith(address, "id", func(v string) error { id = v; return nil }),
			},
			{
				Config:      sized(t, cloud, "vast", `power_state = "shutoff"`),
				ExpectError: regexp.MustCompile(`Unable to Change flavor of Server "kept"(.|\n)*given\s+up\s+by\s+Nova(.|\n)*No\s+valid\s+host`),
			},
			{
				Config:            sized(t, cloud, "large", "power_state = \"shutoff\"\n confirm_resize = false"),
				ConfigPlanChecks:  does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{one("status", "VERIFY_RESIZE"), one("power_state", "shutoff")},
			},
			{
				Config:      sized(t, cloud, "large", "power_state = \"active\"\n confirm_resize = false"),
				ExpectError: regexp.MustCompile(`waits\s+for\s+its\s+resize\s+to\s+be\s+confirmed`),
			},
			{
				PreConfig: func() {
					if err := cloud.Servers().Act(t.Context(), id, map[string]any{"revertResize": nil}); err != nil {
						t.Error(err)
					}
					if err := cloud.Rested(t.Context(), id); err != nil {
						t.Error(err)
					}
				},
				Config:            sized(t, cloud, "large", `power_state = "shutoff"`),
				ConfigPlanChecks:  does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{one("status", "SHUTOFF")},
			},
		},
	})
}

// TestAccServerProtected: a lock keeps a server from being destroyed and replaced, unless that is wanted.
func TestAccServerProtected(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	locked := regexp.MustCompile(`Server Is Locked(.|\n)*would\s+destroy\s+it`)
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			{Config: sized(t, cloud, "small", `locked = true`)},
			{Config: sized(t, cloud, "small", "locked = true\n config_drive = true"), ExpectError: locked},
			{Config: sized(t, cloud, "small", `locked = true`), Destroy: true, ExpectError: locked},
			{
				Config:           sized(t, cloud, "small", "locked = true\n unlock_before_destroy = true\n stop_before_destroy = true\n stop_timeout = \"10s\""),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
			},
		},
	})
}

// TestAccServerReady: what makes a guest ready, and the time limit of it.
func TestAccServerReady(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	port := listener.Addr().(*net.TCPAddr).Port
	ready := fmt.Sprintf("wait_for = { status = \"ACTIVE\", console_log = \"log.n:\", port = { port = %d, address = \"127.0.0.1\" } }", port)
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			{
				Config: sized(t, cloud, "small", "wait_for = { console_log = \"never\" }\n timeouts = { create = \"1s\" }"),
				ExpectError: regexp.MustCompile(
					`Unable to Create Server "kept"(.|\n)*longer\s+than\s+the\s+time\s+limit(.|\n)*"never"\s+in\s+the\s+console\s+log`),
			},
			{Config: sized(t, cloud, "small", ready), ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate)},
			{
				Config: sized(t, cloud, "small", "wait_for = { console_log = \"(\" }"), PlanOnly: true,
				ExpectError: regexp.MustCompile(`Invalid Regular Expression`),
			},
			{Config: sized(t, cloud, "small", ready), PlanOnly: true},
		},
	})
}
