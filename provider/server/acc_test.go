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
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

const address = "nova_server.test"

// scene is the configuration that all tests share, with a server of the given attributes.
func scene(t *testing.T, cloud *acctest.Target, attributes string) string {
	t.Helper()
	return fmt.Sprintf(`
resource "nova_flavor" "test" {
  name  = %[1]q
  vcpus = 1
  ram   = 256
  disk  = 1
}

resource "nova_keypair" "test" {
  name       = %[1]q
  public_key = %[2]q
}

resource "nova_server" "test" {
  image_id  = %[3]q
  flavor_id = nova_flavor.test.id
  key_name  = nova_keypair.test.name
%[4]s
}
`, acctest.Name(t), acctest.Key, cloud.Image(t), attributes)
}

func value(name string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), check)
}

func does(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func destroyed(cloud *acctest.Target, t *testing.T) resource.TestCheckFunc {
	t.Helper()
	return func(s *terraform.State) error {
		for name, r := range s.RootModule().Resources {
			if r.Type != "nova_server" {
				continue
			}
			if _, err := cloud.Servers().Get(t.Context(), r.Primary.ID); !diagnose.NotFound(err) {
				return fmt.Errorf("%s is still there (%w)", name, err)
			}
		}
		return nil
	}
}

// TestAccServer walks through the life of a server. After each step, plugin-testing demands that another
// plan has nothing to do.
func TestAccServer(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	same := statecheck.CompareValue(compare.ValuesSame())
	still := func() statecheck.StateCheck { return same.AddStateValue(address, tfjsonpath.New("id")) }
	text := knownvalue.StringExact
	const rest = `
  network_mode = "none"
  user_data    = "#!/bin/sh\necho hello\n"
`
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			{
				Config: scene(t, cloud, `
  name        = "first"
  description = "made by a test"
  tags        = ["b", "a"]
  metadata    = { kept = "1", dropped = "2" }`+rest),
				ConfigPlanChecks: does(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					still(), value("name", text("first")), value("status", text("ACTIVE")), value("power_state", text("active")),
					value("description", text("made by a test")), value("user_data", text("#!/bin/sh\necho hello\n")),
					value("tags", knownvalue.SetSizeExact(2)), value("created", knownvalue.NotNull()),
					value("launched_at", knownvalue.NotNull()), value("fault", knownvalue.Null()),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("flavor").AtMapKey("ram"), knownvalue.Int64Exact(256)),
				},
			},
			{
				Config: scene(t, cloud, `
  name        = "second"
  metadata    = { kept = "3", added = "4" }`+rest),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					still(), value("name", text("second")), value("description", knownvalue.Null()), value("tags", knownvalue.Null()),
					value("all_metadata", knownvalue.MapExact(map[string]knownvalue.Check{"kept": text("3"), "added": text("4")})),
				},
			},
			{
				Config:            scene(t, cloud, "name = \"second\"\n power_state = \"shutoff\""+rest),
				ConfigPlanChecks:  does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{still(), value("status", text("SHUTOFF")), value("metadata", knownvalue.Null())},
			},
			{
				Config:            scene(t, cloud, "name = \"second\"\n power_state = \"active\""+rest),
				ConfigPlanChecks:  does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{still(), value("status", text("ACTIVE"))},
			},
			{
				ResourceName: address, ImportState: true, ImportStateVerify: true,
				// Nova does not show these, or only to administrators; and all metadata and tags come along.
				ImportStateVerifyIgnore: []string{"network_mode", "user_data", "timeouts", "metadata", "tags"},
			},
			{
				Config:            scene(t, cloud, "name = \"second\"\n power_state = \"active\"\n network_mode = \"none\""),
				ConfigPlanChecks:  does(plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{value("user_data", knownvalue.Null())},
			},
		},
	})
}

// TestAccServerDrift: what others change is undone where it is managed and left alone where it is not.
func TestAccServerDrift(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	var id string
	config := scene(t, cloud, `
  name         = "drifting"
  network_mode = "none"
  power_state  = "active"
  metadata     = { mine = "1" }`)
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			{Config: config, Check: resource.TestCheckResourceAttrWith(address, "id", func(v string) error { id = v; return nil })},
			{
				PreConfig: func() {
					ctx, servers := t.Context(), cloud.Servers()
					for _, err := range []error{
						servers.SetMetadata(ctx, id, map[string]string{"mine": "changed", "theirs": "2"}),
						servers.Act(ctx, id, map[string]any{"os-stop": nil}),
					} {
						if err != nil {
							t.Fatal(err)
						}
					}
				},
				RefreshState: true, ExpectNonEmptyPlan: true,
			},
			{
				Config:           config,
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					value("status", knownvalue.StringExact("ACTIVE")),
					value("metadata", knownvalue.MapExact(map[string]knownvalue.Check{"mine": knownvalue.StringExact("1")})),
					value("all_metadata", knownvalue.MapSizeExact(2)),
				},
			},
		},
	})
}

func TestAccServerDisappears(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	config := scene(t, cloud, "name = \"passing\"\n network_mode = \"none\"")
	var id string
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			{Config: config, Check: resource.TestCheckResourceAttrWith(address, "id", func(v string) error { id = v; return nil })},
			{
				PreConfig: func() {
					if err := cloud.Servers().Delete(t.Context(), id); err != nil {
						t.Fatal(err)
					}
					if err := cloud.Gone(t.Context(), id); err != nil {
						t.Fatal(err)
					}
				},
				Config: config, ConfigPlanChecks: does(plancheck.ResourceActionCreate),
			},
		},
	})
}

// TestAccServerError: a server that cannot be built tells why, stays in the state, and is replaced by the
// next apply.
func TestAccServerError(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	// No quota counts disk, so that it is the scheduler who finds no host.
	config := func(disk int) string {
		return fmt.Sprintf(`
resource "nova_flavor" "test" {
  name  = "%s-%d"
  vcpus = 1
  ram   = 256
  disk  = %[2]d
}

resource "nova_server" "test" {
  name         = "too-large"
  image_id     = %[3]q
  flavor_id    = nova_flavor.test.id
  network_mode = "none"
}
`, acctest.Name(t), disk, cloud.Image(t))
	}
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			{
				Config: config(1 << 30),
				ExpectError: regexp.MustCompile(
					`Unable to Create Server "too-large"(.|\n)*The\s+server\s+went\s+to\s+status\s+ERROR:\s+No\s+valid\s+host`),
			},
			{
				Config:            config(1),
				ConfigPlanChecks:  does(plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{value("status", knownvalue.StringExact("ACTIVE"))},
			},
		},
	})
}

func TestAccServerInvalid(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	valid := `name = "valid"` + "\n" + `network_mode = "none"`
	var steps []resource.TestStep
	for _, invalid := range []struct{ attributes, says string }{
		{`name = ""`, `string length must be between 1 and 255`},
		{`name = " edge"`, `may not begin or end with white space`},
		{"name = \"n\"\n power_state = \"rescue\"", `value must be one of`},
		{"name = \"n\"\n locked = false\n lock_reason = \"none\"", `Reason Without Lock`},
		{"name = \"n\"\n power_state = \"shutoff\"\n rescue = {}", `Rescue of a Server That Is Off`},
		{"name = \"n\"\n metadata = { \"terraform:create\" = \"x\" }", `value must be none of`},
		{"name = \"n\"\n user_data = \"a\"\n user_data_base64 = \"YQ==\"", `Invalid Attribute Combination`},
		{"name = \"n\"\n user_data_wo = \"a\"", `Invalid Attribute Combination`},
		{"name = \"n\"\n wait_for = {}", `Nothing to Wait For`},
		{"name = \"n\"\n stop_before_destroy = true\n stop_timeout = \"soon\"", `Invalid Length of Time`},
		{"name = \"n\"\n hostname = \"ab\"\n personality = { \"/etc/motd\" = \"hello\" }", `Nova has personality up to microversion 2.56`},
		{"name = \"n\"\n network_mode = \"none\"\n networks = [{ uuid = \"8d3a4a3c-6c5b-4b6e-9b6a-0b4c8f6f7d11\" }]", `Invalid Attribute Combination`},
		{"name = \"n\"\n networks = [{ fixed_ip = \"10.0.0.1\" }]", `Invalid Attribute Combination`},
		{"name = \"n\"\n networks = [{ uuid = \"8d3a4a3c-6c5b-4b6e-9b6a-0b4c8f6f7d11\", fixed_ip = \"10.0.0.300\" }]", `Invalid IP Address`},
		{"name = \"n\"\n networks = [{ uuid = \"private\" }]", `has to be a UUID`},
		{"name = \"n\"\n security_groups = [\"web\"]\n networks = [{ port = \"8d3a4a3c-6c5b-4b6e-9b6a-0b4c8f6f7d11\" }]", `Security Groups Without Effect`},
		{"name = \"n\"\n security_groups = [\"web\"]\n network_mode = \"none\"", `Security Groups Without Effect`},
		{"name = \"n\"\n tags = [\"a,b\"]", `neither a comma nor a slash`},
		{"name = \"n\"\n access_ip_v4 = \"::1\"", `Invalid IPv4 Address`},
		{"name = \"n\"\n hostname = \"-bad\"", `has to be a host name`},
	} {
		steps = append(steps, resource.TestStep{
			Config: scene(t, cloud, invalid.attributes), PlanOnly: true,
			ExpectError: regexp.MustCompile(regexp.MustCompile(` `).ReplaceAllString(invalid.says, `\s+`)),
		})
	}
	old := `provider "nova" { max_microversion = "2.50" }` + scene(t, cloud, "name = \"n\"\n network_mode = \"none\"\n tags = [\"a\"]")
	steps = append(steps,
		resource.TestStep{Config: old, PlanOnly: true, ExpectError: regexp.MustCompile(
			`Cloud Too Old(.|\n)*tags cannot be used: it needs\s+microversion\s+2\.52`)},
		resource.TestStep{Config: scene(t, cloud, valid)},
	)
	cloud.Test(t, resource.TestCase{Steps: steps})
}

// TestAccServerOldCloud: all that is needed is in 2.1. The server asks for no network, and gets the only one there is.
func TestAccServerOldCloud(t *testing.T) {
	t.Parallel()
	cloud := acctest.Alone(t)
	old := `provider "nova" { max_microversion = "2.36" }`
	const motd = `personality = { "/etc/motd" = "hello" }`
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			{Config: old + scene(t, cloud, "name = \"old\"\n"+motd), ConfigStateChecks: []statecheck.StateCheck{
				value("status", knownvalue.StringExact("ACTIVE")), value("flavor", knownvalue.Null()),
			}},
			{Config: old + scene(t, cloud, "name = \"older\"\n"+motd), ConfigPlanChecks: does(plancheck.ResourceActionUpdate)},
		},
	})
}

// TestAccServerImported: what Nova does not show of an imported server is believed once, and a change of
// it replaces the server after that.
func TestAccServerImported(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	config := func(more string) string {
		return fmt.Sprintf(`
resource "nova_server" "test" {
  name      = "found"
  image_id  = %q
  flavor_id = %q
%s
}
`, cloud.Image(t), cloud.Flavor(t), more)
	}
	var id string
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			{
				PreConfig: func() {
					var err error
					id, err = cloud.Servers().Create(t.Context(), 37, nova.ServerCreate{
						Name: "found", ImageRef: cloud.Image(t), FlavorRef: cloud.Flavor(t), Networks: "none", Metadata: map[string]string{"a": "b"},
					})
					if err == nil {
						err = cloud.Active(t.Context(), id)
					}
					if err != nil {
						t.Fatal(err)
					}
				},
				Config: config(""), ResourceName: address, ImportState: true, ImportStatePersist: true,
				ImportStateIdFunc: func(*terraform.State) (string, error) { return strings.ToUpper(id), nil }, // as some tools print it
			},
			{
				Config:           config("network_mode = \"none\"\n metadata = { a = \"b\" }"),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
			},
			{
				Config:           config("network_mode = \"none\"\n user_data = \"#!/bin/sh\\n\""),
				ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate),
			},
		},
	})
}
