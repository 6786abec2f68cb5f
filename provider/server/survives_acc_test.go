// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// keeper is a server with a real guest that was told something to remember: on its disk, and on a volume.
type keeper struct {
	*acctest.Target
	t           *testing.T
	guest       *acctest.Guest
	boot, mark  string
	volume      string
	same        func() statecheck.StateCheck
	attributes  map[string]string // of the server, as HCL
	attachments string            // of others to it
	rest        string            // of the configuration
}

// TestAccServerKeepsData: what a guest has written is there after every change that is made in place, except after the one
// that says that it destroys it; and the guest runs on through those that need no boot.
func TestAccServerKeepsData(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, acctest.Cloud(t))
	network, storage := k.attributes["networks"], k.NetworkOf(t, subnets.CreateOpts{CIDR: "10.78.0.0/24", IPVersion: 4, GatewayIP: new(string)})
	pair := strings.TrimSuffix(network, "]") + fmt.Sprintf(", { uuid = %q }]", storage)
	volume := func(deleted bool) string {
		return fmt.Sprintf("[{ volume_id = %q, delete_on_termination = %t }]", k.volume, deleted)
	}
	image := copied(t, k.Target)
	created := k.step(nil, k.remember)
	created.ConfigPlanChecks = does(plancheck.ResourceActionCreate)
	created.ConfigStateChecks = []statecheck.StateCheck{k.same(), one("status", "ACTIVE")}
	steps := []resource.TestStep{
		created,
		k.step(set{
			"name": `"renamed"`, "description": `"keeps data"`, "metadata": `{ role = "memory" }`, "tags": `["kept"]`,
			"locked": "true", "lock_reason": `"a test"`,
		}, k.ranOn),
		// The way in is another group's.
		k.step(set{"security_groups": "[nova_security_group.test[1].name]", "locked": "false", "lock_reason": ""}, k.ranOn),
		k.step(set{"networks": pair, "volumes": volume(true)}, k.ranOn, k.has(2, true), k.fill),
		k.step(set{"networks": network, "volumes": volume(false)}, k.ranOn, k.has(1, true), k.filled),
		k.step(set{"volumes": ""}, k.ranOn, k.has(1, false)),
		k.attach(fmt.Sprintf(`
resource "nova_volume_attachment" "test" {
  server_id = nova_server.test.id
  volume_id = %q
}

resource "nova_interface_attachment" "test" {
  server_id  = nova_server.test.id
  network_id = %q
}
`, k.volume, storage), k.ranOn, k.has(2, true), k.filled),
		k.attach("", k.ranOn, k.has(1, false)),
		k.step(set{"volumes": volume(false)}, k.ranOn, k.has(1, true), k.filled),
		k.step(set{"power_state": `"paused"`}),
		k.step(set{"power_state": `"active"`}, k.ranOn, k.filled),
		k.step(set{"power_state": `"suspended"`}),
		k.step(set{"power_state": `"active"`}, k.ranOn, k.filled),
		k.step(set{"power_state": `"shutoff"`}),
		k.step(set{"power_state": `"active"`}, k.booted, k.filled),
		k.step(set{"power_state": `"shelved_offloaded"`}),
		k.step(set{"power_state": `"active"`}, k.booted, k.filled),
		k.step(set{"flavor_id": "nova_flavor.test[1].id"}, k.booted, k.filled, k.grown),
		k.step(set{"rescue": "{}"}, k.rescued),
		k.step(set{"rescue": ""}, k.booted, k.filled),
		k.step(set{"image_id": fmt.Sprintf("%q", image)}, k.forgot, k.filled),
	}
	k.Test(t, resource.TestCase{CheckDestroy: destroyed(k.Target, t), Steps: steps})
}

func newKeeper(t *testing.T, cloud *acctest.Target) *keeper {
	t.Helper()
	guest := cloud.Guest(t)
	network := cloud.NetworkOf(t, subnets.CreateOpts{CIDR: "10.77.0.0/24", IPVersion: 4})
	external, pool := cloud.External(t)
	cloud.Routed(t, network, external)
	same := statecheck.CompareValue(compare.ValuesSame())
	return &keeper{
		Target: cloud, t: t, guest: guest, volume: cloud.Volume(t), mark: "remember " + acctest.Name(t),
		same: func() statecheck.StateCheck { return same.AddStateValue(address, tfjsonpath.New("id")) },
		attributes: map[string]string{
			"name": `"keeper"`, "image_id": fmt.Sprintf("%q", cloud.Image(t)), "image_change": `"rebuild"`,
			"flavor_id": "nova_flavor.test[0].id", "key_name": "nova_keypair.test.name",
			"networks": fmt.Sprintf("[{ uuid = %q }]", network), "security_groups": "[nova_security_group.test[0].name]",
			"wait_for": fmt.Sprintf("{ console_log = %q }", guest.Ready),
		},
		rest: fmt.Sprintf(`
resource "nova_flavor" "test" {
  count = 2
  name  = "%[1]s-${count.index}"
  vcpus = 1
  ram   = 192 + 128 * count.index
  disk  = 1
}

resource "nova_keypair" "test" {
  name       = %[1]q
  public_key = %[2]q
}

resource "nova_security_group" "test" {
  count = 2
  name  = "%[1]s-${count.index}"
  rules = [{ protocol = "tcp", port_range_min = 22 }]
}

resource "nova_floating_ip" "test" {
  pool = %[3]q
}

resource "nova_floating_ip_association" "test" {
  floating_ip = nova_floating_ip.test.id
  server_id   = nova_server.test.id
}
`, acctest.Name(t), guest.PublicKey, pool),
	}
}

// set are attributes of the server to change; "" takes one away.
type set map[string]string

// step is an update of the server in place, after which these things hold.
func (k *keeper) step(change set, holds ...func() error) resource.TestStep {
	for name, value := range change {
		if k.attributes[name] = value; value == "" {
			delete(k.attributes, name)
		}
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(k.attributes)) {
		lines = append(lines, "  "+name+" = "+k.attributes[name])
	}
	step := resource.TestStep{
		Config:           k.rest + k.attachments + "\nresource \"nova_server\" \"test\" {\n" + strings.Join(lines, "\n") + "\n}\n",
		ConfigPlanChecks: does(plancheck.ResourceActionUpdate), ConfigStateChecks: []statecheck.StateCheck{k.same()},
		Check: func(s *terraform.State) error {
			k.guest.At(s.RootModule().Resources["nova_floating_ip.test"].Primary.Attributes["address"])
			for _, holds := range holds {
				if err := holds(); err != nil {
					return fmt.Errorf("after %v: %w", change, err)
				}
			}
			return nil
		},
	}
	if state, ok := change["power_state"]; ok {
		step.ConfigStateChecks = append(step.ConfigStateChecks, one("power_state", strings.Trim(state, `"`)))
	}
	return step
}

// attach makes these attachments, and no others, to a server that has no change of its own.
func (k *keeper) attach(attachments string, holds ...func() error) resource.TestStep {
	k.attachments = attachments
	step := k.step(nil, holds...)
	step.ConfigPlanChecks = does(plancheck.ResourceActionNoop)
	return step
}

// says runs a command in the guest, which has to say that.
func (k *keeper) says(guest *acctest.Guest, command, want string) error {
	got, err := guest.Run(k.t.Context(), command)
	if err == nil && got != want {
		err = fmt.Errorf("%s: %q, not %q", command, got, want)
	}
	return err
}

const bootID = "cat /proc/sys/kernel/random/boot_id"

func (k *keeper) remember() (err error) {
	k.boot, err = k.guest.Run(k.t.Context(), fmt.Sprintf("echo '%s' >/root/mark && sync && %s", k.mark, bootID))
	return err
}

func (k *keeper) remembers() error { return k.says(k.guest, "cat /root/mark", k.mark) }

// ranOn: the guest has its data, and never stopped.
func (k *keeper) ranOn() error {
	if err := k.remembers(); err != nil {
		return err
	}
	return k.says(k.guest, bootID, k.boot)
}

// booted: the guest has its data, and has booted since.
func (k *keeper) booted() error {
	if err := k.remembers(); err != nil {
		return err
	}
	boot, err := k.guest.Run(k.t.Context(), bootID)
	if err == nil && boot == k.boot {
		err = fmt.Errorf("the guest has not booted: %s", boot)
	}
	k.boot = boot
	return err
}

// disk is a shell's variable with the device of the volume, "" without it. Of a serial number a virtio disk has 20 characters.
func (k *keeper) disk() string {
	return fmt.Sprintf(`disk=$(grep -l ^%s /sys/block/*/serial | sed 's,.*block/\(.*\)/serial,/dev/\1,'); `, k.volume[:20])
}

// has: the guest sees so many interfaces, and the volume or no volume.
func (k *keeper) has(interfaces int, volume bool) func() error {
	return func() error {
		const many = "ls -d /sys/class/net/*/device | wc -l"
		if err := k.says(k.guest, many, fmt.Sprint(interfaces)); err != nil {
			return err
		}
		return k.says(k.guest, k.disk()+`test -b "$disk" && echo true || echo false`, fmt.Sprint(volume))
	}
}

func (k *keeper) fill() error {
	_, err := k.guest.Run(k.t.Context(), k.disk()+fmt.Sprintf(`echo '%s' | dd of="$disk" conv=fsync`, k.mark))
	return err
}

// filled: the volume has its data.
func (k *keeper) filled() error { return k.says(k.guest, k.disk()+`head -n 1 "$disk"`, k.mark) }

// grown: the guest has the memory of the larger flavor.
func (k *keeper) grown() error {
	return k.says(k.guest, `awk '/^MemTotal/ { print ($2 > 192 * 1024) }' /proc/meminfo`, "1")
}

// rescued: another system runs, which sees the data on the disk of the server's own.
func (k *keeper) rescued() error {
	return k.says(k.guest.Another(), "ls /root/mark 2>/dev/null; mkdir -p /mnt && mount -o ro /dev/vdb2 /mnt && cat /mnt/root/mark && umount /mnt", k.mark)
}

// forgot: another system runs, and the data is gone.
func (k *keeper) forgot() error {
	k.guest = k.guest.Another()
	return k.says(k.guest, "ls -A /root | grep mark || echo gone", "gone")
}

// copied is another image with what the tests' servers are made from in it.
func copied(t *testing.T, cloud *acctest.Target) string {
	t.Helper()
	service, err := cloud.Client.Image()
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	original, err := images.Get(t.Context(), service, cloud.Image(t)).Extract()
	must(err)
	made, err := images.Create(t.Context(), service, images.CreateOpts{
		Name: acctest.Name(t), DiskFormat: original.DiskFormat, ContainerFormat: original.ContainerFormat,
	}).Extract()
	must(err)
	t.Cleanup(func() {
		if err := images.Delete(context.WithoutCancel(t.Context()), service, made.ID).ExtractErr(); err != nil {
			t.Error(err)
		}
	})
	data, err := imagedata.Download(t.Context(), service, original.ID).Extract()
	must(err)
	must(imagedata.Upload(t.Context(), service, made.ID, data).ExtractErr())
	return made.ID
}
