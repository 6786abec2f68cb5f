// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// A volume that the guest does not let go of is the server's, and one that it let go of after that is detached when that
// is asked for again: it is never both.
func TestDetachOfWhatTheGuestKeeps(t *testing.T) {
	t.Parallel()
	var keeps atomic.Bool
	v := newVolumes("data")
	c := start(t, func(config *compute.Config, _ *sim.Options) {
		config.Volumes = v
		config.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
			if call.Method == "DetachVolume" && keeps.Load() {
				return errors.New("the guest does not let go of the device within 1m0s")
			}
			return next(ctx)
		}
	})
	inst := c.active(t)
	if _, err := c.AttachVolume(t.Context(), user, inst.ID, compute.VolumeAttachRequest{VolumeID: "data"}); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	for _, kept := range []bool{true, true, false} {
		keeps.Store(kept)
		if err := c.DetachVolume(t.Context(), user, inst.ID, "data"); err != nil {
			t.Fatal(err)
		}
		c.settle(t)
		disk, has := c.get(t, inst.ID).Volume("data"), slices.Contains(c.attached(t, inst.ID), "data")
		if (disk != nil) != kept || has != kept || disk != nil && disk.Change != nil {
			t.Errorf("kept %v: the server has %+v, its machine %v", kept, disk, has)
		}
		v.want(t, map[string]string{"data": map[bool]string{true: "in-use", false: "available"}[kept]})
		if ids, err := v.AttachmentsOf(t.Context(), inst.ID); err != nil || (len(ids) != 0) != kept {
			t.Errorf("kept %v: attachments %v, %v", kept, ids, err)
		}
	}
}
