// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"net/netip"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// routersOf are the routers with their places on networks.
func routersOf(t *neutron.Topology) []driver.Router {
	subnets := subnetsOf(t)
	ports := make(map[string][]*neutron.Port) // by device
	for _, p := range t.Ports {
		if p.DeviceOwner == neutron.OwnerInterface || p.DeviceOwner == neutron.OwnerGateway {
			ports[p.DeviceID] = append(ports[p.DeviceID], p)
		}
	}
	mtu := make(map[string]int, len(t.Networks))
	for _, n := range t.Networks {
		mtu[n.ID] = n.MTU
	}
	list := make([]driver.Router, len(t.Routers))
	for i, r := range t.Routers {
		list[i] = driver.Router{ID: r.ID, Down: !r.AdminStateUp}
		for _, route := range r.Routes {
			list[i].Routes = append(list[i].Routes, driver.Route{Destination: route.Destination, NextHop: route.NextHop})
		}
		for _, p := range ports[r.ID] {
			at := driver.RouterPort{PortID: p.ID, NetworkID: p.NetworkID, MAC: p.MACAddress, MTU: mtu[p.NetworkID], Down: !p.AdminStateUp}
			for _, ip := range p.FixedIPs {
				at.Addresses = append(at.Addresses, driver.Address{IP: ip.IPAddress, Subnet: subnets[ip.SubnetID]})
			}
			if p.DeviceOwner == neutron.OwnerGateway {
				list[i].Outside, list[i].SNAT = at, r.Gateway != nil && r.Gateway.EnableSNAT
			} else {
				list[i].Inside = append(list[i].Inside, at)
			}
		}
	}
	return list
}

// subnetsOf are the subnets as a fabric knows them, by id.
func subnetsOf(t *neutron.Topology) map[string]driver.Subnet {
	dhcp := make(map[string]netip.Addr)
	for _, p := range t.Ports {
		if p.DeviceOwner != neutron.OwnerDHCP {
			continue
		}
		for _, ip := range p.FixedIPs {
			dhcp[ip.SubnetID] = ip.IPAddress
		}
	}
	all := make(map[string]driver.Subnet, len(t.Subnets))
	for _, s := range t.Subnets {
		all[s.ID] = subnet(s, dhcp[s.ID])
	}
	return all
}

// floatingOf are the floating addresses that lead somewhere.
func floatingOf(t *neutron.Topology) []driver.FloatingIP {
	var list []driver.FloatingIP
	for _, f := range t.Floating {
		if f.PortID != "" && f.RouterID != "" {
			list = append(list, driver.FloatingIP{
				ID: f.ID, Address: f.Address, RouterID: f.RouterID, PortID: f.PortID, Fixed: f.FixedIP,
			})
		}
	}
	return list
}

// externalOf are the subnets of external networks.
func externalOf(t *neutron.Topology) map[string][]driver.Subnet {
	subnets, external := subnetsOf(t), make(map[string][]driver.Subnet)
	for _, n := range t.Networks {
		if n.External {
			external[n.ID] = nil
		}
	}
	for _, s := range t.Subnets {
		if _, leads := external[s.NetworkID]; leads {
			external[s.NetworkID] = append(external[s.NetworkID], subnets[s.ID])
		}
	}
	return external
}
