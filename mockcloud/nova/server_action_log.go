// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// ServerAction is one request on a server, as os-server-actions showed it: os-instance-actions by its first name.
type ServerAction struct {
	Action    string     `json:"action"`
	ServerID  string     `json:"server_uuid"`
	RequestID string     `json:"request_id"`
	UserID    string     `json:"user_id"`
	ProjectID string     `json:"project_id"`
	StartTime api.Micros `json:"start_time"`
	Message   string     `json:"message"` // "" of an action that did not fail
}

// serverActionDetail is an action with its events, where they may be seen.
type serverActionDetail struct {
	ServerAction
	Events api.Opt[[]serverEvent] `json:"events,omitempty"`
}

// serverEvent is what a service did for an action.
type serverEvent struct {
	Event      string     `json:"event"`
	StartTime  api.Micros `json:"start_time"`
	FinishTime api.Micros `json:"finish_time"`
	Result     string     `json:"result"`
	Traceback  string     `json:"traceback"`
}

func (s *Service) serverActionRoutes() []api.Route {
	const path = "/servers/os-server-actions/{id}"
	return []api.Route{
		api.Get(path, "serverActions", s.listServerActions).AskedBy(api.QueryOf[instanceActionQuery]()).Loose(kiloOnly),
		api.Get(path+"/{request_id}", "serverAction", s.showServerAction),
	}
}

func serverActionView(a InstanceAction) ServerAction {
	return ServerAction{
		Action: a.Action, ServerID: a.InstanceUUID, RequestID: a.RequestID, UserID: text(a.UserID), ProjectID: text(a.ProjectID),
		StartTime: a.StartTime, Message: text(a.Message),
	}
}

func (s *Service) listServerActions(c *api.Call) ([]ServerAction, error) {
	list, err := s.listInstanceActions(c)
	views := make([]ServerAction, len(list.Actions))
	for i, a := range list.Actions {
		views[i] = serverActionView(a)
	}
	return views, err
}

func (s *Service) showServerAction(c *api.Call) (serverActionDetail, error) {
	detail, err := s.showInstanceAction(c)
	view := serverActionDetail{ServerAction: serverActionView(detail.InstanceAction)}
	if !detail.Events.Set {
		return view, err
	}
	events := make([]serverEvent, len(detail.Events.Value))
	for i, e := range detail.Events.Value {
		events[i] = serverEvent{
			Event: e.Event, StartTime: e.StartTime, FinishTime: e.FinishTime, Result: text(e.Result), Traceback: text(e.Traceback.Value),
		}
	}
	view.Events = api.Some(events)
	return view, err
}
