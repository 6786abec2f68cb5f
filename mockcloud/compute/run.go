// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// broken is an error that leaves the instance in vm_state error.
type broken struct{ error }

func (e broken) Unwrap() error { return e.error }

// launch gives an accepted operation its place in the instance's line and a goroutine, and ends the
// operation that it preempts. After Close it is left for the next Open.
func (m *Manager) launch(op *Op) error {
	id := op.Instance.ID
	if !m.inTurn(id, op.record, func(ctx context.Context) {
		op.Context = ctx
		err := op.run()
		op.settle(err)
		if op.over && slices.Contains(unexpected[op.Instance.VMState], op.Instance.PowerState) {
			m.syncWhereItIs(id) // the driver may have taken the machine's end for one that was asked for
		}
		if op.result != nil {
			op.result <- err
		}
	}) {
		return refuse(Unavailable, "The compute service is stopping.")
	}
	if op.preempts != "" {
		m.lines.preempt(id, op.preempts)
	}
	return nil
}

// inTurn does something in a goroutine once its turn in that line comes; false after Close. Its context
// ends when it is preempted, by its record, and with Close.
func (m *Manager) inTurn(line, record string, do func(context.Context)) bool {
	ctx, cancel := context.WithCancelCause(m.ctx)
	place, open := m.lines.join(line, record, cancel)
	if !open {
		cancel(nil)
		return false
	}
	go func() {
		defer m.lines.leave(line, place)
		defer cancel(nil)
		// An operation records its own panics; this is for what is around it, so that a mistake
		// there costs one server and not the cloud.
		defer func() {
			if p := recover(); p != nil {
				m.Log.Error("panic", "instance", line, "panic", p, "stack", string(debug.Stack()))
			}
		}()
		select {
		case <-place.turn:
			do(ctx)
		case <-m.ctx.Done():
		}
	}()
	return true
}

// run is the asynchronous part, up to its result.
func (op *Op) run() (err error) {
	if err := op.beginEvent(); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			op.m.Log.Error("operation panicked", "action", op.action.Name, "instance", op.Instance.ID, "panic", p,
				"stack", string(debug.Stack()))
			err = errors.New("internal error")
		}
	}()
	op.notify(startPhase, nil)
	if err := op.m.dwell(op); err != nil {
		return err
	}
	return op.action.Run(op)
}

// dwell lets the operation last as long as the cloud's pace wants it to be seen.
func (m *Manager) dwell(op *Op) error {
	if m.Pace == nil || op.action.Paced {
		return nil
	}
	return m.Clock.Sleep(op.Context, m.Pace(op.action.Name))
}

// settle records a failure; a success has been recorded with the operation's last write. When the
// Manager is closing it records nothing: what an operation leaves then is what a crash leaves.
func (op *Op) settle(err error) {
	if err == nil && !op.over {
		err = errors.New("operation ended without a result")
	}
	preempted := errors.Is(err, errPreempted) || context.Cause(op.Context) != nil
	if err == nil || preempted || op.m.ctx.Err() != nil {
		return
	}
	op.m.Log.Warn("operation failed", "action", op.action.Name, "instance", op.Instance.ID, "error", err)
	op.rollback()
	op.log("fault", op.fail(err))
}

// fail records the fault and sets task_state to none, and vm_state to error if err is broken or the
// server was never built.
func (op *Op) fail(err error) error {
	fault := op.m.fault(op.Instance, err)
	power, known := op.powerNow()
	return op.write(err, func(_ store.Tx, inst *Instance) error {
		inst.Fault = fault
		inst.TaskState = NoTask
		if known {
			inst.PowerState = power
		}
		if errors.As(err, new(broken)) || inst.VMState == Building {
			inst.VMState = Error
		}
		return nil
	})
}

// powerNow is the machine's power state if it can be told.
func (op *Op) powerNow() (PowerState, bool) {
	host, err := op.host()
	if err != nil {
		return PowerNoState, false
	}
	power, err := host.power(op.Context, op.Instance.ID)
	return power, err == nil
}

// fault is the record of err. Its message is held to the 255 characters of Nova's column.
func (m *Manager) fault(inst *Instance, err error) *Fault {
	const longest = 255
	message := []rune(public(err.Error()))
	if len(message) > longest {
		message = message[:longest]
	}
	return &Fault{
		Code: faultCode(err), Message: string(message), Host: inst.Host, Created: m.Clock.Now(),
		Details: details(err),
	}
}

// faultCode is the code of Nova's exception, 500 for most.
func faultCode(err error) int {
	codes := map[Kind]int{BadRequest: 400, Forbidden: 403, NotFound: 404, Conflict: 409}
	var breaks broken
	if errors.As(err, &breaks) {
		err = breaks.error
	}
	// Only the error itself is asked: what it was caused by may have a code of its own.
	if kinded, ok := err.(interface{ Kind() Kind }); ok {
		if code, ok := codes[kinded.Kind()]; ok {
			return code
		}
	}
	return 500
}

// details is the chain of causes, outermost first: where Nova has Python's traceback.
func details(err error) string {
	text := ""
	for ; err != nil; err = errors.Unwrap(err) {
		if _, marker := err.(broken); !marker { //nolint:errorlint // each link is looked at
			text += fmt.Sprintf("%T: %v\n", err, err)
		}
	}
	return text
}
