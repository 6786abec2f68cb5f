// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"
	"net/netip"
	"slices"
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// tenantNetworkCreate is the body of POST /os-tenant-networks. A project does not choose VLANs: vlan_start is taken
// and, as by nova-network without VLANs, not used.
type tenantNetworkCreate struct {
	Label       string                `json:"label" need:"2.1-" len:"0-255"`
	IPAM        api.Opt[api.Boolean]  `json:"ipam"`
	CIDR        api.Opt[netip.Prefix] `json:"cidr"    format:"cidr"`
	CIDRv6      api.Opt[netip.Prefix] `json:"cidr_v6" format:"cidr"`
	VLANStart   api.Opt[api.Natural]  `json:"vlan_start"   range:"1-"`
	NetworkSize api.Opt[api.Natural]  `json:"network_size" range:"1-"`
	NumNetworks api.Opt[api.Natural]  `json:"num_networks" range:"1-"`
}

// defaultNetworkSize is how many addresses a network has whose request does not say it (Nova: network_size).
const defaultNetworkSize = 256

// mostNetworks is how many one request may make; Neutron's quota stops most before.
const mostNetworks = 1024

func (s *Service) tenantNetworkRoutes() []api.Route {
	const path = "/os-tenant-networks"
	policy := rule("os-tenant-networks")
	return []api.Route{
		api.Post(path, "network", s.createTenantNetwork).Only(proxied).Policy(policy),
		api.Delete(path+"/{id}", s.deleteTenantNetwork).Code(http.StatusAccepted).Only(proxied).Policy(policy),
	}
}

// createTenantNetwork makes as many networks as the request wants, all or none, and tells of the first.
func (s *Service) createTenantNetwork(c *api.Call, in *tenantNetworkCreate) (tenantNetwork, error) {
	plans, err := s.tenantPlans(c, in)
	if err != nil {
		return tenantNetwork{}, err
	}
	for i, p := range plans {
		if err := s.makeNetwork(c, p); err != nil {
			for _, made := range plans[:i] {
				s.takeBack(c, made.ID)
			}
			return tenantNetwork{}, err
		}
	}
	return seen(s, c, plans[0].ID, tenantNetworkOf)
}

func (s *Service) tenantPlans(c *api.Call, in *tenantNetworkCreate) ([]*networkPlan, error) {
	if err := oneRange(c, in.Label, in.CIDR, in.CIDRv6); err != nil {
		return nil, err
	}
	count, size := 1, int(in.NetworkSize.Value)
	if in.NumNetworks.Set {
		count = int(in.NumNetworks.Value)
	}
	if count > mostNetworks {
		return nil, errCreateNetworks()
	}
	var v4, v6 []netip.Prefix
	var err error
	if in.CIDR.Set {
		if v4, err = s.carve(c, in.CIDR.Value.Masked(), count, size, bool(in.IPAM.Value)); err != nil {
			return nil, err
		}
		count = len(v4)
	}
	if in.CIDRv6.Set {
		v6 = carveIPv6(in.CIDRv6.Value.Masked(), count)
		count = min(count, len(v6))
	}
	plans := make([]*networkPlan, count)
	for i := range plans {
		p := &networkPlan{label: in.Label, project: c.ProjectID()}
		p.MultiHost, p.ShareAddress = new(bool), new(bool)
		if count > 1 {
			p.label += "_" + strconv.Itoa(i)
		}
		if v4 != nil {
			p.CIDR = v4[i]
			if err := p.planIPv4(&networkCreate{}); err != nil {
				return nil, err
			}
		}
		if v6 != nil {
			p.CIDRv6 = v6[i]
			p.planIPv6(v6[i], netip.Addr{})
		}
		plans[i] = p
	}
	return plans, nil
}

func errCreateNetworks() error {
	return api.NewFault(http.StatusServiceUnavailable, "Create networks failed")
}

// carve cuts ranges of that size out of a prefix, beside those of other networks; with whole, the range is all of it.
// Size 0 is an equal share, up to the default.
func (s *Service) carve(c *api.Call, from netip.Prefix, count, size int, whole bool) ([]netip.Prefix, error) {
	if from.Addr().Is6() {
		return nil, api.BadRequest("Address could not be converted.")
	}
	all := 1 << (32 - from.Bits())
	if all < fewestIPs {
		return nil, noHosts()
	}
	if size == 0 {
		size = min(all/count, defaultNetworkSize)
	}
	bits := from.Bits()
	for !whole && bits < 32 && 1<<(32-bits-1) >= size { // the smallest power of two that has room
		bits++
	}
	if whole {
		count, size = 1, all
	}
	if 1<<(32-bits) < fewestIPs || size > all || count > 1<<(bits-from.Bits()) {
		return nil, errCreateNetworks()
	}
	records, _, owners, err := s.networksInUse(c.Context())
	if err != nil {
		return nil, err
	}
	records = beside(c, records, owners)
	var found []netip.Prefix
	var taken netip.Prefix
	for next := netip.PrefixFrom(from.Addr(), bits); next.Addr().IsValid() && from.Contains(next.Addr()) && len(found) < count; {
		end := lastOf(next)
		if other := overlapping(next, records); other.IsValid() {
			taken = other
			end = slices.MaxFunc([]netip.Addr{end, lastOf(other)}, netip.Addr.Compare) // not range by range through a large one
		} else {
			found = append(found, next)
		}
		next = netip.PrefixFrom(end.Next(), bits)
	}
	if len(found) < count {
		return nil, cidrConflict(netip.PrefixFrom(from.Addr(), bits), taken)
	}
	return found, nil
}

// carveIPv6 cuts networks of 64 bits out of a prefix; what is no longer than one is one.
func carveIPv6(from netip.Prefix, count int) []netip.Prefix {
	if from.Bits() >= 64 {
		return []netip.Prefix{from}
	}
	var found []netip.Prefix
	for next := netip.PrefixFrom(from.Addr(), 64); from.Contains(next.Addr()) && len(found) < count; {
		found = append(found, next)
		next = netip.PrefixFrom(lastOf(next).Next(), 64)
	}
	return found
}

// deleteTenantNetwork deletes a network of the project's own.
func (s *Service) deleteTenantNetwork(c *api.Call) error {
	n, err := s.ownNetwork(c, c.Var("id"))
	if err != nil {
		return err
	}
	if n.ProjectID != c.ProjectID() && !c.Identity.Admin() {
		return errNetworkNotFound()
	}
	return s.removeNetwork(c, n)
}
