// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// confirmAction gives up what a resized server has kept on its old host.
var confirmAction = Action{
	Name: "confirmResize", Guard: "confirm_resize", Task: ResizeConfirming, Event: "compute_confirm_resize", Run: confirm,
}

// Confirm begins to make a resize, or a cold migration, final.
func (m *Manager) Confirm(ctx context.Context, caller Caller, id string) error {
	op, err := m.acceptIf(ctx, caller, id, &confirmAction, func(tx store.Tx, _ *Instance) error {
		mig, err := finishedMigration(tx, id)
		if err != nil {
			return err
		}
		return m.setMigration(tx, mig.ID, MigrationConfirming)
	})
	if err != nil {
		return err
	}
	return m.launch(op)
}

func confirm(op *Op) error {
	mig, err := op.m.movingOf(op.Context, op.Instance.ID)
	if err != nil {
		return err
	}
	if err := op.forget(mig); err != nil {
		return broken{err}
	}
	host, err := op.host()
	if err != nil {
		return broken{err}
	}
	err = op.conclude(host, func(tx store.Tx, inst *Instance) error {
		inst.VMState = Active
		if inst.PowerState == PowerShutdown {
			inst.VMState = Stopped
		}
		inst.OldFlavor, inst.NewFlavor, inst.OldVMState = nil, nil, ""
		return op.m.endMove(tx, mig, MigrationConfirmed)
	})
	if err != nil {
		return broken{err}
	}
	return nil
}

// forget drops what the instance has left on the host where the migration began. A host of another process
// is left to that.
func (op *Op) forget(mig *Migration) error {
	if mig == nil {
		return nil
	}
	source := op.m.hosts[mig.SourceHost]
	if source == nil {
		return nil
	}
	if _, able := source.Driver.(driver.Mover); !able {
		return nil
	}
	return use(op.Context, source, "Forget", op.Instance.ID, func(ctx context.Context, d driver.Mover) error {
		return d.Forget(ctx, op.Instance.ID)
	})
}

// endMove ends a migration, and gives its room on the host that the server has left back.
func (m *Manager) endMove(tx store.Tx, mig *Migration, status MigrationStatus) error {
	if mig == nil {
		return nil
	}
	if err := m.setMigration(tx, mig.ID, status); err != nil {
		return err
	}
	return free(tx, mig.ID)
}

// abandonResize takes a move back that a restart cut short; the server is in ERROR then, as one of Nova's.
var abandonResize = Action{
	Name: "resize", Event: "compute_revert_resize", Run: func(op *Op) error {
		mig, err := op.m.movingOf(op.Context, op.Instance.ID)
		if err != nil {
			return broken{err}
		}
		if mig == nil { // it had not begun
			return errRestarted
		}
		r := relocationOf(mig)
		if err := r.takeBack(op); err != nil {
			return broken{err}
		}
		if err := op.write(nil, r.abandon(op.m, MigrationError)); err != nil {
			return broken{err}
		}
		return broken{errRestarted}
	},
}

// resumeRevert goes on with a revert that a restart cut short.
var resumeRevert = Action{
	Name: "revertResize", Guard: "revert_resize", Event: "compute_revert_resize", Run: func(op *Op) error {
		mig, err := op.m.movingOf(op.Context, op.Instance.ID)
		if err != nil {
			return broken{err}
		}
		if mig == nil {
			return broken{errors.New("the migration to revert is not recorded")}
		}
		return relocationOf(mig).revert(op)
	},
}

// confirmEvery is how often resized servers are looked at (Nova: every minute).
const confirmEvery = time.Minute

// confirmOverdue confirms the servers that were resized ResizeConfirmWindow ago, until the Manager closes.
func (m *Manager) confirmOverdue() {
	for m.Clock.Sleep(m.ctx, min(m.ResizeConfirmWindow, confirmEvery)) == nil {
		waiting, err := m.Migrations(m.ctx, MigrationFilter{Status: string(MigrationFinished)})
		before := m.Clock.Now().Add(-m.ResizeConfirmWindow)
		for _, mig := range waiting {
			if mig.UpdatedAt == nil || mig.UpdatedAt.After(before) {
				continue
			}
			self := Caller{RequestID: mig.ID, ProjectID: mig.ProjectID, Admin: true}
			if err := m.Confirm(m.ctx, self, mig.InstanceID); err != nil && m.ctx.Err() == nil {
				m.Log.Warn("resize not confirmed", "instance", mig.InstanceID, "error", err)
			}
		}
		if err != nil && m.ctx.Err() == nil {
			m.Log.Error("resized servers not looked at", "error", err)
		}
	}
}
