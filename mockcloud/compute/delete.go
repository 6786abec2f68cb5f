// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

var deleteAction = Action{
	Name: "delete", Task: Deleting, Event: "compute_terminate_instance", Run: terminate,
}

// Delete begins to delete a server, whatever its state; what is under way on it is ended first. Nil
// when it is being deleted already. With Config.ReclaimInterval it is soft-deleted first.
func (m *Manager) Delete(ctx context.Context, caller Caller, id string) error {
	if m.ReclaimInterval > 0 {
		if done, err := m.softDelete(ctx, caller, id); done || err != nil {
			return err
		}
	}
	return m.deleteNow(ctx, caller, id, deleteAction.Name, guards[deleteAction.Name])
}

// deleteNow begins to delete a server for good. name is the API's for it.
func (m *Manager) deleteNow(ctx context.Context, caller Caller, id, name string, demands guard) error {
	var op *Op
	err := m.Store.Update(ctx, func(tx store.Tx) error {
		op = nil
		inst, err := live(tx, id)
		if err != nil {
			return err
		}
		if err := demands.check(inst, caller, name); err != nil {
			return err
		}
		if inst.TaskState == Deleting {
			return nil
		}
		op, err = m.acceptIn(tx, caller, inst, &deleteAction)
		return err
	})
	if err != nil || op == nil {
		return err
	}
	return m.launch(op)
}

// terminate removes all that the instance has, and then the instance. Whatever fails leaves it in
// ERROR; a second delete begins anew.
func terminate(op *Op) error {
	inst := op.Instance
	if err := op.destroyMachine(inst.Host); err != nil {
		return broken{err}
	}
	op.m.unplug(op.Context, inst)
	op.m.dropSnapshot(op.Context, inst)
	op.m.dropImage(op.Context, inst.ID, inst.ShelvedImageID)
	if err := op.m.Networks.Deallocate(op.Context, inst); err != nil {
		return broken{err}
	}
	op.m.releaseVolumes(op.Context, inst)
	moves, err := op.endTravels()
	if err != nil {
		return broken{err}
	}
	now := op.m.Clock.Now()
	err = op.write(nil, func(tx store.Tx, inst *Instance) error {
		inst.VMState, inst.TaskState, inst.PowerState = Deleted, NoTask, PowerNoState
		inst.TerminatedAt, inst.DeletedAt = &now, &now
		inst.VIFs, inst.BlockDevices, inst.Shares = nil, nil, nil
		if err := op.m.dropConsoleTokens(tx, inst.ID, false); err != nil {
			return err
		}
		for _, mig := range moves {
			if err := op.m.endMove(tx, mig, MigrationConfirmed); err != nil {
				return err
			}
		}
		return free(tx, inst.ID)
	})
	if err != nil {
		return broken{err}
	}
	return nil
}

// endTravels removes what the instance has on hosts that it was to leave, or never properly arrived on. It
// returns the migrations that are not over.
func (op *Op) endTravels() (open []*Migration, err error) {
	var all []*Migration
	err = op.m.Store.View(op.Context, func(tx store.Tx) error {
		all, err = migrationsOf(tx, op.Instance.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, mig := range all {
		switch {
		case !mig.Over():
			open = append(open, mig)
		case mig.Status != MigrationError && mig.Status != MigrationFailed: // it left nothing
			continue
		}
		if err := op.forget(mig); err != nil {
			return nil, err
		}
		for _, name := range []string{mig.SourceHost, mig.DestHost} {
			if err := op.destroyMachine(name); err != nil {
				return nil, err
			}
		}
	}
	return open, nil
}

// destroyMachine destroys the instance's machine on a host, if that can be reached; a machine that outlives
// its server on a host that is down is destroyed when the host is back (host.reap).
func (op *Op) destroyMachine(name string) error {
	host := op.m.hosts[name]
	if host == nil {
		return nil
	}
	down := false
	err := op.m.Store.View(op.Context, func(tx store.Tx) error {
		record, err := hostRecords.Get(tx, host.Name)
		if errors.Is(err, store.ErrNotFound) { // its service has been deleted
			return nil
		}
		down = err == nil && record.down()
		return err
	})
	if err != nil || down {
		return err
	}
	return host.destroy(op.Context, op.Instance.ID)
}
