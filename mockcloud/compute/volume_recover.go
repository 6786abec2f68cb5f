// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// recoverVolumes takes up again what was being done to the instance's volumes when the process ended: an
// attach is taken back, a detach is done, a swap that had been accepted is done.
func (m *Manager) recoverVolumes(inst *Instance) error {
	if inst.Host != "" && m.hosts[inst.Host] == nil {
		return nil // another process has that host
	}
	for i := range inst.BlockDevices {
		b := &inst.BlockDevices[i]
		if b.Change == nil {
			continue
		}
		if err := m.takeVolumeTurn(m.volumeRecovery(inst, b)); err != nil {
			return err
		}
	}
	return nil
}

// volumeRecovery is what has to be done about a change that was cut short.
func (m *Manager) volumeRecovery(inst *Instance, b *BlockDevice) volumeTurn {
	caller, record := m.self(inst), b.Change.Record
	switch {
	case b.Change.Kind == Detaching:
		return m.detachTurn(caller, inst.ID, b.VolumeID, record)
	case b.Change.Kind == Swapping && b.Change.AttachmentID != "":
		turn := m.swapTurn(caller, inst.ID, b.VolumeID, record)
		turn.do = func(ctx context.Context, inst *Instance, b *BlockDevice) error { return m.swap(ctx, inst, b, true) }
		return turn
	case b.Change.Kind == Swapping:
		turn := m.swapTurn(caller, inst.ID, b.VolumeID, record)
		turn.do = cutShort
		return turn
	}
	turn := m.attachTurn(caller, inst.ID, b.VolumeID, record)
	turn.do = cutShort
	return turn
}

func cutShort(context.Context, *Instance, *BlockDevice) error { return errRestarted }

// detachStray deletes the attachments to the instance that none of its disks has: of a reservation whose
// answer was lost.
func (m *Manager) detachStray(ctx context.Context, inst *Instance) error {
	current, err := m.Get(ctx, inst.ID)
	if err != nil {
		return err
	}
	ids, err := m.Volumes.AttachmentsOf(ctx, inst.ID)
	for _, id := range ids {
		if !slices.ContainsFunc(current.BlockDevices, func(b BlockDevice) bool {
			return b.AttachmentID == id || b.Change != nil && b.Change.AttachmentID == id
		}) {
			err = errors.Join(err, m.Volumes.Detach(ctx, id))
		}
	}
	return err
}

// finishInAPI records that the API itself has done what the instance action is of.
func (m *Manager) finishInAPI(tx store.Tx, record, event string) error {
	return m.changeRecord(tx, record, func(r *InstanceAction, now time.Time) {
		r.Events = append(r.Events, InstanceEvent{Event: event, StartTime: r.StartTime, FinishTime: &now, Result: EventSuccess})
	})
}

// errorsOf is the error, and whatever failed while it was dealt with. What it says and its kind are those of
// the first.
func errorsOf(err error, others ...error) error {
	if errors.Join(others...) == nil {
		return err
	}
	return errors.Join(append([]error{err}, others...)...)
}
