// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// Copies of a volume in use are made by the host of its server.
func TestCopiesOfVolumesInUse(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("qemu-img"); err != nil {
		t.Skip("no qemu-img")
	}
	images, dir := newLibrary(), t.TempDir()
	var breaks atomic.Bool
	c := start(t, Options{Dir: dir, Images: images, Copy: func(_ context.Context, server, volume, path string) (bool, error) {
		info, err := os.Stat(path)
		switch {
		case err != nil || info.Size() != gibibyte:
			t.Errorf("the copy is to be in %v, %v", info, err)
		case server != serverA:
			t.Errorf("server %s is asked", server)
		case breaks.Load():
			return false, &os.PathError{Op: "write", Path: path, Err: syscall.ENOSPC}
		}
		return true, os.WriteFile(path, []byte("of one moment"), 0o600)
	}})
	id := c.volume(alice, object{})
	a := c.reserveFor(id, serverA)
	c.connectAt(a, "compute-1", "/dev/vdb")
	snapshot := c.want(202, alice, "3.66", "POST", "/snapshots", object{"snapshot": object{"volume_id": id}})["snapshot"].(object)["id"].(string)
	c.until(alice, "/snapshots/"+snapshot, Available)
	c.begins(filepath.Join(dir, snapshotContent(snapshot)), 1, []byte("of one moment"))
	clone := c.volume(alice, object{"source_volid": id})
	c.begins(filepath.Join(dir, volumeContent(clone)), 1, []byte("of one moment"))
	image := c.act(202, alice, id, "os-volume_upload_image", object{"image_name": "copy", "force": true, "disk_format": "qcow2"})["os-volume_upload_image"].(object)["image_id"].(string)
	c.until(alice, "/volumes/"+id, InUse)
	again := c.volume(alice, object{"imageRef": image})
	c.begins(filepath.Join(dir, volumeContent(again)), 1, []byte("of one moment"))
	// A host whose disk is full leaves nothing.
	breaks.Store(true)
	failed := c.want(202, alice, "3.66", "POST", "/snapshots", object{"snapshot": object{"volume_id": id}})["snapshot"].(object)["id"].(string)
	c.until(alice, "/snapshots/"+failed, Failed)
	c.holds(dir, volumeContent(id), volumeContent(clone), volumeContent(again), snapshotContent(snapshot))
}

// A host that cannot copy, or has the volume no more, leaves it to Cinder.
func TestCopiesWithoutAHost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	asked, detached := make(chan struct{}), false
	c := start(t, Options{Dir: dir, Copy: func(ctx context.Context, _, _, _ string) (bool, error) {
		if !detached {
			return false, nil
		}
		close(asked)
		<-ctx.Done() // whoever has the server's turn waits for the copy
		return false, context.Cause(ctx)
	}})
	id := c.volume(alice, object{})
	if err := os.WriteFile(filepath.Join(dir, volumeContent(id)), []byte("its own"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := c.reserveFor(id, serverA)
	c.connectAt(a, "compute-1", "/dev/vdb")
	for range 2 {
		snapshot := c.want(202, alice, "3.66", "POST", "/snapshots", object{"snapshot": object{"volume_id": id}})["snapshot"].(object)["id"].(string)
		if detached {
			<-asked
			c.want(200, alice, "3.27", "DELETE", "/attachments/"+a, nil)
		}
		c.until(alice, "/snapshots/"+snapshot, Available)
		c.begins(filepath.Join(dir, snapshotContent(snapshot)), 1, []byte("its own"))
		detached = true
	}
}

// overtaken is content of which a copy is interrupted once, when it is all but made.
type overtaken struct {
	contents

	once   sync.Once
	during func()
}

func (i *overtaken) clone(ctx context.Context, from, to string, bytes int64) error {
	err := i.contents.clone(ctx, from, to, bytes)
	i.once.Do(i.during)
	return err
}

// A volume that is attached while it is copied is copied again: by the host that has it, or from what the host has left.
func TestCopiesOfVolumesBeingAttached(t *testing.T) {
	t.Parallel()
	const written, moment = "what the guest wrote", "of one moment"
	for name, test := range map[string]struct {
		complete, detach bool
		want             string
	}{
		"attaching":             {want: moment},
		"attached":              {complete: true, want: moment},
		"attached and detached": {complete: true, detach: true, want: written},
	} {
		for _, clone := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", clone", false: ", snapshot"}[clone], func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				c := start(t, Options{Dir: dir, Copy: func(_ context.Context, _, _, path string) (bool, error) {
					return true, os.WriteFile(path, []byte(moment), 0o600)
				}})
				id := c.volume(alice, object{})
				c.content = &overtaken{contents: c.content, during: func() {
					a := c.reserveFor(id, serverA)
					c.want(200, alice, "3.44", "PUT", "/attachments/"+a, object{"attachment": object{"connector": object{"host": "compute-1"}}})
					if err := os.WriteFile(filepath.Join(dir, volumeContent(id)), []byte(written), 0o600); err != nil {
						t.Error(err)
					}
					if test.complete {
						c.want(204, alice, "3.44", "POST", "/attachments/"+a+"/action", object{"os-complete": nil})
					}
					if test.detach {
						c.want(200, alice, "3.27", "DELETE", "/attachments/"+a, nil)
					}
				}}
				if clone {
					made := c.volume(alice, object{"source_volid": id})
					c.begins(filepath.Join(dir, volumeContent(made)), 1, []byte(test.want))
					return
				}
				snapshot := c.want(202, alice, "3.66", "POST", "/snapshots", object{"snapshot": object{"volume_id": id}})["snapshot"].(object)["id"].(string)
				c.until(alice, "/snapshots/"+snapshot, Available)
				c.begins(filepath.Join(dir, snapshotContent(snapshot)), 1, []byte(test.want))
			})
		}
	}
}

// Of an upload and an attachment at once one is refused, whichever comes second: the volume's status decides.
func TestUploadOrAttach(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Images: newLibrary(), Clock: clock.NewManual(time.Unix(0, 0)), Pace: func(operation string) time.Duration {
		return map[string]time.Duration{"volume.upload": time.Hour}[operation]
	}})
	upload := object{"image_name": "copy", "force": true}
	id := c.volume(alice, object{})
	c.reserveFor(id, serverA)
	c.act(400, alice, id, "os-volume_upload_image", upload)
	c.is(id, Reserved)
	id = c.volume(alice, object{})
	c.act(202, alice, id, "os-volume_upload_image", upload)
	c.want(400, alice, "3.44", "POST", "/attachments", object{"attachment": object{"volume_uuid": id, "instance_uuid": serverA}})
	c.act(400, alice, id, "os-reserve", nil)
	c.act(400, alice, id, "os-attach", object{"instance_uuid": serverA, "mountpoint": "/dev/vdb"})
	c.is(id, Uploading)
}
