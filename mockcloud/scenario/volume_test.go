// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// volumes is the version of the volumes' API that is asked beside compute's.
const volumes = newest + ", volume 3.70"

type volumeView struct {
	ID, Status  string
	Size        int
	Attachments []struct {
		ServerID string `json:"server_id"`
	}
}

// volume makes a volume of a GiB, or what the fields say, and waits until it is available.
func (c *client) volume(fields with) (id string) {
	c.t.Helper()
	body := with{"size": 1, "name": strings.ToLower(c.t.Name())}
	for k, v := range fields {
		body[k] = v
	}
	id = c.at(volumes).make("/volume/v3/volumes", "volume", body)
	c.waitVolume(id, "available")
	return id
}

func (c *client) showVolume(id string) (v volumeView) {
	c.t.Helper()
	var answer struct{ Volume volumeView }
	c.at(volumes).call("GET", "/volume/v3/volumes/"+id, nil, &answer)
	return answer.Volume
}

func (c *client) waitVolume(id, status string) {
	c.t.Helper()
	c.eventually("volume is "+status, func() bool { return c.showVolume(id).Status == status })
}

// attach attaches a volume and tells the device's name, and how long the guest took to see it, from the request on.
func (s *server) attach(volume string, fields with) (device string, took time.Duration) {
	s.t.Helper()
	body := with{"volumeId": volume}
	for k, v := range fields {
		body[k] = v
	}
	began := time.Now()
	var answer struct {
		Attachment struct{ Device string } `json:"volumeAttachment"`
	}
	s.at("2.100").call("POST", s.path("/os-volume_attachments"), with{"volumeAttachment": body}, &answer) // later ones tell no device
	s.eventually("the guest sees volume "+volume, func() bool { return s.disk(volume) != "" })
	took = time.Since(began)
	s.waitVolume(volume, "in-use")
	return answer.Attachment.Device, took
}

// disk is the device in the guest that has the volume's serial number; "" for none.
func (s *server) disk(volume string) string {
	found, err := s.attempt(`for d in /sys/block/vd*; do [ "$(cat $d/serial 2>/dev/null)" = ` + volume[:20] + ` ] && basename $d; done; true`)
	if err != nil || found == "" {
		return ""
	}
	return "/dev/" + found
}

func (s *server) detach(volume string) {
	s.t.Helper()
	s.call("DELETE", s.path("/os-volume_attachments/"+volume), nil, nil)
	s.waitVolume(volume, "available")
	if disk := s.disk(volume); disk != "" {
		s.t.Errorf("the volume is detached, and still %s in the guest", disk)
	}
}

// TestVolume takes a volume from guest to guest.
func TestVolume(t *testing.T) {
	t.Parallel()
	c := cloud(t)
	data, other := c.volume(nil), c.volume(with{"size": 3})
	s := c.boot(with{"name": "volume-one", "config_drive": true})
	device, took := s.attach(data, with{"tag": "data"})
	t.Logf("the guest saw the volume %v after the request", took)
	if took > time.Second {
		t.Logf("that is more than a second, on a machine that others use")
	}
	if got := s.disk(data); got != device || device != "/dev/vdb" {
		t.Errorf("Nova says %s, the guest %s", device, got)
	}
	s.checkTag(data)
	s.run("mke2fs /dev/vdb && mkdir -p /data && mount -t ext2 /dev/vdb /data && echo kept >/data/file && sync")

	c.at(volumes).call("POST", "/volume/v3/volumes/"+data+"/action", with{"os-extend": with{"new_size": 2}}, nil)
	c.eventually("the guest sees the volume grow", func() bool { return s.run("cat /sys/block/vdb/size") == "4194304" })

	// A writer that forces each line to the disk runs while the volume is swapped.
	s.run("(n=0; while [ ! -e /stop ]; do n=$((n+1)); echo $n >>/data/lines; sync; done; echo $n >/written) >/dev/null 2>&1 &")
	s.call("PUT", s.path("/os-volume_attachments/"+data), with{"volumeAttachment": with{"volumeId": other}}, nil)
	c.waitVolume(data, "available")
	c.waitVolume(other, "in-use")
	s.run("touch /stop; while [ ! -e /written ]; do sleep 1; done; umount /data")
	written := s.run("cat /written")
	c.eventually("the guest sees the larger volume", func() bool { return s.run("cat /sys/block/vdb/size") == "6291456" })
	s.call("DELETE", s.path("/os-volume_attachments/"+other), nil, nil)
	c.waitVolume(other, "available")

	two := c.boot(with{"name": "volume-two"})
	two.attach(other, nil)
	got := two.run("mkdir -p /data && mount -t ext2 /dev/vdb /data && cat /data/file && wc -l </data/lines && tail -n 1 /data/lines; umount /data")
	if want := "kept\n" + written + "\n" + written; got != want {
		t.Errorf("on the other server the volume has %q, not %q", got, want)
	}
	two.detach(other)
	two.scsiAndPaused(data)
}

// scsiAndPaused attaches a volume to a server that is paused, and to one that is off.
func (s *server) scsiAndPaused(volume string) {
	s.t.Helper()
	s.do("pause", nil)
	s.wait("PAUSED")
	s.call("POST", s.path("/os-volume_attachments"), with{"volumeAttachment": with{"volumeId": volume}}, nil)
	s.waitVolume(volume, "in-use")
	s.do("unpause", nil)
	s.wait("ACTIVE")
	s.eventually("the guest sees what was attached while it was paused", func() bool { return s.disk(volume) != "" })
	s.detach(volume)
	s.do("os-stop", nil)
	s.wait("SHUTOFF")
	s.call("POST", s.path("/os-volume_attachments"), with{"volumeAttachment": with{"volumeId": volume}}, nil)
	s.waitVolume(volume, "in-use")
	s.do("os-start", nil)
	s.wait("ACTIVE")
	s.ready()
	if s.disk(volume) != "/dev/vdb" {
		s.t.Errorf("what was attached while the server was off is %q", s.disk(volume))
	}
}

// checkTag compares what the metadata tells of a tagged volume with the guest's own view of its bus.
func (s *server) checkTag(volume string) {
	s.t.Helper()
	said := s.run("wget -q -O - http://169.254.169.254/openstack/latest/meta_data.json")
	var meta struct {
		Devices []struct {
			Bus, Address, Serial string
			Tags                 []string
		}
	}
	if err := json.Unmarshal([]byte(said), &meta); err != nil {
		s.t.Fatal(err)
	}
	seen := s.run("readlink /sys/block/vdb | tr / '\\n' | grep '^0000:' | tail -n 1")
	if len(meta.Devices) != 1 || meta.Devices[0].Serial != volume || meta.Devices[0].Address != seen || meta.Devices[0].Bus != "pci" {
		s.t.Errorf("the guest has it at %s, the metadata says %+v", seen, meta.Devices)
	}
}

// TestBootFromVolume boots a server from a volume that outlives it.
func TestBootFromVolume(t *testing.T) {
	t.Parallel()
	c := cloud(t)
	root := c.volume(with{"imageRef": c.image, "size": 1})
	extra := c.volume(nil)
	disks := []with{
		{"boot_index": 0, "uuid": root, "source_type": "volume", "destination_type": "volume"},
		{"boot_index": -1, "uuid": extra, "source_type": "volume", "destination_type": "volume"},
		{"boot_index": -1, "source_type": "blank", "destination_type": "volume", "volume_size": 1, "delete_on_termination": true},
	}
	s := c.boot(with{"name": "bfv-one", "imageRef": nil, "block_device_mapping_v2": disks})
	if got := fmt.Sprint(s.disk(root), s.disk(extra)); got != "/dev/vda/dev/vdb" {
		t.Errorf("the volumes are %s", got)
	}
	s.run("echo kept >/kept; sync")
	var made string
	for _, v := range s.show().Volumes {
		if v.ID != root && v.ID != extra {
			made = v.ID
		}
	}
	s.delete()
	c.waitVolume(root, "available")
	c.waitVolume(extra, "available")
	c.eventually("the volume that ends with its server is gone", func() bool {
		status, _ := c.at(volumes).try("GET", "/volume/v3/volumes/"+made, nil, nil)
		return status == 404
	})
	again := c.boot(with{"name": "bfv-two", "imageRef": nil, "block_device_mapping_v2": disks[:1]})
	if got := again.run("cat /kept"); got != "kept" {
		t.Errorf("on the next server the volume has %q", got)
	}
}

// TestVolumesOutliveTheCloud: what is plugged in stays so when mockcloud ends and comes again, and a snapshot of a volume
// in use is as good as its file system's journal makes it.
func TestVolumesOutliveTheCloud(t *testing.T) {
	t.Parallel()
	c := newCloud(t, local.Options{Hosts: local.Hosts(1)})
	data, more := c.volume(nil), c.volume(nil)
	s := c.boot(with{"name": "outlive"})
	s.attach(data, nil)
	s.run("mke2fs /dev/vdb && mkdir -p /data && mount -t ext2 /dev/vdb /data && echo before >/data/file && sync")
	s.restart()
	if got := s.run("echo after >>/data/file && sync && cat /data/file"); got != "before\nafter" {
		t.Errorf("after the restart the volume has %q", got)
	}
	snapshot := c.at(volumes).make("/volume/v3/snapshots", "snapshot", with{"volume_id": data, "name": "x"})
	c.eventually("the snapshot is there", func() bool {
		var answer struct{ Snapshot struct{ Status string } }
		c.at(volumes).call("GET", "/volume/v3/snapshots/"+snapshot, nil, &answer)
		return answer.Snapshot.Status == "available"
	})
	s.run("rm /data/file; sync; umount /data")
	s.detach(data)
	s.attach(more, nil)
	s.detach(more)
	copied := c.volume(with{"snapshot_id": snapshot})
	s.attach(copied, nil)
	if got := s.run("mount -t ext2 /dev/vdb /data && cat /data/file; umount /data"); got != "before\nafter" {
		t.Errorf("the copy of the snapshot has %q", got)
	}
	s.detach(copied)
}
