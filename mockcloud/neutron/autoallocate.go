// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// autoTopology is what a project that has no network gets for the asking: a network with a subnet of each
// default pool, and a router between them and the default external network.
type autoTopology struct {
	ProjectID string `json:"project_id"`
	NetworkID string `json:"network_id"`
	RouterID  string `json:"router_id"`
}

var autoTable = &store.Table[autoTopology]{
	Name: "neutron.auto_allocated_topologies",
	Key:  func(a *autoTopology) string { return a.ProjectID },
}

// autoView is a topology as an answer shows it.
type autoView struct {
	ID        string `json:"id"` // the network's
	ProjectID string `json:"project_id"`
	TenantID  string `json:"tenant_id"`
}

func (s *Service) autoRoutes() []api.Route {
	const one = "/auto-allocated-topology/{project}"
	return []api.Route{
		api.Get(one, "auto_allocated_topology", s.showTopology),
		api.Delete(one, func(c *api.Call) error {
			return s.change(c, func(o *op) error {
				project, err := o.autoProject(c, "delete_auto_allocated_topology")
				if err != nil {
					return err
				}
				return o.dropTopology(project)
			})
		}),
	}
}

// showTopology makes what is not there; with fields=dry-run it only tells whether that could be done.
func (s *Service) showTopology(c *api.Call) (view autoView, err error) {
	err = s.change(c, func(o *op) error {
		project, err := o.autoProject(c, "get_auto_allocated_topology")
		if err != nil {
			return err
		}
		view = autoView{ID: "dry-run=pass", ProjectID: project, TenantID: project}
		switch fields := c.Request.URL.Query()["fields"]; {
		case len(fields) == 0:
			n, err := o.topology(project)
			if err == nil {
				view.ID = n.ID
			}
			return err
		case len(fields) == 1 && fields[0] == "dry-run":
			_, _, err := o.autoRequirements()
			return err
		}
		return badRequest.of("auto_allocate", "Unrecognized field")
	})
	return view, err
}

// autoProject is the project of the path: the caller's own, which is also called None, or for
// administrators any.
func (o *op) autoProject(c *api.Call, rule string) (string, error) {
	project := c.Var("project")
	if project == "None" {
		project = o.identity.ProjectID
	}
	return project, o.authorize(rule, project)
}

// autoRequirements are what a topology is made of: the default external network, and the default pools.
func (o *op) autoRequirements() (external *Network, pools []*SubnetPool, err error) {
	if external, err = o.defaultExternal(""); err != nil {
		return nil, nil, err
	}
	if external == nil {
		return nil, nil, autoFailure.of("No default router:external network")
	}
	for _, version := range []int{4, 6} {
		p, err := o.defaultPool(version, "")
		if err != nil {
			return nil, nil, err
		}
		if p != nil {
			pools = append(pools, p)
		}
	}
	if len(pools) == 0 {
		err = autoFailure.of("No default subnetpools defined")
	}
	return external, pools, err
}

// defaultExternal is the default external network beside the one of that id, nil for none.
func (o *op) defaultExternal(besides string) (*Network, error) {
	all, err := networkTable.All(o.tx)
	for _, n := range all {
		if n.External && n.IsDefault && n.ID != besides {
			return n, err
		}
	}
	return nil, err
}

// defaultPool is the default pool of an IP version beside the one of that id, nil for none.
func (o *op) defaultPool(version int, besides string) (*SubnetPool, error) {
	all, err := poolTable.All(o.tx)
	for _, p := range all {
		if p.IsDefault && p.IPVersion == version && p.ID != besides {
			return p, err
		}
	}
	return nil, err
}

// topology is the network of a project's topology, which is made where there is none.
func (o *op) topology(project string) (*Network, error) {
	has, err := autoTable.Get(o.tx, project)
	if err == nil {
		n, err := networkTable.Get(o.tx, has.NetworkID)
		if !errors.Is(err, store.ErrNotFound) { // else its users have deleted it
			return n, err
		}
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	// What the service makes for a project, the project's users need no rights to make.
	caller := o.identity
	defer func() { o.identity = caller }()
	o.identity = Caller{UserID: caller.UserID, ProjectID: project, Admin: true}.identity()
	return o.makeTopology(project)
}

func (o *op) makeTopology(project string) (*Network, error) {
	external, pools, err := o.autoRequirements()
	if err != nil {
		return nil, err
	}
	n, err := o.networks.make(o, &networkFields{Name: api.Some("auto_allocated_network")})
	if err != nil {
		return nil, err
	}
	r, err := o.routers.make(o, &routerFields{Name: api.Some("auto_allocated_router"), Gateway: api.Some(gatewayFields{NetworkID: external.ID})})
	if err != nil {
		return nil, err
	}
	for _, p := range pools {
		sub, err := o.subnets.make(o, &subnetFields{
			Name: api.Some("auto_allocated_subnet_v" + text(p.IPVersion)), NetworkID: api.Some(n.ID),
			IPVersion: api.Some(api.Integer(p.IPVersion)), SubnetPoolID: api.Some(p.ID),
		})
		if poolExhausted.Is(err) || poolQuota.Is(err) {
			err = autoFailure.of("Unable to provide project private network")
		}
		if err != nil {
			return nil, err
		}
		if _, err := addInterface(o, r, &interfaceRequest{SubnetID: sub.ID}); err != nil {
			return nil, err
		}
	}
	return n, autoTable.Put(o.tx, &autoTopology{ProjectID: project, NetworkID: n.ID, RouterID: r.ID})
}

// dropTopology deletes a project's topology, or what its users have left of it; nothing while a server
// uses it.
func (o *op) dropTopology(project string) error {
	has, err := autoTable.Get(o.tx, project)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	r, err := routerTable.Get(o.tx, has.RouterID)
	if err == nil {
		err = o.dropAutoRouter(r, has.NetworkID)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	n, err := networkTable.Get(o.tx, has.NetworkID)
	if err == nil {
		err = removeNetwork(o, n)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return autoTable.Delete(o.tx, project)
}

func (o *op) dropAutoRouter(r *Router, network string) error {
	joined, err := r.ports(o, OwnerInterface)
	if err != nil {
		return err
	}
	for _, p := range joined {
		if p.NetworkID != network {
			continue // a user's: the router stays, as in use
		}
		if _, err := removeInterface(o, r, &interfaceRequest{PortID: p.ID}); err != nil {
			return err
		}
	}
	return removeRouter(o, r)
}
