// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// HostService is a service on a host, as os-hosts lists it.
type HostService struct {
	Host    string `json:"host_name"`
	Service string `json:"service"`
	Zone    string `json:"zone"`
}

// hostResource is a line of what a host has, or a project takes of it.
type hostResource struct {
	Resource hostAmount `json:"resource"`
}

type hostAmount struct {
	Host      string `json:"host"`
	Project   string `json:"project"` // or "(total)", "(used_now)", "(used_max)"
	CPU       int    `json:"cpu"`
	MemoryMiB int    `json:"memory_mb"`
	DiskGiB   int    `json:"disk_gb"`
}

// HostUpdate is the body of PUT /os-hosts/{name}.
type HostUpdate struct {
	Status      string `json:"status"           oneof:"enable disable Enable Disable ENABLE DISABLE"`
	Maintenance string `json:"maintenance_mode" oneof:"enable disable Enable Disable ENABLE DISABLE"`
}

type hostUpdated struct {
	Host        string `json:"host"`
	Status      string `json:"status,omitempty"`
	Maintenance string `json:"maintenance_mode,omitempty"`
}

type hostPowered struct {
	Host   string `json:"host"`
	Action string `json:"power_action"`
}

type hostQuery struct {
	Zone string `json:"zone"`
}

func (s *Service) hostRoutes() []api.Route {
	const path = "/os-hosts"
	routes := []api.Route{
		api.Get(path, "hosts", s.listHosts).AskedBy(api.QueryOf[hostQuery]()).Loose("-2.42").Policy(rule("os-hosts:list")),
		api.Get(path+"/{id}", "host", s.showHost).Policy(rule("os-hosts:show")),
		api.Put(path+"/{id}", "", s.updateHost).Policy(rule("os-hosts:update")),
		api.Get(path+"/{id}/startup", "", s.powerHost("startup")).Policy(rule("os-hosts:start")),
		api.Get(path+"/{id}/shutdown", "", s.powerHost("shutdown")).Policy(rule("os-hosts:shutdown")),
		api.Get(path+"/{id}/reboot", "", s.powerHost("reboot")).Policy(rule("os-hosts:reboot")),
	}
	for i := range routes {
		routes[i] = routes[i].Only("-2.42")
	}
	return routes
}

func (s *Service) listHosts(c *api.Call) ([]HostService, error) {
	q := api.Query[hostQuery](c)
	all, err := s.Compute.Services(c.Context())
	views := []HostService{}
	for _, service := range all {
		if !service.Disabled && (q.Zone == "" || q.Zone == service.Zone) {
			views = append(views, HostService{Host: service.Host, Service: service.Topic(), Zone: service.Zone})
		}
	}
	return views, err
}

func (s *Service) showHost(c *api.Call) ([]hostResource, error) {
	name := c.Var("id")
	hosts, err := s.Compute.Hosts(c.Context())
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(hosts, func(h *compute.Host) bool { return h.Name == name })
	if at < 0 {
		return nil, api.NotFound("Host '%s' is not mapped to any cell", name)
	}
	h := hosts[at]
	on, err := s.Compute.List(c.Context(), compute.Filter{Host: name})
	if err != nil {
		return nil, err
	}
	sum := hostAmount{Host: name, Project: "(used_max)"}
	byProject := map[string]*hostAmount{}
	for _, inst := range on {
		own := byProject[inst.ProjectID]
		if own == nil {
			own = &hostAmount{Host: name, Project: inst.ProjectID}
			byProject[inst.ProjectID] = own
		}
		sum.add(inst.Flavor)
		own.add(inst.Flavor)
	}
	lines := []hostResource{
		{hostAmount{Host: name, Project: "(total)", CPU: h.Total.VCPUs, MemoryMiB: h.Total.MemoryMiB, DiskGiB: h.Total.DiskGiB}},
		{hostAmount{Host: name, Project: "(used_now)", CPU: h.Used.VCPUs, MemoryMiB: h.Used.MemoryMiB, DiskGiB: h.Used.DiskGiB}},
		{sum},
	}
	for _, project := range slices.Sorted(maps.Keys(byProject)) {
		lines = append(lines, hostResource{*byProject[project]})
	}
	return lines, nil
}

func (a *hostAmount) add(f compute.Flavor) {
	a.CPU += f.VCPUs
	a.MemoryMiB += f.MemoryMiB
	a.DiskGiB += f.RootGiB + f.EphemeralGiB
}

func (s *Service) updateHost(c *api.Call, in *HostUpdate) (hostUpdated, error) {
	answer := hostUpdated{Host: c.Var("id")}
	if in.Status+in.Maintenance == "" {
		return answer, api.BadRequest("Invalid input for field/attribute . Value: {}. {} is not valid under any of the given schemas")
	}
	for _, part := range []struct {
		word    string
		do      func(context.Context, string, bool) error
		yes, no string
		says    *string
	}{
		{in.Status, s.Compute.EnableHost, "enabled", "disabled", &answer.Status},
		{in.Maintenance, s.Compute.MaintainHost, "on_maintenance", "off_maintenance", &answer.Maintenance},
	} {
		if part.word == "" {
			continue
		}
		on := strings.EqualFold(part.word, "enable")
		if err := part.do(c.Context(), answer.Host, on); err != nil {
			return answer, hostRefused(err)
		}
		*part.says = onOff(on, part.yes, part.no)
	}
	return answer, nil
}

func (s *Service) powerHost(action string) func(*api.Call) (hostPowered, error) {
	return func(c *api.Call) (hostPowered, error) {
		err := s.Compute.PowerHost(c.Context(), c.Var("id"), action)
		return hostPowered{Host: c.Var("id"), Action: action}, hostRefused(err)
	}
}

// hostRefused is compute's refusal as os-hosts says it: a host that is down is the caller's mistake.
func hostRefused(err error) error {
	if compute.KindOf(err) == compute.Unavailable {
		return api.BadRequest("%s", err)
	}
	return refused(err)
}
