// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
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

// stored is a server with volumes.
type stored struct {
	*acctest.Target
	t  *testing.T
	id string
}

func (c *stored) config(attributes string) string {
	return fmt.Sprintf(`
resource "nova_server" "test" {
  name         = %q
  flavor_id    = %q
  network_mode = "none"
%s
}
`, acctest.Name(c.t), c.Flavor(c.t), attributes)
}

func (c *stored) image() string { return fmt.Sprintf("  image_id = %q\n", c.Image(c.t)) }

func (c *stored) volumes() nova.Volumes { return nova.Volumes{Client: c.Client, Server: c.id} }

// has checks the volumes of the server, and which of them go with it.
func (c *stored) has(deleted map[string]bool) resource.TestCheckFunc {
	return func(*terraform.State) error {
		all, err := c.volumes().All(c.t.Context())
		if err != nil || len(all) != len(deleted) {
			return fmt.Errorf("%d volumes are attached: %w", len(all), err)
		}
		for _, one := range all {
			if want, ok := deleted[one.VolumeID]; !ok || want != one.DeleteOnTermination {
				return fmt.Errorf("volume %s, to be deleted: %t", one.VolumeID, one.DeleteOnTermination)
			}
		}
		return nil
	}
}

// TestAccServerVolumes: volumes come and go while the server runs, and with which it is deleted is changed in place.
func TestAccServerVolumes(t *testing.T) {
	t.Parallel()
	c := &stored{Target: acctest.Cloud(t), t: t}
	a, b, shared := c.Volume(t), c.Volume(t), c.Multiattach(t)
	another := nova.Volumes{Client: c.Client, Server: c.Server(t, "none")}
	if err := another.Attach(t.Context(), nova.VolumeRequest{VolumeID: shared}); err != nil {
		t.Fatal(err)
	}
	c.VolumeBecomes(t, shared, "in-use")
	volume := func(id, more string) string { return fmt.Sprintf("{ volume_id = %q %s }", id, more) }
	config := func(all ...string) string {
		return c.config(c.image() + fmt.Sprintf("  volumes = [%s]\n", strings.Join(all, ", ")))
	}
	same := statecheck.CompareValue(compare.ValuesSame())
	still := func() []statecheck.StateCheck {
		return []statecheck.StateCheck{same.AddStateValue(address, tfjsonpath.New("id"))}
	}
	c.Test(t, resource.TestCase{
		CheckDestroy: destroyed(c.Target, t),
		Steps: []resource.TestStep{
			{
				Config: config(volume(a, `, tag = "data"`), volume(shared, "")), ConfigStateChecks: still(),
				Check: resource.ComposeTestCheckFunc(learn("id", &c.id), func(s *terraform.State) error {
					return c.has(map[string]bool{a: false, shared: false})(s)
				}),
			},
			{
				Config:           config(volume(b, ", delete_on_termination = true"), volume(a, "")),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate), ConfigStateChecks: still(), Check: c.has(map[string]bool{a: false, b: true}),
			},
			{
				Config:           config(volume(a, ""), volume(b, ", delete_on_termination = false")),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate), ConfigStateChecks: still(), Check: c.has(map[string]bool{a: false, b: false}),
			},
			{ // detached by others
				PreConfig: func() {
					if err := c.volumes().Detach(t.Context(), a); err != nil {
						t.Fatal(err)
					}
					c.VolumeBecomes(t, a, "available")
				},
				Config:           config(volume(a, ""), volume(b, "")),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate), ConfigStateChecks: still(), Check: c.has(map[string]bool{a: false, b: false}),
			},
			{
				ResourceName: address, ImportState: true,
				ImportStateCheck: func(all []*terraform.InstanceState) error {
					got := []string{all[0].Attributes["volumes.0.volume_id"], all[0].Attributes["volumes.1.volume_id"]}
					if !slices.Contains(got, a) || !slices.Contains(got, b) {
						return fmt.Errorf("imported volumes: %v", got)
					}
					return nil
				},
			},
			{
				Config: c.config(c.image()), ConfigPlanChecks: does(plancheck.ResourceActionUpdate), ConfigStateChecks: still(),
				Check: c.has(map[string]bool{}),
			},
		},
	})
}

// TestAccServerBootVolume: a server that boots from a volume which Nova makes has no perpetual change, and takes another
// one only for another disk.
func TestAccServerBootVolume(t *testing.T) {
	t.Parallel()
	c := &stored{Target: acctest.Cloud(t), t: t}
	boot := func(size int, more string) string {
		return c.config(fmt.Sprintf("  boot_volume = {\n    image_id = %q\n    size = %d\n%s\n  }\n", c.Image(t), size, more))
	}
	var made string
	c.Test(t, resource.TestCase{
		CheckDestroy: destroyed(c.Target, t),
		Steps: []resource.TestStep{
			{
				Config: boot(1, "    tag = \"root\"\n    delete_on_termination = true"),
				Check: resource.ComposeTestCheckFunc(learn("id", &c.id), learn("boot_volume.volume_id", &made),
					func(s *terraform.State) error { return c.has(map[string]bool{made: true})(s) }),
				ConfigStateChecks: []statecheck.StateCheck{value("image_id", knownvalue.Null()), value("status", knownvalue.StringExact("ACTIVE"))},
			},
			{
				Config:           boot(1, "    tag = \"root\"\n    delete_on_termination = false"),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				Check:            func(s *terraform.State) error { return c.has(map[string]bool{made: false})(s) },
			},
			{
				Config: boot(1, ""), ResourceName: address, ImportState: true, ImportStateVerify: true,
				ImportStateVerifyIgnore: []string{"network_mode", "timeouts", "boot_volume.image_id", "boot_volume.size"},
			},
			{ // Nova rebuilds by an image only
				Config:      strings.Replace(boot(1, ""), "boot_volume", "user_data = \"other\"\n  user_data_change = \"rebuild\"\n  boot_volume", 1),
				PlanOnly:    true,
				ExpectError: regexp.MustCompile(`No Rebuild Without an Image`),
			},
			{
				PreConfig:        func() { c.keepNothing(made) },
				Config:           boot(2, "    delete_on_termination = true"),
				ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate),
			},
		},
	})
}

// keepNothing has the volume deleted with its server, so that the test leaves none behind.
func (c *stored) keepNothing(volume string) {
	c.t.Helper()
	if err := c.volumes().Keep(c.t.Context(), volume, false); err != nil {
		c.t.Fatal(err)
	}
}

// TestAccServerBootVolumeImported: what the volume of an imported server was made from is believed.
func TestAccServerBootVolumeImported(t *testing.T) {
	t.Parallel()
	c := &stored{Target: acctest.Cloud(t), t: t}
	c.madeFromImage()
	boot := func(name string) string {
		config := c.config(fmt.Sprintf("  boot_volume = {\n    image_id = %q\n    size = 1\n  }\n", c.Image(t)))
		return strings.Replace(config, fmt.Sprintf("%q", acctest.Name(t)), fmt.Sprintf("%q", name), 1)
	}
	c.Test(t, resource.TestCase{
		CheckDestroy: destroyed(c.Target, t),
		Steps: []resource.TestStep{
			{
				Config: boot(acctest.Name(t)), ResourceName: address, ImportState: true, ImportStatePersist: true,
				ImportStateIdFunc: func(*terraform.State) (string, error) { return c.id, nil },
			},
			{Config: boot("renamed"), ConfigPlanChecks: does(plancheck.ResourceActionUpdate)},
			{Config: boot("renamed again"), ConfigPlanChecks: does(plancheck.ResourceActionUpdate)},
		},
	})
}

// madeFromImage makes a server whose volume Nova makes from an image, behind Terraform's back.
func (c *stored) madeFromImage() {
	c.t.Helper()
	id, err := c.Servers().Create(c.t.Context(), 37, nova.ServerCreate{
		Name: acctest.Name(c.t), FlavorRef: c.Flavor(c.t), Networks: "none", BlockDevices: []nova.BlockDevice{
			{Source: "image", SourceID: c.Image(c.t), Destination: "volume", Size: 1, DeleteOnTermination: true},
		},
	})
	if err == nil {
		err = c.Active(c.t.Context(), id)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.id = id
}

// TestAccServerBlockDevices: disks that Nova makes with the server, and a volume to boot from that exists.
func TestAccServerBlockDevices(t *testing.T) {
	t.Parallel()
	c := &stored{Target: acctest.Cloud(t), t: t}
	exists := c.Volume(t)
	c.makeBootable(exists)
	const flavor = `
resource "nova_flavor" "disks" {
  name      = %q
  vcpus     = 1
  ram       = 256
  disk      = 1
  ephemeral = 1
  swap      = 64
}
`
	config := func(attributes string) string {
		server := strings.Replace(c.config(attributes), fmt.Sprintf("%q", c.Flavor(t)), "nova_flavor.disks.id", 1)
		return fmt.Sprintf(flavor, acctest.Name(t)) + server
	}
	blank := `
  block_devices = [
    { source_type = "blank", destination_type = "local", size = 1 },
    { source_type = "blank", destination_type = "local", guest_format = "swap", size = 64 },
    { source_type = "blank", destination_type = "volume", size = 1, tag = "scratch", delete_on_termination = true%s },
  ]
`
	c.Test(t, resource.TestCase{
		CheckDestroy: destroyed(c.Target, t),
		Steps: []resource.TestStep{
			{
				Config: config(c.image() + fmt.Sprintf(blank, "")),
				Check: resource.ComposeTestCheckFunc(learn("id", &c.id), func(*terraform.State) error {
					all, err := c.volumes().All(t.Context())
					if err != nil || len(all) != 1 || all[0].Tag != "scratch" || !all[0].DeleteOnTermination {
						return fmt.Errorf("the volumes are %v: %w", all, err)
					}
					return nil
				}),
			},
			{
				Config:           config(fmt.Sprintf("  boot_volume = { volume_id = %q }\n", exists) + fmt.Sprintf(blank, `, disk_bus = "scsi"`)),
				ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("boot_volume").AtMapKey("volume_id"), knownvalue.StringExact(exists)),
				},
			},
		},
	})
}

// makeBootable has Nova accept a volume for a root disk.
func (c *stored) makeBootable(volume string) {
	c.t.Helper()
	service, err := c.Client.Volume()
	if err == nil {
		err = volumes.SetBootable(c.t.Context(), service, volume, volumes.BootableOpts{Bootable: true}).ExtractErr()
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

func TestAccServerDisksInvalid(t *testing.T) {
	t.Parallel()
	c := &stored{Target: acctest.Cloud(t), t: t}
	const id = "6a6f4d0c-5a6b-4a55-8a0a-0d4d0a0f0d0c"
	var steps []resource.TestStep
	for _, test := range []struct{ attributes, says string }{ // more of them are in volume_test.go
		{"", `Nothing to Boot From`},
		{`  boot_volume = { image_id = "` + id + `", snapshot_id = "` + id + `", size = 1 }`, `Invalid Attribute Combination`},
		{c.image() + `  block_devices = [{ source_type = "blank", destination_type = "volume" }]`, `needs a size`},
	} {
		steps = append(steps, resource.TestStep{
			Config: c.config(test.attributes), PlanOnly: true, ExpectError: regexp.MustCompile(strings.ReplaceAll(test.says, " ", `\s+`)),
		})
	}
	steps = append(steps, resource.TestStep{
		Config:   `provider "nova" { max_microversion = "2.66" }` + c.config(`  boot_volume = { image_id = "`+id+`", size = 1, volume_type = "fast" }`),
		PlanOnly: true, ExpectError: regexp.MustCompile(`volume_type\s+cannot\s+be\s+used:\s+it\s+needs\s+microversion\s+2\.67`),
	})
	steps = append(steps, resource.TestStep{Config: c.config(c.image())})
	c.Test(t, resource.TestCase{Steps: steps})
}

// TestAccServerMovedBootVolume: neither the other provider nor Nova keeps what a volume was made from in a way that could
// be read back: the configuration is believed, and there is nothing to change.
func TestAccServerMovedBootVolume(t *testing.T) {
	t.Parallel()
	c := &stored{Target: acctest.Cloud(t), t: t}
	c.madeFromImage()
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	words := map[string]tftypes.Type{"size": tftypes.Number, "delete_on_termination": tftypes.Bool}
	for _, name := range []string{"image_id", "snapshot_id", "volume_id", "volume_type", "device_type", "disk_bus", "tag"} {
		words[name] = tftypes.String
	}
	boot := map[string]tftypes.Value{}
	for name, of := range words {
		boot[name] = tftypes.NewValue(of, nil)
	}
	boot["image_id"], boot["size"] = text(c.Image(t)), tftypes.NewValue(tftypes.Number, 1)
	state := fmt.Sprintf(`{"id": %q, "name": %q, "image_id": "Attempt to boot from volume - no image supplied", "network_mode": "none",
		"block_device": [{"uuid": %q, "source_type": "image", "destination_type": "volume", "boot_index": 0, "volume_size": 1,
		"delete_on_termination": true}]}`, c.id, acctest.Name(t), c.Image(t))
	c.Moved(t, "openstack_compute_instance_v2", state, "nova_server", map[string]tftypes.Value{
		"name": text(acctest.Name(t)), "flavor_id": text(c.Flavor(t)), "network_mode": text("none"),
		"boot_volume": tftypes.NewValue(tftypes.Object{AttributeTypes: words}, boot),
	})
	if err := c.Servers().Delete(t.Context(), c.id); err != nil {
		t.Error(err)
	}
}
