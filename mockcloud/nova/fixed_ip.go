// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// oldFixedIP is an address as nova-network knew it.
type oldFixedIP struct {
	Address  string  `json:"address"`
	CIDR     string  `json:"cidr"`
	Host     *string `json:"host"`
	Hostname *string `json:"hostname"`
	Reserved bool    `json:"reserved" nova:"2.4-"`
}

// ownerReserved is the device_owner of the ports that hold reserved addresses.
const ownerReserved = "nova:reserved"

// heldAddress is an address of a network, and the port that has it.
type heldAddress struct {
	netip.Addr
	subnet neutronSubnet
	port   *neutronPort // nil: nobody's
}

// nothing is the body of an action that takes none, and says so.
type nothing struct{}

// Parse implements api.Parser.
func (*nothing) Parse(v any) error {
	if empty, is := v.(object); v == nil || v == "None" || is && len(empty) == 0 {
		return nil
	}
	return errors.New(api.Repr(v) + " is not one of ['None', None, {}]")
}

func (s *Service) fixedIPRoutes() []api.Route {
	const path = "/os-fixed-ips/{id}"
	policy := rule("os-fixed-ips")
	return []api.Route{
		api.Get(path, "fixed_ip", s.showFixedIP).Only(proxied).Policy(policy),
		api.Action(path+"/action", "reserve", s.setReserved(s.reserve)).Only(proxied).Policy(policy),
		api.Action(path+"/action", "unreserve", s.setReserved(s.unreserve)).Only(proxied).Policy(policy),
	}
}

func (s *Service) showFixedIP(c *api.Call) (oldFixedIP, error) {
	id := c.Var("id")
	a, err := s.address(c, id,
		api.BadRequest("Fixed IP address %s is invalid.", id), api.NotFound("Fixed IP not found for address %s.", id))
	if err != nil {
		return oldFixedIP{}, err
	}
	view := oldFixedIP{Address: a.String(), CIDR: a.subnet.CIDR.String(), Reserved: a.reserved()}
	if a.port == nil || a.port.DeviceID == "" {
		return view, nil
	}
	inst, err := s.Compute.Get(c.Context(), a.port.DeviceID)
	switch {
	case isNotFound(err):
		return view, nil
	case err != nil:
		return view, err
	}
	if slices.ContainsFunc(inst.VIFs, func(v compute.VIF) bool { return v.PortID == a.port.ID }) { // and nobody only says so
		view.Host, view.Hostname = nullable(inst.Host), nullable(inst.Hostname)
	}
	return view, nil
}

// address finds an address on the caller's networks. Several may have it, for Neutron's may overlap as nova-network's
// do not: then it is that of a network which was made through Nova, or else the one that somebody has.
func (s *Service) address(c *api.Call, text string, malformed, missing error) (*heldAddress, error) {
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Zone() != "" {
		return nil, malformed
	}
	records, err := s.networkRecords(c.Context())
	if err != nil {
		return nil, err
	}
	subnets, err := neutronSubnets.list(s.neutron(c), nil)
	if err != nil {
		return nil, inNovasWords(err)
	}
	subnets = slices.DeleteFunc(subnets, func(sub neutronSubnet) bool { return !sub.CIDR.Contains(ip) })
	if len(subnets) == 0 {
		return nil, missing
	}
	ports, err := neutronPorts.list(s.neutron(c), where("fixed_ips", "ip_address="+ip.String()))
	if err != nil {
		return nil, inNovasWords(err)
	}
	found := make([]heldAddress, len(subnets))
	for i, sub := range subnets {
		found[i] = heldAddress{Addr: ip, subnet: sub}
		at := slices.IndexFunc(ports, func(p neutronPort) bool { return p.has(sub.ID, ip) })
		if at >= 0 {
			found[i].port = &ports[at]
		}
	}
	best := slices.MaxFunc(found, func(a, b heldAddress) int { return cmp.Compare(a.rank(records), b.rank(records)) })
	return &best, nil
}

// rank says how likely it is the address that is meant.
func (a heldAddress) rank(records map[string]*networkRecord) (rank int) {
	if records[a.subnet.NetworkID] != nil {
		rank += 2
	}
	if a.port != nil {
		rank++
	}
	return rank
}

// has tells whether the port has that address on that subnet.
func (p neutronPort) has(subnet string, ip netip.Addr) bool {
	return slices.ContainsFunc(p.FixedIPs, func(f fixedIP) bool { return f.SubnetID == subnet && f.IPAddress == ip.String() })
}

// reserved tells whether no server is given the address any more.
func (a heldAddress) reserved() bool {
	return a.port != nil && a.port.DeviceOwner == ownerReserved || !inPools(a.subnet.Pools, a.Addr) && !a.subnet.auto()
}

// auto tells whether addresses are what servers make them: there is no pool to take any out of.
func (sub neutronSubnet) auto() bool { return sub.RAMode != nil && *sub.RAMode == routerAdvertised }

// setReserved finds the address that the request is about.
func (s *Service) setReserved(set func(*api.Call, *heldAddress) error) func(*api.Call, *nothing) (api.None, error) {
	return func(c *api.Call, _ *nothing) (api.None, error) {
		id := c.Var("id")
		a, err := s.address(c, id, api.BadRequest("Fixed IP %s not valid", id), api.NotFound("Fixed IP %s not found", id))
		if err != nil {
			return api.None{}, err
		}
		return api.None{}, inNovasWords(set(c, a))
	}
}

// reserve takes an address out of circulation. One that nobody has is held by a port, so that nobody is given it or
// may choose it. One that a server has stays with it, and leaves the pools that others are given theirs from.
func (s *Service) reserve(c *api.Call, a *heldAddress) error {
	switch {
	case a.reserved():
		return nil
	case a.port != nil:
		return changePools(s.neutron(c), a.subnet.ID, func(pools []addressRange) []addressRange {
			return except(pools, addressRange{a.Addr, a.Addr})
		})
	}
	_, err := neutronPorts.create(s.neutron(c), object{
		"name": "reserved " + a.String(), "network_id": a.subnet.NetworkID, "device_owner": ownerReserved, "admin_state_up": false,
		"security_groups": []string{}, "fixed_ips": []object{{"subnet_id": a.subnet.ID, "ip_address": a.String()}},
	})
	return err
}

// unreserve gives it back.
func (s *Service) unreserve(c *api.Call, a *heldAddress) error {
	switch {
	case !a.reserved():
		return nil
	case a.port != nil && a.port.DeviceOwner == ownerReserved:
		return neutronPorts.delete(s.neutron(c), a.port.ID)
	}
	return changePools(s.neutron(c), a.subnet.ID, func(pools []addressRange) []addressRange {
		if inPools(pools, a.Addr) { // by now
			return pools
		}
		return append(pools, addressRange{a.Addr, a.Addr})
	})
}

// dropReservations gives back what is reserved of a network.
func (s *Service) dropReservations(c *api.Call, network string) error {
	n, filters := s.neutron(c), where("network_id", network)
	filters.Set("device_owner", ownerReserved)
	held, err := neutronPorts.list(n, filters)
	if err != nil {
		return err
	}
	for _, p := range held {
		if err := neutronPorts.delete(n, p.ID); err != nil && !isGone(err) {
			return err
		}
	}
	return nil
}
