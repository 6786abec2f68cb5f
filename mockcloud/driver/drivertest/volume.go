// SPDX-License-Identifier: MPL-2.0

package drivertest

import (
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// volumes holds for drivers that can attach volumes.
func volumes(h *host) {
	able, ok := h.Driver.(driver.VolumeAttacher)
	if !ok {
		h.Skip("the driver attaches no volumes")
	}
	m, root, data, other := h.machine(), h.volume("vda"), h.volume("vdb"), h.volume("vdb")
	root.BootIndex = 0
	m.Root, m.Volumes = driver.RootDisk{}, []driver.Volume{root}
	h.must(h.Spawn(h.ctx, m), "Spawn of a machine that boots from a volume")
	h.wantState(m.ID, driver.Running)

	h.must(able.AttachVolume(h.ctx, m.ID, data), "AttachVolume")
	h.must(able.AttachVolume(h.ctx, m.ID, data), "AttachVolume again")
	h.must(able.ExtendVolume(h.ctx, m.ID, data.ID, 2*data.Size), "ExtendVolume")
	h.must(able.SwapVolume(h.ctx, m.ID, data.ID, other), "SwapVolume")
	h.wantErr(able.SwapVolume(h.ctx, m.ID, data.ID, other), driver.ErrNoDevice, "SwapVolume again")
	h.wantErr(able.ExtendVolume(h.ctx, m.ID, data.ID, data.Size), driver.ErrNoDevice, "ExtendVolume of a volume that is not attached")
	h.wantErr(able.DetachVolume(h.ctx, m.ID, data.ID), driver.ErrNoDevice, "DetachVolume of a volume that is not attached")
	h.reopenWithVolumes(&able)
	h.must(able.DetachVolume(h.ctx, m.ID, other.ID), "DetachVolume")
	h.wantErr(able.DetachVolume(h.ctx, m.ID, other.ID), driver.ErrNoDevice, "DetachVolume again")

	h.must(h.Stop(h.ctx, m.ID, 0), "Stop")
	h.must(able.AttachVolume(h.ctx, m.ID, data), "AttachVolume to a stopped machine")
	h.must(h.Start(h.ctx, m.ID), "Start")
	h.must(able.DetachVolume(h.ctx, m.ID, data.ID), "DetachVolume of what was attached meanwhile")

	stranger := uuid.NewString()
	h.wantErr(able.AttachVolume(h.ctx, stranger, data), driver.ErrNotFound, "AttachVolume to no machine")
	h.wantErr(able.DetachVolume(h.ctx, stranger, data.ID), driver.ErrNotFound, "DetachVolume from no machine")
}

// reopenWithVolumes opens the host anew, if its machines can outlive it.
func (h *host) reopenWithVolumes(able *driver.VolumeAttacher) {
	h.Helper()
	if !h.subject.Survives {
		return
	}
	h.must(h.Close(), "Close")
	h.open()
	*able = h.Driver.(driver.VolumeAttacher)
}

// volume is a new volume: a sparse file of 64 MiB.
func (h *host) volume(device string) driver.Volume {
	h.Helper()
	const size = 64 << 20
	id := uuid.NewString()
	path := filepath.Join(h.TempDir(), id)
	h.must(os.WriteFile(path, nil, 0o600), "volume")
	h.must(os.Truncate(path, size), "volume")
	return driver.Volume{ID: id, Path: path, Size: size, Device: "/dev/" + device, Bus: "virtio", Type: "disk", BootIndex: -1}
}
