// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// trunksOf are the trunks with the sub-ports that they carry.
func trunksOf(t *neutron.Topology) []driver.Trunk {
	if len(t.Trunks) == 0 {
		return nil
	}
	subnets := subnetsOf(t)
	ports := make(map[string]*neutron.Port, len(t.Ports))
	for _, p := range t.Ports {
		ports[p.ID] = p
	}
	mtu := make(map[string]int, len(t.Networks))
	for _, n := range t.Networks {
		mtu[n.ID] = n.MTU
	}
	var list []driver.Trunk
	for _, trunk := range t.Trunks {
		made := driver.Trunk{PortID: trunk.PortID}
		for _, sub := range trunk.SubPorts {
			p := ports[sub.PortID]
			if p == nil {
				continue
			}
			carried := driver.Port{ID: p.ID, NetworkID: p.NetworkID, MAC: p.MACAddress, MTU: mtu[p.NetworkID], Hostname: p.DNSName}
			for _, ip := range p.FixedIPs {
				if !ip.IPAddress.Is4In6() {
					carried.Addresses = append(carried.Addresses, driver.Address{IP: ip.IPAddress, Subnet: subnets[ip.SubnetID]})
				}
			}
			made.SubPorts = append(made.SubPorts, driver.SubPort{Port: carried, VLAN: uint16(sub.SegmentationID)})
		}
		list = append(list, made)
	}
	return list
}
