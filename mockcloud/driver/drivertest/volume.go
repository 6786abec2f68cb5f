// SPDX-License-Identifier: MPL-2.0

package drivertest

import (
	"errors"
	"io"
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
	h.fill(root)
	m.Root, m.Volumes = driver.RootDisk{}, []driver.Volume{root}
	h.must(h.Spawn(h.ctx, m), "Spawn of a machine that boots from a volume")
	h.wantState(m.ID, driver.Running)

	h.must(able.AttachVolume(h.ctx, m.ID, data), "AttachVolume")
	h.must(able.AttachVolume(h.ctx, m.ID, data), "AttachVolume again")
	h.must(able.ExtendVolume(h.ctx, m.ID, data.ID, 2*data.Size), "ExtendVolume")
	other.Size *= 2
	h.must(os.Truncate(other.Path, other.Size), "the other volume")
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
	h.volumesOfPaused(able, m.ID, data)

	stranger := uuid.NewString()
	h.wantErr(able.AttachVolume(h.ctx, stranger, data), driver.ErrNotFound, "AttachVolume to no machine")
	h.wantErr(able.DetachVolume(h.ctx, stranger, data.ID), driver.ErrNotFound, "DetachVolume from no machine")
}

// volumesOfPaused holds for a machine that is paused and one that is on SCSI, if it can be.
func (h *host) volumesOfPaused(able driver.VolumeAttacher, id string, v driver.Volume) {
	h.Helper()
	v.Bus, v.Device = "scsi", "/dev/sdb"
	if pauser, ok := h.Driver.(driver.Pauser); ok {
		h.must(pauser.Pause(h.ctx, id), "Pause")
		h.must(able.AttachVolume(h.ctx, id, v), "AttachVolume to a paused machine")
		h.must(able.ExtendVolume(h.ctx, id, v.ID, 4*v.Size), "ExtendVolume of a paused machine")
		h.must(pauser.Unpause(h.ctx, id), "Unpause")
	} else {
		h.must(able.AttachVolume(h.ctx, id, v), "AttachVolume on SCSI")
	}
	h.must(able.DetachVolume(h.ctx, id, v.ID), "DetachVolume of a machine that was paused")
}

// copiesVolumes holds for drivers that can copy volumes in use.
func copiesVolumes(h *host) {
	able, attacher := able[driver.VolumeCopier](h), able[driver.VolumeAttacher](h)
	id, data, copied := h.spawn(), h.volume("vdb"), h.volume("vdc")
	h.wantErr(able.CopyVolume(h.ctx, id, data.ID, copied.Path), driver.ErrNoDevice, "CopyVolume of a volume that is not attached")
	h.must(attacher.AttachVolume(h.ctx, id, data), "AttachVolume")
	h.must(able.CopyVolume(h.ctx, id, data.ID, copied.Path), "CopyVolume")
	h.must(attacher.AttachVolume(h.ctx, id, copied), "AttachVolume of the copy")
	h.must(h.Stop(h.ctx, id, 0), "Stop")
	h.must(able.CopyVolume(h.ctx, id, data.ID, h.volume("vdd").Path), "CopyVolume of a machine that is off")
	h.wantErr(able.CopyVolume(h.ctx, "nobody", data.ID, copied.Path), driver.ErrNotFound, "CopyVolume of no machine")
}

// tellsDevices holds for drivers that can tell where guests see devices.
func tellsDevices(h *host) {
	teller, attacher := able[driver.DeviceTeller](h), able[driver.VolumeAttacher](h)
	id, one, two := h.spawn(), h.volume("vdb"), h.volume("vdc")
	h.must(attacher.AttachVolume(h.ctx, id, one), "AttachVolume")
	h.must(attacher.AttachVolume(h.ctx, id, two), "AttachVolume")
	devices, err := teller.Devices(h.ctx, id)
	h.must(err, "Devices")
	if len(devices) != 2 || devices[0].VolumeID != one.ID || devices[1].VolumeID != two.ID || devices[0].Address == devices[1].Address {
		h.Errorf("Devices = %+v", devices)
	}
	_, err = teller.Devices(h.ctx, "nobody")
	h.wantErr(err, driver.ErrNotFound, "Devices of no machine")
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

// fill puts the image that machines boot into the volume, if it is a raw one.
func (h *host) fill(v driver.Volume) {
	h.Helper()
	image := h.subject.Image
	if image.Format != "raw" || image.Open == nil {
		return
	}
	from, err := image.Open(h.ctx)
	h.must(err, "image")
	defer from.Close()
	to, err := os.OpenFile(v.Path, os.O_WRONLY, 0)
	h.must(err, "volume")
	_, err = io.Copy(to, from)
	h.must(errors.Join(err, to.Close()), "volume")
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
