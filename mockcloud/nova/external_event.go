// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// ExternalEvents is the body of POST /os-server-external-events: what other services tell of servers.
type ExternalEvents struct {
	Events []ExternalEvent `json:"events" need:"2.1-" len:"1-"`
}

// ExternalEvent is one of them.
type ExternalEvent struct {
	Name1      string          `json:"name"        nova:"-2.50"     need:"-2.50"     oneof:"network-changed network-vif-plugged network-vif-unplugged network-vif-deleted"`
	Name51     string          `json:"name"        nova:"2.51-2.75" need:"2.51-2.75" oneof:"network-changed network-vif-plugged network-vif-unplugged network-vif-deleted volume-extended"`
	Name76     string          `json:"name"        nova:"2.76-2.81" need:"2.76-2.81" oneof:"network-changed network-vif-plugged network-vif-unplugged network-vif-deleted volume-extended power-update"`
	Name82     string          `json:"name"        nova:"2.82-2.92" need:"2.82-2.92" oneof:"network-changed network-vif-plugged network-vif-unplugged network-vif-deleted volume-extended power-update accelerator-request-bound"`
	Name       string          `json:"name"        nova:"2.93-"     need:"2.93-"     oneof:"network-changed network-vif-plugged network-vif-unplugged network-vif-deleted volume-extended power-update accelerator-request-bound volume-reimaged"`
	ServerUUID string          `json:"server_uuid" need:"2.1-" format:"uuid"`
	Status     string          `json:"status"      oneof:"failed completed in-progress"`
	Tag        api.Opt[string] `json:"tag"         len:"0-255"`
}

// externalEventTold is what became of an event.
type externalEventTold struct {
	Name       string          `json:"name"`
	ServerUUID string          `json:"server_uuid"`
	Status     string          `json:"status"`
	Tag        api.Opt[string] `json:"tag,omitempty"`
	Code       int             `json:"code"`
}

type externalEventsTold struct {
	Events []externalEventTold `json:"events"`
}

// taggedEvents are the events that say nothing without a tag.
var taggedEvents = []string{"volume-extended", "power-update", "accelerator-request-bound"}

func (s *Service) externalEventRoutes() []api.Route {
	return []api.Route{
		api.Post("/os-server-external-events", "", s.createExternalEvents).Policy(rule("os-server-external-events:create")),
	}
}

// createExternalEvents takes every event that it can; it answers 207 when there was one that it could not.
func (s *Service) createExternalEvents(c *api.Call, in *ExternalEvents) (told externalEventsTold, err error) {
	var accepted []compute.ExternalEvent
	for _, event := range in.Events {
		name := cmp.Or(event.Name, event.Name82, event.Name76, event.Name51, event.Name1)
		code, err := s.takesEvent(c, name, event)
		if err != nil {
			return told, err
		}
		status := "completed"
		if code == http.StatusOK {
			accepted = append(accepted, compute.ExternalEvent{InstanceID: event.ServerUUID, Name: name, Tag: event.Tag.Value})
		} else {
			status = "failed"
			c.SetStatus(http.StatusMultiStatus)
		}
		told.Events = append(told.Events, externalEventTold{
			Name: name, ServerUUID: event.ServerUUID, Status: status, Tag: event.Tag, Code: code,
		})
	}
	for _, event := range accepted {
		s.Compute.TellExternal(c.Context(), caller(c), event)
	}
	return told, nil
}

// takesEvent is the code for the event: 200 when it is accepted.
func (s *Service) takesEvent(c *api.Call, name string, event ExternalEvent) (int, error) {
	inst, err := s.Compute.Get(c.Context(), event.ServerUUID)
	switch {
	case err != nil && isNotFound(err), err == nil && !inst.Live():
		return http.StatusNotFound, nil
	case err != nil:
		return 0, err
	case !event.Tag.Set && slices.Contains(taggedEvents, name):
		return http.StatusBadRequest, nil
	case inst.Host == "":
		return http.StatusUnprocessableEntity, nil
	}
	return http.StatusOK, nil
}
