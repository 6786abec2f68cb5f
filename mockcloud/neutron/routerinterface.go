// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// interfaceRequest names what a router is joined to, or parted from: a subnet or a port.
type interfaceRequest struct {
	SubnetID string `json:"subnet_id" format:"uuid"`
	PortID   string `json:"port_id"   format:"uuid"`
}

func (s *Service) interfaceRoutes() []api.Route {
	edit := func(verb string, do func(*op, *Router, *interfaceRequest) (*Port, error)) api.Route {
		return api.Put("/routers/{id}/"+verb, "", func(c *api.Call, in *interfaceRequest) (view object, err error) {
			if in.SubnetID == "" && in.PortID == "" {
				return nil, badRequest.of("router", "Either subnet_id or port_id must be specified")
			}
			err = s.change(c, func(o *op) error {
				r, err := o.routers.find(o, c.Var("id"))
				if err != nil {
					return err
				}
				if err := o.authorize("update_router", r.ProjectID); err != nil {
					return err
				}
				p, err := do(o, r, in)
				if err != nil {
					return err
				}
				view = p.asInterface(r)
				return nil
			})
			return view, err
		})
	}
	return []api.Route{edit("add_router_interface", addInterface), edit("remove_router_interface", removeInterface)}
}

func (p *Port) asInterface(r *Router) object {
	ids := []string{}
	for _, ip := range p.FixedIPs {
		ids = append(ids, ip.SubnetID)
	}
	view := object{
		"id": r.ID, "tenant_id": r.ProjectID, "project_id": r.ProjectID, "network_id": p.NetworkID,
		"port_id": p.ID, "subnet_ids": ids,
	}
	if len(ids) > 0 {
		view["subnet_id"] = ids[0]
	}
	return view
}

func addInterface(o *op, r *Router, in *interfaceRequest) (*Port, error) {
	if in.SubnetID != "" && in.PortID != "" {
		return nil, badRequest.of("router", "Cannot specify both subnet-id and port-id")
	}
	if in.PortID != "" {
		return joinPort(o, r, in.PortID)
	}
	s, err := o.subnets.find(o, in.SubnetID)
	if err != nil {
		return nil, err
	}
	if !s.GatewayIP.IsValid() {
		return nil, badRequest.of("router", "Subnet for router interface must have a gateway IP")
	}
	if err := r.checkOverlap(o, s); err != nil {
		return nil, err
	}
	n, err := networkTable.Get(o.tx, s.NetworkID)
	if err != nil {
		return nil, err
	}
	if holder, err := holderOf(o.tx, s.ID, s.GatewayIP); err != nil || holder != nil {
		if err == nil {
			err = AddressInUse.of(s.GatewayIP, s.ID)
		}
		return nil, err
	}
	p := o.servicePort(n, OwnerInterface, r.ID, r.ProjectID)
	p.FixedIPs = []FixedIP{{SubnetID: s.ID, IPAddress: s.GatewayIP}}
	return p, portTable.Insert(o.tx, p)
}

// joinPort makes a port that nothing uses the router's.
func joinPort(o *op, r *Router, id string) (*Port, error) {
	p, err := o.ports.find(o, id)
	if err != nil {
		return nil, err
	}
	if p.DeviceID != "" {
		return nil, PortInUse.of(p.ID, p.NetworkID, p.DeviceID)
	}
	if err := o.checkNoSubPort(p); err != nil {
		return nil, err
	}
	if len(p.FixedIPs) == 0 {
		return nil, badRequest.of("router", "Router port must have at least one fixed IP")
	}
	for _, ip := range p.FixedIPs {
		s, err := subnetTable.Get(o.tx, ip.SubnetID)
		if err != nil {
			return nil, err
		}
		if err := r.checkOverlap(o, s); err != nil {
			return nil, err
		}
	}
	p.DeviceID, p.DeviceOwner, p.SecurityGroups, p.PortSecurity = r.ID, OwnerInterface, nil, false
	p.bind()
	o.ports.touch(o, p)
	return p, portTable.Put(o.tx, p)
}

func (r *Router) checkOverlap(o *op, s *Subnet) error {
	all, err := portTable.By(o.tx, "device_id", r.ID)
	if err != nil {
		return err
	}
	for _, p := range all {
		for _, ip := range p.FixedIPs {
			other, err := subnetTable.Get(o.tx, ip.SubnetID)
			switch {
			case err != nil:
				return err
			case other.ID == s.ID:
				return badRequest.of("router", "Router already has a port on subnet "+s.ID)
			case other.CIDR.Overlaps(s.CIDR):
				return badRequest.of("router", fmt.Sprintf("Cidr %s of subnet %s overlaps with cidr %s of subnet %s", s.CIDR, s.ID, other.CIDR, other.ID))
			}
		}
	}
	return nil
}

func removeInterface(o *op, r *Router, in *interfaceRequest) (*Port, error) {
	mine, err := r.ports(o, OwnerInterface)
	if err != nil {
		return nil, err
	}
	for _, p := range mine {
		on := p.on(in.SubnetID)
		switch {
		case in.PortID != "" && p.ID != in.PortID, in.PortID == "" && !on:
			continue
		case in.SubnetID != "" && !on:
			return nil, interfaceMismatch.of(p.ID, in.SubnetID)
		}
		if err := r.checkFloating(o, p); err != nil {
			return nil, err
		}
		if err := r.checkRoutesThrough(o, p); err != nil {
			return nil, err
		}
		return p, portTable.Delete(o.tx, p.ID)
	}
	if in.PortID != "" {
		return nil, interfaceNotFound.of(r.ID, in.PortID)
	}
	return nil, noInterfaceForSubnet.of(r.ID, in.SubnetID)
}

// on reports whether the port has an address of the subnet.
func (p *Port) on(subnet string) bool {
	for _, ip := range p.FixedIPs {
		if ip.SubnetID == subnet {
			return true
		}
	}
	return false
}

// checkFloating refuses to part the router from a subnet whose ports have floating IPs through it.
func (r *Router) checkFloating(o *op, p *Port) error {
	floating, err := floatingTable.By(o.tx, "router_id", r.ID)
	if err != nil {
		return err
	}
	for _, f := range floating {
		behind, err := portTable.Get(o.tx, f.PortID)
		if err != nil {
			return err
		}
		for _, ip := range behind.FixedIPs {
			if ip.IPAddress == f.FixedIP && p.on(ip.SubnetID) {
				return interfaceInUse.of(ip.SubnetID, r.ID)
			}
		}
	}
	return nil
}
