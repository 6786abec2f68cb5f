// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRescue boots a server from another disk: by image, that comes first, and the server's own are behind it; by
// device, it comes last, and the own disks stay where they are.
func TestRescue(t *testing.T) {
	t.Parallel()
	c := cloud(t)
	s := c.boot(with{"name": "rescue", "flavorRef": c.ephemeralFlavor(), "config_drive": true})
	disks := s.disks()
	if len(disks) != 2 {
		t.Fatalf("the guest has the disks %q", disks)
	}
	s.run("echo mine >/mine") // without a sync: it shuts down in order
	own := s.bootID()

	var answer struct {
		Password string `json:"adminPass"`
	}
	s.ask("rescue", with{}, &answer)
	s.wait("RESCUE")
	s.hangUp()
	if got := s.disks(); len(got) != 3 || got[1] != disks[0] || got[2] != disks[1] {
		t.Errorf("the disks were %q and are %q", disks, got)
	}
	s.ready()
	if !s.accepts(answer.Password) {
		t.Error("the rescue system does not know the password that rescue told")
	}
	if got := s.run("ls /mine 2>/dev/null; mkdir -p /mnt && mount -t ext4 /dev/vdb2 /mnt && cat /mnt/mine && echo rescued >/mnt/rescued && umount /mnt"); got != "mine" {
		t.Errorf("the rescue system finds %q on the server's disk", got)
	}
	s.do("unrescue", nil)
	s.wait("ACTIVE")
	s.hangUp()
	if got := s.run("cat /mine /rescued"); got != "mine\nrescued" {
		t.Errorf("unrescued, the guest has %q", got)
	}
	if got := s.disks(); len(got) != 2 || s.bootID() == own {
		t.Errorf("unrescued, the guest has the disks %q", got)
	}

	stable := c.upload("stable", with{"hw_rescue_device": "disk", "hw_rescue_bus": "virtio"}, bytes.NewReader(marked(t, c.options.GuestImage)))
	s.do("rescue", with{"rescue_image_ref": stable})
	s.wait("RESCUE")
	s.hangUp()
	if got := s.run("cat /proc/cmdline"); !strings.Contains(got, " "+mark+" ") {
		t.Errorf("the guest was not booted from the rescue disk: %s", got)
	}
	if got := s.disks(); len(got) != 3 || got[0] != disks[0] || got[1] != disks[1] {
		t.Errorf("the disks were %q and are %q", disks, got)
	}
	if got := s.run("dd if=/dev/sr0 bs=8 skip=4101 count=1 2>/dev/null"); got != "config-2" { // ISO 9660's volume identifier
		t.Errorf("the config drive is called %q", got)
	}
	s.do("unrescue", nil)
	s.wait("ACTIVE")
}

// disks are the sizes of the guest's disks, in the order of their names.
func (s *server) disks() []string {
	s.t.Helper()
	return strings.Fields(s.run("cat /sys/block/vd?/size"))
}

// mark stands in the kernel's command line of a marked image.
const mark = "rescu"

// marked is a guest image whose kernel is told a word by which its boots can be told from others.
func marked(t *testing.T, path string) []byte {
	t.Helper()
	dir := t.TempDir()
	raw, result := filepath.Join(dir, "raw"), filepath.Join(dir, "qcow2")
	convert := func(args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), "qemu-img", append([]string{"convert"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	convert("-O", "raw", path, raw)
	content, err := os.ReadFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	was := []byte(" quiet no_timer_check")
	if bytes.Count(content, was) != 1 {
		t.Fatalf("%q is %d times in the image", was, bytes.Count(content, was))
	}
	content = bytes.Replace(content, was, []byte(" "+mark+" no_timer_check"), 1)
	if err := os.WriteFile(raw, content, 0o600); err != nil {
		t.Fatal(err)
	}
	convert("-f", "raw", "-O", "qcow2", "-c", raw, result)
	content, err = os.ReadFile(result)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
