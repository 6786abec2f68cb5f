// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// softDeleteAction powers a server off and leaves it to be restored, or reclaimed in time. It does not count
// in its project's quota any more; its room on the host stays its own.
var softDeleteAction = Action{
	Name: "softDelete", Record: "delete", Guard: "soft_delete", Task: SoftDeleting, Event: "compute_soft_delete_instance",
	Run: func(op *Op) error {
		if err := op.settleMove(); err != nil {
			return broken{err}
		}
		host, err := op.host()
		if err != nil {
			return err
		}
		if err := host.stop(op.Context, op.Instance.ID, 0); err != nil {
			if op.preempts != "" { // nobody knows what that has made of the machine
				return broken{err}
			}
			return err
		}
		power, err := host.power(op.Context, op.Instance.ID)
		if err != nil {
			return err
		}
		now := op.m.Clock.Now()
		return op.write(nil, func(tx store.Tx, inst *Instance) error {
			inst.VMState, inst.TaskState, inst.PowerState, inst.SoftDeletedAt = SoftDeleted, NoTask, power, &now
			return hold(tx, inst.ID, inst, inst.Host, inst.Flavor)
		})
	},
}

var restoreAction = Action{
	Name: "restore", Task: Restoring, Event: "compute_restore_instance",
	Run: func(op *Op) error {
		op.Undo(func(context.Context) {
			op.log("uncharge", op.write(nil, func(tx store.Tx, inst *Instance) error {
				return hold(tx, inst.ID, inst, inst.Host, inst.Flavor)
			}))
		})
		host, err := op.host()
		if err != nil {
			return err
		}
		if err := host.start(op.Context, op.Instance.ID); err != nil {
			return err
		}
		return op.Finish(Active, func(inst *Instance) { inst.SoftDeletedAt = nil })
	},
}

// Restore begins to take back that a server was deleted. *QuotaExceeded when its project has no room for it
// any more.
func (m *Manager) Restore(ctx context.Context, caller Caller, id string) error {
	op, err := m.acceptIf(ctx, caller, id, &restoreAction, func(tx store.Tx, inst *Instance) error {
		owner := caller
		owner.ProjectID, owner.UserID = inst.ProjectID, inst.UserID
		if _, err := m.admit(tx, owner, inst.Flavor, 1, 1); err != nil {
			return err
		}
		return allocate(tx, inst)
	})
	if err != nil {
		return err
	}
	return m.launch(op)
}

// ForceDelete begins to delete a server for good, also a soft-deleted one.
func (m *Manager) ForceDelete(ctx context.Context, caller Caller, id string) error {
	return m.deleteNow(ctx, caller, id, "forceDelete", guards["force_delete"])
}

// softDelete is what Delete does in a cloud that reclaims servers later. False for a server that it cannot do
// that to: one that never ran, or has no host, or no machine there yet.
func (m *Manager) softDelete(ctx context.Context, caller Caller, id string) (done bool, err error) {
	var op *Op
	err = m.Store.Update(ctx, func(tx store.Tx) error {
		op, done = nil, false
		inst, err := live(tx, id)
		if err != nil || inst.LaunchedAt == nil || inst.Host == "" || m.hosts[inst.Host] == nil || inst.VMState == ShelvedOffloaded {
			return err
		}
		if err := guards[softDeleteAction.Guard].check(inst, caller, "delete"); err != nil {
			return err
		}
		done = true
		if inst.TaskState == SoftDeleting || inst.TaskState == Deleting || inst.VMState == SoftDeleted {
			return nil
		}
		op, err = m.acceptIn(tx, caller, inst, &softDeleteAction)
		return err
	})
	if err != nil || op == nil {
		return done, err
	}
	return true, m.launch(op)
}

// reclaimEvery is how often soft-deleted servers are looked at (Nova: every minute).
const reclaimEvery = time.Minute

// reclaim deletes for good the servers that were soft-deleted ReclaimInterval ago, until the Manager closes.
func (m *Manager) reclaim() {
	for m.Clock.Sleep(m.ctx, min(m.ReclaimInterval, reclaimEvery)) == nil {
		var due []*Instance
		before := m.Clock.Now().Add(-m.ReclaimInterval)
		err := m.Store.View(m.ctx, func(tx store.Tx) error {
			waiting, err := instances.By(tx, bySoftDeleted, softDeletedMark)
			due = nil
			for _, inst := range waiting {
				if !inst.SoftDeletedAt.After(before) && inst.TaskState == NoTask {
					due = append(due, inst)
				}
			}
			return err
		})
		for _, inst := range due {
			if err := m.deleteNow(m.ctx, m.self(inst), inst.ID, "delete", guards["delete"]); err != nil && m.ctx.Err() == nil {
				m.Log.Error("soft-deleted server not reclaimed", "instance", inst.ID, "error", err)
			}
		}
		if err != nil && m.ctx.Err() == nil {
			m.Log.Error("soft-deleted servers not reclaimed", "error", err)
		}
	}
}
