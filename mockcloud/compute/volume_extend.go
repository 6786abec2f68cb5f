// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// VolumeExtended lets a server's machine know that an attached volume is larger now (external event
// volume-extended), as large as Cinder says. Nothing happens where it is not attached.
func (m *Manager) VolumeExtended(ctx context.Context, caller Caller, id, volumeID string) error {
	return m.VolumeGrown(ctx, caller, id, volumeID, 0)
}

// VolumeGrown is VolumeExtended for who knows the new size, in GiB.
func (m *Manager) VolumeGrown(ctx context.Context, caller Caller, id, volumeID string, gibs int) error {
	_, err := m.doAside(ctx, caller, id, aside{
		name: "extend_volume", guard: guard{anyTask: true, unlaunched: true},
		record: "extend_volume", event: "compute_extend_volume",
		run: func(ctx context.Context, inst *Instance) error { return m.extendVolume(ctx, inst, volumeID, gibs) },
	})
	return err
}

// HasAttachment tells whether one of the server's disks has that attachment of Cinder's. Servers that are
// deleted or never were have none.
func (m *Manager) HasAttachment(ctx context.Context, id, attachmentID string) (bool, error) {
	inst, err := m.Get(ctx, id)
	if KindOf(err) == NotFound || err == nil && !inst.Live() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(inst.BlockDevices, func(b BlockDevice) bool { return b.AttachmentID == attachmentID }), nil
}

func (m *Manager) extendVolume(ctx context.Context, inst *Instance, volumeID string, gibs int) error {
	if inst.Volume(volumeID) == nil {
		m.Log.Warn("a volume was extended that is not attached", "instance", inst.ID, "volume", volumeID)
		return nil
	}
	if gibs == 0 {
		volume, err := m.volume(ctx, m.self(inst), volumeID)
		if err != nil {
			return err
		}
		gibs = volume.GiB
	}
	err := m.changeVolume(ctx, inst.ID, volumeID, nil, func(_ store.Tx, _ *Instance, b *BlockDevice) error {
		b.GiB = gibs
		return nil
	})
	if err != nil {
		return err
	}
	h, err := m.host(inst.Host)
	if err != nil {
		return err
	}
	return use(ctx, h, "ExtendVolume", inst.ID, func(ctx context.Context, d driver.VolumeAttacher) error {
		return d.ExtendVolume(ctx, inst.ID, volumeID, int64(gibs)*gib)
	})
}
