// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// InstanceAction is one request on a server, as os-instance-actions shows it.
type InstanceAction struct {
	Action       string     `json:"action"`
	InstanceUUID string     `json:"instance_uuid"`
	RequestID    string     `json:"request_id"`
	UserID       *string    `json:"user_id"`
	ProjectID    *string    `json:"project_id"`
	StartTime    api.Micros `json:"start_time"`
	Message      *string    `json:"message"`
	UpdatedAt    api.Micros `json:"updated_at" nova:"2.58-"`
}

// instanceActionDetail is an action with its events, where they may be seen.
type instanceActionDetail struct {
	InstanceAction
	Events api.Opt[[]InstanceEvent] `json:"events,omitempty"`
}

// InstanceEvent is what a service did for an action.
type InstanceEvent struct {
	Event      string           `json:"event"`
	StartTime  api.Micros       `json:"start_time"`
	FinishTime api.Micros       `json:"finish_time"`
	Result     *string          `json:"result"`
	Traceback  api.Opt[*string] `json:"traceback,omitempty"`
	HostID     string           `json:"hostId"            nova:"2.62-"`
	Host       string           `json:"host,omitempty"    nova:"2.62-"`
	Details    api.Opt[*string] `json:"details,omitempty" nova:"2.84-"`
}

type instanceActionQuery struct {
	api.Paging    `nova:"2.58-"`
	ChangesSince  string `json:"changes-since"  nova:"2.58-" format:"date-time"`
	ChangesBefore string `json:"changes-before" nova:"2.66-" format:"date-time"`
}

// instanceActionList is the list with its own name for the link to the next page.
type instanceActionList struct {
	Actions []InstanceAction `json:"instanceActions"`
	Links   []api.Link       `json:"links,omitempty" nova:"2.58-"`
}

func (s *Service) instanceActionRoutes() []api.Route {
	const path = "/servers/{id}/os-instance-actions"
	return []api.Route{
		api.Get(path, "", s.listInstanceActions).AskedBy(api.QueryOf[instanceActionQuery]()).Loose("-2.57"),
		api.Get(path+"/{request_id}", "instanceAction", s.showInstanceAction).AskedBy(api.QueryOf[noQuery]()).Loose("-2.101"),
	}
}

func (s *Service) listInstanceActions(c *api.Call) (list instanceActionList, err error) {
	q := api.Query[instanceActionQuery](c)
	inst, err := s.findServer(c, c.Var("id"), "os-instance-actions:list", c.Since(actionsOfDeleted))
	if err != nil {
		return list, err
	}
	since, before, err := changes(q.ChangesSince, q.ChangesBefore)
	if err != nil {
		return list, err
	}
	records, err := s.Compute.InstanceActions(c.Context(), inst.ID)
	if err != nil {
		return list, err
	}
	records = slices.DeleteFunc(records, func(a *compute.InstanceAction) bool {
		return a.UpdatedAt.Before(since) || !before.IsZero() && a.UpdatedAt.After(before)
	})
	page, err := api.Paged(c, records, q.Paging, maxLimit, func(a *compute.InstanceAction) string { return a.RequestID })
	if err != nil {
		return list, noMarker(q.Marker)
	}
	list.Actions = []InstanceAction{}
	for _, a := range page.Items {
		list.Actions = append(list.Actions, actionView(a))
	}
	if page.Next != "" {
		list.Links = []api.Link{{Rel: "next", Href: page.Next}}
	}
	return list, nil
}

// changes are the bounds that changes-since and changes-before set; the zero time is none.
func changes(sinceText, beforeText string) (since, before time.Time, err error) {
	for _, bound := range []struct {
		name, text string
		to         *time.Time
	}{{"changes-since", sinceText, &since}, {"changes-before", beforeText, &before}} {
		if bound.text == "" {
			continue
		}
		if *bound.to, err = api.ParseTime(bound.text); err != nil {
			return since, before, api.BadRequest("Invalid filter field: %s.", bound.name)
		}
	}
	if !before.IsZero() && before.Before(since) {
		err = api.BadRequest("The value of changes-since must be less than or equal to changes-before.")
	}
	return since, before, err
}

func actionView(a *compute.InstanceAction) InstanceAction {
	return InstanceAction{
		Action: a.Action, InstanceUUID: a.InstanceID, RequestID: a.RequestID, UserID: nullable(a.UserID), ProjectID: nullable(a.ProjectID),
		StartTime: api.Micros{Time: a.StartTime}, Message: nullable(a.Message), UpdatedAt: api.Micros{Time: a.UpdatedAt},
	}
}

func (s *Service) showInstanceAction(c *api.Call) (detail instanceActionDetail, err error) {
	inst, err := s.findServer(c, c.Var("id"), "os-instance-actions:show", c.Since(actionsOfDeleted))
	if err != nil {
		return detail, err
	}
	record, err := s.Compute.InstanceAction(c.Context(), inst.ID, c.Var("request_id"))
	if isNotFound(err) {
		return detail, api.NotFound("Action %s not found", c.Var("request_id"))
	}
	if err != nil {
		return detail, err
	}
	detail.InstanceAction = actionView(record)
	target := targetOf(inst)
	whole := c.Allowed(rule("os-instance-actions:events"), target)
	if !whole && !c.Since(eventsForAll) {
		return detail, nil
	}
	project := cmp.Or(record.ProjectID, inst.ProjectID)
	events := []InstanceEvent{}
	for _, e := range record.Events {
		view := InstanceEvent{
			Event: e.Event, StartTime: api.Micros{Time: e.StartTime}, FinishTime: micros(e.FinishTime), Result: nullable(e.Result),
			HostID: hostID(project, e.Host),
		}
		if whole {
			view.Traceback, view.Host = api.Some(nullable(e.Traceback)), e.Host
		}
		if c.Allowed(rule("os-instance-actions:events:details"), target) {
			view.Details = api.Some(nullable(e.Details))
		}
		events = append(events, view)
	}
	detail.Events = api.Some(events)
	return detail, nil
}
