// SPDX-License-Identifier: MPL-2.0

package volumeattachment_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

const address = "nova_volume_attachment.test"

// scene is a server, and a volume that it has not.
type scene struct {
	*acctest.Target
	t              *testing.T
	server, volume string
}

func newScene(t *testing.T) scene {
	t.Helper()
	cloud := acctest.Cloud(t)
	volume := cloud.Volume(t)
	return scene{cloud, t, cloud.Server(t, "none"), volume}
}

func config(server, volume, attributes string) string {
	return fmt.Sprintf("resource \"nova_volume_attachment\" \"test\" {\n  server_id = %q\n  volume_id = %q\n%s\n}\n", server, volume, attributes)
}

func (s scene) config(attributes string) string { return config(s.server, s.volume, attributes) }

func (s scene) volumes() nova.Volumes { return nova.Volumes{Client: s.Client, Server: s.server} }

// attach attaches the volume behind Terraform's back.
func (s scene) attach() {
	s.t.Helper()
	if err := s.volumes().Attach(s.t.Context(), nova.VolumeRequest{VolumeID: s.volume}); err != nil {
		s.t.Fatal(err)
	}
	s.VolumeBecomes(s.t, s.volume, "in-use")
}

func check(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), want)
}

func does(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// TestAccVolumeAttachment: the guest has the volume when the apply ends, and nobody has it after a destroy.
func TestAccVolumeAttachment(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	other := s.Volume(t)
	data := "data \"nova_volume_attachments\" \"test\" {\n  server_id = nova_volume_attachment.test.server_id\n}\n"
	listed := func(name string) tfjsonpath.Path { return tfjsonpath.New("volumes").AtSliceIndex(0).AtMapKey(name) }
	in := func(volume, status string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			found, err := s.volumes().InCinder(t.Context(), volume)
			if err == nil && found.Status != status {
				err = fmt.Errorf("volume %s is %s", volume, found.Status)
			}
			return err
		}
	}
	s.Test(t, resource.TestCase{
		CheckDestroy: resource.ComposeTestCheckFunc(in(s.volume, "available"), in(other, "available")),
		Steps: []resource.TestStep{
			{
				Config: s.config(`  tag = "data"`) + data, Check: in(s.volume, "in-use"),
				ConfigStateChecks: []statecheck.StateCheck{
					check("id", knownvalue.StringExact(s.server+"/"+s.volume)), check("device", knownvalue.StringExact("/dev/vdb")),
					check("delete_on_termination", knownvalue.Bool(false)),
					statecheck.ExpectKnownValue("data.nova_volume_attachments.test", listed("volume_id"), knownvalue.StringExact(s.volume)),
					statecheck.ExpectKnownValue("data.nova_volume_attachments.test", listed("tag"), knownvalue.StringExact("data")),
				},
			},
			{
				Config:           s.config("  tag = \"data\"\n  delete_on_termination = true"),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				Check: func(*terraform.State) error {
					found, err := s.volumes().Get(t.Context(), s.volume)
					if err == nil && !found.DeleteOnTermination {
						err = fmt.Errorf("the volume would outlive its server")
					}
					return err
				},
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"timeouts"}},
			{ // changed by others
				PreConfig: func() {
					if err := s.volumes().Keep(t.Context(), s.volume, true); err != nil {
						t.Fatal(err)
					}
				},
				Config:           s.config("  tag = \"data\"\n  delete_on_termination = true"),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
			},
			{
				Config:           config(s.server, other, ""),
				ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate),
				Check:            resource.ComposeTestCheckFunc(in(s.volume, "available"), in(other, "in-use")),
			},
			{ // detached by others
				PreConfig: func() {
					if err := s.volumes().Detach(t.Context(), other); err != nil {
						t.Fatal(err)
					}
					s.VolumeBecomes(t, other, "available")
				},
				Config: config(s.server, other, `device = "/dev/vdd"`), ConfigPlanChecks: does(plancheck.ResourceActionCreate),
			},
		},
	})
}

// TestAccVolumeAttachmentTakenOver: what an apply attached that was killed is no obstacle to the next one; and a
// server that is gone takes its attachments along.
func TestAccVolumeAttachmentTakenOver(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.attach()
	s.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: s.config(""), ConfigStateChecks: []statecheck.StateCheck{check("volume_id", knownvalue.StringExact(s.volume))}},
		{
			PreConfig: func() {
				ctx := context.WithoutCancel(t.Context())
				if err := s.Servers().Delete(ctx, s.server); err != nil {
					t.Fatal(err)
				}
				if err := s.Gone(ctx, s.server); err != nil {
					t.Fatal(err)
				}
			},
			Config: s.config(""), ExpectError: regexp.MustCompile(`Unable to Attach Volume(.|\n)*HTTP status: 404`),
		},
	}})
}

// TestAccVolumeAttachmentMultiattach: one volume of two servers.
func TestAccVolumeAttachmentMultiattach(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	service, err := s.Client.Volume()
	if err != nil {
		t.Fatal(err)
	}
	shared := s.Multiattach(t)
	second := s.Server(t, "none")
	twin := fmt.Sprintf("resource \"nova_volume_attachment\" \"twin\" {\n  server_id = %q\n  volume_id = %q\n}\n", second, shared)
	s.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config(s.server, shared, "") + twin, Check: func(*terraform.State) error {
			found, err := volumes.Get(t.Context(), service, shared).Extract()
			if err == nil && len(found.Attachments) != 2 {
				err = fmt.Errorf("the volume has %d attachments", len(found.Attachments))
			}
			return err
		}},
	}})
}

func TestAccVolumeAttachmentInvalid(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	const nowhere = "6a6f4d0c-5a6b-4a55-8a0a-0d4d0a0f0d0c"
	old := func(version, attributes string) string {
		return fmt.Sprintf("provider \"nova\" { max_microversion = %q }\n", version) + s.config(attributes)
	}
	refused := func(config, says string) resource.TestStep {
		return resource.TestStep{Config: config, PlanOnly: true, ExpectError: regexp.MustCompile(says)}
	}
	s.Test(t, resource.TestCase{Steps: []resource.TestStep{
		refused(config(s.server, "v", ""), `has\s+to\s+be\s+a\s+UUID`),
		refused(s.config(`device = "b"`), `has\s+to\s+be\s+a\s+device`),
		refused(s.config(`tag = "a/b"`), `neither\s+a\s+comma`),
		refused(old("2.48", `tag = "a"`), `tag\s+cannot\s+be\s+used:\s+it\s+needs\s+microversion\s+2\.49`),
		refused(old("2.78", `delete_on_termination = true`), `needs\s+microversion\s+2\.79`),
		{
			Config:      config(s.server, nowhere, ""),
			ExpectError: regexp.MustCompile(`Unable to Attach Volume "6a6f(.|\n)*HTTP status: 404(.|\n)*Request id: req-`),
		},
		{Config: old("2.1", "")},
		{Config: old("2.1", ""), PlanOnly: true},
		refused(old("2.84", `delete_on_termination = true`), `needs\s+microversion\s+2\.85`),
		{Config: s.config("")},
	}})
}

func TestAccVolumeAttachmentIdentity(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: s.config(""), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("volume_id")),
			}},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

func TestAccVolumeAttachmentMoved(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.attach()
	state := fmt.Sprintf(`{"id": "%[1]s/%[2]s", "region": "RegionOne", "instance_id": %[1]q, "volume_id": %[2]q, "device": "/dev/vdb",
		"multiattach": null, "tag": null, "vendor_options": [], "timeouts": null}`, s.server, s.volume)
	text := func(v string) tftypes.Value { return tftypes.NewValue(tftypes.String, v) }
	got := s.Moved(t, "openstack_compute_volume_attach_v2", state, "nova_volume_attachment", map[string]tftypes.Value{
		"server_id": text(s.server), "volume_id": text(s.volume),
	})
	if device := acctest.As[string](t, got["device"]); device != "/dev/vdb" {
		t.Errorf("moved with device %s", device)
	}
	found := s.ByIdentity(t, "nova_volume_attachment", map[string]string{"server_id": s.server, "volume_id": s.volume})
	if device := acctest.As[string](t, found["device"]); device != "/dev/vdb" {
		t.Errorf("imported with device %s", device)
	}
	if err := s.volumes().Detach(t.Context(), s.volume); err != nil && !diagnose.NotFound(err) {
		t.Error(err)
	}
	s.VolumeBecomes(s.t, s.volume, "available")
}
