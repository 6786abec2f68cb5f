// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

const swapVolume = "swap_volume"

// SwapVolume begins to put a volume in the place of an attached one, with its content. Nova since 2025.2
// does so only for Cinder, of a volume that is migrating, and answers 409 to others; here, as before, an
// administrator may swap volumes as he likes. Errors: NotFound of the attached volume, BadRequest of the
// other and of two that do not fit, Conflict of the server's state.
func (m *Manager) SwapVolume(ctx context.Context, caller Caller, id, volumeID, newID string) error {
	old, err := m.volume(ctx, caller, volumeID)
	if err != nil {
		return err
	}
	fresh, err := m.volume(ctx, caller, newID)
	if KindOf(err) == NotFound {
		return refuse(BadRequest, "%v", err)
	}
	if err != nil {
		return err
	}
	inst, err := m.Get(ctx, id)
	if err != nil {
		return err
	}
	if err := guards[swapVolume].check(inst, caller, swapVolume); err != nil {
		return err
	}
	if err := swappable(inst, old, fresh); err != nil {
		return err
	}
	if err := m.beginDetach(ctx, caller, id, volumeID, VolumeChange{Kind: Swapping, VolumeID: newID}, swapVolume); err != nil {
		return err
	}
	record, err := m.acceptSwap(ctx, caller, id, old, fresh)
	if err != nil {
		cleanup := context.WithoutCancel(ctx)
		return errorsOf(err, m.Volumes.RollDetaching(cleanup, volumeID), m.settleVolume(cleanup, id, volumeID))
	}
	return m.takeVolumeTurn(m.swapTurn(caller, id, volumeID, record))
}

// swappable refuses two volumes that cannot be swapped.
func swappable(inst *Instance, old, fresh *Volume) error {
	invalid := func(reason string) error { return refuse(BadRequest, "Invalid volume: %s", reason) }
	switch {
	case !slices.Contains(old.AttachedTo, inst.ID):
		return invalid("Old volume is attached to a different instance.")
	case len(fresh.AttachedTo) > 0:
		return invalid("New volume must be detached in order to swap.")
	case fresh.GiB < old.GiB:
		return invalid("New volume must be the same size or larger.")
	}
	return nil
}

// acceptSwap reserves the new volume and records the swap.
func (m *Manager) acceptSwap(ctx context.Context, caller Caller, id string, old, fresh *Volume) (string, error) {
	if len(old.AttachedTo) > 1 {
		return "", refuse(BadRequest, "Swapping multi-attach volumes with more than one read/write attachment is not supported.")
	}
	attachment, err := m.Volumes.Reserve(ctx, caller, fresh.ID, id)
	if err != nil {
		return "", refusedByCinder(err, "Invalid volume: ")
	}
	record, err := m.acceptVolumeChange(ctx, caller, id, old.ID, swapVolume, func(b *BlockDevice) { b.Change.AttachmentID = attachment })
	if err != nil {
		err = errorsOf(err, m.Volumes.Detach(context.WithoutCancel(ctx), attachment))
	}
	return record, err
}

// swapTurn is the swap on the server's host.
func (m *Manager) swapTurn(caller Caller, id, volumeID, record string) volumeTurn {
	return volumeTurn{
		action: swapVolume, caller: caller, id: id, volumeID: volumeID, record: record,
		do: func(ctx context.Context, inst *Instance, b *BlockDevice) error { return m.swap(ctx, inst, b, false) },
		undo: func(ctx context.Context, inst *Instance, b *BlockDevice) error {
			_, err := m.finishSwap(ctx, inst, b, true)
			return errors.Join(err, m.Volumes.RollDetaching(ctx, volumeID), m.detachNew(ctx, inst, b), m.settleVolume(ctx, inst.ID, volumeID))
		},
	}
}

// detachNew gives back the volume that was to come, whose attachment may have been recorded or not.
func (m *Manager) detachNew(ctx context.Context, inst *Instance, b *BlockDevice) error {
	if b.Change != nil && b.Change.AttachmentID != "" {
		return m.Volumes.Detach(ctx, b.Change.AttachmentID)
	}
	return m.detachStray(ctx, inst)
}

// swap copies the volume and lets the other have its place. again: an earlier process may have done so.
func (m *Manager) swap(ctx context.Context, inst *Instance, b *BlockDevice, again bool) error {
	h, err := m.host(inst.Host)
	if err != nil {
		return err
	}
	change := *b.Change
	at, err := m.Volumes.Connect(ctx, change.AttachmentID, inst.Host, b.Device)
	if err != nil {
		return err
	}
	if err := m.dwellOn(ctx, swapVolume); err != nil {
		return err
	}
	old, err := m.Volumes.Volume(ctx, m.self(inst), b.VolumeID)
	if err != nil {
		return err
	}
	to := inst.driverVolume(b, at)
	if !migrating(old) { // a volume that Cinder migrates keeps its id
		to.ID = change.VolumeID
	}
	err = use(ctx, h, "SwapVolume", inst.ID, func(ctx context.Context, d driver.VolumeAttacher) error {
		return d.SwapVolume(ctx, inst.ID, b.VolumeID, to)
	})
	if err != nil && !(again && errors.Is(err, driver.ErrNoDevice)) {
		return err
	}
	if err := errors.Join(m.Volumes.Complete(ctx, change.AttachmentID), m.Volumes.Detach(ctx, b.AttachmentID)); err != nil {
		return err
	}
	saved, err := m.finishSwap(ctx, inst, b, false)
	if err != nil {
		return err
	}
	return m.changeVolume(ctx, inst.ID, b.VolumeID, nil, func(_ store.Tx, _ *Instance, b *BlockDevice) error {
		b.Source, b.SnapshotID, b.ImageID = SourceVolume, "", ""
		b.VolumeID, b.AttachmentID, b.GiB, b.Change = saved, change.AttachmentID, int(at.Size/gib), nil
		return nil
	})
}

// finishSwap tells Cinder of the end of its migration, if it is one, and returns the id of the volume that
// is attached then.
func (m *Manager) finishSwap(ctx context.Context, inst *Instance, b *BlockDevice, failed bool) (string, error) {
	if b.Change == nil {
		return b.VolumeID, nil
	}
	old, err := m.Volumes.Volume(ctx, m.self(inst), b.VolumeID)
	if err != nil || !migrating(old) {
		return b.Change.VolumeID, err
	}
	return m.Volumes.FinishSwap(ctx, b.VolumeID, b.Change.VolumeID, failed)
}

func migrating(volume *Volume) bool { return volume.MigrationStatus == "migrating" }
