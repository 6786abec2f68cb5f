// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"context"
	"reflect"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Host is a machine of the cloud that does a part of the service's work.
type Host struct {
	Name string
	// Compute: it has the ports of servers. Those that have none give networks their DHCP.
	Compute  bool
	Up       bool
	Since    time.Time // when it came to the cloud
	LastSeen time.Time
}

// agent is what does the work on a host. Routers and floating IPs have none: on a cloud of simulated
// servers there is nothing for it to do, and the data plane of real ones has no routers between networks.
type agent struct {
	ID           string  `json:"id"`
	Type         string  `json:"agent_type"`
	Binary       string  `json:"binary"`
	Topic        string  `json:"topic"`
	Host         string  `json:"host"`
	Zone         *string `json:"availability_zone"`
	AdminStateUp bool    `json:"admin_state_up"`
	Alive        bool    `json:"alive"`
	CreatedAt    string  `json:"created_at"`
	StartedAt    string  `json:"started_at"`
	Heartbeat    string  `json:"heartbeat_timestamp"`
	Description  *string `json:"description"`
	Configured   object  `json:"configurations"`
	Synced       *bool   `json:"resources_synced"`
	Versions     object  `json:"resource_versions"`
}

var agentShape = shapeOf(reflect.TypeFor[agent]()) //nolint:gochecknoglobals // constant: what the tags say

// agentSpace is where the ids of agents are from: the same agent always has the same one.
var agentSpace = uuid.MustParse("5a9c3f0e-6d1b-4c42-9f5e-0d6c8f7c2b11")

func (h Host) agent() *agent {
	at := func(t time.Time) string { return t.UTC().Format(time.DateTime) }
	a := &agent{
		Type: "Open vSwitch agent", Binary: "neutron-openvswitch-agent", Topic: "N/A",
		Host: h.Name, AdminStateUp: true, Alive: h.Up, CreatedAt: at(h.Since), StartedAt: at(h.Since), Heartbeat: at(h.LastSeen),
		Configured: object{"bridge_mappings": object{}, "datapath_type": "system", "integration_bridge": "br-int", "ovs_hybrid_plug": false, "tunnel_types": []string{"vxlan"}},
		Versions:   object{},
	}
	if !h.Compute {
		a.Type, a.Binary, a.Topic = "DHCP agent", "neutron-dhcp-agent", "dhcp_agent"
		name := zone
		a.Zone, a.Configured = &name, object{}
	}
	a.ID = uuid.NewSHA1(agentSpace, []byte(a.Binary+"/"+h.Name)).String()
	return a
}

func (s *Service) agentRoutes() []api.Route {
	return []api.Route{
		// A list that only administrators see is empty for others, not forbidden.
		api.Get("/agents", "", func(c *api.Call) (object, error) {
			l, err := agentShape.parse(c.Request.URL.Query())
			if err != nil {
				return nil, err
			}
			all := []object{}
			if s.policy["get_agent"](c.Identity, api.Target{}) {
				if all, err = s.agents(c.Context()); err != nil {
					return nil, err
				}
			}
			return l.answer(c, "agents", all)
		}),
		api.Get("/agents/{id}", "agent", func(c *api.Call) (object, error) {
			l, err := agentShape.parse(c.Request.URL.Query())
			if err != nil {
				return nil, err
			}
			all, err := s.agents(c.Context())
			if err != nil {
				return nil, err
			}
			for _, a := range all {
				if a["id"] == c.Var("id") {
					return l.only(a), nil
				}
			}
			return nil, agentNotFound.of(c.Var("id"))
		}).Policy("get_agent"),
	}
}

// agents are those of all hosts, as answers show them.
func (s *Service) agents(ctx context.Context) ([]object, error) {
	all := []object{}
	if s.hosts == nil {
		return all, nil
	}
	hosts, err := s.hosts(ctx)
	for _, h := range hosts {
		all = append(all, agentShape.object(h.agent(), func(attribute) bool { return true }))
	}
	return all, err
}
