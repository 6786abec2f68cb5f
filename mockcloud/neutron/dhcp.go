// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"slices"

	"github.com/google/uuid"
)

// syncDHCP gives a network its DHCP port, with an address in each subnet that has DHCP, and takes
// it away with the last of them: what Neutron's DHCP agent does, at once.
func syncDHCP(o *op, n *Network) error {
	within, err := subnetTable.By(o.tx, "network_id", n.ID)
	if err != nil {
		return err
	}
	within = slices.DeleteFunc(within, func(s *Subnet) bool { return !s.EnableDHCP })
	p, err := dhcpPort(o, n.ID)
	if err != nil {
		return err
	}
	switch {
	case len(within) == 0 && p == nil:
		return nil
	case len(within) == 0:
		return portTable.Delete(o.tx, p.ID)
	case p == nil:
		p = o.servicePort(n, OwnerDHCP, "dhcp-"+n.ID, n.ProjectID)
	}
	choice, err := o.allocation(n, p)
	if err != nil {
		return err
	}
	choice.subnets = within
	p.FixedIPs = nil
	for _, s := range within {
		ip, err := choice.next(s)
		if err != nil {
			return err
		}
		if ip.IsValid() { // a full subnet has no DHCP port, and works on
			p.FixedIPs = append(p.FixedIPs, FixedIP{SubnetID: s.ID, IPAddress: ip})
		}
	}
	return portTable.Put(o.tx, p)
}

func dhcpPort(o *op, network string) (*Port, error) {
	found, err := portTable.By(o.tx, "device_id", "dhcp-"+network)
	if err != nil {
		return nil, err
	}
	for _, p := range found { // users may write anything into their ports' device_id
		if p.DeviceOwner == OwnerDHCP && p.NetworkID == network {
			return p, nil
		}
	}
	return nil, nil
}

// servicePort is a port that the service itself makes; it has no addresses yet and is not stored.
func (o *op) servicePort(n *Network, owner, device, project string) *Port {
	p := &Port{
		Standard:  Standard{ID: uuid.NewString(), ProjectID: project, CreatedAt: o.now, UpdatedAt: o.now, Revision: 1, Tags: []string{}},
		NetworkID: n.ID, DeviceOwner: owner, DeviceID: device, AdminStateUp: true, VNICType: "normal",
	}
	p.MACAddress = newMAC(o.tx, n.ID)
	p.bind()
	return p
}
