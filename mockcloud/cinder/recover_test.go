// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/sqlite"
)

// Whatever was under way when a process ended, the next one on the same store ends it.
func TestRecovery(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) store.Store{
		"memory": func(*testing.T) store.Store { return memory.New() },
		"sqlite": func(t *testing.T) store.Store {
			s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "cloud.sqlite"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records, dir, images := open(t), t.TempDir(), newLibrary()
			format := "qcow2"
			if _, err := exec.LookPath("qemu-img"); err != nil {
				format = "raw"
			}
			quick := Options{Store: records, Dir: dir, Images: images}
			c := start(t, quick)
			extended, deleted, retyped, reverted := c.volume(alice, object{}), c.volume(alice, object{}), c.volume(alice, object{}), c.volume(alice, object{})
			latest, doomed := c.snapshot(alice, reverted), c.snapshot(alice, extended)
			uploaded := c.volume(alice, object{})
			kind := c.want(200, admin, "", "POST", "/types", object{"volume_type": object{"name": "other"}})["volume_type"].(object)["id"]
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			// The second process is so slow that it gets nothing done.
			slow := quick
			slow.Clock, slow.Pace = clock.NewManual(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)), func(string) time.Duration { return time.Hour }
			c = start(t, slow)
			created := c.want(202, alice, "", "POST", "/volumes", object{"volume": object{"size": 1}})["volume"].(object)["id"].(string)
			snapshot := c.want(202, alice, "", "POST", "/snapshots", object{"snapshot": object{"volume_id": uploaded}})["snapshot"].(object)["id"].(string)
			c.act(202, alice, extended, "os-extend", object{"new_size": 2})
			c.act(202, alice, retyped, "os-retype", object{"new_type": kind})
			c.act(202, alice, reverted, "revert", object{"snapshot_id": latest})
			image := c.act(202, alice, uploaded, "os-volume_upload_image", object{"image_name": "copy", "disk_format": format})["os-volume_upload_image"].(object)["image_id"].(string)
			c.want(202, alice, "", "DELETE", "/volumes/"+deleted, nil)
			c.want(202, alice, "", "DELETE", "/snapshots/"+doomed, nil)
			for id, status := range map[string]string{
				created: Creating, extended: Extending, retyped: Retyping, reverted: Reverting, uploaded: Uploading, deleted: Deleting,
			} {
				if got := c.show(alice, id)["status"]; got != status {
					t.Errorf("%v, want %s", got, status)
				}
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			c = start(t, quick)
			for _, id := range []string{created, retyped, reverted, uploaded} {
				c.until(alice, "/volumes/"+id, Available)
			}
			if v := c.until(alice, "/volumes/"+extended, Available); v["size"] != 2.0 {
				t.Errorf("size %v", v["size"])
			}
			if v := c.show(alice, retyped); v["volume_type"] != "other" {
				t.Errorf("type %v", v["volume_type"])
			}
			c.until(alice, "/volumes/"+deleted, "")
			c.until(alice, "/snapshots/"+doomed, "")
			c.until(alice, "/snapshots/"+snapshot, Available)
			c.until(alice, "/snapshots/"+latest, Available)
			if images.images[image].Status != "active" || images.images[image].Size == 0 {
				t.Errorf("%+v", images.images[image])
			}
			c.holds(dir, volumeContent(created), volumeContent(retyped), volumeContent(reverted), volumeContent(uploaded), volumeContent(extended),
				snapshotContent(snapshot), snapshotContent(latest))
		})
	}
}
