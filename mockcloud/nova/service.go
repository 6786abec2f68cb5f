// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// ServiceView is one of Nova's services.
type ServiceView struct {
	Number         int64      `json:"id"              nova:"-2.52"`
	ID             string     `json:"id"              nova:"2.53-"`
	Binary         string     `json:"binary"`
	Host           string     `json:"host"`
	Zone           string     `json:"zone"`
	Status         string     `json:"status"` // "enabled", "disabled"
	State          string     `json:"state"`  // "up", "down"
	UpdatedAt      api.Micros `json:"updated_at"`
	DisabledReason *string    `json:"disabled_reason"`
	ForcedDown     bool       `json:"forced_down"     nova:"2.11-"`
}

// serviceActed is what the actions on a service answered up to 2.52.
type serviceActed struct {
	Binary         string        `json:"binary"`
	Host           string        `json:"host"`
	Status         string        `json:"status,omitempty"`
	DisabledReason string        `json:"disabled_reason,omitempty"`
	ForcedDown     api.Opt[bool] `json:"forced_down,omitempty"`
}

// serviceAction is the body of PUT /os-services/{action}, up to 2.52.
type serviceAction struct {
	Host           string               `json:"host"            need:"-2.52" len:"1-255" pattern:"^[a-zA-Z0-9-._]*$"`
	Binary         string               `json:"binary"          need:"-2.52" len:"1-255"`
	DisabledReason *string              `json:"disabled_reason" len:"1-255"`
	ForcedDown     api.Opt[api.Boolean] `json:"forced_down"     nova:"2.11-2.52"`
}

// ServiceUpdate is the body of PUT /os-services/{id}, since 2.53.
type ServiceUpdate struct {
	Status         string               `json:"status"          oneof:"enabled disabled"`
	DisabledReason *string              `json:"disabled_reason" len:"1-255"`
	ForcedDown     api.Opt[api.Boolean] `json:"forced_down"`
}

type serviceQuery struct {
	Host   string `json:"host"`
	Binary string `json:"binary"`
}

func (s *Service) serviceRoutes() []api.Route {
	const path = "/os-services"
	return []api.Route{
		api.Get(path, "services", s.listServices).AskedBy(api.QueryOf[serviceQuery]()).Loose("-2.74").Policy(rule("os-services:list")),
		api.Put(path+"/{id}", "", s.actOnService).Answer("service").Only("-2.52").Policy(rule("os-services:update")),
		api.Put(path+"/{id}", "", s.updateService).Answer("service").Only("2.53-").Policy(rule("os-services:update")),
		api.Delete(path+"/{id}", s.deleteService).Policy(rule("os-services:delete")),
	}
}

// onOff are the words for two states.
func onOff(on bool, yes, no string) string {
	if on {
		return yes
	}
	return no
}

func serviceView(service *compute.Service) ServiceView {
	return ServiceView{
		Number: service.Number, ID: service.ID, Binary: service.Binary, Host: service.Host, Zone: service.Zone,
		Status: onOff(service.Disabled, "disabled", "enabled"), State: onOff(service.Up, "up", "down"),
		UpdatedAt: api.Micros{Time: service.LastSeen}, DisabledReason: nullable(service.DisabledReason), ForcedDown: service.ForcedDown,
	}
}

func (s *Service) listServices(c *api.Call) ([]ServiceView, error) {
	q := api.Query[serviceQuery](c)
	all, err := s.Compute.Services(c.Context())
	views := []ServiceView{}
	for _, service := range all {
		if (q.Host == "" || q.Host == service.Host) && (q.Binary == "" || q.Binary == service.Binary) {
			views = append(views, serviceView(service))
		}
	}
	return views, err
}

// onlyCompute refuses to change a service that runs no servers.
func onlyCompute(binary string) error {
	if binary == compute.ComputeBinary {
		return nil
	}
	return api.BadRequest("Updating a %s service is not supported. Only nova-compute services can be updated.", binary)
}

// actOnService is PUT /os-services/enable and its kin.
func (s *Service) actOnService(c *api.Call, in *serviceAction) (serviceActed, error) {
	answer := serviceActed{Binary: in.Binary, Host: in.Host}
	var change compute.HostChange
	action := c.Var("id")
	switch {
	case action == "enable":
		change.Disabled = pointer(false)
		answer.Status = "enabled"
	case action == "disable", action == "disable-log-reason":
		if action == "disable-log-reason" && in.DisabledReason == nil {
			return answer, api.BadRequest("Missing disabled reason field")
		}
		change.Disabled, change.DisabledReason = pointer(true), pointer("")
		answer.Status = "disabled"
		if action == "disable-log-reason" {
			change.DisabledReason, answer.DisabledReason = in.DisabledReason, *in.DisabledReason
		}
	case action == "force-down" && c.Since(forcesDown):
		if !in.ForcedDown.Set {
			return answer, api.BadRequest("Missing forced_down field")
		}
		change.ForcedDown, answer.ForcedDown = (*bool)(&in.ForcedDown.Value), api.Some(bool(in.ForcedDown.Value))
	default:
		return answer, api.NotFound("Unknown action")
	}
	if err := onlyCompute(in.Binary); err != nil {
		return answer, err
	}
	if err := s.changeHost(c, in.Host, change); isNotFound(err) {
		return answer, api.NotFound("Host '%s' is not mapped to any cell", in.Host)
	} else if err != nil {
		return answer, refused(err)
	}
	return answer, nil
}

// changeHost changes a host's service. A host is not said to be up again while it may still run servers that
// were evacuated from it.
func (s *Service) changeHost(c *api.Call, host string, change compute.HostChange) error {
	if change.ForcedDown != nil && !*change.ForcedDown {
		evacuated, err := s.Compute.EvacuatedFrom(c.Context(), host)
		if err != nil {
			return err
		}
		if evacuated {
			return api.BadRequest("Unable to force up host %s as `done` evacuation migration records remain associated with the host. "+
				"Ensure the compute service has been restarted, allowing these records to move to `completed` before retrying this request.", host)
		}
	}
	return s.Compute.UpdateHost(c.Context(), host, change)
}

func (s *Service) updateService(c *api.Call, in *ServiceUpdate) (ServiceView, error) {
	if !isUUID(c.Var("id")) {
		return ServiceView{}, api.BadRequest("Invalid uuid %s", c.Var("id"))
	}
	service, err := s.findService(c)
	if err != nil {
		return ServiceView{}, err
	}
	if service == nil {
		return ServiceView{}, api.NotFound("Service %s could not be found.", c.Var("id"))
	}
	if err := onlyCompute(service.Binary); err != nil {
		return ServiceView{}, err
	}
	var change compute.HostChange
	switch {
	case in.Status == "enabled" && in.DisabledReason != nil:
		return ServiceView{}, api.BadRequest("Specifying 'disabled_reason' with status 'enabled' is invalid.")
	case in.Status == "" && !in.ForcedDown.Set:
		return ServiceView{}, api.BadRequest("No updates were requested. Fields 'status' or 'forced_down' should be specified.")
	case in.Status != "":
		change.Disabled, change.DisabledReason = pointer(in.Status == "disabled"), pointer("")
		if in.DisabledReason != nil {
			change.DisabledReason = in.DisabledReason
		}
	}
	if in.ForcedDown.Set {
		change.ForcedDown = (*bool)(&in.ForcedDown.Value)
	}
	if err := s.changeHost(c, service.Host, change); err != nil {
		return ServiceView{}, refused(err)
	}
	if service, err = s.findService(c); err != nil || service == nil {
		return ServiceView{}, err
	}
	return serviceView(service), nil
}

// findService is the service of the path, by the id that the version has; nil if there is none.
func (s *Service) findService(c *api.Call) (*compute.Service, error) {
	all, err := s.Compute.Services(c.Context())
	at := slices.IndexFunc(all, func(service *compute.Service) bool {
		if c.Since(hostsByUUID) {
			return service.ID == c.Var("id")
		}
		return strconv.FormatInt(service.Number, 10) == c.Var("id")
	})
	if err != nil || at < 0 {
		return nil, err
	}
	return all[at], nil
}

func (s *Service) deleteService(c *api.Call) error {
	id := c.Var("id")
	if c.Since(hostsByUUID) && !isUUID(id) {
		return api.BadRequest("Invalid uuid %s", id)
	}
	if _, err := strconv.ParseInt(id, 10, 64); err != nil && !c.Since(hostsByUUID) {
		return api.BadRequest("Invalid input received: id must be an integer")
	}
	service, err := s.findService(c)
	if err != nil {
		return err
	}
	if service == nil {
		return api.NotFound("Service %s not found.", id)
	}
	return refused(s.Compute.DeleteService(c.Context(), service.ID))
}
