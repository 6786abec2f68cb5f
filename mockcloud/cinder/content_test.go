// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
)

// holds compares the files of a directory with those that there have to be.
func (c *cloud) holds(dir string, want ...string) {
	c.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		c.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		c.Errorf("files %v, want %v", got, want)
	}
}

// begins holds a file's size in GiB and what it begins with, and that it takes less room than that.
func (c *cloud) begins(path string, gib int, data []byte) {
	c.Helper()
	file, err := os.Open(path)
	if err != nil {
		c.Fatal(err)
	}
	defer file.Close()
	got := make([]byte, len(data)+1)
	if _, err := file.ReadAt(got, 0); err != nil || !bytes.Equal(got, append(slices.Clone(data), 0)) {
		c.Errorf("%s begins with %q, %v", path, got, err)
	}
	info, err := file.Stat()
	if err != nil || info.Size() != bytesOf(gib) || info.Mode().Perm() != 0o600 {
		c.Errorf("%s: %v, %v", path, info, err)
	}
	if used := info.Sys().(*syscall.Stat_t).Blocks * 512; used > 10<<20 {
		c.Errorf("%s takes %d bytes", path, used)
	}
}

func TestContent(t *testing.T) {
	t.Parallel()
	images, dir := newLibrary(), filepath.Join(t.TempDir(), "volumes")
	c := start(t, Options{Dir: dir, Images: images})
	data := bytes.Repeat([]byte("real"), 1<<18)
	image := images.add("raw", 0, data)
	id := c.volume(alice, object{"imageRef": "http://glance/v2/images/" + image, "size": 1})
	v := c.show(alice, id)
	if v["bootable"] != "true" || v["volume_image_metadata"].(object)["os_type"] != "linux" || v["volume_image_metadata"].(object)["image_id"] != image {
		t.Errorf("%v", v)
	}
	file := filepath.Join(dir, volumeContent(id))
	c.begins(file, 1, data)
	snapshot := c.snapshot(alice, id)
	if err := os.WriteFile(file, nil, 0o600); err != nil { // a server writes to the volume
		t.Fatal(err)
	}
	child := c.volume(alice, object{"snapshot_id": snapshot, "size": 2})
	c.begins(filepath.Join(dir, volumeContent(child)), 2, data)
	if v := c.show(alice, child); v["bootable"] != "true" || v["volume_image_metadata"].(object)["os_type"] != "linux" {
		t.Errorf("%v", v)
	}
	// An image of a server's volumes refers to a snapshot.
	reference := images.add("raw", 0, nil)
	images.images[reference].Properties = map[string]string{
		"block_device_mapping": `[{"source_type": "snapshot", "boot_index": 0, "snapshot_id": "` + snapshot + `"}]`,
	}
	booted := c.volume(alice, object{"imageRef": reference, "size": 1})
	if v := c.show(alice, booted); v["snapshot_id"] != snapshot {
		t.Errorf("%v", v)
	}
	c.want(202, alice, "", "DELETE", "/volumes/"+booted, nil)
	c.until(alice, "/volumes/"+booted, "")
	c.act(202, alice, id, "revert", object{"snapshot_id": snapshot})
	c.until(alice, "/volumes/"+id, Available)
	c.begins(file, 1, data)
	c.act(202, alice, id, "os-extend", object{"new_size": 3})
	c.until(alice, "/volumes/"+id, Available)
	c.begins(file, 3, data)
	clone := c.volume(alice, object{"source_volid": id})
	c.begins(filepath.Join(dir, volumeContent(clone)), 3, data)
	other := images.add("raw", 0, []byte("other"))
	c.act(202, alice, clone, "os-reimage", object{"image_id": other})
	c.until(alice, "/volumes/"+clone, Available)
	c.begins(filepath.Join(dir, volumeContent(clone)), 3, []byte("other"))
	c.holds(dir, volumeContent(id), volumeContent(child), volumeContent(clone), snapshotContent(snapshot))
	c.want(202, alice, "", "DELETE", "/volumes/"+id+"?cascade=true", nil)
	c.until(alice, "/volumes/"+id, "")
	c.holds(dir, volumeContent(child), volumeContent(clone))
}

// Images in other formats are converted; back again, too.
func TestConversion(t *testing.T) {
	t.Parallel()
	qemuImg, err := exec.LookPath("qemu-img")
	if err != nil {
		t.Skip("no qemu-img")
	}
	images, dir := newLibrary(), t.TempDir()
	raw, data := filepath.Join(t.TempDir(), "raw"), []byte("qcow2 inside")
	if err := os.WriteFile(raw, append(slices.Clone(data), make([]byte, 1<<20)...), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), qemuImg, "convert", "-f", "raw", "-O", "qcow2", raw, raw+".qcow2").CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	whole, err := os.ReadFile(raw + ".qcow2")
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, Options{Dir: dir, Images: images})
	id := c.volume(alice, object{"imageRef": images.add("qcow2", 1<<20, whole)})
	c.begins(filepath.Join(dir, volumeContent(id)), 1, data)
	for _, format := range []string{"qcow2", "vmdk"} {
		image := c.act(202, alice, id, "os-volume_upload_image", object{"image_name": "copy", "disk_format": format})["os-volume_upload_image"].(object)
		c.until(alice, "/volumes/"+id, Available)
		again := c.volume(alice, object{"imageRef": image["image_id"]})
		c.begins(filepath.Join(dir, volumeContent(again)), 1, data)
		c.want(202, alice, "", "DELETE", "/volumes/"+again, nil)
		c.until(alice, "/volumes/"+again, "")
	}
	c.holds(dir, volumeContent(id))
	// What is not what it says ends in error, and leaves nothing.
	broken := c.want(202, alice, "", "POST", "/volumes", object{"volume": object{"size": 1, "imageRef": images.add("qcow2", 1<<20, []byte("no qcow2"))}})["volume"].(object)["id"].(string)
	c.until(alice, "/volumes/"+broken, Failed)
	c.holds(dir, volumeContent(id))
}

// A process that ends in the middle of a copy leaves a part of a file, which the next one removes, and takes the
// copy up again.
func TestKilledWhileCopying(t *testing.T) {
	t.Parallel()
	images, dir, records := newLibrary(), t.TempDir(), memory.New()
	data := bytes.Repeat([]byte("long"), 1<<20)
	reached, never := make(chan struct{}), make(chan struct{})
	images.during = func() { close(reached); <-never }
	c := start(t, Options{Store: records, Dir: dir, Images: images})
	goOn := sync.OnceFunc(func() { close(never) })
	t.Cleanup(goOn)
	image := images.add("raw", 0, data)
	id := c.want(202, alice, "", "POST", "/volumes", object{"volume": object{"size": 1, "imageRef": image}})["volume"].(object)["id"].(string)
	<-reached
	c.holds(dir, volumeContent(id)+partSuffix)
	// It is as good as killed: it does nothing any more, and closes nothing. Other files lie there, too.
	orphan := "01234567-89ab-4def-8123-456789abcdef"
	for _, name := range []string{volumeContent(orphan), snapshotContent(orphan) + partSuffix, volumeContent(orphan) + imageSuffix + partSuffix, "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	images.lock.Lock()
	images.during = nil
	images.lock.Unlock()
	next := start(t, Options{Store: records, Dir: dir, Images: images})
	next.until(alice, "/volumes/"+id, Available)
	next.begins(filepath.Join(dir, volumeContent(id)), 1, data)
	next.holds(dir, volumeContent(id), "notes.txt")
	goOn()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	next.holds(dir, volumeContent(id), "notes.txt")
}

// A deletion by force ends a copy that is under way.
func TestDeletedWhileCopying(t *testing.T) {
	t.Parallel()
	images, dir := newLibrary(), t.TempDir()
	reached := make(chan struct{})
	c := start(t, Options{Dir: dir, Images: images})
	images.during = func() {
		deletion := c.work.next()
		close(reached)
		<-deletion
	}
	image := images.add("raw", 0, bytes.Repeat([]byte("long"), 1<<20))
	id := c.want(202, alice, "", "POST", "/volumes", object{"volume": object{"size": 1, "imageRef": image}})["volume"].(object)["id"].(string)
	<-reached
	c.act(202, admin, id, "os-force_delete", object{})
	c.until(alice, "/volumes/"+id, "")
	c.holds(dir)
}

// An empty qcow2 image of a simulated volume is one for qemu-img, too.
func TestEmptyQCOW2(t *testing.T) {
	t.Parallel()
	qemuImg, err := exec.LookPath("qemu-img")
	if err != nil {
		t.Skip("no qemu-img")
	}
	for _, gib := range []int{1, 4096, 100_000} {
		path := filepath.Join(t.TempDir(), "empty.qcow2")
		if err := os.WriteFile(path, emptyQCOW2(bytesOf(gib)), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), qemuImg, "check", "-f", "qcow2", path).CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("No errors were found")) {
			t.Errorf("%d GiB: %v: %s", gib, err, out)
		}
	}
}
