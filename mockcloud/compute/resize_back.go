// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// takeBack brings the machine back to the host and the flavor that it left, however far it has come: the
// instance has an OldFlavor from when its machine has left until the one that arrived is gone. It can be
// done again after a crash at any moment. Its context is the operation's, or the Manager's when that failed.
func (r *relocation) takeBack(op *Op) error {
	if op.Context.Err() != nil {
		op.Context = op.m.ctx
	}
	if op.Instance.OldFlavor != nil {
		if err := r.leaveDestination(op); err != nil {
			return err
		}
	}
	source, err := op.m.host(r.source)
	if err != nil {
		return err
	}
	if err := op.m.Networks.Bind(op.Context, op.Instance, r.source); err != nil {
		return err
	}
	machine, err := op.machine(r.source, nil, BootData{})
	if err != nil {
		return err
	}
	op.undo = nil // it stays plugged, whatever happens
	run := or(string(op.Instance.OldVMState), string(op.Instance.VMState)) != string(Stopped)
	err = use(op.Context, source, "Return", machine.ID, func(ctx context.Context, d driver.Mover) error {
		return d.Return(ctx, machine, run)
	})
	if errors.Is(err, driver.ErrNotFound) { // it is back already, or never left
		err = nil
		if run {
			err = source.start(op.Context, machine.ID)
		}
	}
	if err != nil {
		return err
	}
	return op.completeVolumes()
}

// leaveDestination destroys the machine that arrived. The instance is then on the source, in its old size.
func (r *relocation) leaveDestination(op *Op) error {
	dest, err := op.host()
	if err != nil {
		return err
	}
	if err := dest.destroy(op.Context, op.Instance.ID); err != nil {
		return err
	}
	op.m.leave(op.Context, op.Instance, dest.Name)
	return op.enter(r.migration, phase{change: func(tx store.Tx, inst *Instance) error {
		mig, err := migrations.Get(tx, r.migration)
		if err != nil {
			return err
		}
		zone, err := op.m.zoneOf(tx, mig.SourceHost)
		if err != nil {
			return err
		}
		inst.Host, inst.Node, inst.Zone = mig.SourceHost, mig.SourceNode, zone
		inst.Flavor, inst.OldFlavor = *inst.OldFlavor, nil
		return nil
	}})
}

// relocationOf takes up a relocation by its record.
func relocationOf(mig *Migration) *relocation {
	r := &relocation{kind: mig.Type, migration: mig.ID, source: mig.SourceHost}
	r.dest.Name, r.dest.Node = mig.DestHost, mig.DestNode
	return r
}

// Revert begins to take a resized server back to its old host and flavor.
func (m *Manager) Revert(ctx context.Context, caller Caller, id string) error {
	var r *relocation
	action := &Action{
		Name: "revertResize", Guard: "revert_resize", Task: ResizeReverting, Event: "compute_revert_resize",
		Run: func(op *Op) error { return r.revert(op) },
	}
	op, err := m.acceptIf(ctx, caller, id, action, func(tx store.Tx, inst *Instance) error {
		mig, err := finishedMigration(tx, id)
		if err != nil {
			return err
		}
		r = relocationOf(mig)
		if inst.OldFlavor != nil {
			if err := m.chargeUpsize(tx, caller, inst, inst.Flavor, *inst.OldFlavor); err != nil {
				return err
			}
		}
		return m.setMigration(tx, mig.ID, MigrationReverting)
	})
	if err != nil {
		return err
	}
	return m.launch(op)
}

// revert leaves the server in ERROR when it fails, on whichever host it is then.
func (r *relocation) revert(op *Op) error {
	op.Undo(func(context.Context) { op.log("unclaim", op.write(nil, r.abandon(op.m, MigrationError))) })
	if err := op.enter(r.migration, phase{event: "compute_finish_revert_resize", host: r.source}); err != nil {
		return err
	}
	undo := op.undo
	err := r.takeBack(op)
	op.undo = undo
	if err != nil {
		return broken{err}
	}
	return r.settle(op, MigrationReverted)
}

// settle ends the migration of a server that is back where it came from.
func (r *relocation) settle(op *Op, status MigrationStatus) error {
	source, err := op.host()
	if err != nil {
		return broken{err}
	}
	now := op.m.Clock.Now()
	err = op.conclude(source, func(tx store.Tx, inst *Instance) error {
		inst.VMState, inst.LaunchedAt = VMState(or(string(inst.OldVMState), string(Active))), &now
		return r.abandon(op.m, status)(tx, inst)
	})
	if err != nil {
		return broken{err}
	}
	return nil
}
