// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Network is a layer-2 network.
type Network struct {
	Standard
	Name            string   `json:"name"`
	Status          string   `json:"status"`
	AdminStateUp    bool     `json:"admin_state_up"`
	Shared          bool     `json:"shared"`
	External        bool     `json:"router:external"`
	IsDefault       bool     `json:"is_default"`
	MTU             int      `json:"mtu"`
	PortSecurity    bool     `json:"port_security_enabled"`
	DNSDomain       string   `json:"dns_domain"`
	ZoneHints       []string `json:"availability_zone_hints"`
	Zones           []string `json:"availability_zones"`
	IPv4Scope       *string  `json:"ipv4_address_scope"`
	IPv6Scope       *string  `json:"ipv6_address_scope"`
	NetworkType     string   `json:"provider:network_type"     rule:"yes"`
	PhysicalNetwork *string  `json:"provider:physical_network" rule:"yes"`
	Segment         int      `json:"provider:segmentation_id"  rule:"yes"`
	// Subnets are the ids of its subnets.
	Subnets []string `json:"subnets"`
}

type networkFields struct {
	owner
	Name            api.Opt[string]      `json:"name" len:"0-255"`
	AdminStateUp    api.Opt[api.Boolean] `json:"admin_state_up"`
	Shared          api.Opt[api.Boolean] `json:"shared"          rule:"yes"`
	External        api.Opt[api.Boolean] `json:"router:external" rule:"yes"`
	IsDefault       api.Opt[api.Boolean] `json:"is_default"      rule:"yes"`
	MTU             api.Opt[api.Integer] `json:"mtu" range:"68-9000"`
	PortSecurity    api.Opt[api.Boolean] `json:"port_security_enabled"`
	DNSDomain       api.Opt[string]      `json:"dns_domain" len:"0-255"`
	ZoneHints       api.Opt[[]string]    `json:"availability_zone_hints" put:"no"`
	NetworkType     api.Opt[string]      `json:"provider:network_type" rule:"yes" oneof:"flat vlan vxlan geneve gre local"`
	PhysicalNetwork api.Opt[string]      `json:"provider:physical_network" rule:"yes" null:"ok"`
	Segment         api.Opt[api.Integer] `json:"provider:segmentation_id"  rule:"yes" null:"ok" range:"1-16777215"`
}

// zone is the one availability zone that networks and routers have.
const zone = "nova"

var networkTable = &store.Table[Network]{
	Name: "neutron.networks",
	Key:  func(n *Network) string { return n.ID },
	Indexes: []store.Index[Network]{
		{Name: "project_id", Of: func(n *Network) []string { return []string{n.ProjectID} }},
	},
}

func networkCollection() *collection[Network, networkFields] {
	return collection[Network, networkFields]{
		one: "network", many: "networks", path: "/networks", missing: NetworkNotFound,
		table:   networkTable,
		base:    func(n *Network) *Standard { return &n.Standard },
		project: func(f *networkFields) owner { return f.owner },
		shared: func(o *op, n *Network) bool {
			a, err := o.mine(n)
			return err == nil && (a.shared || a.external)
		},
		create:   createNetwork,
		update:   updateNetwork,
		remove:   removeNetwork,
		complete: completeNetwork,
	}.ready()
}

func createNetwork(o *op, n *Network, in *networkFields) error {
	n.Status = "ACTIVE"
	n.Zones = []string{zone}
	n.AdminStateUp = bool(orElse(in.AdminStateUp, true))
	n.PortSecurity = bool(orElse(in.PortSecurity, true))
	n.MTU = int(orElse(in.MTU, api.Integer(o.mtu)))
	n.NetworkType = orElse(in.NetworkType, "vxlan")
	if n.Segment == 0 && n.NetworkType != "flat" && n.NetworkType != "local" {
		used, err := networkTable.All(o.tx)
		if err != nil {
			return err
		}
		for _, other := range used {
			n.Segment = max(n.Segment, other.Segment)
		}
		n.Segment++
	}
	for _, hint := range n.ZoneHints {
		if hint != zone {
			return Kind{404, "AvailabilityZoneNotFound", "AvailabilityZone %s could not be found."}.of(hint)
		}
	}
	if err := networkTable.Insert(o.tx, n); err != nil {
		return err
	}
	if err := o.share(n, &Network{}); err != nil {
		return err
	}
	return n.checkDefault(o)
}

// checkDefault refuses a second default among the external networks.
func (n *Network) checkDefault(o *op) error {
	if !n.External || !n.IsDefault {
		return nil
	}
	other, err := o.defaultExternal(n.ID)
	if err == nil && other != nil {
		err = defaultExternalExists.of(other.ID)
	}
	return err
}

// orElse is what the request says, or else a default.
func orElse[T any](given api.Opt[T], otherwise T) T {
	if !given.Set || given.Null {
		return otherwise
	}
	return given.Value
}

func updateNetwork(o *op, now, before *Network, _ *networkFields) error {
	if err := o.share(now, before); err != nil {
		return err
	}
	if err := now.checkDefault(o); err != nil {
		return err
	}
	if before.External && !now.External || before.Shared && !now.Shared {
		ports, err := portTable.By(o.tx, "network_id", now.ID)
		if err != nil {
			return err
		}
		for _, p := range ports {
			if before.External && !now.External && (p.DeviceOwner == OwnerGateway || p.DeviceOwner == ownerFloatingIP) {
				return externalInUse.of(now.ID)
			}
			if before.Shared && !now.Shared && p.ProjectID != now.ProjectID && p.ProjectID != "" {
				left, err := o.access(now, p.ProjectID)
				if err == nil && !left.shared {
					err = sharedInUse.of(now.ID)
				}
				if err != nil {
					return err
				}
			}
		}
	}
	if now.Name != before.Name || now.MTU != before.MTU { // the label and the MTU of servers' interfaces
		if err := o.noteAll("network_id", now.ID); err != nil {
			return err
		}
	}
	return networkTable.Put(o.tx, now)
}

// removeNetwork deletes a network that has no ports but DHCP's and those of floating IPs that lead
// nowhere, with its subnets.
func removeNetwork(o *op, n *Network) error {
	found, err := portTable.By(o.tx, "network_id", n.ID)
	if err != nil {
		return err
	}
	for _, p := range found {
		idle, err := idleFloating(o, p)
		if err != nil {
			return err
		}
		if p.DeviceOwner != OwnerDHCP && !idle {
			return networkInUse.of(n.ID, p.ID)
		}
		if idle {
			if err := floatingTable.Delete(o.tx, p.DeviceID); err != nil {
				return err
			}
		}
		if err := portTable.Delete(o.tx, p.ID); err != nil {
			return err
		}
	}
	within, err := subnetTable.By(o.tx, "network_id", n.ID)
	if err != nil {
		return err
	}
	for _, sub := range within {
		if err := subnetTable.Delete(o.tx, sub.ID); err != nil {
			return err
		}
	}
	if err := o.dropPolicies(n.ID, func(*RBACPolicy) bool { return true }); err != nil {
		return err
	}
	return networkTable.Delete(o.tx, n.ID)
}

// completeNetwork tells of its subnets, and whether it is shared with who asks.
func completeNetwork(o *op, n *Network) error {
	a, err := o.mine(n)
	if err != nil {
		return err
	}
	n.Shared = a.shared
	within, err := subnetTable.By(o.tx, "network_id", n.ID)
	if err != nil {
		return err
	}
	n.Subnets = []string{}
	for _, sub := range within {
		n.Subnets = append(n.Subnets, sub.ID)
		if sub.SubnetPoolID == nil {
			continue
		}
		p, err := poolTable.Get(o.tx, *sub.SubnetPoolID)
		if err != nil {
			return err
		}
		if p.IPVersion == 4 {
			n.IPv4Scope = p.AddressScopeID
		} else {
			n.IPv6Scope = p.AddressScopeID
		}
	}
	return nil
}
