// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"fmt"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// InstanceAction is the record of one request on an instance (API: os-instance-actions).
type InstanceAction struct {
	InstanceID string
	Number     int64 // in the order of requests
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

var instanceActions = store.Table[InstanceAction]{
	Name: "compute_instance_actions",
	Key:  func(a *InstanceAction) string { return fmt.Sprintf("%s/%016d", a.InstanceID, a.Number) },
	Indexes: []store.Index[InstanceAction]{
		{Name: byInstance, Of: func(a *InstanceAction) []string { return []string{a.InstanceID} }},
		{Name: byRequest, Of: func(a *InstanceAction) []string { return []string{a.InstanceID + "/" + a.RequestID} }},
	},
}

const (
	byInstance = "instance"
	byRequest  = "request"
)

// InstanceActions tells the actions of an instance, also of a deleted one, newest first.
func (m *Manager) InstanceActions(ctx context.Context, instanceID string) ([]*InstanceAction, error) {
	return nil, errUnbuilt
}

// InstanceAction tells the newest action of an instance with that request id. NotFound if there is
// none.
func (m *Manager) InstanceAction(ctx context.Context, instanceID, requestID string) (*InstanceAction, error) {
	return nil, errUnbuilt
}
