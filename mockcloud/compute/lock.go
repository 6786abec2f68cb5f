// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Lock locks a server against its users (reason since 2.73). A locked server that its owner locks
// again stays as it is.
func (m *Manager) Lock(ctx context.Context, caller Caller, id string, reason *string) error {
	return m.setLock(ctx, caller, id, "lock", func(inst *Instance) bool {
		owner := inst.ProjectID == caller.ProjectID
		if inst.Locked && owner {
			return false
		}
		inst.Locked, inst.LockedReason, inst.LockedBy = true, reason, "admin"
		if owner {
			inst.LockedBy = "owner"
		}
		return true
	})
}

// Unlock removes the lock. Who may remove an administrator's is the API's to check.
func (m *Manager) Unlock(ctx context.Context, caller Caller, id string) error {
	return m.setLock(ctx, caller, id, "unlock", func(inst *Instance) bool {
		inst.Locked, inst.LockedReason, inst.LockedBy = false, nil, ""
		return true
	})
}

// setLock changes the lock and, if change says that it did, records it as an action that is over at once.
func (m *Manager) setLock(ctx context.Context, caller Caller, id, name string, change func(*Instance) bool) error {
	done := false
	inst, err := m.edit(ctx, id, func(tx store.Tx, inst *Instance) error {
		if !change(inst) {
			return nil
		}
		done = true
		now := m.Clock.Now()
		return m.recordDone(tx, caller, id, name, InstanceEvent{
			Event: "api_" + name, Host: inst.Host, StartTime: now, FinishTime: &now, Result: EventSuccess,
		})
	})
	if err == nil && done {
		m.tell("instance."+name, caller, inst, nil)
	}
	return err
}
