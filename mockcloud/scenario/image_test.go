// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"testing"
)

// imageView is what Glance shows of an image, as far as scenarios ask.
type imageView struct {
	ID, Name, Status string
	Size             int64
}

// awaitImage waits until an image is whole.
func (c *client) awaitImage(id string) imageView {
	c.t.Helper()
	var image imageView
	c.eventually("image is active", func() bool {
		c.call("GET", "/image/v2/images/"+id, nil, &image)
		return image.Status == "active"
	})
	return image
}

// image makes an image of the server, which goes with the test, and waits until both are done.
func (s *server) image(name string) (id string) {
	s.t.Helper()
	var made struct {
		Image string `json:"image_id"`
	}
	s.ask("createImage", with{"name": name}, &made)
	s.later("/image/v2/images/" + made.Image)
	if image := s.awaitImage(made.Image); image.Size < 1<<20 {
		s.t.Errorf("image %s has %d bytes", name, image.Size)
	}
	s.wait(s.show().Status)
	return made.Image
}

// upload makes an image that goes with the test.
func (c *client) upload(name string, properties with, content io.Reader) (id string) {
	c.t.Helper()
	body := with{"name": name, "disk_format": "qcow2", "container_format": "bare"}
	maps.Copy(body, properties)
	var made struct{ ID string }
	c.call("POST", "/image/v2/images", body, &made)
	c.later("/image/v2/images/" + made.ID)
	c.call("PUT", "/image/v2/images/"+made.ID+"/file", content, nil)
	return made.ID
}

// guestImage is the guest's image again, with properties.
func (c *client) guestImage(name string, properties with) (id string) {
	c.t.Helper()
	file, err := os.Open(c.options.GuestImage)
	if err != nil {
		c.t.Fatal(err)
	}
	defer file.Close()
	return c.upload(name, properties, file)
}

// TestQuiesced: where the image says so, the guest's agent has it write out what it has before its disk is copied.
// Rebuilt of the copy, the guest has a file that it never synced.
func TestQuiesced(t *testing.T) {
	t.Parallel()
	c := cloud(t)
	s := c.boot(with{"name": "quiesced", "imageRef": c.guestImage("agent", with{"hw_qemu_guest_agent": "yes", "os_require_quiesce": "yes"})})
	s.run("echo 60000 >/proc/sys/vm/dirty_writeback_centisecs; echo 60000 >/proc/sys/vm/dirty_expire_centisecs; sync; echo unsynced >/unsynced")
	image := s.image("quiesced")
	if got := s.run("echo thawed >/thawed; sync; cat /thawed"); got != "thawed" { // would hang otherwise
		t.Errorf("after the snapshot the guest says %q", got)
	}
	s.do("rebuild", with{"imageRef": image})
	s.wait("ACTIVE")
	s.hangUp()
	if got := s.run("cat /unsynced; ls /thawed 2>/dev/null; true"); got != "unsynced" {
		t.Errorf("the snapshot has %q", got)
	}
	s.backups()
	s.shelved()
}

// backups makes more of them than are kept.
func (s *server) backups() {
	s.t.Helper()
	var made []string
	for n := range 3 {
		var answer struct {
			Image string `json:"image_id"`
		}
		s.ask("createBackup", with{"name": fmt.Sprint("backup-", n), "backup_type": "daily", "rotation": 2}, &answer)
		s.later("/image/v2/images/" + answer.Image)
		s.wait("ACTIVE")
		made = append(made, answer.Image)
	}
	var answer struct{ Images []imageView }
	s.call("GET", "/image/v2/images?backup_type=daily&instance_uuid="+s.ID, nil, &answer)
	var left []string
	for _, image := range answer.Images {
		left = append(left, image.ID)
	}
	slices.Sort(left)
	want := slices.Sorted(slices.Values(made[1:]))
	if !slices.Equal(left, want) {
		s.t.Errorf("of the backups %q there are %q", made, left)
	}
}

// shelved takes the server off its host and brings it back on another one.
func (s *server) shelved() {
	s.t.Helper()
	s.run("echo kept >/kept")
	from, address := s.show().Host, s.fixed()
	s.do("shelve", nil)
	s.wait("SHELVED_OFFLOADED")
	if _, err := os.Stat(s.options.Dir + "/hosts/" + from + "/machines/" + s.ID); !os.IsNotExist(err) {
		s.t.Errorf("an offloaded server still has files on %s: %v", from, err)
	}
	s.hangUp()
	to := s.otherHost(from)
	s.do("unshelve", with{"host": to})
	s.wait("ACTIVE")
	if got := s.run("cat /kept"); got != "kept" {
		s.t.Errorf("unshelved, the guest has %q", got)
	}
	if v := s.show(); v.Host != to || s.fixed() != address {
		s.t.Errorf("the server is on %s with the address %s; it should be on %s with %s", v.Host, s.fixed(), to, address)
	}
}

// otherHost is a host that a server can be on, and not this one.
func (c *client) otherHost(than string) string {
	c.t.Helper()
	var answer struct {
		Services []struct{ Host, Binary, State, Status string }
	}
	c.call("GET", "/os-services?binary=nova-compute", nil, &answer)
	for _, s := range answer.Services {
		if s.Host != than && s.State == "up" && s.Status == "enabled" {
			return s.Host
		}
	}
	c.t.Fatal("there is one host only")
	return ""
}
