// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Router joins subnets, and by its gateway an external network.
type Router struct {
	Standard
	Name         string      `json:"name"`
	Status       string      `json:"status"`
	AdminStateUp bool        `json:"admin_state_up"`
	Gateway      *Gateway    `json:"external_gateway_info"`
	Routes       []HostRoute `json:"routes"`
	ZoneHints    []string    `json:"availability_zone_hints"`
	Zones        []string    `json:"availability_zones"`
	FlavorID     *string     `json:"flavor_id"`
}

// Gateway is a router's place on an external network.
type Gateway struct {
	NetworkID  string    `json:"network_id"`
	EnableSNAT bool      `json:"enable_snat"`
	FixedIPs   []FixedIP `json:"external_fixed_ips"`
}

type gatewayFields struct {
	NetworkID  string                  `json:"network_id" format:"uuid"`
	EnableSNAT api.Opt[api.Boolean]    `json:"enable_snat"`
	FixedIPs   api.Opt[[]fixedRequest] `json:"external_fixed_ips" null:"ok"`
}

type routerFields struct {
	owner
	Name         api.Opt[string]        `json:"name" len:"0-255"`
	AdminStateUp api.Opt[api.Boolean]   `json:"admin_state_up"`
	Gateway      api.Opt[gatewayFields] `json:"external_gateway_info" null:"ok"`
	Routes       api.Opt[[]HostRoute]   `json:"routes" null:"ok"`
	ZoneHints    api.Opt[[]string]      `json:"availability_zone_hints" put:"no"`
}

var routerTable = &store.Table[Router]{
	Name: "neutron.routers",
	Key:  func(r *Router) string { return r.ID },
	Indexes: []store.Index[Router]{
		{Name: "project_id", Of: func(r *Router) []string { return []string{r.ProjectID} }},
	},
}

func routerCollection() *collection[Router, routerFields] {
	return collection[Router, routerFields]{
		one: "router", many: "routers", path: "/routers", missing: routerNotFound, table: routerTable,
		base:    func(r *Router) *Standard { return &r.Standard },
		project: func(f *routerFields) owner { return f.owner },
		create:  createRouter,
		update:  updateRouter,
		remove:  removeRouter,
	}.ready()
}

func createRouter(o *op, r *Router, in *routerFields) error {
	r.Status, r.Zones = "ACTIVE", []string{zone}
	r.AdminStateUp = bool(orElse(in.AdminStateUp, true))
	if len(r.Routes) > 0 {
		return httpBadRequest.of("Attribute 'routes' not allowed in POST")
	}
	if err := r.setGateway(o, in); err != nil {
		return err
	}
	return routerTable.Insert(o.tx, r)
}

func updateRouter(o *op, now, _ *Router, in *routerFields) error {
	if err := now.setGateway(o, in); err != nil {
		return err
	}
	if in.Routes.Set {
		if err := now.checkRoutes(o); err != nil {
			return err
		}
	}
	return routerTable.Put(o.tx, now)
}

// setGateway moves the router's gateway port to where the request wants it.
func (r *Router) setGateway(o *op, in *routerFields) error {
	if !in.Gateway.Set {
		return nil
	}
	want := in.Gateway.Value
	if r.Gateway != nil && (want.NetworkID != r.Gateway.NetworkID || want.FixedIPs.Set) {
		if err := r.clearGateway(o, want.NetworkID != r.Gateway.NetworkID); err != nil {
			return err
		}
	}
	if want.NetworkID == "" { // null and {} are the same
		return nil
	}
	if r.Gateway == nil {
		n, err := o.networks.find(o, want.NetworkID)
		if err != nil {
			return err
		}
		if !n.External {
			return badRequest.of("router", "Network "+n.ID+" is not an external network")
		}
		p := o.servicePort(n, OwnerGateway, r.ID, "")
		choice, err := o.allocation(n, p)
		if err != nil {
			return err
		}
		if want.FixedIPs.Set && !want.FixedIPs.Null && len(want.FixedIPs.Value) > 0 {
			p.FixedIPs, err = choice.some(want.FixedIPs.Value)
		} else {
			p.FixedIPs, err = choice.any()
		}
		if err != nil {
			return err
		}
		if err := portTable.Insert(o.tx, p); err != nil {
			return err
		}
		r.Gateway = &Gateway{NetworkID: n.ID, EnableSNAT: true, FixedIPs: p.FixedIPs}
	}
	gateway := *r.Gateway
	gateway.EnableSNAT = bool(orElse(want.EnableSNAT, api.Boolean(gateway.EnableSNAT)))
	r.Gateway = &gateway
	return nil
}

// clearGateway takes the gateway away; one that floating IPs need is kept when it would leave their
// network.
func (r *Router) clearGateway(o *op, leaves bool) error {
	if leaves {
		needed, err := count(o.tx, floatingTable.Name, "router_id", r.ID)
		if err != nil {
			return err
		}
		if needed > 0 {
			return gatewayNeeded.of(r.ID, r.Gateway.NetworkID)
		}
	}
	mine, err := r.ports(o, OwnerGateway)
	if err != nil {
		return err
	}
	for _, p := range mine {
		if err := portTable.Delete(o.tx, p.ID); err != nil {
			return err
		}
	}
	r.Gateway = nil
	return nil
}

// ports are the router's ports of that device owner.
func (r *Router) ports(o *op, owner string) ([]*Port, error) {
	all, err := portTable.By(o.tx, "device_id", r.ID)
	if err != nil {
		return nil, err
	}
	var mine []*Port
	for _, p := range all {
		if p.DeviceOwner == owner {
			mine = append(mine, p)
		}
	}
	return mine, nil
}

func removeRouter(o *op, r *Router) error {
	interfaces, err := r.ports(o, OwnerInterface)
	if err != nil {
		return err
	}
	if len(interfaces) > 0 {
		return routerInUse.of(r.ID)
	}
	if r.Gateway != nil {
		if err := r.clearGateway(o, true); err != nil {
			return err
		}
	}
	return routerTable.Delete(o.tx, r.ID)
}
