// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// settleMove ends the instance's migration, if one is not over, before the instance is put away: a resized server
// keeps its new size, one that was on its way is where its machine is or can be had back.
func (op *Op) settleMove() error {
	mig, err := op.m.movingOf(op.Context, op.Instance.ID)
	if err != nil {
		return err
	}
	switch {
	case mig == nil:
		if op.preempts == "" || op.m.hosts[op.Instance.Host] == nil {
			return nil
		}
		return op.m.reconnectVolumes(op.Context, op.Instance, op.Instance.Host)
	case mig.Type == LiveMigration:
		return op.settleLive(mig)
	case mig.Type == EvacuationMigration:
		return op.abandonEvacuation()
	case mig.Status == MigrationFinished, mig.Status == MigrationConfirming:
		return op.settleResize(mig)
	}
	status := MigrationError
	if mig.Status == MigrationReverting {
		status = MigrationReverted
	}
	r := relocationOf(mig)
	if err := r.takeBack(op); err != nil {
		return err
	}
	return op.write(nil, r.abandon(op.m, status))
}

// settleResize confirms a resize.
func (op *Op) settleResize(mig *Migration) error {
	if err := op.forget(mig); err != nil {
		return err
	}
	return op.write(nil, func(tx store.Tx, inst *Instance) error {
		inst.OldFlavor, inst.NewFlavor, inst.OldVMState = nil, nil, ""
		return op.m.endMove(tx, mig, MigrationConfirmed)
	})
}

// settleLive finds out on which host the machine of a live migration is that was ended.
func (op *Op) settleLive(mig *Migration) error {
	here, there := op.m.hosts[mig.SourceHost], op.m.hosts[mig.DestHost]
	at, node, other, status := mig.SourceHost, mig.SourceNode, mig.DestHost, MigrationError
	if there != nil && there.has(op.Context, op.Instance.ID) {
		if here != nil && here.has(op.Context, op.Instance.ID) {
			if err := there.destroy(op.Context, op.Instance.ID); err != nil {
				return err
			}
		} else {
			at, node, other, status = mig.DestHost, mig.DestNode, mig.SourceHost, MigrationCompleted
		}
	}
	op.m.leave(op.Context, op.Instance, other)
	err := op.write(nil, func(tx store.Tx, inst *Instance) (err error) {
		inst.Host, inst.Node = at, node
		if inst.Zone, err = op.m.zoneOf(tx, at); err != nil {
			return err
		}
		if err := op.m.endMove(tx, mig, status); err != nil {
			return err
		}
		return allocate(tx, inst)
	})
	if err != nil {
		return err
	}
	if err := op.m.Networks.Bind(op.Context, op.Instance, at); err != nil {
		return err
	}
	return op.m.reconnectVolumes(op.Context, op.Instance, at)
}
