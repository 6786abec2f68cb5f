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

// internalZone is where Nova's services are that are no compute hosts; only administrators see it.
const internalZone = "internal"

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
		services := map[string]ZoneService{}
		for _, binary := range []string{"nova-conductor", "nova-scheduler"} {
			services[binary] = ZoneService{Active: true, Available: true, UpdatedAt: api.Micros{Time: s.Clock.Now()}}
		}
		views = append(views, Zone{Name: internalZone, State: ZoneState{Available: true},
			Hosts: &map[string]map[string]ZoneService{"controller": services}})
	}
	unavailable := []Zone{}
	for _, name := range slices.Sorted(maps.Keys(byZone)) {
		enabled := map[string]map[string]ZoneService{}
		for _, h := range byZone[name] {
			if !h.Disabled {
				enabled[h.Name] = map[string]ZoneService{"nova-compute": {Active: true, Available: h.Up, UpdatedAt: api.Micros{Time: h.LastSeen}}}
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
