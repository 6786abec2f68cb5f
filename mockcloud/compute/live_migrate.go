// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/scheduler"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// LiveMigrateRequest is what os-migrateLive asks for.
type LiveMigrateRequest struct {
	Host string // "" for any
	// Force goes there past the scheduler: before 2.30 whenever there is a Host, not at all since 2.68.
	Force bool
	// CopyDisks copies local disks (block_migration).
	CopyDisks bool
	// Async (since 2.34) answers before it is known whether there is a host.
	Async bool
}

// liveMigration is a live migration under way.
type liveMigration struct {
	want LiveMigrateRequest

	migration string // its id
	source    string
	dest      scheduler.Host
}

// LiveMigrate begins to move a running server to another host. Unless the request is asynchronous, an error of
// kind BadRequest says why no host can have it.
func (m *Manager) LiveMigrate(ctx context.Context, caller Caller, id string, want LiveMigrateRequest) error {
	l := &liveMigration{want: want}
	action := &Action{
		Name: "os-migrateLive", Record: "live-migration", Guard: "live_migrate", Task: Migrating,
		Event: "conductor_live_migrate_instance", Run: l.run, Paced: true,
	}
	op, err := m.acceptIf(ctx, caller, id, action, func(tx store.Tx, inst *Instance) error {
		if want.Host != "" {
			if err := hostExists(tx, want.Host); err != nil {
				return err
			}
		}
		mig, err := m.recordMigration(tx, caller, inst, Migration{
			Type: LiveMigration, Status: MigrationAccepted, DestHost: want.Host,
		}, inst.Flavor)
		if err != nil {
			return err
		}
		l.migration, l.source = mig.ID, inst.Host
		return nil
	})
	if err != nil {
		return err
	}
	if !want.Async {
		if err := l.scheduleNow(ctx, op); err != nil {
			return err
		}
	}
	return m.launch(op)
}

// scheduleNow is the part of the operation that older clients wait for.
func (l *liveMigration) scheduleNow(ctx context.Context, op *Op) error {
	op.Context = context.WithoutCancel(ctx)
	if err := op.beginEvent(); err != nil {
		return err
	}
	err := l.schedule(op)
	if err == nil {
		return nil
	}
	op.rollback()
	if failed := errors.Join(l.fail(op, MigrationError), op.fail(err)); failed != nil {
		return failed
	}
	return &Refusal{Reason: BadRequest, Message: err.Error()}
}

func (l *liveMigration) fail(op *Op, status MigrationStatus) error {
	return op.write(nil, func(tx store.Tx, inst *Instance) error {
		if err := op.m.setMigration(tx, l.migration, status); err != nil {
			return err
		}
		if err := free(tx, l.migration); err != nil {
			return err
		}
		return allocate(tx, inst)
	})
}

// schedule chooses the destination and claims its room; the migration keeps that of the source.
func (l *liveMigration) schedule(op *Op) error {
	return op.write(nil, func(tx store.Tx, inst *Instance) (err error) {
		if !slices.Contains([]PowerState{PowerRunning, PowerPaused}, inst.PowerState) {
			return &InstanceInvalidState{InstanceID: inst.ID, Action: "live migrate", Attr: "power_state", State: powerNames[inst.PowerState]}
		}
		if err := op.m.mustBeUp(tx, inst.Host); err != nil {
			return err
		}
		to := placing{Flavor: inst.Flavor, target: target{zone: inst.RequestedZone, host: l.want.Host}, Exclude: []string{inst.Host}}
		if l.want.Force {
			if inst.Host == l.want.Host {
				return refuse(BadRequest, "Unable to migrate instance (%s) to current host (%s).", inst.ID, inst.Host)
			}
			if err := op.m.mustBeUp(tx, l.want.Host); err != nil {
				return err
			}
			to.target = target{forcedHost: l.want.Host}
		}
		if l.dest, err = op.m.place(tx, inst, to); err != nil {
			return err
		}
		if err := claimBoth(tx, inst, l.migration, l.dest.Name, inst.Flavor); err != nil {
			return err
		}
		return op.m.changeMigration(tx, l.migration, func(mig *Migration) {
			mig.DestHost, mig.DestNode = l.dest.Name, l.dest.Node
			if mig.Status == MigrationAccepted {
				mig.Status = MigrationQueued
			}
		})
	})
}

// mustBeUp refuses a host whose service does not answer.
func (m *Manager) mustBeUp(tx store.Tx, host string) error {
	up, err := m.hostUp(tx, host)
	if err == nil && !up {
		err = unavailable(host)
	}
	return err
}

func (l *liveMigration) run(op *Op) error {
	op.Undo(func(context.Context) {
		if op.mineStill() {
			op.log("end migration", l.fail(op, MigrationError))
		}
	})
	if l.dest.Name == "" {
		if err := l.schedule(op); err != nil {
			return err
		}
	}
	if err := op.enter(l.migration, phase{
		status: MigrationPreparing, event: "compute_live_migration", host: l.source, change: l.notCancelled,
	}); err != nil {
		return l.cancelled(op, err)
	}
	if err := l.move(op); err != nil {
		return l.cancelled(op, err)
	}
	return l.settle(op)
}

// notCancelled is errAborted once somebody has aborted the migration before the machine began to move.
func (l *liveMigration) notCancelled(tx store.Tx, _ *Instance) error {
	mig, err := migrations.Get(tx, l.migration)
	if err == nil && mig.Aborted {
		err = driver.ErrAborted
	}
	return err
}

// cancelled ends a migration that was aborted: the server is where it was, and nothing has failed.
func (l *liveMigration) cancelled(op *Op, err error) error {
	if !errors.Is(err, driver.ErrAborted) {
		return err
	}
	if err := op.m.reconnectVolumes(op.Context, op.Instance, l.source); err != nil {
		return err
	}
	if err := l.fail(op, MigrationCancelled); err != nil {
		return err
	}
	op.undo = nil
	return op.Finish(op.Instance.VMState)
}

// move lets the machine go to the other host while it runs.
func (l *liveMigration) move(op *Op) error {
	source, err := op.m.host(l.source)
	if err != nil {
		return err
	}
	dest, err := op.m.host(l.dest.Name)
	if err != nil {
		return err
	}
	for _, h := range []*host{source, dest} {
		if err := able[driver.LiveMigrator](h, "live migration"); err != nil {
			return err
		}
	}
	op.Undo(func(ctx context.Context) { op.log("reconnect", op.m.reconnectVolumes(ctx, op.Instance, l.source)) })
	before := len(op.undo)
	machine, err := op.machine(dest.Name, nil, BootData{})
	op.undo = op.undo[:before] // the ports stay plugged: the machine runs on
	if err != nil {
		op.m.leave(op.Context, op.Instance, dest.Name)
		return err
	}
	move := driver.LiveMove{To: dest.Driver, Machine: machine, CopyDisks: l.want.CopyDisks}
	if op.m.Pace != nil {
		move.Dwell = op.m.Pace(op.action.Name)
	}
	if err := op.enter(l.migration, phase{status: MigrationRunning, change: l.notCancelled}); err != nil {
		return err
	}
	err = use(op.Context, source, "LiveMigrate", op.Instance.ID, func(ctx context.Context, d driver.LiveMigrator) error {
		return d.LiveMigrate(ctx, op.Instance.ID, move)
	})
	_ = dest.endOff(op.Instance.ID) // it is there all the same
	if err != nil && op.Context.Err() == nil && dest.has(op.Context, op.Instance.ID) && !source.has(op.Context, op.Instance.ID) {
		op.m.Log.Warn("live migration only seemed to fail", "instance", op.Instance.ID, "error", err)
		return nil
	}
	if err != nil {
		op.m.leave(op.Context, op.Instance, dest.Name)
	}
	return err
}

// settle says that the server is on the other host.
func (l *liveMigration) settle(op *Op) error {
	err := op.enter(l.migration, phase{status: MigrationPostMigrating, change: func(tx store.Tx, inst *Instance) error {
		mig, err := migrations.Get(tx, l.migration)
		if err != nil {
			return err
		}
		zone, err := op.m.zoneOf(tx, mig.DestHost)
		inst.Host, inst.Node, inst.Zone = mig.DestHost, mig.DestNode, zone
		return err
	}})
	if err != nil {
		return broken{err}
	}
	op.undo = nil // it stays there, whatever fails now
	op.Undo(func(context.Context) { op.log("end migration", l.fail(op, MigrationError)) })
	op.m.leave(op.Context, op.Instance, l.source)
	if err := op.m.Networks.Bind(op.Context, op.Instance, op.Instance.Host); err != nil {
		return broken{err}
	}
	if err := op.m.reconnectVolumes(op.Context, op.Instance, op.Instance.Host); err != nil {
		return broken{err}
	}
	dest, err := op.host()
	if err != nil {
		return broken{err}
	}
	return op.conclude(dest, func(tx store.Tx, inst *Instance) error {
		if err := op.m.setMigration(tx, l.migration, MigrationCompleted); err != nil {
			return err
		}
		if err := free(tx, l.migration); err != nil {
			return err
		}
		return allocate(tx, inst)
	})
}

// mineStill tells that nobody else has taken the instance over.
func (op *Op) mineStill() bool {
	return op.m.Store.View(op.m.ctx, func(tx store.Tx) error {
		_, err := op.mine(tx)
		return err
	}) == nil
}

// settleLiveMigration ends a live migration that a restart cut short: the server is on the host that has its
// machine. Where that is the destination, it has arrived.
var settleLiveMigration = Action{Name: "os-migrateLive", Guard: "live_migrate", Event: "compute_live_migration", Run: func(op *Op) error {
	mig, err := op.m.movingOf(op.Context, op.Instance.ID)
	if err != nil || mig == nil {
		return errors.Join(err, errRestarted)
	}
	l := &liveMigration{migration: mig.ID, source: mig.SourceHost}
	here, there := op.m.hosts[mig.SourceHost], op.m.hosts[mig.DestHost]
	stayed := here != nil && here.has(op.Context, op.Instance.ID)
	arrived := there != nil && there.has(op.Context, op.Instance.ID)
	switch {
	case arrived && !stayed:
		if _, err := op.m.plugOn(op.Context, op.Instance, mig.DestHost); err != nil {
			return broken{err}
		}
		return l.settle(op)
	case arrived: // it runs on both for a moment; the source has it until it says otherwise
		if err := there.destroy(op.Context, op.Instance.ID); err != nil {
			return broken{err}
		}
	}
	op.m.leave(op.Context, op.Instance, mig.DestHost)
	if err := op.m.reconnectVolumes(op.Context, op.Instance, mig.SourceHost); err != nil {
		return broken{err}
	}
	if err := l.fail(op, MigrationError); err != nil {
		return broken{err}
	}
	if !stayed {
		return broken{errLost}
	}
	return errRestarted
}}

// has tells that the host has that machine.
func (h *host) has(ctx context.Context, id string) bool {
	power, err := h.power(ctx, id)
	return err == nil && power != PowerNoState
}
