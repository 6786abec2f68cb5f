// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/scheduler"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// relocation is a resize or a cold migration under way: the machine is off, leaves one host with its disks
// and arrives on another, where it waits to be confirmed or reverted. From the first moment on, the
// migration holds the room on the source, and the instance has that on the destination.
type relocation struct {
	kind   MigrationType
	flavor Flavor // the new one
	host   string // the one that was asked for; "" for any

	migration string // its id
	source    string
	dest      scheduler.Host
}

// action is the operation, by the API's name.
func (r *relocation) action(name string) *Action {
	return &Action{Name: name, Guard: "resize", Task: ResizePrep, Event: "conductor_migrate_server", Run: r.run}
}

func (r *relocation) run(op *Op) error {
	r.source = op.Instance.Host
	if err := r.record(op); err != nil {
		return err
	}
	if err := r.schedule(op); err != nil {
		return err
	}
	if err := r.prepare(op); err != nil {
		return err
	}
	baggage, err := r.depart(op)
	if err != nil {
		return err
	}
	return r.arrive(op, baggage)
}

// record makes the migration's record. When the move fails, it says so, and the instance has the room
// of its own host again.
func (r *relocation) record(op *Op) error {
	err := op.write(nil, func(tx store.Tx, inst *Instance) error {
		mig, err := op.m.recordMigration(tx, op.Caller, inst, Migration{Type: r.kind, Status: MigrationPreMigrating}, r.flavor)
		if err != nil {
			return err
		}
		r.migration = mig.ID
		return op.nextEvent(tx, inst, "cold_migrate", "")
	})
	if err != nil {
		return err
	}
	op.Undo(func(context.Context) { op.log("unclaim", op.write(nil, r.abandon(op.m, MigrationError))) })
	return nil
}

// abandon ends the migration with the instance on the host where it is.
func (r *relocation) abandon(m *Manager, status MigrationStatus) func(store.Tx, *Instance) error {
	return func(tx store.Tx, inst *Instance) error {
		inst.OldFlavor, inst.NewFlavor, inst.OldVMState = nil, nil, ""
		if err := m.setMigration(tx, r.migration, status); err != nil {
			return err
		}
		if err := free(tx, r.migration); err != nil {
			return err
		}
		return allocate(tx, inst)
	}
}

// schedule chooses the destination and claims its room.
func (r *relocation) schedule(op *Op) error {
	err := op.write(nil, func(tx store.Tx, inst *Instance) (err error) {
		to := placing{
			Flavor: r.flavor, target: target{zone: inst.RequestedZone, host: r.host}, Exclude: []string{inst.Host},
		}
		if r.dest, err = op.m.place(tx, inst, to); err != nil {
			return err
		}
		if err := claimBoth(tx, inst, r.migration, r.dest.Name, r.flavor); err != nil {
			return err
		}
		return op.m.changeMigration(tx, r.migration, func(mig *Migration) {
			mig.DestHost, mig.DestNode, mig.DestAddress = r.dest.Name, r.dest.Node, r.dest.IP
		})
	})
	if errors.As(err, new(*NoValidHost)) {
		reasons := map[MigrationType]string{
			ColdMigration: "No valid host found for cold migrate", ResizeMigration: "No valid host found for resize",
		}
		return &NoValidHost{Reason: reasons[r.kind]}
	}
	return err
}

// claimBoth gives the instance's share of its host to the migration, and the instance one of the destination.
func claimBoth(tx store.Tx, inst *Instance, migrationID, dest string, flavor Flavor) error {
	// The way back must not fail for want of quota.
	back := Claim{
		VCPUs: max(0, inst.Flavor.VCPUs-flavor.VCPUs), MemoryMiB: max(0, inst.Flavor.MemoryMiB-flavor.MemoryMiB),
	}
	if err := free(tx, inst.ID); err != nil {
		return err
	}
	if err := hold(tx, migrationID, inst, inst.Host, inst.Flavor); err != nil {
		return err
	}
	if err := allocateTo(tx, inst, &Allocation{InstanceID: inst.ID, Host: dest}, flavor); err != nil {
		return err
	}
	return reserve(tx, inst.ID, back)
}

// prepare asks both hosts whether they can.
func (r *relocation) prepare(op *Op) error {
	err := op.enter(r.migration, phase{event: "compute_prep_resize", host: r.dest.Name, change: func(_ store.Tx, inst *Instance) error {
		inst.OldVMState = inst.VMState
		inst.NewFlavor = &r.flavor
		return nil
	}})
	if err != nil {
		return err
	}
	for _, name := range []string{r.source, r.dest.Name} {
		h, err := op.m.host(name)
		if err != nil {
			return err
		}
		if err := able[driver.Mover](h, "migration"); err != nil {
			return err
		}
	}
	return nil
}

// depart takes the machine from its host. What fails from here on is taken back, and leaves the server in
// ERROR.
func (r *relocation) depart(op *Op) (driver.Baggage, error) {
	err := op.enter(r.migration, phase{
		status: MigrationMigrating, task: ResizeMigrating, event: "compute_resize_instance", host: r.source,
	})
	if err != nil {
		return nil, err
	}
	if err := checkDisks(op.Instance, r.flavor); err != nil {
		return nil, err
	}
	source, err := op.m.host(r.source)
	if err != nil {
		return nil, err
	}
	op.Undo(func(context.Context) { op.log("take back", r.takeBack(op)) })
	var baggage driver.Baggage
	err = use(op.Context, source, "Depart", op.Instance.ID, func(ctx context.Context, d driver.Mover) error {
		baggage, err = d.Depart(ctx, op.Instance.ID, op.Instance.shutdownTimeout())
		return err
	})
	if err != nil {
		return nil, broken{err}
	}
	op.m.leave(op.Context, op.Instance, r.source)
	err = op.enter(r.migration, phase{status: MigrationPostMigrating, task: ResizeMigrated, change: func(_ store.Tx, inst *Instance) error {
		old := inst.Flavor
		inst.OldFlavor = &old
		inst.Host, inst.Node, inst.Zone = r.dest.Name, r.dest.Node, r.dest.Zone
		return nil
	}})
	if err != nil {
		return nil, broken{err}
	}
	return baggage, nil
}

// arrive makes the machine anew on its new host, in its new size.
func (r *relocation) arrive(op *Op, baggage driver.Baggage) error {
	err := op.enter(r.migration, phase{
		task: ResizeFinish, event: "compute_finish_resize", host: r.dest.Name, change: func(_ store.Tx, inst *Instance) error {
			inst.Flavor = r.flavor
			return nil
		},
	})
	if err != nil {
		return broken{err}
	}
	if err := op.m.Networks.Bind(op.Context, op.Instance, r.dest.Name); err != nil {
		return broken{err}
	}
	machine, err := op.machine(r.dest.Name, nil, BootData{})
	if err != nil {
		return broken{err}
	}
	dest, err := op.host()
	if err != nil {
		return broken{err}
	}
	run := op.Instance.OldVMState != Stopped
	err = use(op.Context, dest, "Arrive", machine.ID, func(ctx context.Context, d driver.Mover) error {
		return d.Arrive(ctx, machine, baggage, run)
	})
	if err != nil {
		return broken{err}
	}
	if err := op.completeVolumes(); err != nil {
		return broken{err}
	}
	err = op.conclude(dest, func(tx store.Tx, inst *Instance) error {
		now := op.m.Clock.Now()
		inst.VMState, inst.LaunchedAt = Resized, &now
		if err := allocate(tx, inst); err != nil {
			return err
		}
		return op.m.setMigration(tx, r.migration, MigrationFinished)
	})
	if err != nil {
		return broken{err}
	}
	return nil
}

// conclude is op.Finish for what needs other tables: nothing is under way any more, and the power_state is
// that of the machine on that host.
func (op *Op) conclude(h *host, change func(store.Tx, *Instance) error) error {
	power, err := h.power(op.Context, op.Instance.ID)
	if err != nil {
		return err
	}
	return op.write(nil, func(tx store.Tx, inst *Instance) error {
		inst.PowerState, inst.TaskState = power, NoTask
		return change(tx, inst)
	})
}
