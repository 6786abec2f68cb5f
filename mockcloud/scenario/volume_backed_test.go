// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"bytes"
	"net/http"
	"testing"
)

// TestVolumeBacked takes a server that boots from a volume, and has another one, through what moves servers.
func TestVolumeBacked(t *testing.T) {
	t.Parallel()
	c := cloud(t)
	data := c.volume(nil)
	s := c.boot(with{"name": "backed", "imageRef": nil, "block_device_mapping_v2": []with{
		{"boot_index": 0, "uuid": c.image, "source_type": "image", "destination_type": "volume", "volume_size": 1, "delete_on_termination": true},
	}})
	s.attach(data, nil)
	s.run("mke2fs /dev/vdb && mkdir -p /data && mount -t ext2 /dev/vdb /data && echo data >/data/file && echo root >/kept && sync")

	s.snapshotOfVolumes()

	before := s.bootID()
	from := s.show().Host
	s.do("os-migrateLive", with{"host": nil, "block_migration": "auto"})
	if now := s.wait("ACTIVE"); now.Host == from {
		t.Errorf("the server is on %s still", from)
	}
	if got := s.run("echo moved >>/data/file && sync && cat /data/file /kept"); got != "data\nmoved\nroot" || s.bootID() != before {
		t.Errorf("after the live migration the volumes have %q", got)
	}

	s.do("resize", with{"flavorRef": c.flavor("m1.micro")})
	s.wait("VERIFY_RESIZE")
	if got := s.run("mount -t ext2 /dev/vdb /data && cat /data/file /kept && umount /data"); got != "data\nmoved\nroot" {
		t.Errorf("after the resize the volumes have %q", got)
	}
	s.do("confirmResize", nil)
	s.wait("ACTIVE")

	s.do("shelve", nil)
	s.wait("SHELVED_OFFLOADED")
	s.do("unshelve", nil)
	s.wait("ACTIVE")
	if got := s.run("mount -t ext2 /dev/vdb /data && cat /data/file /kept && umount /data"); got != "data\nmoved\nroot" {
		t.Errorf("after unshelve the volumes have %q", got)
	}
	s.at("2.86").refusedAt(t, s, http.StatusBadRequest, "rescue", with{})
	s.at("2.92").refusedAt(t, s, http.StatusBadRequest, "rebuild", with{"imageRef": c.otherImage()})
}

// refusedAt is refused at the client's version.
func (c *client) refusedAt(t *testing.T, s *server, status int, action string, body any) {
	t.Helper()
	if got, err := c.try("POST", s.path("/action"), with{action: body}, nil); got != status || err == nil {
		t.Errorf("%s: %d, not %d: %v", action, got, status, err)
	}
}

// otherImage is an image that is not the guest's.
func (c *client) otherImage() string {
	c.t.Helper()
	var made struct{ ID string }
	c.call("POST", "/image/v2/images", with{"name": "other", "disk_format": "raw", "container_format": "bare"}, &made)
	c.later("/image/v2/images/" + made.ID)
	c.call("PUT", "/image/v2/images/"+made.ID+"/file", bytes.NewReader(make([]byte, 1<<20)), nil)
	return made.ID
}

// snapshotOfVolumes makes an image of the server, which is snapshots of its volumes, and boots another one of it.
func (s *server) snapshotOfVolumes() {
	s.t.Helper()
	var made struct {
		ID string `json:"image_id"`
	}
	s.ask("createImage", with{"name": "backed"}, &made)
	s.later("/image/v2/images/" + made.ID)
	list := func() (found []struct{ ID, Name, Status string }) {
		var all struct {
			Snapshots []struct{ ID, Name, Status string }
		}
		s.at(volumes).call("GET", "/volume/v3/snapshots", nil, &all)
		for _, snapshot := range all.Snapshots {
			if snapshot.Name == "snapshot for backed" {
				found = append(found, snapshot)
			}
		}
		return found
	}
	s.t.Cleanup(func() {
		for _, snapshot := range list() {
			s.at(volumes).remove("/volume/v3/snapshots/" + snapshot.ID)
		}
	})
	s.eventually("the snapshots are made", func() bool {
		all := list()
		return len(all) == 2 && all[0].Status == "available" && all[1].Status == "available"
	})
	again := s.boot(with{"name": "backed-again", "imageRef": made.ID})
	if got := again.run("mkdir -p /data && mount -t ext2 /dev/vdb /data && cat /data/file /kept"); got != "data\nroot" {
		s.t.Errorf("a server of the snapshots has %q", got)
	}
	ids := again.show().Volumes
	again.delete()
	for _, v := range ids {
		s.at(volumes).remove("/volume/v3/volumes/" + v.ID)
	}
}
