// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// TestRescueBoots: on every bus that is offered the firmware finds the rescue disk, and boots from it rather than from
// the machine's own, which is there, too; also after a restart of the host and of the guest.
func TestRescueBoots(t *testing.T) {
	t.Parallel()
	const rescued = "r"
	for name, want := range map[string]driver.Rescue{
		"by image":     {},
		"stable":       {Stable: true},
		"virtio disk":  {Stable: true, Device: "disk", Bus: "virtio"},
		"scsi disk":    {Stable: true, Device: "disk", Bus: "scsi"},
		"usb disk":     {Stable: true, Device: "disk", Bus: "usb"},
		"sata disk":    {Stable: true, Device: "disk", Bus: "sata"},
		"ide disk":     {Stable: true, Device: "disk", Bus: "ide"},
		"default disk": {Stable: true, Device: "disk"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			h := open(t, dir)
			id := spawn(t, h, bootSector(deaf))
			printed := func(text string, times int) {
				t.Helper()
				eventually(t, text, func() bool {
					out, err := h.ConsoleOutput(t.Context(), id, -1)
					return err == nil && strings.Count(out, text) >= times
				})
			}
			printed(banner, 1)
			want.Image = bootSector(saying)
			if err := h.Rescue(t.Context(), id, want); err != nil {
				t.Fatal(err)
			}
			printed(banner+rescued, 1)
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
			h = open(t, dir)
			defer empty(t, h)
			if err := h.Stop(t.Context(), id, 0); err != nil {
				t.Fatal(err)
			}
			if err := h.Start(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			printed(banner+rescued, 2)
			if err := h.Unrescue(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			printed(banner, 4)
			if _, err := os.Lstat(h.machine(id).rescue()); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the rescue disk is left: %v", err)
			}
		})
	}
}

// TestRescueIsRefused: what the board lacks, the machine knows nothing of.
func TestRescueIsRefused(t *testing.T) {
	t.Parallel()
	h := opened(t)
	id := spawn(t, h, bootSector(deaf))
	pid := pidOf(t, h, id)
	for _, want := range []driver.Rescue{
		{Stable: true, Device: "floppy", Bus: "fdc"}, {Stable: true, Device: "cdrom", Bus: "virtio"},
	} {
		want.Image = bootSector(deaf)
		if err := h.Rescue(t.Context(), id, want); err == nil || !strings.Contains(err.Error(), want.Bus) {
			t.Errorf("Rescue(%+v) = %v", want, err)
		}
	}
	bad := bootSector(deaf)
	bad.Checksum = "sha512:" + strings.Repeat("0", 128)
	if err := h.Rescue(t.Context(), id, driver.Rescue{Image: bad}); !errors.Is(err, driver.ErrBadImage) {
		t.Errorf("Rescue = %v", err)
	}
	if pidOf(t, h, id) != pid {
		t.Error("the guest was ended")
	}
}

// TestRescueKeepsTheOrder: by image, the machine's own disks follow the rescue disk in their order; stable, they stay
// where they are, and the rescue disk is behind them.
func TestRescueKeepsTheOrder(t *testing.T) {
	t.Parallel()
	m := &machine{files: files{dir: "/d", run: "/r"}}
	s := spec{Ephemeral: 1, Swap: true, Config: true, Ports: 9}
	if err := s.addVolume(driver.Volume{ID: "v", Path: "/v", BootIndex: -1}, s.Ports); err != nil {
		t.Fatal(err)
	}
	ids := func(r *rescue) (ids []string) {
		with := s.clone()
		with.Rescue = r
		boots := map[int]string{}
		for _, d := range m.disks(&with) {
			ids = append(ids, d.id)
			if d.boot < 0 {
				continue
			}
			if other, taken := boots[d.boot]; taken {
				t.Errorf("%s and %s are both booted as number %d", d.id, other, d.boot)
			}
			boots[d.boot] = d.id
		}
		if r != nil && boots[0] != rescueID {
			t.Errorf("booted from %s", boots[0])
		}
		return ids
	}
	own := ids(nil)
	if got := ids(&rescue{}); !slices.Equal(got, append([]string{rescueID}, own...)) {
		t.Errorf("by image: %q", got)
	}
	if got := ids(&rescue{Stable: true, Device: "disk", Bus: virtioBus, Slot: 1}); !slices.Equal(got, append(own, rescueID)) {
		t.Errorf("stable: %q", got)
	}
}
