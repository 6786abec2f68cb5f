// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"net/netip"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

type routesBody struct {
	Routes []HostRoute `json:"routes" need:"2.0-"`
}

// extraRouteRoutes are the operations that change some of a router's routes and leave the others as they
// are (extraroute-atomic).
func (s *Service) extraRouteRoutes() []api.Route {
	edit := func(verb string, do func(has, given []HostRoute) []HostRoute) api.Route {
		return api.Put("/routers/{id}/"+verb, "router", func(c *api.Call, in *routesBody) (view object, err error) {
			err = s.change(c, func(o *op) error {
				r, err := o.routers.find(o, c.Var("id"))
				if err != nil {
					return err
				}
				row, err := o.routers.change(o, r.ID, &routerFields{Routes: api.Some(do(r.Routes, in.Routes))})
				if err == nil {
					view, err = o.routers.view(o, row)
				}
				return err
			})
			return view, err
		})
	}
	return []api.Route{edit("add_extraroutes", withRoutes), edit("remove_extraroutes", withoutRoutes)}
}

func withRoutes(has, more []HostRoute) []HostRoute {
	all := slices.Clone(has)
	for _, route := range more {
		if !slices.Contains(all, route) {
			all = append(all, route)
		}
	}
	return all
}

func withoutRoutes(has, gone []HostRoute) []HostRoute {
	return slices.DeleteFunc(slices.Clone(has), func(r HostRoute) bool { return slices.Contains(gone, r) })
}

// checkRoutes holds that every next hop is on a network that the router is on, and is not the router.
func (r *Router) checkRoutes(o *op) error {
	all, err := portTable.By(o.tx, "device_id", r.ID)
	if err != nil {
		return err
	}
	var near []netip.Prefix
	var own []netip.Addr
	for _, p := range all {
		for _, ip := range p.FixedIPs {
			s, err := subnetTable.Get(o.tx, ip.SubnetID)
			if err != nil {
				return err
			}
			near, own = append(near, s.CIDR), append(own, ip.IPAddress)
		}
	}
	for _, route := range r.Routes {
		if !slices.ContainsFunc(near, func(p netip.Prefix) bool { return p.Contains(route.NextHop) }) {
			return routesInvalid.of(route.NextHop, "the nexthop is not connected with router")
		}
		if slices.Contains(own, route.NextHop) {
			return routesInvalid.of(route.NextHop, "the nexthop is used by router")
		}
	}
	return nil
}

// checkRoutesThrough refuses to part the router from a subnet that its routes lead through.
func (r *Router) checkRoutesThrough(o *op, p *Port) error {
	for _, ip := range p.FixedIPs {
		s, err := subnetTable.Get(o.tx, ip.SubnetID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(r.Routes, func(route HostRoute) bool { return s.CIDR.Contains(route.NextHop) }) {
			return routeNeedsInterface.of(s.ID, r.ID)
		}
	}
	return nil
}
