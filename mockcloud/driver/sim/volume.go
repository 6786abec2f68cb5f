// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"
	"fmt"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.VolumeAttacher = (*Driver)(nil)

// Volumes tells what volumes the machine has, in the order in which it got them.
func (d *Driver) Volumes(id string) ([]driver.Volume, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	m, err := d.find(id)
	if err != nil {
		return nil, err
	}
	return slices.Clone(m.Volumes), nil
}

// AttachVolume gives the machine a disk.
func (d *Driver) AttachVolume(ctx context.Context, id string, v driver.Volume) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.change(id, func(r *machine) {
		if r.volumeAt(v.ID) < 0 {
			r.Volumes = append(slices.Clone(r.Volumes), v)
		}
	})
}

// DetachVolume takes the volume's disk from the machine.
func (d *Driver) DetachVolume(ctx context.Context, id, volumeID string) error {
	return d.changeVolume(ctx, id, volumeID, func(r *machine, at int) { r.Volumes = slices.Delete(r.Volumes, at, at+1) })
}

// SwapVolume puts a volume in the place of another. There is nothing to copy.
func (d *Driver) SwapVolume(ctx context.Context, id, volumeID string, to driver.Volume) error {
	return d.changeVolume(ctx, id, volumeID, func(r *machine, at int) { r.Volumes[at] = to })
}

// ExtendVolume makes the volume's disk as large as the volume is.
func (d *Driver) ExtendVolume(ctx context.Context, id, volumeID string, size int64) error {
	return d.changeVolume(ctx, id, volumeID, func(r *machine, at int) { r.Volumes[at].Size = size })
}

// changeVolume changes the machine's volumes; the one with that id is at its place at.
func (d *Driver) changeVolume(ctx context.Context, id, volumeID string, change func(r *machine, at int)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	found := false
	err := d.change(id, func(r *machine) {
		if at := r.volumeAt(volumeID); at >= 0 {
			found = true
			r.Volumes = slices.Clone(r.Volumes)
			change(r, at)
		}
	})
	if err == nil && !found {
		return fmt.Errorf("%w: volume %s", driver.ErrNoDevice, volumeID)
	}
	return err
}

// volumeAt is the place of a volume, or -1.
func (m *machine) volumeAt(id string) int {
	return slices.IndexFunc(m.Volumes, func(v driver.Volume) bool { return v.ID == id })
}
