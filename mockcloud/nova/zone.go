// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"maps"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// ZoneState says whether a zone has a host that is enabled.
type ZoneState struct {
	Available bool `json:"available"`
}

// ZoneService is a service on a host of a zone.
type ZoneService struct {
	Active    bool       `json:"active"`
	Available bool       `json:"available"`
	UpdatedAt api.Micros `json:"updated_at"`
}

// Zone is an availability zone. Hosts are null where they are not shown.
type Zone struct {
	Name  string                             `json:"zoneName"`
	State ZoneState                          `json:"zoneState"`
	Hosts *map[string]map[string]ZoneService `json:"hosts"`
}

func (s *Service) zoneRoutes() []api.Route {
	ask := api.QueryOf[noQuery]()
	return []api.Route{
		api.Get("/os-availability-zone", "availabilityZoneInfo", s.listZones).
			AskedBy(ask).Loose("-2.101").Policy(rule("os-availability-zone:list")),
		api.Get("/os-availability-zone/detail", "availabilityZoneInfo", s.listZonesInDetail).
			AskedBy(ask).Loose("-2.101").Policy(rule("os-availability-zone:detail")),
	}
}

func (s *Service) listZones(c *api.Call) ([]Zone, error) { return s.zones(c, false) }

func (s *Service) listZonesInDetail(c *api.Call) ([]Zone, error) { return s.zones(c, true) }

func (s *Service) zones(c *api.Call, detail bool) ([]Zone, error) {
	hosts, err := s.Compute.Hosts(c.Context())
	if err != nil {
		return nil, err
	}
	byZone := map[string][]*compute.Host{}
	for _, h := range hosts {
		byZone[h.Zone] = append(byZone[h.Zone], h)
	}
	views := []Zone{}
	if detail {
		internal, err := s.internalZone(c)
		if err != nil {
			return nil, err
		}
		views = append(views, internal)
	}
	unavailable := []Zone{}
	for _, name := range slices.Sorted(maps.Keys(byZone)) {
		enabled := map[string]map[string]ZoneService{}
		for _, h := range byZone[name] {
			if !h.Disabled {
				enabled[h.Name] = map[string]ZoneService{compute.ComputeBinary: {Active: true, Available: h.Up, UpdatedAt: api.Micros{Time: h.LastSeen}}}
			}
		}
		view := Zone{Name: name, State: ZoneState{Available: len(enabled) > 0}}
		switch {
		case !view.State.Available:
			unavailable = append(unavailable, view)
			continue
		case detail:
			view.Hosts = &enabled
		}
		views = append(views, view)
	}
	return append(views, unavailable...), nil
}

// internalZone is where Nova's services are that are no compute hosts; only administrators see it.
func (s *Service) internalZone(c *api.Call) (Zone, error) {
	all, err := s.Compute.Services(c.Context())
	hosts := map[string]map[string]ZoneService{}
	for _, service := range all {
		if service.Zone != compute.InternalZone {
			continue
		}
		if hosts[service.Host] == nil {
			hosts[service.Host] = map[string]ZoneService{}
		}
		hosts[service.Host][service.Binary] = ZoneService{Active: true, Available: service.Up, UpdatedAt: api.Micros{Time: service.LastSeen}}
	}
	return Zone{Name: compute.InternalZone, State: ZoneState{Available: true}, Hosts: &hosts}, err
}
