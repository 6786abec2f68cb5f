// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
)

// Attachment is a port with everything around it that its device must know, as of one moment.
type Attachment struct {
	Port    *Port
	Network *Network
	Subnets map[string]*Subnet // of the port's fixed addresses, by id
	// DHCP is the address of the network's DHCP port in each of those subnets that has one.
	DHCP     map[string]netip.Addr
	Floating []*FloatingIP
}

// Network is a network that the caller may see: its own, a shared or an external one.
func (s *Service) Network(ctx context.Context, caller Caller, id string) (n *Network, err error) {
	err = s.viewAs(ctx, caller.identity(), func(o *op) error {
		if n, err = o.networks.find(o, id); err != nil {
			return err
		}
		return completeNetwork(o, n)
	})
	return n, err
}

// Networks are those that the caller's project can put servers on without asking for them by id: its
// own and the shared ones, but no external ones.
func (s *Service) Networks(ctx context.Context, caller Caller) (list []*Network, err error) {
	err = s.viewAs(ctx, caller.identity(), func(o *op) error {
		list, err = o.available(caller.ProjectID)
		return err
	})
	return list, err
}

func (o *op) available(project string) ([]*Network, error) {
	all, err := networkTable.All(o.tx)
	if err != nil {
		return nil, err
	}
	var list []*Network
	for _, n := range all {
		if err := completeNetwork(o, n); err != nil {
			return nil, err
		}
		a, err := o.access(n, project)
		if err != nil {
			return nil, err
		}
		if !n.External && (n.ProjectID == project || a.shared) {
			list = append(list, n)
		}
	}
	slices.SortStableFunc(list, func(a, b *Network) int { return a.CreatedAt.Compare(b.CreatedAt.Time) })
	return list, nil
}

// Subnets are a network's.
func (s *Service) Subnets(ctx context.Context, networkID string) (list []*Subnet, err error) {
	err = s.viewAs(ctx, Caller{Admin: true}.identity(), func(o *op) error {
		list, err = subnetTable.By(o.tx, "network_id", networkID)
		return err
	})
	return list, err
}

// Port is a port that the caller may see.
func (s *Service) Port(ctx context.Context, caller Caller, id string) (a *Attachment, err error) {
	err = s.viewAs(ctx, caller.identity(), func(o *op) error {
		p, err := o.ports.find(o, id)
		if err == nil {
			a, err = o.attachment(p)
		}
		return err
	})
	return a, err
}

// DevicePorts are a device's ports, in the order in which they were attached.
func (s *Service) DevicePorts(ctx context.Context, deviceID string) (list []*Attachment, err error) {
	err = s.viewAs(ctx, Caller{Admin: true}.identity(), func(o *op) error {
		list, err = o.devicePorts(deviceID)
		return err
	})
	return list, err
}

func (o *op) devicePorts(deviceID string) ([]*Attachment, error) {
	found, err := o.attached(deviceID)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b *Port) int { return cmp.Compare(a.Plug.Index, b.Plug.Index) })
	var list []*Attachment
	for _, p := range found {
		a, err := o.attachment(p)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

func (o *op) attachment(p *Port) (*Attachment, error) {
	a := &Attachment{Port: p, Subnets: map[string]*Subnet{}, DHCP: map[string]netip.Addr{}}
	var err error
	if a.Network, err = networkTable.Get(o.tx, p.NetworkID); err != nil {
		return nil, err
	}
	for _, ip := range p.FixedIPs {
		if a.Subnets[ip.SubnetID], err = subnetTable.Get(o.tx, ip.SubnetID); err != nil {
			return nil, err
		}
	}
	dhcp, err := dhcpPort(o, p.NetworkID)
	if err != nil {
		return nil, err
	}
	if dhcp != nil {
		for _, ip := range dhcp.FixedIPs {
			if a.Subnets[ip.SubnetID] != nil {
				a.DHCP[ip.SubnetID] = ip.IPAddress
			}
		}
	}
	a.Floating, err = floatingTable.By(o.tx, "port_id", p.ID)
	return a, err
}

// SecurityGroup is the project's group of that id or name; its default group is made if need be.
// SecurityGroupNotFound, or SecurityGroupAmbiguous where several have the name.
func (s *Service) SecurityGroup(ctx context.Context, caller Caller, nameOrID string) (g *SecurityGroup, err error) {
	err = s.updateAs(ctx, caller.identity(), func(o *op) error {
		g, err = o.groupBy(caller.ProjectID, nameOrID)
		return err
	})
	return g, err
}

func (o *op) groupBy(project, nameOrID string) (*SecurityGroup, error) {
	if nameOrID == defaultName {
		return defaultGroup(o, project)
	}
	all, err := groupTable.By(o.tx, "project_id", project)
	if err != nil {
		return nil, err
	}
	var named []*SecurityGroup
	for _, g := range all {
		if g.ID == nameOrID {
			return g, nil
		}
		if g.Name == nameOrID {
			named = append(named, g)
		}
	}
	switch len(named) {
	case 0:
		return nil, SecurityGroupNotFound.of(nameOrID)
	case 1:
		return named[0], nil
	}
	return nil, SecurityGroupAmbiguous.of(nameOrID)
}

// Quota are the limit (-1: none) and the use of a project's "port", "network", "security_group", …
func (s *Service) Quota(ctx context.Context, projectID, resource string) (limit, used int, err error) {
	err = s.viewAs(ctx, Caller{ProjectID: projectID}.identity(), func(o *op) error {
		usage, err := o.usage(projectID)
		limit, used = usage[resource].Limit, usage[resource].Used
		return err
	})
	return limit, used, err
}

// GroupNames are the names of the security groups on each device's ports, in order; a device without
// any is not in the map.
func (s *Service) GroupNames(ctx context.Context, deviceIDs []string) (names map[string][]string, err error) {
	err = s.viewAs(ctx, Caller{Admin: true}.identity(), func(o *op) error {
		names = map[string][]string{}
		known := map[string]string{}
		for _, device := range deviceIDs {
			ports, err := o.attached(device)
			if err != nil {
				return err
			}
			for _, p := range ports {
				for _, id := range p.SecurityGroups {
					if known[id] == "" {
						g, err := groupTable.Get(o.tx, id)
						if err != nil {
							return err
						}
						known[id] = g.Name
					}
					names[device] = append(names[device], known[id])
				}
			}
			slices.Sort(names[device])
			if unique := slices.Compact(names[device]); len(unique) > 0 {
				names[device] = unique
			}
		}
		return nil
	})
	return names, err
}
