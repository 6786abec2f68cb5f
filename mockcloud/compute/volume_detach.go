// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

const detachVolume = "detach_volume"

// DetachVolume begins to detach a volume from a server. Errors: NotFound of the volume and of one that is
// not attached, BadRequest of the root disk and of a volume that cannot be detached, Conflict of the
// server's state.
func (m *Manager) DetachVolume(ctx context.Context, caller Caller, id, volumeID string) error {
	inst, err := m.Get(ctx, id)
	if err != nil {
		return err
	}
	if _, err := m.volume(ctx, caller, volumeID); err != nil {
		return err
	}
	b := inst.Volume(volumeID)
	switch {
	case b == nil:
		return notAttached(id, volumeID)
	case b.BootIndex == 0:
		return refuse(BadRequest, "Cannot detach a root device volume")
	}
	if err := guards[detachVolume].check(inst, caller, detachVolume); err != nil {
		return err
	}
	if inst.VMState == ShelvedOffloaded {
		return m.detachOffloaded(ctx, caller, inst, b)
	}
	if err := m.beginDetach(ctx, caller, id, volumeID, VolumeChange{Kind: Detaching}, detachVolume); err != nil {
		return err
	}
	record, err := m.acceptVolumeChange(ctx, caller, id, volumeID, detachVolume, func(*BlockDevice) {})
	if err != nil {
		cleanup := context.WithoutCancel(ctx)
		return errorsOf(err, m.Volumes.RollDetaching(cleanup, volumeID), m.settleVolume(cleanup, id, volumeID))
	}
	return m.takeVolumeTurn(m.detachTurn(caller, id, volumeID, record))
}

// beginDetach notes the change and sets the volume to detaching; both or neither.
func (m *Manager) beginDetach(ctx context.Context, caller Caller, id, volumeID string, change VolumeChange, action string) error {
	free := func(inst *Instance, b *BlockDevice) error {
		if err := guards[action].check(inst, caller, action); err != nil {
			return err
		}
		if b.Change != nil {
			return refuse(BadRequest, "Invalid volume: volume %s is %sing", volumeID, b.Change.Kind)
		}
		return m.hostAnswers(inst)
	}
	err := m.changeVolume(ctx, id, volumeID, free, func(_ store.Tx, _ *Instance, b *BlockDevice) error {
		b.Change = &change
		return nil
	})
	if err != nil {
		return err
	}
	if err := m.Volumes.BeginDetaching(ctx, caller, volumeID); err != nil {
		return errorsOf(refusedByCinder(err, "Invalid volume: "), m.settleVolume(context.WithoutCancel(ctx), id, volumeID))
	}
	return nil
}

// hostAnswers refuses when the instance has no host, or one that this process does not run.
func (m *Manager) hostAnswers(inst *Instance) error {
	switch {
	case inst.Host == "":
		return &InstanceNotReady{InstanceID: inst.ID}
	case m.hosts[inst.Host] == nil:
		return refuse(Conflict, "Service is unavailable at this time.")
	}
	return nil
}

// detachTurn is the detach on the server's host. A volume that its machine does not have, or whose
// attachment is gone, is detached.
func (m *Manager) detachTurn(caller Caller, id, volumeID, record string) volumeTurn {
	return volumeTurn{
		action: detachVolume, caller: caller, id: id, volumeID: volumeID, record: record,
		do: func(ctx context.Context, inst *Instance, b *BlockDevice) error {
			if err := m.dwellOn(ctx, detachVolume); err != nil {
				return err
			}
			if err := m.unplugVolume(ctx, inst, volumeID); err != nil {
				return err
			}
			if err := m.Volumes.Detach(ctx, b.AttachmentID); err != nil {
				return err
			}
			return m.forgetVolume(ctx, id, volumeID)
		},
		undo: func(ctx context.Context, inst *Instance, _ *BlockDevice) error {
			return errors.Join(m.Volumes.RollDetaching(ctx, volumeID), m.settleVolume(ctx, inst.ID, volumeID))
		},
	}
}

// detachOffloaded detaches from a server without a host. Unlike from others, the volume is deleted where
// it was to end with the server.
func (m *Manager) detachOffloaded(ctx context.Context, caller Caller, inst *Instance, b *BlockDevice) error {
	if err := m.Volumes.Detach(ctx, b.AttachmentID); err != nil {
		return err
	}
	err := m.changeVolume(ctx, inst.ID, b.VolumeID, nil, func(tx store.Tx, inst *Instance, b *BlockDevice) error {
		record, err := m.recordAction(tx, caller, inst.ID, detachVolume)
		if err != nil {
			return err
		}
		inst.dropVolume(b.VolumeID)
		return m.finishInAPI(tx, record, "api_"+detachVolume)
	})
	if err == nil && b.DeleteOnTermination {
		err = m.Volumes.Delete(ctx, caller, b.VolumeID)
	}
	return err
}

// KeepVolume sets whether an attached volume is kept when the server is deleted (since 2.85). Of kind
// NotFound when it is not attached.
func (m *Manager) KeepVolume(ctx context.Context, id, volumeID string, keep bool) error {
	return m.changeVolume(ctx, id, volumeID, nil, func(_ store.Tx, _ *Instance, b *BlockDevice) error {
		b.DeleteOnTermination = !keep
		return nil
	})
}
