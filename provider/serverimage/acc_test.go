// SPDX-License-Identifier: MPL-2.0

package serverimage_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/snapshots"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
)

const address = "nova_server_image.test"

func config(server, name, attributes string) string {
	return fmt.Sprintf("resource \"nova_server_image\" \"test\" {\n  server_id = %q\n  name      = %q\n%s\n}\n", server, name, attributes)
}

func does(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func value(name string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), check)
}

// glance is the cloud's Glance.
func glance(t *testing.T, cloud *acctest.Target) *gophercloud.ServiceClient {
	t.Helper()
	service, err := cloud.Client.Image()
	if err != nil {
		t.Fatal(err)
	}
	return service
}

// leaves is that no image of the name is left.
func leaves(t *testing.T, cloud *acctest.Target, name string) resource.TestCheckFunc {
	t.Helper()
	service := glance(t, cloud)
	return func(*terraform.State) error {
		pages, err := images.List(service, images.ListOpts{Name: name}).AllPages(context.WithoutCancel(t.Context()))
		if err != nil {
			return err
		}
		all, err := images.ExtractImages(pages)
		if err == nil && len(all) > 0 {
			err = fmt.Errorf("image %s is still there", all[0].ID)
		}
		return err
	}
}

func TestAccServerImage(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	server, other := cloud.Server(t, "none"), cloud.Server(t, "none")
	name := acctest.Name(t)
	var id string
	noted := resource.TestCheckResourceAttrWith(address, "id", func(v string) error { id = v; return nil })
	property := func(key string, check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(address, tfjsonpath.New("all_properties").AtMapKey(key), check)
	}
	patch := func(opts ...images.Patch) func() {
		return func() {
			if err := images.Update(t.Context(), glance(t, cloud), id, images.UpdateOpts(opts)).Err; err != nil {
				t.Fatal(err)
			}
		}
	}
	text := knownvalue.StringExact
	const changed = `  properties = { kept = "2", "added:one" = "3" }`
	cloud.Test(t, resource.TestCase{
		CheckDestroy: leaves(t, cloud, name+" renamed"),
		Steps: []resource.TestStep{
			{
				Config: config(server, name, `  properties = { kept = "1", dropped = "x" }`), Check: noted,
				ConfigStateChecks: []statecheck.StateCheck{
					value("status", text("active")), value("snapshot_ids", knownvalue.ListSizeExact(0)), value("size", knownvalue.NotNull()),
					value("created", knownvalue.NotNull()), property("instance_uuid", text(server)), property("kept", text("1")),
				},
			},
			{
				Config: config(server, name+" renamed", changed),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
					plancheck.ExpectKnownValue(address, tfjsonpath.New("checksum"), knownvalue.NotNull()), // held
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					value("name", text(name+" renamed")), property("kept", text("2")), property("added:one", text("3")),
					value("properties", knownvalue.MapExact(map[string]knownvalue.Check{"kept": text("2"), "added:one": text("3")})),
				},
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttrPtr(address, "id", &id), resource.TestCheckNoResourceAttr(address, "all_properties.dropped"),
				),
			},
			{ // drift of the name and of own properties is undone; what others add stays
				PreConfig: patch(
					images.ReplaceImageName{NewName: "theirs"}, images.UpdateImageProperty{Op: images.RemoveOp, Name: "kept"},
					images.UpdateImageProperty{Op: images.AddOp, Name: "theirs", Value: "4"},
				),
				Config: config(server, name+" renamed", changed), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{property("theirs", text("4")), property("kept", text("2"))},
			},
			{
				ResourceName: address, ImportState: true, ImportStateVerify: true,
				ImportStateVerifyIgnore: []string{"properties"}, // nobody knows whose they are
			},
			{
				Config: config(other, name+" renamed", ""), ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate), Check: noted,
				ConfigStateChecks: []statecheck.StateCheck{property("instance_uuid", text(other))},
			},
			{ // disappears
				PreConfig: func() {
					if err := images.Delete(t.Context(), glance(t, cloud), id).ExtractErr(); err != nil {
						t.Fatal(err)
					}
				},
				Config:           "provider \"nova\" {\n  max_microversion = \"2.44\"\n}\n" + config(other, name+" renamed", ""), // by the Location header
				ConfigPlanChecks: does(plancheck.ResourceActionCreate),
			},
		},
	})
}

// TestAccServerImageOnce: whether an answer gets lost before or after the work is done, there is one image in the end.
func TestAccServerImageOnce(t *testing.T) {
	t.Parallel()
	cloud := acctest.CloudWithHosts(t, 1, nil)
	server := cloud.Server(t, "none")
	name := acctest.Name(t)
	const operation = "POST /servers/{id}/action createImage"
	one := func(s *terraform.State) error {
		pages, err := images.List(glance(t, cloud.Target), images.ListOpts{}).AllPages(t.Context())
		if err != nil {
			return err
		}
		all, err := images.ExtractImages(pages)
		made := 0
		for _, image := range all {
			if image.Properties["instance_uuid"] == server {
				made++
			}
		}
		if err == nil && made != 1 {
			err = fmt.Errorf("there are %d images of the server", made)
		}
		return err
	}
	cloud.Test(t, resource.TestCase{
		CheckDestroy: leaves(t, cloud.Target, name),
		Steps: []resource.TestStep{
			{PreConfig: func() { cloud.Lose(t, operation, true) }, Config: config(server, name, ""), Check: one},
			{
				PreConfig: func() { cloud.Lose(t, operation, false) }, Taint: []string{address}, Config: config(server, name, ""),
				ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate), Check: one,
			},
		},
	})
}

func TestAccServerImageIdentity(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	server := cloud.Server(t, "none")
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: config(server, acctest.Name(t), ""), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("id")),
			}},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

// TestAccServerImageOfVolumes: what Nova snapshots of volumes goes with the image.
func TestAccServerImageOfVolumes(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	server := onVolume(t, cloud)
	var id, snapshot string
	cinder, err := cloud.Client.Volume()
	if err != nil {
		t.Fatal(err)
	}
	cloud.Test(t, resource.TestCase{
		CheckDestroy: resource.ComposeAggregateTestCheckFunc(leaves(t, cloud, acctest.Name(t)), func(*terraform.State) error {
			if err := snapshots.Get(context.WithoutCancel(t.Context()), cinder, snapshot).Err; !diagnose.NotFound(err) {
				return fmt.Errorf("snapshot %s is still there (%w)", snapshot, err)
			}
			return nil
		}),
		Steps: []resource.TestStep{
			{
				Config: config(server, acctest.Name(t), ""),
				ConfigStateChecks: []statecheck.StateCheck{
					value("status", knownvalue.StringExact("active")), value("snapshot_ids", knownvalue.ListSizeExact(1)),
				},
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttrWith(address, "id", func(v string) error { id = v; return nil }),
					resource.TestCheckResourceAttrWith(address, "snapshot_ids.0", func(v string) error {
						snapshot = v
						return snapshots.Get(t.Context(), cinder, v).Err
					}),
				),
			},
			{ // Glance would keep the image, so its snapshots stay
				PreConfig: func() { protect(t, cloud, id, true) },
				Config:    "# nothing\n", ExpectError: regexp.MustCompile(`protected\s+against\s+deletion`),
			},
			{
				PreConfig: func() {
					if err := snapshots.Get(t.Context(), cinder, snapshot).Err; err != nil {
						t.Error(err)
					}
					protect(t, cloud, id, false)
				},
				Config: config(server, acctest.Name(t), ""), ConfigPlanChecks: does(plancheck.ResourceActionNoop),
			},
		},
	})
}

func protect(t *testing.T, cloud *acctest.Target, id string, protected bool) {
	t.Helper()
	if err := images.Update(t.Context(), glance(t, cloud), id, images.UpdateOpts{images.ReplaceImageProtected{NewProtected: protected}}).Err; err != nil {
		t.Fatal(err)
	}
}

// onVolume makes a server whose root disk is a volume that goes with it.
func onVolume(t *testing.T, cloud *acctest.Target) string {
	t.Helper()
	service, err := cloud.Client.At(t.Context(), 37)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Server struct{ ID string } }
	body := map[string]any{"server": map[string]any{
		"name": acctest.Name(t), "flavorRef": cloud.Flavor(t), "networks": "none",
		"block_device_mapping_v2": []map[string]any{{
			"uuid": cloud.Image(t), "source_type": "image", "destination_type": "volume", "volume_size": 1, "boot_index": 0,
			"delete_on_termination": true,
		}},
	}}
	_, err = service.Post(t.Context(), service.ServiceURL("servers"), body, &answer, &gophercloud.RequestOpts{OkCodes: []int{http.StatusAccepted}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		err := cloud.Servers().Delete(ctx, answer.Server.ID)
		if err == nil {
			err = cloud.Gone(ctx, answer.Server.ID)
		}
		if err != nil {
			t.Error(err)
		}
	})
	if err := cloud.Active(t.Context(), answer.Server.ID); err != nil {
		t.Fatal(err)
	}
	return answer.Server.ID
}

func TestAccServerImageInvalid(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	server := cloud.Server(t, "none")
	const nobody = "00000000-0000-0000-0000-000000000000"
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config(server, " a", ""), PlanOnly: true, ExpectError: regexp.MustCompile(`no\s+white\s+space`)},
		{Config: config(server, "a", `properties = { owner = "x" }`), PlanOnly: true, ExpectError: regexp.MustCompile(`none\s+of`)},
		{Config: config(server, "a", `properties = { "a/b" = "x" }`), PlanOnly: true, ExpectError: regexp.MustCompile(`may\s+hold\s+letters`)},
		{Config: config(nobody, "a", ""), ExpectError: regexp.MustCompile(`Unable to Create Server Image "a"(.|\n)*HTTP status: 404`)},
		{Config: "# nothing\n"},
	}})
}
