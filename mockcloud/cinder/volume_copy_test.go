// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
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
