// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// ping is what the network says of a server.
type ping struct {
	ID        string `json:"id"`
	ProjectID string `json:"project_id"`
	Alive     bool   `json:"alive"`
}

// pingQuery names servers by their ids, between commas; exclude is not looked at where there is an include.
type pingQuery struct {
	AllTenants api.Opt[string] `json:"all_tenants"`
	Include    string          `json:"include"`
	Exclude    string          `json:"exclude"`
}

// pingedAtOnce is how many servers are waited for at a time: a silent one takes seconds.
const pingedAtOnce = 64

func (s *Service) pingRoutes() []api.Route {
	const path = "/os-fping"
	return []api.Route{
		api.Get(path, "servers", s.pingServers).AskedBy(api.QueryOf[pingQuery]()).Loose(proxied).Only(proxied),
		api.Get(path+"/{id}", "server", s.pingServer).Only(proxied),
	}
}

func (s *Service) pingServer(c *api.Call) (ping, error) {
	inst, err := s.server(c, c.Var("id"), "os-fping")
	if err != nil {
		return ping{}, err
	}
	ports, err := s.portsOf(c, inst)
	if err != nil {
		return ping{}, err
	}
	alive, err := s.Compute.Ping(c.Context(), inst, ready(inst, ports))
	return ping{ID: inst.ID, ProjectID: inst.ProjectID, Alive: alive}, err
}

func (s *Service) pingServers(c *api.Call) ([]ping, error) {
	q, policy, project := api.Query[pingQuery](c), "os-fping", c.ProjectID()
	if q.AllTenants.Set {
		policy, project = "os-fping:all_tenants", ""
	}
	if err := c.Authorize(rule(policy), c.Own()); err != nil {
		return nil, err
	}
	servers, err := s.Compute.List(c.Context(), compute.Filter{ProjectID: project})
	if err != nil {
		return nil, err
	}
	servers = slices.DeleteFunc(servers, func(inst *compute.Instance) bool { return !q.wants(inst.ID) })
	ports, err := neutronPorts.list(s.neutron(c), nil)
	if err != nil {
		return nil, inNovasWords(err)
	}
	of := map[string][]neutronPort{}
	for _, p := range ports {
		of[p.DeviceID] = append(of[p.DeviceID], p)
	}
	return s.pingAll(c.Context(), servers, of)
}

func (q *pingQuery) wants(id string) bool {
	if q.Include != "" {
		return slices.Contains(strings.Split(q.Include, ","), id)
	}
	return !slices.Contains(strings.Split(q.Exclude, ","), id)
}

// pingAll pings the servers, many at a time.
func (s *Service) pingAll(ctx context.Context, servers []*compute.Instance, ports map[string][]neutronPort) ([]ping, error) {
	pings := make([]ping, len(servers))
	forEachPinged(servers, func(i int, inst *compute.Instance) {
		pings[i] = ping{ID: inst.ID, ProjectID: inst.ProjectID}
		pings[i].Alive, _ = s.Compute.Ping(ctx, inst, ready(inst, ports[inst.ID])) // fails with ctx, and all with it
	})
	return pings, ctx.Err()
}

// forEachPinged does something with each of the servers, pingedAtOnce of them at a time.
func forEachPinged(servers []*compute.Instance, do func(int, *compute.Instance)) {
	places := make(chan struct{}, pingedAtOnce)
	var all sync.WaitGroup
	for i, inst := range servers {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			do(i, inst)
		})
	}
	all.Wait()
}

// ready are the ids of those ports that are the server's, are up and have an address.
func ready(inst *compute.Instance, ports []neutronPort) (ids []string) {
	for _, p := range ports {
		its := slices.ContainsFunc(inst.VIFs, func(v compute.VIF) bool { return v.PortID == p.ID })
		if its && p.Status == "ACTIVE" && len(p.FixedIPs) > 0 {
			ids = append(ids, p.ID)
		}
	}
	return ids
}
