// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

var (
	errRestarted = errors.New("the compute service was restarted")
	errLost      = errors.New("its machine was not found after the compute service was restarted")
)

// abandonBuild undoes a build that was cut short: what had been made for it is removed, and the
// server is in ERROR. (Nova sets ERROR, too, and leaves the rest to the delete.)
var abandonBuild = Action{
	Name: "create", Task: Spawning, Event: "compute__do_build_and_run_instance",
	Run: func(op *Op) error {
		if err := op.destroyMachine(op.Instance.Host); err != nil {
			return broken{err}
		}
		op.m.unplug(op.Context, op.Instance)
		if err := op.m.Networks.Deallocate(op.Context, op.Instance); err != nil {
			return broken{err}
		}
		if err := op.abandonVolumes(op.Context); err != nil {
			return broken{err}
		}
		err := op.write(nil, func(tx store.Tx, inst *Instance) error {
			inst.Host, inst.Node, inst.Zone, inst.VIFs = "", "", "", nil
			return allocate(tx, inst)
		})
		if err != nil {
			return broken{err}
		}
		return broken{&BuildAborted{InstanceID: op.Instance.ID, Reason: errRestarted.Error() + ".", Cause: errRestarted}}
	},
}

// abandonTask ends an action that cannot be taken up again; the server stays in its vm_state.
var abandonTask = Action{Name: "abandoned", Run: func(*Op) error { return errRestarted }}

// loseMachine puts a server into ERROR whose machine is no more, or is there and may run but cannot be read.
func loseMachine(why error) *Action {
	return &Action{Name: "lost", Run: func(op *Op) error {
		return broken{fmt.Errorf("instance %s is lost: %w", op.Instance.ID, why)}
	}}
}

// settleActive ends a reboot that the machine has come through.
var settleActive = Action{
	Name: "reboot", Event: "compute_reboot_instance", Run: func(op *Op) error { return op.Finish(Active) },
}

// recoveries say how an action that was under way is taken up again, by its task_state and what the
// machine does now; those of every other task_state are abandoned. They follow Nova's _init_instance.
var recoveries = map[TaskState]func(PowerState) *Action{
	PoweringOff:       always(&stopAction),
	PoweringOn:        always(&startAction),
	Deleting:          always(&deleteAction),
	Rebooting:         ifRunning(&settleActive, &hardReboot),
	RebootingHard:     ifRunning(&settleActive, &hardReboot),
	RebootStarted:     ifRunning(&settleActive, &hardReboot),
	RebootStartedHard: ifRunning(&settleActive, &hardReboot),
	RebootPending:     ifRunning(&softReboot, &hardReboot),
	RebootPendingHard: always(&hardReboot),

	Pausing:      ifRunning(&settleActive, &pauseAction),
	Unpausing:    ifRunning(&settleActive, &unpauseAction),
	Suspending:   ifRunning(&abandonTask, &suspendAction),
	Resuming:     always(&resumeAction),
	Rescuing:     always(&abandonRescue),
	Unrescuing:   always(&unrescueAction),
	SoftDeleting: always(&softDeleteAction),
	Restoring:    always(&restoreAction),

	ResizePrep:       always(&abandonResize),
	ResizeMigrating:  always(&abandonResize),
	ResizeMigrated:   always(&abandonResize),
	ResizeFinish:     always(&abandonResize),
	ResizeReverting:  always(&resumeRevert),
	ResizeConfirming: always(&confirmAction),

	Migrating: always(&settleLiveMigration),

	Shelving:                   always(&abandonSnapshot),
	ShelvingImagePendingUpload: always(&abandonSnapshot),
	ShelvingImageUploading:     always(&abandonSnapshot),
	ShelvingOffloading:         always(&shelveOffloadAction),
	Unshelving:                 always(&abandonUnshelve),
	Spawning:                   always(&abandonUnshelve), // of a server that is not being built

	Rebuilding:                always(&abandonRebuild),
	RebuildBlockDeviceMapping: always(&abandonRebuild),
	RebuildSpawning:           always(&abandonRebuild),

	ImageSnapshotPending: always(&abandonSnapshot),
	ImageSnapshot:        always(&abandonSnapshot),
	ImageBackup:          always(&abandonSnapshot),
	ImagePendingUpload:   always(&abandonSnapshot),
	ImageUploading:       always(&abandonSnapshot),
}

// moving are the task_states of servers whose machine may be on its way: that it is not on the instance's
// host says nothing.
var moving = map[TaskState]bool{
	ResizePrep: true, ResizeMigrating: true, ResizeMigrated: true, ResizeFinish: true, ResizeReverting: true,
	ResizeConfirming: true, Migrating: true, ShelvingOffloading: true, Unshelving: true, Spawning: true,
}

func always(a *Action) func(PowerState) *Action { return func(PowerState) *Action { return a } }

func ifRunning(running, otherwise *Action) func(PowerState) *Action {
	return func(power PowerState) *Action {
		if power == PowerRunning {
			return running
		}
		return otherwise
	}
}

// recover brings instances and machines together again after a restart. What takes time goes on
// after it has returned, as operations.
func (m *Manager) recover(ctx context.Context) error {
	if err := m.recoverReservations(ctx); err != nil {
		return err
	}
	machines := map[string]map[string]driver.Status{} // by host and id
	for name, h := range m.hosts {
		found, err := h.list(ctx)
		if err != nil {
			return fmt.Errorf("machines of host %s: %w", name, err)
		}
		machines[name] = map[string]driver.Status{}
		for _, status := range found {
			machines[name][status.ID] = status
		}
	}
	known, err := m.List(ctx, Filter{})
	if err != nil {
		return err
	}
	for _, inst := range known {
		status, there := machines[inst.Host][inst.ID]
		if err := m.recoverInstance(ctx, inst, status, there); err != nil {
			return err
		}
	}
	for name, found := range machines {
		m.hosts[name].destroyOrphans(ctx, slices.Collect(maps.Values(found)), known)
		if err := m.hosts[name].clearEvacuated(ctx); err != nil {
			return err
		}
	}
	return nil
}

// reap destroys the host's machines that no instance has.
func (h *host) reap(ctx context.Context) {
	found, err := h.list(ctx)
	known, e := h.m.List(ctx, Filter{})
	if err = errors.Join(err, e); err != nil {
		h.m.Log.Error("machines not compared with instances", "host", h.Name, "error", err)
		return
	}
	h.destroyOrphans(ctx, found, known)
	for _, inst := range known { // what happened to them while the host was down
		if inst.Host == h.Name {
			h.m.syncLater(h, inst.ID)
		}
	}
	if err := h.clearEvacuated(ctx); err != nil {
		h.m.Log.Error("what evacuated servers kept not given back", "host", h.Name, "error", err)
	}
}

// destroyOrphans destroys those of the machines that are none of the instances', on this host: one that is on
// its way may be on either. One that cannot be destroyed is only logged: the next start finds it again.
func (h *host) destroyOrphans(ctx context.Context, found []driver.Status, known []*Instance) {
	for _, machine := range found {
		if slices.ContainsFunc(known, func(i *Instance) bool { return i.ID == machine.ID && (i.Host == h.Name || moving[i.TaskState]) }) {
			continue
		}
		h.m.Log.Warn("machine without an instance", "host", h.Name, "machine", machine.ID)
		if err := h.destroy(ctx, machine.ID); err != nil {
			h.m.Log.Error("machine not destroyed", "host", h.Name, "machine", machine.ID, "error", err)
		}
	}
}

// recoverInstance finishes or undoes what was under way on the instance.
func (m *Manager) recoverInstance(ctx context.Context, inst *Instance, machine driver.Status, there bool) error {
	why := machine.Err
	if !there || errors.Is(why, driver.ErrInterrupted) {
		why = errLost
	}
	whole := why == nil
	if err := m.recoverInterfaces(ctx, inst); err != nil {
		m.Log.Error("interfaces not as they should be", "instance", inst.ID, "error", err)
	}
	if whole {
		m.replug(ctx, inst)
	}
	action := m.recovery(inst, powerStates[machine.State], why)
	if action != nil {
		op, err := m.resume(ctx, inst, action)
		if err != nil {
			return err
		}
		if err := m.launch(op); err != nil {
			return err
		}
	}
	m.syncWhereItIs(inst.ID)
	if err := m.recoverVolumes(inst); err != nil {
		return err
	}
	return m.recoverShares(inst)
}

// replug plugs the ports of a machine that was found again, as they are now.
func (m *Manager) replug(ctx context.Context, inst *Instance) {
	err := m.RefreshNetwork(ctx, inst.ID)
	if current, e := m.Get(ctx, inst.ID); e == nil {
		inst.VIFs = current.VIFs
	}
	_, e := m.plug(ctx, inst)
	if err = errors.Join(err, e); err != nil {
		m.Log.Error("ports not plugged again", "instance", inst.ID, "error", err)
	}
}

// recovery is what has to be done about an instance; nil when that is nothing. lost is why its machine is not whole.
func (m *Manager) recovery(inst *Instance, power PowerState, lost error) *Action {
	here := m.hosts[inst.Host] != nil
	resume := recoveries[inst.TaskState]
	switch {
	case inst.TaskState == Deleting:
		return &deleteAction
	case inst.VMState == Building:
		return &abandonBuild
	case inst.Host != "" && !here:
		return nil // another process has that host
	case moving[inst.TaskState]:
		return resume(power)
	case here && lost != nil && inst.VMState != Error:
		return loseMachine(lost)
	case inst.TaskState == NoTask:
		return nil
	case resume == nil || lost != nil:
		return &abandonTask
	}
	return resume(power)
}

// resume takes an instance's operation up again, under its old record; an instance that had none
// under way gets one.
func (m *Manager) resume(ctx context.Context, inst *Instance, action *Action) (*Op, error) {
	if inst.Operation != "" {
		return &Op{m: m, Caller: m.self(inst), Instance: inst, action: action, record: inst.Operation}, nil
	}
	var op *Op
	err := m.Store.Update(ctx, func(tx store.Tx) error {
		current, err := live(tx, inst.ID)
		if err != nil {
			return err
		}
		op, err = m.acceptIn(tx, m.self(inst), current, action)
		return err
	})
	return op, err
}
