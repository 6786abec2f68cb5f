// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// WithEventDetails is the first microversion whose events of instance actions say what went wrong.
const WithEventDetails client.Microversion = 84

// InstanceAction is Nova's record of one request on a server (GET /servers/{id}/os-instance-actions).
type InstanceAction struct {
	Action    string          `json:"action"` // "reboot", "live-migration" ...
	RequestID string          `json:"request_id"`
	UserID    string          `json:"user_id"`
	ProjectID string          `json:"project_id"`
	StartTime string          `json:"start_time"`
	UpdatedAt string          `json:"updated_at"` // since 2.58
	Message   string          `json:"message"`    // "Error" once an event has failed
	Events    []InstanceEvent `json:"events"`     // of one action only; since 2.51 also for who is no administrator
}

// InstanceEvent is what a service did for an action.
type InstanceEvent struct {
	Event      string `json:"event"` // "compute_reboot_instance"
	StartTime  string `json:"start_time"`
	FinishTime string `json:"finish_time"`
	Result     string `json:"result"`    // "Success", "Error", or "" while it runs
	Traceback  string `json:"traceback"` // administrators only
	Host       string `json:"host"`      // since 2.62, administrators only
	HostID     string `json:"hostId"`    // since 2.62
	Details    string `json:"details"`   // since 2.84
}

// Actions are the requests on a server, the newest first, without their events.
func (s Servers) Actions(ctx context.Context, id string) ([]InstanceAction, error) {
	service, err := s.Client.At(ctx, 1)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Actions []InstanceAction `json:"instanceActions"`
	}
	_, err = service.Get(ctx, service.ServiceURL("servers", url.PathEscape(id), "os-instance-actions"), &answer, nil)
	return answer.Actions, err
}

// Action is one request on a server with its events.
func (s Servers) Action(ctx context.Context, id, requestID string) (*InstanceAction, error) {
	service, _, err := s.Client.Best(ctx, WithEventDetails)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Action InstanceAction `json:"instanceAction"`
	}
	_, err = service.Get(ctx, service.ServiceURL("servers", url.PathEscape(id), "os-instance-actions", url.PathEscape(requestID)), &answer, nil)
	return &answer.Action, err
}

// Acted is what the answer to a server action tells besides its body.
type Acted struct {
	RequestID string
	Location  string // of the image that createImage and createBackup made, up to 2.44
}

// ActAt runs a server action at exactly the microversion at: body is its JSON, {"reboot": {"type": "SOFT"}} for
// example. The answer's body goes to answer unless that is nil.
func (s Servers) ActAt(ctx context.Context, at client.Microversion, id string, body map[string]any, answer any) (Acted, error) {
	service, err := s.Client.At(ctx, at)
	if err != nil {
		return Acted{}, err
	}
	response, err := service.Post(ctx, service.ServiceURL("servers", url.PathEscape(id), "action"), body, answer,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK, http.StatusAccepted, http.StatusNoContent}})
	if response == nil {
		return Acted{}, err
	}
	acted := Acted{RequestID: response.Header.Get("X-Openstack-Request-Id"), Location: response.Header.Get("Location")}
	if acted.RequestID == "" {
		acted.RequestID = response.Header.Get("X-Compute-Request-Id") // before 2.46
	}
	return acted, err
}
