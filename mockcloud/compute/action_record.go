// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// InstanceAction is the record of one request on an instance (API: os-instance-actions).
type InstanceAction struct {
	InstanceID string
	Number     int64 // counts an instance's requests from 1
	Action     string
	RequestID  string
	ProjectID  string
	UserID     string
	Message    string // "Error" once an event has failed, else empty
	StartTime  time.Time
	UpdatedAt  time.Time
	Events     []InstanceEvent
}

// InstanceEvent is what a service did for an action.
type InstanceEvent struct {
	Event      string // "compute_stop_instance"
	Host       string
	StartTime  time.Time
	FinishTime *time.Time
	Result     string // "Success" or "Error"; empty while it runs
	Traceback  string // for administrators
	Details    string // the error's message; since 2.84
}

// Results of an event.
const (
	EventSuccess = "Success"
	EventError   = "Error"
)

const (
	byInstance = "instance"
	byRequest  = "request"
)

var instanceActions = store.Table[InstanceAction]{
	Name: "compute_instance_actions",
	Key:  func(a *InstanceAction) string { return fmt.Sprintf("%s/%08d", a.InstanceID, a.Number) },
	Indexes: []store.Index[InstanceAction]{
		{Name: byInstance, Of: func(a *InstanceAction) []string { return []string{a.InstanceID} }},
		{Name: byRequest, Of: func(a *InstanceAction) []string { return []string{requestKey(a.InstanceID, a.RequestID)} }},
	},
}

func requestKey(instanceID, requestID string) string { return instanceID + "/" + requestID }

// InstanceActions tells the actions of an instance, also of a deleted one, newest first.
func (m *Manager) InstanceActions(ctx context.Context, instanceID string) ([]*InstanceAction, error) {
	return m.actions(ctx, byInstance, instanceID)
}

// InstanceAction tells the newest action of an instance with that request id. An error of kind
// NotFound if there is none.
func (m *Manager) InstanceAction(ctx context.Context, instanceID, requestID string) (*InstanceAction, error) {
	found, err := m.actions(ctx, byRequest, requestKey(instanceID, requestID))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, refuse(NotFound, "Action for request_id %s on instance %s not found", requestID, instanceID)
	}
	return found[0], nil
}

func (m *Manager) actions(ctx context.Context, index, value string) (found []*InstanceAction, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		found, err = instanceActions.By(tx, index, value)
		return err
	})
	slices.Reverse(found)
	return found, err
}

// recordAction records that the caller's request begins and returns the record's key.
func (m *Manager) recordAction(tx store.Tx, caller Caller, instanceID, name string) (string, error) {
	earlier := 0
	for _, err := range tx.Lookup(instanceActions.Name, byInstance, instanceID) {
		if err != nil {
			return "", err
		}
		earlier++
	}
	now := m.Clock.Now()
	action := &InstanceAction{
		InstanceID: instanceID, Number: int64(earlier) + 1, Action: name, RequestID: caller.RequestID,
		ProjectID: caller.ProjectID, UserID: caller.UserID, StartTime: now, UpdatedAt: now,
	}
	return instanceActions.Key(action), instanceActions.Insert(tx, action)
}

// recordDone records a request that was done at once.
func (m *Manager) recordDone(tx store.Tx, caller Caller, instanceID, name string, event InstanceEvent) error {
	key, err := m.recordAction(tx, caller, instanceID, name)
	if err != nil {
		return err
	}
	return m.changeRecord(tx, key, func(a *InstanceAction, _ time.Time) { a.Events = append(a.Events, event) })
}

// beginEvent records that the operation's run begins, if the instance is still its own. While it waited
// for its turn, an aside may have changed the instance.
func (op *Op) beginEvent() error {
	var now *Instance
	err := op.m.Store.Update(op.Context, func(tx store.Tx) error {
		inst, err := op.mine(tx)
		if err != nil {
			return err
		}
		now = inst
		return op.m.changeRecord(tx, op.record, func(a *InstanceAction, now time.Time) {
			resumed := slices.ContainsFunc(a.Events, func(e InstanceEvent) bool { return e.FinishTime == nil })
			if op.action.Event != "" && !resumed {
				a.Events = append(a.Events, InstanceEvent{Event: op.action.Event, Host: inst.Host, StartTime: now})
			}
		})
	})
	if err == nil {
		op.Instance = now
	}
	return err
}

// endEvents records the result of what is under way on the instance.
func (m *Manager) endEvents(tx store.Tx, inst *Instance, failure error) error {
	return m.changeRecord(tx, inst.Operation, func(a *InstanceAction, now time.Time) {
		finishEvents(a, now, inst.Host, failure)
	})
}

// finishEvents gives the events that are still open their result.
func finishEvents(a *InstanceAction, now time.Time, host string, failure error) {
	for i := range a.Events {
		event := &a.Events[i]
		if event.FinishTime != nil {
			continue
		}
		event.FinishTime, event.Result = &now, EventSuccess
		event.Host = or(event.Host, host)
		if failure != nil {
			event.Result, event.Details, event.Traceback = EventError, failure.Error(), details(failure)
		}
	}
	if failure != nil {
		a.Message = "Error"
	}
}

// changeRecord changes the instance action with that key.
func (m *Manager) changeRecord(tx store.Tx, key string, change func(*InstanceAction, time.Time)) error {
	action, err := instanceActions.Get(tx, key)
	if err != nil {
		return err
	}
	now := m.Clock.Now()
	change(action, now)
	action.UpdatedAt = now
	return instanceActions.Put(tx, action)
}
