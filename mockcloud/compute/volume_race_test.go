// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"slices"
	"sync/atomic"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// A volume that is attached while the server gets its host back is attached there, whether unshelve saw it or not.
func TestAttachWhileUnshelved(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"Reserve", "Complete"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			c, v := withVolumes(t, "data")
			inst := c.active(t)
			if err := c.Shelve(t.Context(), user, inst.ID); err != nil {
				t.Fatal(err)
			}
			c.settle(t)
			var begun atomic.Bool
			v.around = func(what string, call func() error) error {
				if what == "volumes' "+method && begun.CompareAndSwap(false, true) {
					if err := c.Unshelve(t.Context(), user, inst.ID, compute.UnshelveRequest{}); err != nil {
						t.Error(err)
					}
					c.settle(t)
				}
				return call()
			}
			if _, err := c.AttachVolume(t.Context(), user, inst.ID, compute.VolumeAttachRequest{VolumeID: "data"}); err != nil {
				t.Fatal(err)
			}
			c.settle(t)
			c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
			if b := c.get(t, inst.ID).Volume("data"); b == nil || b.Device != "/dev/vdb" || b.Change != nil {
				t.Errorf("disk is %+v", b)
			}
			if got := c.attached(t, inst.ID); !slices.Equal(got, []string{"data"}) {
				t.Errorf("machine has %v", got)
			}
			v.want(t, map[string]string{"data": "in-use"})
		})
	}
}

// The guest of a volume-backed server is held still while its volumes are copied, if it can be or its image demands it.
func TestSnapshotOfVolumesQuiesces(t *testing.T) {
	t.Parallel()
	for _, demand := range []string{"no", "yes"} {
		t.Run(demand, func(t *testing.T) {
			t.Parallel()
			c, v := withVolumes(t, "root")
			v.of["root"].ImageMetadata["os_require_quiesce"] = demand
			c.Images = &gallery{}
			inst := c.create(t, bootFrom(onVolume(compute.SourceVolume, "root")))
			c.settle(t)
			if _, err := c.CreateImage(t.Context(), user, inst.ID, "held", nil); err != nil {
				t.Errorf("a guest that runs is not held: %v", err)
			}
			for _, h := range c.hosts { // compute has not heard yet that its guest powered off
				_ = h.Stop(t.Context(), inst.ID, 0)
			}
			_, err := c.CreateImage(t.Context(), user, inst.ID, "off", nil)
			if demand == "no" && err != nil {
				t.Errorf("a guest that need not be held fails the snapshot: %v", err)
			}
			if demand == "yes" {
				wantErr(t, err, compute.BadRequest, "QEMU guest agent is not enabled")
			}
		})
	}
}
