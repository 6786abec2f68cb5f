// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"net/netip"
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// networkCreate is the body of POST /os-networks.
type networkCreate struct {
	Label           string                `json:"label" need:"2.1-" len:"0-255"`
	IPAM            api.Opt[api.Boolean]  `json:"ipam"`
	CIDR            api.Opt[netip.Prefix] `json:"cidr"    format:"cidr"`
	CIDRv6          api.Opt[netip.Prefix] `json:"cidr_v6" format:"cidr"`
	ProjectID       string                `json:"project_id" len:"1-255" pattern:"^[a-zA-Z0-9-]*$"`
	MultiHost       api.Opt[api.Boolean]  `json:"multi_host"`
	Gateway         netip.Addr            `json:"gateway"    format:"ipv4"`
	GatewayV6       netip.Addr            `json:"gateway_v6" format:"ipv6"`
	Bridge          string                `json:"bridge"`
	BridgeInterface string                `json:"bridge_interface"`
	DNS1            netip.Addr            `json:"dns1"        format:"ipv4"`
	DNS2            netip.Addr            `json:"dns2"        format:"ipv4"`
	DHCPServer      netip.Addr            `json:"dhcp_server" format:"ipv4"`
	FixedCIDR       netip.Prefix          `json:"fixed_cidr"    format:"cidr"`
	AllowedStart    netip.Addr            `json:"allowed_start" format:"ip"`
	AllowedEnd      netip.Addr            `json:"allowed_end"   format:"ip"`
	EnableDHCP      api.Opt[api.Boolean]  `json:"enable_dhcp"`
	ShareAddress    api.Opt[api.Boolean]  `json:"share_address"`
	MTU             api.Opt[api.Natural]  `json:"mtu"        range:"1-"`
	VLAN            api.Opt[api.Natural]  `json:"vlan"       range:"1-"`
	VLANStart       api.Opt[api.Natural]  `json:"vlan_start" range:"1-"`
	VPNStart        string                `json:"vpn_start"`
}

// networkPlan is a network that is to be made.
type networkPlan struct {
	networkRecord
	label, project string // the project is "" of nobody's
	mtu            int    // 0: Neutron's own
	vlanFrom       int    // 0: any VLAN would do, and none is needed
	vpnFrom        int
	subnets        []object // as Neutron is asked for them
	dhcp           netip.Addr
}

const (
	lastVLAN  = 4094
	fewestIPs = 4 // the network's address, its broadcast, and two hosts
	vpnStart  = 1000
)

// routerAdvertised is how nova-network's hosts made their IPv6 addresses.
const routerAdvertised = "slaac"

func (s *Service) createNetwork(c *api.Call, in *networkCreate) (oldNetwork, error) {
	p, err := in.plan(c)
	if err != nil {
		return oldNetwork{}, err
	}
	if err := s.makeNetwork(c, p); err != nil {
		return oldNetwork{}, err
	}
	return seen(s, c, p.ID, oldNetworkOf)
}

// oneRange holds that a network is of one IP version: Nova's schema has it so, which v2 did not have.
func oneRange(c *api.Call, label string, v4, v6 api.Opt[netip.Prefix]) error {
	if v4.Set != v6.Set || c.Legacy() && v4.Set {
		return nil
	}
	if c.Legacy() {
		return api.BadRequest("Network cidr or cidr_v6 is required")
	}
	value := map[string]any{"label": label}
	problem := "is not valid under any of the given schemas"
	if v4.Set {
		value["cidr"], value["cidr_v6"] = v4.Value.String(), v6.Value.String()
		problem = "is valid under each of {'required': ['cidr_v6']}, {'required': ['cidr']}"
	}
	return api.BadRequest("Invalid input for field/attribute network. Value: %s. %s %s", api.Repr(value), api.Repr(value), problem)
}

func (in *networkCreate) plan(c *api.Call) (*networkPlan, error) {
	if err := oneRange(c, in.Label, in.CIDR, in.CIDRv6); err != nil {
		return nil, err
	}
	p := &networkPlan{
		label: in.Label, project: in.ProjectID, mtu: int(in.MTU.Value), vlanFrom: int(in.VLANStart.Value), vpnFrom: vpnStart,
		networkRecord: networkRecord{
			CIDR: in.CIDR.Value.Masked(), CIDRv6: in.CIDRv6.Value.Masked(),
			Bridge: nullable(in.Bridge), BridgeInterface: nullable(in.BridgeInterface),
			MultiHost: new(bool(in.MultiHost.Value)), ShareAddress: new(bool(in.ShareAddress.Value)),
		},
	}
	if in.VLAN.Set {
		p.VLAN = new(int(in.VLAN.Value))
	}
	if max(p.vlanFrom, int(in.VLAN.Value)) > lastVLAN {
		return nil, api.BadRequest("The vlan number cannot be greater than %d", lastVLAN)
	}
	if in.VPNStart != "" {
		var err error
		if p.vpnFrom, err = strconv.Atoi(in.VPNStart); err != nil || p.vpnFrom < 1 || p.vpnFrom > lastPort {
			return nil, api.BadRequest("vpn_start must be an integer.")
		}
	}
	if in.CIDR.Set {
		if err := p.planIPv4(in); err != nil {
			return nil, err
		}
	}
	if in.CIDRv6.Set {
		p.planIPv6(p.CIDRv6, in.GatewayV6)
	}
	return p, nil
}

// planIPv4 says which addresses are whose: the gateway's, the DHCP server's, a VPN's if the network is a VLAN's,
// and in between, servers'.
func (p *networkPlan) planIPv4(in *networkCreate) error {
	if p.CIDR.Addr().Is6() {
		return api.BadRequest("%s is not a valid IP network.", p.CIDR)
	}
	hosts, err := usable(p.CIDR)
	if err != nil {
		return err
	}
	gateway := hosts.Start
	if in.Gateway.IsValid() {
		gateway = in.Gateway
	}
	if in.FixedCIDR.IsValid() {
		if in.FixedCIDR.Bits() < p.CIDR.Bits() || !p.CIDR.Contains(in.FixedCIDR.Addr()) {
			return outOfRange(in.FixedCIDR.Masked().Addr(), p.CIDR)
		}
		hosts = hosts.within(addressRange{in.FixedCIDR.Masked().Addr(), lastOf(in.FixedCIDR)})
	}
	for _, bound := range []netip.Addr{in.AllowedStart, in.AllowedEnd, in.DHCPServer} {
		if bound.IsValid() && !p.CIDR.Contains(bound) {
			return outOfRange(bound, p.CIDR)
		}
	}
	allowed := hosts
	if in.AllowedStart.IsValid() {
		allowed.Start = in.AllowedStart
	}
	if in.AllowedEnd.IsValid() {
		allowed.End = in.AllowedEnd
	}
	hosts = hosts.within(allowed)
	dhcp := gateway
	if in.DHCPServer.IsValid() {
		dhcp, p.dhcp = in.DHCPServer, in.DHCPServer
	}
	pools := hosts.without(gateway, dhcp)
	if p.VLAN != nil || p.vlanFrom > 0 {
		if len(pools) == 0 {
			return noHosts()
		}
		p.VPNPrivate = new(pools[0].Start.String())
		pools = hosts.without(gateway, dhcp, pools[0].Start)
	}
	if len(pools) == 0 {
		return noHosts()
	}
	p.DHCPServer, p.DHCPStart = new(dhcp.String()), new(pools[0].Start.String())
	p.addIPv4(gateway, pools, !in.EnableDHCP.Set || bool(in.EnableDHCP.Value), in.DNS1, in.DNS2)
	return nil
}

func (p *networkPlan) addIPv4(gateway netip.Addr, pools []addressRange, dhcp bool, dns ...netip.Addr) {
	subnet := object{
		"ip_version": 4, "cidr": p.CIDR.String(), "gateway_ip": gateway.String(), "enable_dhcp": dhcp,
		"allocation_pools": pools,
	}
	var servers []string
	for _, server := range dns {
		if server.IsValid() {
			servers = append(servers, server.String())
		}
	}
	if servers != nil {
		subnet["dns_nameservers"] = servers
	}
	if !dhcp || p.dhcp == gateway {
		p.dhcp = netip.Addr{}
	}
	p.subnets = append(p.subnets, subnet)
}

// planIPv6 has hosts make their addresses of the prefix, as nova-network's did, where it is as long as that needs.
func (p *networkPlan) planIPv6(cidr netip.Prefix, gateway netip.Addr) {
	subnet := object{"ip_version": 6, "cidr": cidr.String(), "enable_dhcp": false}
	if cidr.Bits() == 64 {
		subnet["enable_dhcp"], subnet["ipv6_ra_mode"], subnet["ipv6_address_mode"] = true, routerAdvertised, routerAdvertised
	}
	if gateway.IsValid() {
		subnet["gateway_ip"] = gateway.String()
	}
	p.subnets = append(p.subnets, subnet)
}

func outOfRange(a netip.Addr, within netip.Prefix) error {
	return api.BadRequest("%s is not within %s.", a, within)
}

func noHosts() error {
	return api.BadRequest("Requested network does not contain enough (2+) usable hosts")
}

// usable are the addresses that hosts of an IPv4 network may have.
func usable(cidr netip.Prefix) (addressRange, error) {
	if 1<<(32-cidr.Bits()) < fewestIPs {
		return addressRange{}, noHosts()
	}
	return addressRange{cidr.Masked().Addr().Next(), lastOf(cidr).Prev()}, nil
}

// vlanOf chooses a network's VLAN, and what follows from it: the first that is free where the request only says from
// where on.
func (p *networkPlan) vlanOf(records map[string]*networkRecord) error {
	used, ports, port := map[int]bool{}, map[int]bool{}, p.vpnFrom
	for _, r := range records {
		if r.VLAN != nil {
			used[*r.VLAN] = true
		}
		if r.VPNPort != nil {
			ports[*r.VPNPort] = true
		}
	}
	switch {
	case p.VLAN != nil && used[*p.VLAN]:
		return api.Conflict("Detected existing vlan with id %d", *p.VLAN)
	case p.VLAN == nil && p.vlanFrom > 0:
		free := p.vlanFrom
		for used[free] {
			free++
		}
		if free > lastVLAN {
			return api.BadRequest("The vlan number cannot be greater than %d", lastVLAN)
		}
		p.VLAN = &free
	case p.VLAN == nil:
		return nil
	}
	for ports[port] {
		port++
	}
	if port > lastPort {
		return api.BadRequest("No port for a VPN is free from %d on.", p.vpnFrom)
	}
	p.VPNPort = &port
	p.Bridge = cmp.Or(p.Bridge, new("br"+strconv.Itoa(*p.VLAN)))
	return nil
}
