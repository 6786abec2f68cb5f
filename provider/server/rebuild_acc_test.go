// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
)

// otherImage makes an image, and returns its id and a way to remove it.
func otherImage(t *testing.T, cloud *acctest.Target) (id string, remove func()) {
	t.Helper()
	service, err := cloud.Client.Image()
	if err != nil {
		t.Fatal(err)
	}
	made, err := images.Create(t.Context(), service, images.CreateOpts{
		Name: acctest.Name(t), DiskFormat: "raw", ContainerFormat: "bare", MinDisk: 1,
	}).Extract()
	if err == nil {
		err = imagedata.Upload(t.Context(), service, made.ID, strings.NewReader("a disk")).ExtractErr()
	}
	if err != nil {
		t.Fatal(err)
	}
	return made.ID, func() {
		if err := images.Delete(t.Context(), service, made.ID).ExtractErr(); err != nil && diagnose.Status(err) != http.StatusNotFound {
			t.Error(err)
		}
	}
}

// TestAccServerRebuild: what a change of image, keypair and user data does is the user's choice.
func TestAccServerRebuild(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	image := cloud.Image(t)
	other, remove := otherImage(t, cloud)
	same := statecheck.CompareValue(compare.ValuesSame())
	still := func() statecheck.StateCheck { return same.AddStateValue(address, tfjsonpath.New("id")) }
	config := func(image, choice, key, attributes string) string {
		return fmt.Sprintf(`
resource "nova_keypair" "one" {
  name       = "%[1]s-one"
  public_key = %[2]q
}

resource "nova_keypair" "two" {
  name       = "%[1]s-two"
  public_key = %[2]q
}

resource "nova_server" "test" {
  name             = "rebuilt"
  image_id         = %[3]q
  image_change     = %[4]q
  flavor_id        = %[5]q
  key_name         = nova_keypair.%[6]s.name
  key_change       = %[4]q
  user_data_change = %[4]q
  network_mode     = "none"
  metadata         = { kept = "1" }
  %[7]s
}
`, acctest.Name(t), acctest.Key, image, choice, cloud.Flavor(t), key, attributes)
	}
	var id string
	hasData := func(want string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			s, err := cloud.Servers().Get(t.Context(), id)
			if err == nil && s.UserData != base64.StdEncoding.EncodeToString([]byte(want)) {
				err = fmt.Errorf("the server has the user data %q, not %q", s.UserData, want)
			}
			return err
		}
	}
	learn := resource.TestCheckResourceAttrWith(address, "id", func(v string) error { id = v; return nil })
	refused := regexp.MustCompile(`Change Refused(.|\n)*image_id\s+of\s+server\s+"rebuilt"\s+would\s+change`)
	secret := func(data string, version int) string {
		return fmt.Sprintf("user_data_wo = %q\n user_data_wo_version = %d", data, version)
	}
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			{Config: config(image, "rebuild", "one", secret("first", 1)), Check: learn, ConfigStateChecks: []statecheck.StateCheck{still()}},
			{
				Config:           config(other, "rebuild", "two", secret("second", 2)+"\n power_state = \"paused\""),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate), Check: hasData("second"),
				ConfigStateChecks: []statecheck.StateCheck{
					still(), one("image_id", other), one("status", "PAUSED"), value("user_data_wo", knownvalue.Null()),
					value("all_metadata", knownvalue.MapSizeExact(1)),
				},
			},
			// Nobody needs the image any more.
			{
				PreConfig: remove, Config: config(other, "error", "two", secret("second", 2)),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
			},
			{Config: config(image, "error", "two", secret("second", 2)), PlanOnly: true, ExpectError: refused},
			{
				Config:           config(other, "rebuild", "two", "user_data = \"third\""),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				// Without the image there is nothing to rebuild from.
				ExpectError: regexp.MustCompile(`Unable to Change image of Server "rebuilt"`),
			},
			{
				Config:           config(image, "replace", "two", "user_data_base64 = \"H4sI\""),
				ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate), Check: learn,
			},
			{
				ResourceName: address, ImportState: true, ImportStateId: "rebuilt", ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "id",
				ImportStateVerifyIgnore: []string{"network_mode", "networks", "timeouts", "image_change", "key_change", "user_data_change"},
			},
		},
	})
}

// TestAccServerEnd: how a server is destroyed.
func TestAccServerEnd(t *testing.T) {
	t.Parallel()
	mock := acctest.NewMock(t)
	config := func(attributes string) string { return sized(t, mock.Target, "small", attributes) }
	ended := func(want map[string]int) resource.TestCheckFunc {
		return func(*terraform.State) error {
			asked := mock.Requests("compute")
			for what, n := range want {
				if asked[what] != n {
					return fmt.Errorf("%d times %s, not %d: %v", asked[what], what, n, asked)
				}
			}
			return nil
		}
	}
	mock.Test(t, resource.TestCase{
		CheckDestroy: ended(map[string]int{
			"POST /servers/{id}/action unlock": 1, "POST /servers/{id}/action os-stop": 1, "POST /servers/{id}/action forceDelete": 1, "DELETE /servers/{id}": 0,
		}),
		Steps: []resource.TestStep{{
			Config: config("stop_before_destroy = true\n force_delete = true\n locked = true\n unlock_before_destroy = true"),
			Check:  ended(map[string]int{"POST /servers": 1, "POST /servers/{id}/action lock": 1, "DELETE /servers/{id}": 0}),
		}},
	})
}

// TestAccServerLockedByOthers: an administrator's lock is in nobody else's way silently.
func TestAccServerLockedByOthers(t *testing.T) {
	t.Parallel()
	admin, member := acctest.CloudWithMember(t)
	var id string
	config := func(attributes string) string {
		return fmt.Sprintf(`
resource "nova_server" "test" {
  name         = "locked"
  image_id     = %q
  flavor_id    = %q
  network_mode = "none"
  %s
}
`, member.Image(t), member.Flavor(t), attributes)
	}
	byOthers := regexp.MustCompile(`Unable to Change power state of Server "locked"(.|\n)*locked\s+by\s+others`)
	member.Test(t, resource.TestCase{
		CheckDestroy: destroyed(member, t),
		Steps: []resource.TestStep{
			{Config: config(""), Check: resource.TestCheckResourceAttrWith(address, "id", func(v string) error { id = v; return nil })},
			{
				PreConfig: func() {
					if err := member.Servers().Act(t.Context(), id, map[string]any{"lock": nil}); err != nil {
						t.Error(err)
					}
				},
				Config: config(`power_state = "shutoff"`), ExpectError: byOthers,
			},
			{
				PreConfig: func() {
					if err := admin.Servers().Act(t.Context(), id, map[string]any{"unlock": nil}); err != nil {
						t.Error(err)
					}
				},
				Config: config("power_state = \"shutoff\"\n locked = false"), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
			},
		},
	})
}

// TestAccServerPlaces: where servers are made, and that a name which several have is no way to import one.
func TestAccServerPlaces(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	config := func(pinned string) string {
		return fmt.Sprintf(`
locals {
  image_id  = %q
  flavor_id = %q
}

resource "nova_server_group" "test" {
  name   = "twins"
  policy = "soft-affinity"
}

resource "nova_server" "first" {
  name            = "twin"
  image_id        = local.image_id
  flavor_id       = local.flavor_id
  network_mode    = "none"
  server_group_id = nova_server_group.test.id
}

resource "nova_server" "second" {
  name            = "twin"
  image_id        = local.image_id
  flavor_id       = local.flavor_id
  network_mode    = "none"
  scheduler_hints = { different_host = [nova_server.first.id], extra = { colour = "blue" } }
}

resource "nova_server" "test" {
  name         = "pinned"
  image_id     = local.image_id
  flavor_id    = local.flavor_id
  network_mode = "none"
  placement    = { host = nova_server.%s.host }
}
`, cloud.Image(t), cloud.Flavor(t), pinned)
	}
	hosts := func(a, b string, how compare.ValueComparer) statecheck.StateCheck {
		host := tfjsonpath.New("host")
		return statecheck.CompareValuePairs("nova_server."+a, host, "nova_server."+b, host, how)
	}
	twins := regexp.MustCompile(`2\s+servers\s+have\s+the\s+name\s+"twin":\s+[0-9a-f-]+,\s+[0-9a-f-]+`)
	cloud.Test(t, resource.TestCase{
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			{Config: config("first"), ConfigStateChecks: []statecheck.StateCheck{
				hosts("first", "second", compare.ValuesDiffer()), hosts("first", "test", compare.ValuesSame()),
			}},
			{
				Config: config("second"), ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{hosts("second", "test", compare.ValuesSame())},
			},
			{ResourceName: "nova_server.first", ImportState: true, ImportStateId: "twin", ExpectError: twins},
		},
	})
}
