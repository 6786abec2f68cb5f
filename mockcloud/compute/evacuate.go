// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/scheduler"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// EvacuateRequest is what evacuate asks for.
type EvacuateRequest struct {
	Host string // "" for any
	// Force goes there past the scheduler: before 2.29 whenever there is a Host, not at all since 2.68.
	Force         bool
	AdminPassword string
	// Stop leaves the server off (since 2.95), as it was off before.
	Stop bool
}

// evacuation is an evacuation under way.
type evacuation struct {
	build
	want      EvacuateRequest
	migration string
	from      VMState
}

// Evacuate begins to build a server anew on another host, because its own is down. The migration keeps the
// room on the old host until that is back and has been cleared.
func (m *Manager) Evacuate(ctx context.Context, caller Caller, id string, want EvacuateRequest) error {
	e := &evacuation{want: want, build: build{once: BootData{AdminPassword: want.AdminPassword}}}
	action := &Action{Name: "evacuate", Task: Rebuilding, Event: "conductor_rebuild_server", Run: e.run}
	op, err := m.acceptIf(ctx, caller, id, action, func(tx store.Tx, inst *Instance) error {
		up, err := m.hostUp(tx, inst.Host)
		if err != nil {
			return err
		}
		if up {
			return refuse(BadRequest, "Compute service of %s is still in use.", inst.Host)
		}
		// Nova takes a second evacuation, or one in the middle of a move, and loses track of the first.
		if under, err := unfinished(tx, id); err != nil {
			return err
		} else if under != nil {
			return &InstanceInvalidState{InstanceID: id, Action: "evacuate", Attr: "task_state", State: string(inst.TaskState)}
		}
		mig, err := m.recordMigration(tx, caller, inst, Migration{
			Type: EvacuationMigration, Status: MigrationAccepted, DestHost: want.Host,
		}, inst.Flavor)
		if err != nil {
			return err
		}
		e.migration, e.from = mig.ID, inst.VMState
		return nil
	})
	if err != nil {
		return err
	}
	return m.launch(op)
}

func (e *evacuation) run(op *Op) error {
	op.Undo(func(context.Context) {
		if op.mineStill() {
			op.log("end migration", op.write(nil, func(tx store.Tx, _ *Instance) error {
				return op.m.setMigration(tx, e.migration, MigrationFailed)
			}))
		}
	})
	if err := e.findImage(op); err != nil {
		return broken{err}
	}
	dest, err := e.schedule(op)
	if err != nil {
		return broken{err}
	}
	if err := e.rebuild(op, dest); err != nil {
		return broken{err}
	}
	return e.settle(op)
}

func (e *evacuation) findImage(op *Op) (err error) {
	if op.Instance.VolumeBacked() {
		e.image = &Image{}
		return nil
	}
	e.image, err = op.m.Images.Image(op.Context, Caller{Admin: true}, op.Instance.ImageID)
	return err
}

// schedule chooses the new host and claims its room.
func (e *evacuation) schedule(op *Op) (dest scheduler.Host, err error) {
	err = op.write(nil, func(tx store.Tx, inst *Instance) error {
		to := placing{Flavor: inst.Flavor, target: target{zone: inst.RequestedZone, host: e.want.Host}, Exclude: []string{inst.Host}}
		if e.want.Force {
			to.target = target{forcedHost: e.want.Host}
		}
		if dest, err = op.m.place(tx, inst, to); err != nil {
			return err
		}
		if err := claimBoth(tx, inst, e.migration, dest.Name, inst.Flavor); err != nil {
			return err
		}
		err := op.m.changeMigration(tx, e.migration, func(mig *Migration) {
			mig.DestHost, mig.DestNode, mig.Status = dest.Name, dest.Node, MigrationPreMigrating
		})
		if err != nil {
			return err
		}
		return op.nextEvent(tx, inst, "compute_rebuild_instance", dest.Name)
	})
	if err != nil {
		return dest, err
	}
	op.Undo(func(context.Context) {
		op.log("unclaim", op.write(nil, func(tx store.Tx, inst *Instance) error {
			if err := free(tx, e.migration); err != nil {
				return err
			}
			return allocate(tx, inst)
		}))
	})
	return dest, nil
}

// rebuild makes the machine on the new host.
func (e *evacuation) rebuild(op *Op, dest scheduler.Host) error {
	host, err := op.m.host(dest.Name)
	if err != nil {
		return err
	}
	source := op.Instance.Host
	op.Undo(func(ctx context.Context) {
		op.log("go back", op.goBack(ctx, source, dest.Name))
	})
	op.m.unplug(op.Context, op.Instance) // whatever is left on the host that is down has no network
	if err := op.m.Networks.Bind(op.Context, op.Instance, host.Name); err != nil {
		return err
	}
	if err := op.Task(RebuildBlockDeviceMapping); err != nil {
		return err
	}
	volumes, err := op.connectVolumes(host.Name)
	if err != nil {
		return err
	}
	machine, err := e.machineOn(op, host.Name)
	if err != nil {
		return err
	}
	machine.Volumes = volumes
	if err := op.Task(RebuildSpawning); err != nil {
		return err
	}
	op.Undo(func(ctx context.Context) { op.log("destroy", host.undoSpawn(ctx, machine.ID)) })
	if err := host.spawn(op.Context, machine); err != nil && !errors.Is(err, driver.ErrExists) {
		return err
	}
	if err := op.completeVolumes(); err != nil {
		return err
	}
	return op.Set(func(inst *Instance) { inst.Host, inst.Node, inst.Zone = dest.Name, dest.Node, dest.Zone })
}

// settle leaves the server on, or off as it was.
func (e *evacuation) settle(op *Op) error {
	op.undo = nil // it stays there, whatever fails now
	op.Undo(func(context.Context) {
		op.log("end migration", op.write(nil, func(tx store.Tx, _ *Instance) error {
			return op.m.setMigration(tx, e.migration, MigrationDone)
		}))
	})
	host, err := op.host()
	if err != nil {
		return broken{err}
	}
	state := Active
	if e.want.Stop || e.from == Stopped {
		state = Stopped
		if err := host.stop(op.Context, op.Instance.ID, 0); err != nil {
			return broken{err}
		}
	}
	now := op.m.Clock.Now()
	return op.conclude(host, func(tx store.Tx, inst *Instance) error {
		inst.VMState, inst.LaunchedAt = state, &now
		return op.m.setMigration(tx, e.migration, MigrationDone)
	})
}

// abandonEvacuation takes an evacuation back that a restart cut short, if it was one: the server is on its old
// host.
func (op *Op) abandonEvacuation() error {
	mig, err := op.m.movingOf(op.Context, op.Instance.ID)
	if err != nil || mig == nil || mig.Type != EvacuationMigration {
		return err
	}
	if op.Instance.Host == mig.DestHost { // it is there; what was left on the old host went when this process began
		return op.write(nil, func(tx store.Tx, _ *Instance) error { return op.m.endMove(tx, mig, MigrationCompleted) })
	}
	if dest := op.m.hosts[mig.DestHost]; dest != nil {
		if err := dest.destroy(op.Context, op.Instance.ID); err != nil {
			return err
		}
	}
	if err := op.goBack(op.Context, mig.SourceHost, mig.DestHost); err != nil {
		return err
	}
	return op.write(nil, func(tx store.Tx, inst *Instance) error {
		if err := op.m.endMove(tx, mig, MigrationFailed); err != nil {
			return err
		}
		return allocate(tx, inst)
	})
}

// goBack connects an instance that was not evacuated to its old host again, which may come back with its machine.
func (op *Op) goBack(ctx context.Context, source, dest string) error {
	op.m.leave(ctx, op.Instance, dest)
	_, err := op.m.plugOn(ctx, op.Instance, source)
	return errors.Join(err, op.m.Networks.Bind(ctx, op.Instance, source), op.m.reconnectVolumes(ctx, op.Instance, source))
}

// clearEvacuated gives back what evacuated servers kept of a host that is back: its machines have been destroyed.
func (h *host) clearEvacuated(ctx context.Context) error {
	return h.m.Store.Update(ctx, func(tx store.Tx) error {
		found, err := migrations.By(tx, migrationsByHost, h.Name)
		if err != nil {
			return err
		}
		for _, mig := range found {
			if mig.Type != EvacuationMigration || mig.Status != MigrationDone || mig.SourceHost != h.Name {
				continue
			}
			if err := h.m.endMove(tx, mig, MigrationCompleted); err != nil {
				return err
			}
		}
		return nil
	})
}
