// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Action is something that is done to a server: what it demands, what it is recorded as, and what
// it does.
type Action struct {
	Name   string // the API's, for refusals: "stop"
	Record string // the instance action's; "" is Name
	Guard  string // its row in guards; "" is Name
	// Task is the task_state while it is under way.
	Task TaskState
	// Event is the service's part in it: "compute_stop_instance".
	Event string
	// Paced: the operation lasts as long as the cloud's pace wants by itself.
	Paced bool
	// Run does it. On success it has called op.Finish or the like. On an error the wrapper (run.go)
	// records a fault and sets task_state to none.
	Run func(op *Op) error
}

// Op is an Action under way.
type Op struct {
	// Context ends when another operation preempts this one and when the Manager closes.
	Context context.Context
	Caller  Caller
	// Instance is as the operation last read or wrote it.
	Instance *Instance

	m      *Manager
	action *Action
	record string // key of the instance action; what Instance.Operation must be
	// preempts is the record of the operation that it took the instance from: one that was under
	// way, where the guard allows that.
	preempts string
	over     bool // the instance is nobody's any more, and the record has its result
	undo     []func(context.Context)
	// result, unless nil, has room for the operation's result.
	result chan error
}

// errPreempted: the instance's task_state is no longer the operation's: another one took over, or
// the instance is gone. Whoever took over clears up.
var errPreempted = errors.New("preempted by another operation on the instance")

// act is the door of every action: accept, then run.
func (m *Manager) act(ctx context.Context, caller Caller, id string, action *Action) error {
	op, err := m.accept(ctx, caller, id, action)
	if err != nil {
		return err
	}
	return m.launch(op)
}

// actAndWait is act for what Nova's API waits for. An operation that is not waited for goes on.
func (m *Manager) actAndWait(ctx context.Context, caller Caller, id string, action *Action) error {
	op, err := m.accept(ctx, caller, id, action)
	if err != nil {
		return err
	}
	op.result = make(chan error, 1)
	if err := m.launch(op); err != nil {
		return err
	}
	return m.awaitAside(ctx, op.result)
}

// accept is the synchronous part: checked and recorded in one transaction.
func (m *Manager) accept(ctx context.Context, caller Caller, id string, action *Action) (*Op, error) {
	demands := guards[or(action.Guard, action.Name)]
	var op *Op
	err := m.Store.Update(ctx, func(tx store.Tx) error {
		inst, err := live(tx, id)
		if err != nil {
			return err
		}
		if err := demands.check(inst, caller, action.Name); err != nil {
			return err
		}
		op, err = m.acceptIn(tx, caller, inst, action)
		return err
	})
	return op, err
}

// acceptIn records that action begins on the instance: its task_state, its instance action, and the
// end of what it preempts.
func (m *Manager) acceptIn(tx store.Tx, caller Caller, inst *Instance, action *Action) (*Op, error) {
	if inst.Operation != "" {
		if err := m.endEvents(tx, inst, errPreempted); err != nil {
			return nil, err
		}
	}
	record, err := m.recordAction(tx, caller, inst.ID, or(action.Record, action.Name))
	if err != nil {
		return nil, err
	}
	op := &Op{m: m, Caller: caller, Instance: inst, action: action, record: record, preempts: inst.Operation}
	inst.TaskState, inst.Operation = action.Task, record
	inst.Progress = 0
	inst.UpdatedAt = m.Clock.Now()
	return op, instances.Put(tx, inst)
}

// Set writes a change of the instance, if it is still the operation's; errPreempted otherwise. With
// NoTask it is nobody's any more, and the operation is over.
func (op *Op) Set(change func(*Instance)) error {
	return op.write(nil, func(_ store.Tx, inst *Instance) error {
		change(inst)
		return nil
	})
}

// write is Set for changes that need other tables. failure is the operation's result, if it is over.
func (op *Op) write(failure error, change func(store.Tx, *Instance) error) error {
	var written *Instance
	err := op.m.Store.Update(op.Context, func(tx store.Tx) error {
		inst, err := op.mine(tx)
		if err != nil {
			return err
		}
		if err := change(tx, inst); err != nil {
			return err
		}
		if inst.TaskState == NoTask {
			if err := op.m.endEvents(tx, inst, failure); err != nil {
				return err
			}
			inst.Operation = ""
		}
		inst.UpdatedAt = op.m.Clock.Now()
		written = inst
		return instances.Put(tx, inst)
	})
	if err == nil {
		op.Instance, op.over = written, written.TaskState == NoTask
		op.notifyWritten(failure)
	}
	return err
}

// mine reads the instance, unless somebody else has it.
func (op *Op) mine(tx store.Tx) (*Instance, error) {
	inst, err := live(tx, op.Instance.ID)
	if KindOf(err) == NotFound {
		return nil, errPreempted
	}
	if err != nil {
		return nil, err
	}
	if inst.Operation != op.record {
		return nil, errPreempted
	}
	return inst, nil
}

// Task moves the instance to the operation's next task_state.
func (op *Op) Task(task TaskState) error {
	return op.Set(func(inst *Instance) { inst.TaskState = task })
}

// Finish ends the operation: the instance is in that vm_state, its power_state is the machine's, and
// nothing is under way. changes go into the same write.
func (op *Op) Finish(vm VMState, changes ...func(*Instance)) error {
	host, err := op.host()
	if err != nil {
		return err
	}
	power, err := host.power(op.Context, op.Instance.ID)
	if err != nil {
		return err
	}
	return op.Set(func(inst *Instance) {
		inst.VMState, inst.PowerState, inst.TaskState = vm, power, NoTask
		for _, change := range changes {
			change(inst)
		}
	})
}

// Undo names what takes the last step back. What has been named is done, last first, when the
// operation fails, unless another one preempted it.
func (op *Op) Undo(step func(context.Context)) { op.undo = append(op.undo, step) }

// rollback does what Undo named.
func (op *Op) rollback() {
	steps := op.undo // a step may itself do what can be undone
	op.undo = nil
	for _, step := range slices.Backward(steps) {
		step(op.m.ctx)
	}
	op.undo = nil
}

// log tells of a step of a failed operation's end that failed, too. Somebody who has taken the
// instance over clears up himself.
func (op *Op) log(step string, err error) {
	preempted := errors.Is(err, errPreempted) || errors.Is(context.Cause(op.Context), errPreempted)
	if err != nil && !preempted && op.m.ctx.Err() == nil {
		op.m.Log.Error("not cleared up", "step", step, "instance", op.Instance.ID, "error", err)
	}
}

// host is the host that the instance is on.
func (op *Op) host() (*host, error) { return op.m.host(op.Instance.Host) }

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
