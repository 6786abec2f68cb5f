// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// volumeTurn is the part of an attach, a detach or a swap that happens after the answer, once the
// instance's turn comes. Like every aside it has no task_state; unlike them it is taken back when it fails.
type volumeTurn struct {
	action   string // the API's name for it, and the instance action's
	caller   Caller
	id       string // the instance's
	volumeID string
	record   string // the instance action's key; "" of one that a restart found before it was accepted
	do       func(ctx context.Context, inst *Instance, b *BlockDevice) error
	undo     func(ctx context.Context, inst *Instance, b *BlockDevice) error
}

func (m *Manager) takeVolumeTurn(t volumeTurn) error {
	if !m.inTurn(t.id, "", func(ctx context.Context) { m.runVolumeTurn(ctx, t) }) {
		return errStopping
	}
	return nil
}

// runVolumeTurn does it, or takes it back. When the Manager is closing, the next one takes it up again.
func (m *Manager) runVolumeTurn(ctx context.Context, t volumeTurn) {
	inst, err := m.beginAside(ctx, t.id, t.record, "compute_"+t.action)
	if KindOf(err) == NotFound {
		return // the server has been deleted meanwhile, and let go of its volumes
	}
	if err == nil {
		m.tellOf(t, inst, startPhase, nil)
		err = m.withVolume(inst, t.volumeID, func(b *BlockDevice) error { return t.do(ctx, inst, b) })
	}
	if m.ctx.Err() != nil {
		return
	}
	if err != nil {
		m.Log.Warn("operation failed", "action", t.action, "instance", t.id, "volume", t.volumeID, "error", err)
		if e := m.takeBack(ctx, t); e != nil {
			m.Log.Error("volume not given back", "action", t.action, "instance", t.id, "volume", t.volumeID, "error", e)
		}
	}
	if e := m.endAside(ctx, t.id, t.record, err); e != nil {
		m.Log.Error("result not recorded", "action", t.action, "instance", t.id, "error", e)
	}
	if inst, e := m.Get(ctx, t.id); e == nil {
		m.tellOf(t, inst, endPhaseOf(err), err)
	}
}

func endPhaseOf(err error) string {
	if err != nil {
		return errorPhase
	}
	return endPhase
}

func (m *Manager) tellOf(t volumeTurn, inst *Instance, phase string, err error) {
	m.tell("instance."+nouns[t.action]+"."+phase, t.caller, inst, err)
}

// takeBack undoes the turn on the instance as it is by now; one that has been deleted has nothing left.
func (m *Manager) takeBack(ctx context.Context, t volumeTurn) error {
	inst, err := m.Get(ctx, t.id)
	if err != nil || !inst.Live() {
		return err
	}
	return m.withVolume(inst, t.volumeID, func(b *BlockDevice) error { return t.undo(ctx, inst, b) })
}

// withVolume does something with the instance's disk on a volume.
func (m *Manager) withVolume(inst *Instance, volumeID string, do func(*BlockDevice) error) error {
	if b := inst.Volume(volumeID); b != nil {
		return do(b)
	}
	return notAttached(inst.ID, volumeID)
}

func notAttached(id, volumeID string) error {
	return refuse(NotFound, "Instance %s is not attached to volume %s", id, volumeID)
}

// dwellOn lets a change of a volume last as long as the cloud's pace wants it to be seen.
func (m *Manager) dwellOn(ctx context.Context, action string) error {
	pause := time.Duration(0)
	if m.Pace != nil {
		pause = m.Pace(action)
	}
	return m.Clock.Sleep(ctx, pause)
}

// changeVolume changes the record of the instance's disk on a volume. check is asked before.
func (m *Manager) changeVolume(ctx context.Context, id, volumeID string, check func(*Instance, *BlockDevice) error,
	change func(store.Tx, *Instance, *BlockDevice) error,
) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		inst, err := live(tx, id)
		if err != nil {
			return err
		}
		return m.withVolume(inst, volumeID, func(b *BlockDevice) error {
			if check != nil {
				if err := check(inst, b); err != nil {
					return err
				}
			}
			if err := change(tx, inst, b); err != nil {
				return err
			}
			inst.UpdatedAt = m.Clock.Now()
			return instances.Put(tx, inst)
		})
	})
}

// settleVolume ends the change of a disk.
func (m *Manager) settleVolume(ctx context.Context, id, volumeID string) error {
	return m.changeVolume(ctx, id, volumeID, nil, func(_ store.Tx, _ *Instance, b *BlockDevice) error {
		b.Change = nil
		return nil
	})
}

// forgetVolume drops the disk on a volume from the instance, if it is there.
func (m *Manager) forgetVolume(ctx context.Context, id, volumeID string) error {
	err := m.changeVolume(ctx, id, volumeID, nil, func(_ store.Tx, inst *Instance, _ *BlockDevice) error {
		inst.dropVolume(volumeID)
		return nil
	})
	if KindOf(err) == NotFound {
		return nil
	}
	return err
}

// acceptVolumeChange records the instance action of a change, and in the disk which one it is.
func (m *Manager) acceptVolumeChange(ctx context.Context, caller Caller, id, volumeID, action string, change func(*BlockDevice)) (string, error) {
	record := ""
	err := m.changeVolume(ctx, id, volumeID, nil, func(tx store.Tx, inst *Instance, b *BlockDevice) (err error) {
		if record, err = m.recordAction(tx, caller, id, action); err != nil {
			return err
		}
		b.Change.Record = record
		change(b)
		return nil
	})
	return record, err
}

// unplugVolume takes the volume from the machine, if it has it.
func (m *Manager) unplugVolume(ctx context.Context, inst *Instance, volumeID string) error {
	h, err := m.host(inst.Host)
	if err != nil {
		return err
	}
	err = use(ctx, h, "DetachVolume", inst.ID, func(ctx context.Context, d driver.VolumeAttacher) error {
		return d.DetachVolume(ctx, inst.ID, volumeID)
	})
	if errors.Is(err, driver.ErrNoDevice) || errors.Is(err, driver.ErrNotFound) {
		return nil
	}
	return err
}

// volume is the volume if there is block storage and the caller may see it; of kind NotFound otherwise.
func (m *Manager) volume(ctx context.Context, caller Caller, id string) (*Volume, error) {
	notFound := refuse(NotFound, "Volume %s could not be found.", id)
	if m.Volumes == nil {
		return nil, notFound
	}
	volume, err := m.Volumes.Volume(ctx, caller, id)
	if KindOf(err) == NotFound {
		return nil, notFound
	}
	return volume, err
}

// refusedByCinder is Cinder's refusal as Nova words it.
func refusedByCinder(err error, prefix string) error {
	if slices.Contains([]Kind{BadRequest, Conflict, Forbidden}, KindOf(err)) {
		return refuse(BadRequest, "%sInvalid input received: %v", prefix, err)
	}
	return err
}
