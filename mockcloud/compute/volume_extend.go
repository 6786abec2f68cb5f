// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// VolumeExtended lets a server's machine know that an attached volume is larger now (external event
// volume-extended). Nothing happens where it is not attached.
func (m *Manager) VolumeExtended(ctx context.Context, caller Caller, id, volumeID string) error {
	_, err := m.doAside(ctx, caller, id, aside{
		name: "extend_volume", guard: guard{anyTask: true, unlaunched: true},
		record: "extend_volume", event: "compute_extend_volume",
		run: func(ctx context.Context, inst *Instance) error { return m.extendVolume(ctx, inst, volumeID) },
	})
	return err
}

func (m *Manager) extendVolume(ctx context.Context, inst *Instance, volumeID string) error {
	if inst.Volume(volumeID) == nil {
		m.Log.Warn("a volume was extended that is not attached", "instance", inst.ID, "volume", volumeID)
		return nil
	}
	volume, err := m.volume(ctx, m.self(inst), volumeID)
	if err != nil {
		return err
	}
	err = m.changeVolume(ctx, inst.ID, volumeID, nil, func(_ store.Tx, _ *Instance, b *BlockDevice) error {
		b.GiB = volume.GiB
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
		return d.ExtendVolume(ctx, inst.ID, volumeID, int64(volume.GiB)*gib)
	})
}
