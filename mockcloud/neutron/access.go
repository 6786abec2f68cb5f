// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"errors"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// access is what RBAC lets a project do with a network that is not its own.
type access struct {
	shared   bool // have ports there
	external bool // have gateways and floating IPs there
}

func (o *op) access(n *Network, project string) (a access, err error) {
	rows, err := rbacTable.By(o.tx, "object_id", n.ID)
	if err != nil {
		return a, err
	}
	a.shared = n.Shared
	ruled := false // a state from before there were policies has external networks without any
	for _, r := range rows {
		hit := r.Target == everybody || r.Target == project
		a.shared = a.shared || hit && r.Action == accessShared
		a.external = a.external || hit && r.Action == accessExternal
		ruled = ruled || r.Action == accessExternal
	}
	a.external = n.External && (a.external || !ruled)
	return a, nil
}

// mine is access for who asks.
func (o *op) mine(n *Network) (access, error) { return o.access(n, o.identity.ProjectID) }

// grant records a policy, and what it makes of the network.
func (o *op) grant(n *Network, r *RBACPolicy) error {
	if err := rbacTable.Insert(o.tx, r); errors.Is(err, store.ErrExists) {
		return rbacExists.of()
	} else if err != nil {
		return err
	}
	n.Shared = n.Shared || r.Action == accessShared && r.Target == everybody
	n.External = n.External || r.Action == accessExternal
	return networkTable.Put(o.tx, n)
}

// revoke follows the end of a policy, unless somebody lives by it.
func (o *op) revoke(n *Network, lost *RBACPolicy) error {
	if lost.Action == accessExternal && lost.Target == everybody && n.IsDefault {
		return rbacInUse.of(n.ID, "Default external networks must be shared to everyone.")
	}
	left, err := rbacTable.By(o.tx, "object_id", n.ID)
	if err != nil {
		return err
	}
	if lost.Action == accessShared && lost.Target == everybody {
		n.Shared = false
	}
	if lost.Action == accessExternal {
		n.External = false
		for _, r := range left {
			n.External = n.External || r.Action == accessExternal
		}
	}
	if err := networkTable.Put(o.tx, n); err != nil {
		return err
	}
	return o.checkRevoked(n, lost)
}

// checkRevoked refuses the end of a policy by which somebody has a port on the network, or a gateway.
func (o *op) checkRevoked(n *Network, lost *RBACPolicy) error {
	ports, err := portTable.By(o.tx, "network_id", n.ID)
	if err != nil {
		return err
	}
	for _, p := range ports {
		user, details := p.ProjectID, "Unable to reconfigure sharing settings for network "+n.ID+". Multiple tenants are using it."
		if p.DeviceOwner == OwnerGateway {
			r, err := routerTable.Get(o.tx, p.DeviceID)
			if err != nil {
				return err
			}
			user, details = r.ProjectID, "There are routers attached to this network that depend on this policy for access."
		}
		if user == "" || user == n.ProjectID || lost.Target != everybody && lost.Target != user {
			continue
		}
		left, err := o.access(n, user)
		if err != nil {
			return err
		}
		gateway := p.DeviceOwner == OwnerGateway
		if gateway && lost.Action == accessExternal && !left.external || !gateway && lost.Action == accessShared && !left.shared {
			return rbacInUse.of(n.ID, details)
		}
	}
	return nil
}

// share brings the policies of a network for everybody to what its attributes say now.
func (o *op) share(now, before *Network) error {
	for _, attribute := range []struct {
		action     string
		is, was    bool
		onlyForAll bool
	}{
		{accessShared, now.Shared, before.Shared, true},
		{accessExternal, now.External, before.External, false},
	} {
		switch {
		case attribute.is && !attribute.was:
			r := &RBACPolicy{
				Standard:   Standard{ID: uuid.NewString(), ProjectID: now.ProjectID, CreatedAt: o.now, UpdatedAt: o.now, Revision: 1},
				ObjectType: "network", ObjectID: now.ID, Target: everybody, Action: attribute.action,
			}
			if err := o.grant(now, r); err != nil && !rbacExists.Is(err) {
				return err
			}
		case !attribute.is && attribute.was:
			if err := o.dropPolicies(now.ID, func(r *RBACPolicy) bool {
				return r.Action == attribute.action && (r.Target == everybody || !attribute.onlyForAll)
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropPolicies deletes a network's policies of that kind.
func (o *op) dropPolicies(network string, which func(*RBACPolicy) bool) error {
	rows, err := rbacTable.By(o.tx, "object_id", network)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if !which(r) {
			continue
		}
		if err := rbacTable.Delete(o.tx, r.ID); err != nil {
			return err
		}
	}
	return nil
}
