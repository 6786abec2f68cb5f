// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"fmt"
	"net/netip"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Subnet is a range of addresses on a network.
type Subnet struct {
	Standard
	Name            string       `json:"name"`
	NetworkID       string       `json:"network_id"`
	IPVersion       int          `json:"ip_version"`
	CIDR            netip.Prefix `json:"cidr"`
	GatewayIP       netip.Addr   `json:"gateway_ip"` // null in answers: none
	EnableDHCP      bool         `json:"enable_dhcp"`
	AllocationPools []Pool       `json:"allocation_pools"`
	DNSNameservers  []string     `json:"dns_nameservers"`
	HostRoutes      []HostRoute  `json:"host_routes"`
	IPv6AddressMode *string      `json:"ipv6_address_mode"`
	IPv6RAMode      *string      `json:"ipv6_ra_mode"`
	SubnetPoolID    *string      `json:"subnetpool_id"`
	ServiceTypes    []string     `json:"service_types"`
	DNSPublish      bool         `json:"dns_publish_fixed_ip"`
}

// HostRoute is a route that DHCP gives to guests, or that a router has.
type HostRoute struct {
	Destination netip.Prefix `json:"destination" need:"2.0-" format:"cidr"`
	NextHop     netip.Addr   `json:"nexthop"     need:"2.0-" format:"ip"`
}

type subnetFields struct {
	owner
	Name            api.Opt[string]       `json:"name" len:"0-255"`
	NetworkID       api.Opt[string]       `json:"network_id" put:"no" format:"uuid"`
	IPVersion       api.Opt[api.Integer]  `json:"ip_version" put:"no" range:"4-6"`
	CIDR            api.Opt[netip.Prefix] `json:"cidr"       put:"no" format:"cidr"`
	GatewayIP       api.Opt[netip.Addr]   `json:"gateway_ip" null:"ok" format:"ip"`
	EnableDHCP      api.Opt[api.Boolean]  `json:"enable_dhcp"`
	AllocationPools api.Opt[[]Pool]       `json:"allocation_pools" null:"ok"`
	DNSNameservers  api.Opt[[]string]     `json:"dns_nameservers"  null:"ok" format:"ip"`
	HostRoutes      api.Opt[[]HostRoute]  `json:"host_routes"      null:"ok"`
	IPv6AddressMode api.Opt[string]       `json:"ipv6_address_mode" put:"no" null:"ok" oneof:"slaac dhcpv6-stateful dhcpv6-stateless"`
	IPv6RAMode      api.Opt[string]       `json:"ipv6_ra_mode"      put:"no" null:"ok" oneof:"slaac dhcpv6-stateful dhcpv6-stateless"`
	SubnetPoolID    api.Opt[string]       `json:"subnetpool_id"     put:"no" null:"ok"`
	UseDefaultPool  api.Opt[api.Boolean]  `json:"use_default_subnetpool" put:"no"`
	PrefixLen       api.Opt[api.Integer]  `json:"prefixlen"         put:"no" range:"0-128"`
	ServiceTypes    api.Opt[[]string]     `json:"service_types"`
	DNSPublish      api.Opt[api.Boolean]  `json:"dns_publish_fixed_ip"`
}

var subnetTable = &store.Table[Subnet]{
	Name: "neutron.subnets",
	Key:  func(s *Subnet) string { return s.ID },
	Indexes: []store.Index[Subnet]{
		{Name: "network_id", Of: func(s *Subnet) []string { return []string{s.NetworkID} }},
		{Name: "project_id", Of: func(s *Subnet) []string { return []string{s.ProjectID} }},
		{Name: "subnetpool_id", Of: func(s *Subnet) []string { return unlessEmpty(orEmpty(s.SubnetPoolID)) }},
	},
}

func subnetCollection() *collection[Subnet, subnetFields] {
	return collection[Subnet, subnetFields]{
		one: "subnet", many: "subnets", path: "/subnets", missing: SubnetNotFound,
		table:   subnetTable,
		base:    func(s *Subnet) *Standard { return &s.Standard },
		project: func(f *subnetFields) owner { return f.owner },
		indexed: []string{"network_id"},
		// A subnet is seen by who sees its network, but for the subnets of external ones.
		shared: func(o *op, s *Subnet) bool {
			n, err := networkTable.Get(o.tx, s.NetworkID)
			if err != nil {
				return false
			}
			a, err := o.mine(n)
			return err == nil && a.shared
		},
		create: createSubnet,
		update: updateSubnet,
		remove: removeSubnet,
	}.ready()
}

// poolByDefault chooses the default pool for who asks for it.
func (s *Subnet) poolByDefault(o *op, in *subnetFields) error {
	if !in.UseDefaultPool.Value {
		return nil
	}
	if s.SubnetPoolID != nil {
		return badRequest.of("subnets", "subnetpool_id and use_default_subnetpool cannot both be specified")
	}
	p, err := o.defaultPool(s.IPVersion, "")
	if err == nil && p == nil {
		err = badRequest.of("subnets", "No default subnetpool found for IPv"+text(s.IPVersion))
	}
	if err == nil {
		s.SubnetPoolID = &p.ID
	}
	return err
}

func createSubnet(o *op, s *Subnet, in *subnetFields) error {
	n, err := o.networks.find(o, s.NetworkID)
	if err != nil {
		return err
	}
	if n.ProjectID != s.ProjectID && !o.admin() {
		return notAuthorized.of("create_subnet")
	}
	s.EnableDHCP = bool(orElse(in.EnableDHCP, true))
	if err := s.poolByDefault(o, in); err != nil {
		return err
	}
	if s.SubnetPoolID != nil {
		p, err := o.pools.find(o, *s.SubnetPoolID)
		if err != nil {
			return err
		}
		if err := p.take(o, s, in); err != nil {
			return err
		}
	}
	if err := s.checkRange(); err != nil {
		return err
	}
	siblings, err := subnetTable.By(o.tx, "network_id", n.ID)
	if err != nil {
		return err
	}
	for _, other := range siblings {
		if other.IPVersion == s.IPVersion && orEmpty(other.SubnetPoolID) != orEmpty(s.SubnetPoolID) {
			return poolAffinity.of()
		}
		if other.CIDR.Overlaps(s.CIDR) {
			return invalidInput.of(fmt.Sprintf("Requested subnet with cidr: %s for network: %s overlaps with another subnet", s.CIDR, n.ID))
		}
	}
	if !in.GatewayIP.Set {
		s.GatewayIP = s.firstAddress()
	}
	if s.AllocationPools == nil {
		s.AllocationPools = s.defaultPools()
	}
	if err := s.check(); err != nil {
		return err
	}
	if err := subnetTable.Insert(o.tx, s); err != nil {
		return err
	}
	return syncDHCP(o, n)
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// checkRange holds the prefix and the modes against the IP version.
func (s *Subnet) checkRange() error {
	switch {
	case !s.CIDR.IsValid():
		return badRequest.of("subnets", "a subnetpool must be specified in the absence of a cidr")
	case s.IPVersion != 4 && s.IPVersion != 6:
		return invalidInput.of("ip_version is required: 4 or 6")
	case s.CIDR.Addr().Is4() != (s.IPVersion == 4):
		return invalidInput.of(fmt.Sprintf("cidr '%s' does not match the ip_version '%d'", s.CIDR, s.IPVersion))
	case s.CIDR.Masked() != s.CIDR:
		return invalidInput.of(fmt.Sprintf("'%s' isn't a recognized IP subnet cidr, '%s' is recommended", s.CIDR, s.CIDR.Masked()))
	case s.CIDR.Addr().IsMulticast():
		return invalidInput.of("Multicast IP subnet is not supported if enable_dhcp is True")
	case s.CIDR.Bits() == 0:
		return invalidInput.of("0 is not allowed as CIDR prefix length")
	case s.IPVersion == 4 && (s.IPv6AddressMode != nil || s.IPv6RAMode != nil):
		return invalidInput.of("ipv6_ra_mode and ipv6_address_mode are for IPv6 subnets only")
	case s.IPv6AddressMode != nil && s.IPv6RAMode != nil && *s.IPv6AddressMode != *s.IPv6RAMode:
		return invalidInput.of(fmt.Sprintf("ipv6_ra_mode set to '%s' with ipv6_address_mode set to '%s' is not valid. If both attributes are set, they must be the same value", *s.IPv6RAMode, *s.IPv6AddressMode))
	case (s.IPv6AddressMode != nil || s.IPv6RAMode != nil) && !s.EnableDHCP:
		return invalidInput.of("ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False")
	case s.auto() && s.CIDR.Bits() != 64:
		return invalidInput.of(fmt.Sprintf("Invalid CIDR %s for IPv6 address mode. OpenStack uses the EUI-64 address format, which requires the prefix to be /64", s.CIDR))
	}
	return nil
}

// auto reports whether ports make their own addresses of the prefix and their MAC.
func (s *Subnet) auto() bool {
	mode := s.IPv6AddressMode
	return s.IPVersion == 6 && mode != nil && (*mode == "slaac" || *mode == "dhcpv6-stateless")
}

// check holds gateway, pools, name servers and routes against the subnet.
func (s *Subnet) check() error {
	if s.GatewayIP.IsValid() {
		if s.GatewayIP.Is4() != (s.IPVersion == 4) {
			return invalidInput.of(fmt.Sprintf("gateway_ip '%s' does not match the ip_version '%d'", s.GatewayIP, s.IPVersion))
		}
		inside := s.CIDR.Contains(s.GatewayIP)
		if inside && s.reserved(s.GatewayIP) {
			return invalidInput.of("Gateway is not valid on subnet")
		}
	}
	if err := s.checkPools(); err != nil {
		return err
	}
	if len(s.DNSNameservers) > 5 {
		return Kind{400, "DNSNameServersExhausted", "Unable to complete operation for %s. The number of DNS nameservers exceeds the limit %d."}.of(s.ID, 5)
	}
	if len(s.HostRoutes) > 20 {
		return Kind{400, "HostRoutesExhausted", "Unable to complete operation for %s. The number of host routes exceeds the limit %d."}.of(s.ID, 20)
	}
	for _, r := range s.HostRoutes {
		if r.Destination.Addr().Is4() != (s.IPVersion == 4) || r.NextHop.Is4() != (s.IPVersion == 4) {
			return invalidInput.of(fmt.Sprintf("host route %s via %s does not match the ip_version '%d'", r.Destination, r.NextHop, s.IPVersion))
		}
	}
	return nil
}

func updateSubnet(o *op, now, before *Subnet, in *subnetFields) error {
	if err := now.check(); err != nil {
		return err
	}
	if in.GatewayIP.Set && now.GatewayIP != before.GatewayIP && before.GatewayIP.IsValid() {
		holder, err := holderOf(o.tx, before.ID, before.GatewayIP)
		if err != nil {
			return err
		}
		if holder != nil && holder.DeviceOwner == OwnerInterface {
			return gatewayInUse.of(before.GatewayIP, holder.ID)
		}
	}
	if err := o.noteAll("subnet_id", now.ID); err != nil { // gateway, routes, name servers and DHCP are told to guests
		return err
	}
	if err := subnetTable.Put(o.tx, now); err != nil {
		return err
	}
	n, err := networkTable.Get(o.tx, now.NetworkID)
	if err != nil {
		return err
	}
	return syncDHCP(o, n)
}

// removeSubnet deletes a subnet from which no port but DHCP's has an address; addresses that ports made
// by themselves go with it.
func removeSubnet(o *op, s *Subnet) error {
	holders, err := portTable.By(o.tx, "subnet_id", s.ID)
	if err != nil {
		return err
	}
	for _, p := range holders {
		if p.DeviceOwner != OwnerDHCP && (!s.auto() || p.DeviceOwner == OwnerInterface) {
			return subnetInUse.of(s.ID)
		}
	}
	for _, p := range holders {
		p.dropAddresses(s.ID)
		o.note(p)
		if err := portTable.Put(o.tx, p); err != nil {
			return err
		}
	}
	if err := subnetTable.Delete(o.tx, s.ID); err != nil {
		return err
	}
	n, err := networkTable.Get(o.tx, s.NetworkID)
	if err != nil {
		return err
	}
	return syncDHCP(o, n)
}
