// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// aside is something that is done to a server without a task_state: Nova attaches and detaches that way.
// It takes its place in the instance's line like every operation, so that the driver is asked one thing
// at a time, but another operation may be accepted meanwhile and has the next turn.
type aside struct {
	name  string // the API's, for refusals
	guard guard
	// record and event are those of the instance action; "" for what leaves none.
	record, event string
	// change, unless nil, is kept with the instance until the aside has ended, so that a restart finds it.
	change *InterfaceChange
	run    func(ctx context.Context, inst *Instance) error
}

var errNoResult = errors.New("operation ended without a result")

// doAside accepts an aside and gives it its place. The result comes through the channel, unless the
// Manager closes first.
func (m *Manager) doAside(ctx context.Context, caller Caller, id string, a aside) (<-chan error, error) {
	record := ""
	err := m.Store.Update(ctx, func(tx store.Tx) error {
		inst, err := live(tx, id)
		if err != nil {
			return err
		}
		if err := a.guard.check(inst, caller, a.name); err != nil {
			return err
		}
		if a.record == "" {
			return nil
		}
		if record, err = m.recordAction(tx, caller, id, a.record); err != nil || a.change == nil {
			return err
		}
		inst.InterfaceChanges = append(inst.InterfaceChanges, InterfaceChange{Record: record, PortID: a.change.PortID})
		return instances.Put(tx, inst)
	})
	if err != nil {
		return nil, err
	}
	result := make(chan error, 1)
	if !m.inTurn(id, "", func(ctx context.Context) {
		err := errNoResult
		defer func() { result <- err }()
		err = m.runAside(ctx, caller, id, record, a)
	}) {
		return nil, errStopping
	}
	return result, nil
}

var errStopping = refuse(Unavailable, "The compute service is stopping.")

// awaitAside waits for the result of an aside. One that is not waited for goes on.
func (m *Manager) awaitAside(ctx context.Context, result <-chan error) error {
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-m.ctx.Done():
		return errStopping
	}
}

// runAside does it on the instance as it is by now, and records the result.
func (m *Manager) runAside(ctx context.Context, caller Caller, id, record string, a aside) error {
	inst, err := m.beginAside(ctx, id, record, a.event)
	if err == nil {
		m.tellOfAside(a, caller, inst, startPhase, nil)
		err = a.run(ctx, inst)
	}
	if m.ctx.Err() != nil {
		return err // as after a crash
	}
	if err != nil {
		m.Log.Warn("operation failed", "action", a.name, "instance", id, "error", err)
	}
	ended := errors.Join(err, m.endAside(ctx, id, record, err))
	if inst, e := m.Get(ctx, id); e == nil {
		m.tellOfAside(a, caller, inst, endPhaseOf(err), err)
	}
	return ended
}

// tellOfAside tells of a phase of the asides that have notifications.
func (m *Manager) tellOfAside(a aside, caller Caller, inst *Instance, phase string, err error) {
	if noun, told := nouns[a.name]; told {
		m.tell("instance."+noun+"."+phase, caller, inst, err)
	}
}

// beginAside records that the aside's part on the host begins.
func (m *Manager) beginAside(ctx context.Context, id, record, event string) (inst *Instance, err error) {
	err = m.Store.Update(ctx, func(tx store.Tx) error {
		if inst, err = live(tx, id); err != nil {
			return err
		}
		if inst.Host == "" {
			return &InstanceNotReady{InstanceID: id}
		}
		if record == "" {
			return nil
		}
		return m.changeRecord(tx, record, func(r *InstanceAction, now time.Time) {
			if !slices.ContainsFunc(r.Events, func(e InstanceEvent) bool { return e.FinishTime == nil }) { // else it is resumed
				r.Events = append(r.Events, InstanceEvent{Event: event, Host: inst.Host, StartTime: now})
			}
		})
	})
	return inst, err
}

// endAside records the result: in the instance action and, of a failure, as the instance's fault.
func (m *Manager) endAside(ctx context.Context, id, record string, failure error) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		inst, err := find(tx, id)
		if err != nil {
			return err
		}
		if record != "" {
			if err := m.changeRecord(tx, record, func(r *InstanceAction, now time.Time) {
				finishEvents(r, now, inst.Host, failure)
			}); err != nil {
				return err
			}
		}
		if !inst.Live() {
			return nil
		}
		if failure != nil && !errors.Is(failure, errRestarted) {
			inst.Fault = m.fault(inst, failure)
		}
		inst.InterfaceChanges = slices.DeleteFunc(inst.InterfaceChanges, func(c InterfaceChange) bool { return c.Record == record })
		inst.UpdatedAt = m.Clock.Now()
		return instances.Put(tx, inst)
	})
}
