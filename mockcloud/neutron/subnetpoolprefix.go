// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"fmt"
	"math"
	"net/netip"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// take gives a new subnet its CIDR out of the pool: the one that the request names, or one of the length
// that it names, or of the pool's own.
func (p *SubnetPool) take(o *op, s *Subnet, in *subnetFields) error {
	length := int(orElse(in.PrefixLen, api.Integer(p.DefaultPrefixLen)))
	switch {
	case s.IPVersion != p.IPVersion:
		return badRequest.of("subnets", fmt.Sprintf("Cannot allocate IPv%d subnet from IPv%d subnet pool", s.IPVersion, p.IPVersion))
	case in.CIDR.Set && in.PrefixLen.Set:
		return badRequest.of("subnets", "cidr and prefixlen must not be supplied together")
	case in.CIDR.Set:
		length = s.CIDR.Bits()
	}
	switch {
	case length > p.MaxPrefixLen:
		return poolTooLong.of(length, p.MaxPrefixLen)
	case length < p.MinPrefixLen:
		return poolTooShort.of(length, p.MinPrefixLen)
	}
	subnets, err := subnetTable.By(o.tx, "subnetpool_id", p.ID)
	if err != nil {
		return err
	}
	if err := p.checkQuota(s.ProjectID, length, subnets); err != nil {
		return err
	}
	taken := make([]netip.Prefix, len(subnets))
	for i, other := range subnets {
		taken[i] = other.CIDR
	}
	return p.choose(s, length, taken)
}

// checkQuota holds what a project has of the pool against the pool's own quota.
func (p *SubnetPool) checkQuota(project string, length int, subnets []*Subnet) error {
	if p.DefaultQuota == nil || *p.DefaultQuota == 0 {
		return nil
	}
	unit := map[int]int{4: 32, 6: 64}[p.IPVersion]
	units := func(bits int) float64 { return math.Ldexp(1, unit-bits) }
	sum := units(length)
	for _, s := range subnets {
		if s.ProjectID == project {
			sum += units(s.CIDR.Bits())
		}
	}
	if sum > float64(*p.DefaultQuota) {
		return poolQuota.of()
	}
	return nil
}

// choose takes a free prefix of that length: the smallest block that is large enough is cut first.
func (p *SubnetPool) choose(s *Subnet, length int, taken []netip.Prefix) error {
	var free []netip.Prefix
	for _, prefix := range p.Prefixes {
		free = append(free, without(prefix, taken)...)
	}
	slices.SortStableFunc(free, func(a, b netip.Prefix) int { return b.Bits() - a.Bits() })
	for _, block := range free {
		switch {
		case block.Bits() > length:
		case !s.CIDR.IsValid():
			s.CIDR = netip.PrefixFrom(block.Addr(), length)
			return nil
		case block.Overlaps(s.CIDR):
			return nil
		}
	}
	if s.CIDR.IsValid() {
		return poolExhausted.of("Cannot allocate requested subnet from the available set of prefixes")
	}
	return poolExhausted.of("Insufficient prefix space to allocate subnet size /" + text(length))
}

// without are the largest blocks of a prefix that no taken one overlaps.
func without(prefix netip.Prefix, taken []netip.Prefix) []netip.Prefix {
	inside := slices.DeleteFunc(slices.Clone(taken), func(t netip.Prefix) bool { return !t.Overlaps(prefix) })
	switch {
	case len(inside) == 0:
		return []netip.Prefix{prefix}
	case slices.ContainsFunc(inside, func(t netip.Prefix) bool { return t.Bits() <= prefix.Bits() }):
		return nil
	}
	low := netip.PrefixFrom(prefix.Addr(), prefix.Bits()+1)
	high := netip.PrefixFrom(last(low).Next(), prefix.Bits()+1)
	return append(without(low, inside), without(high, inside)...)
}

// overlapping reports whether two sets of prefixes have an address in common.
func overlapping(a, b []netip.Prefix) bool {
	return slices.ContainsFunc(a, func(p netip.Prefix) bool { return slices.ContainsFunc(b, p.Overlaps) })
}

// joined are the prefixes with neighbours put together, in order.
func joined(prefixes []netip.Prefix) []netip.Prefix {
	var all []netip.Prefix
	for _, prefix := range outermost(prefixes) {
		all = append(all, prefix)
		for n := len(all); n > 1 && all[n-1].Bits() == all[n-2].Bits() && all[n-1].Bits() > 0; n = len(all) {
			whole := netip.PrefixFrom(all[n-2].Addr(), all[n-2].Bits()-1).Masked()
			if !whole.Contains(all[n-1].Addr()) {
				break
			}
			all = append(all[:n-2], whole)
		}
	}
	return all
}

type prefixesBody struct {
	Prefixes []netip.Prefix `json:"prefixes" need:"2.0-" format:"cidr"`
}

// prefixRoutes are the operations on the prefixes of a pool (subnetpool-prefix-ops).
func (s *Service) prefixRoutes() []api.Route {
	edit := func(verb string, do func(*op, *SubnetPool, []netip.Prefix) error) api.Route {
		return api.Put("/subnetpools/{id}/"+verb, "", func(c *api.Call, in *prefixesBody) (out prefixesBody, err error) {
			err = s.change(c, func(o *op) error {
				p, err := o.pools.find(o, c.Var("id"))
				if err != nil {
					return err
				}
				if err := o.authorize("update_subnetpool", p.ProjectID); err != nil {
					return err
				}
				if err := do(o, p, in.Prefixes); err != nil {
					return err
				}
				if err := p.check(o); err != nil {
					return err
				}
				out.Prefixes = p.Prefixes
				o.pools.touch(o, p)
				return poolTable.Put(o.tx, p)
			})
			return out, err
		})
	}
	return []api.Route{edit("add_prefixes", addPrefixes), edit("remove_prefixes", removePrefixes)}
}

func addPrefixes(_ *op, p *SubnetPool, more []netip.Prefix) error {
	p.Prefixes = append(p.Prefixes, more...)
	return nil
}

func removePrefixes(o *op, p *SubnetPool, gone []netip.Prefix) error {
	subnets, err := subnetTable.By(o.tx, "subnetpool_id", p.ID)
	if err != nil {
		return err
	}
	for _, s := range subnets {
		if overlapping([]netip.Prefix{s.CIDR}, gone) {
			return poolPrefixes.of("One or more the prefixes to be removed is in use by a subnet.")
		}
	}
	var left []netip.Prefix
	for _, prefix := range p.Prefixes {
		left = append(left, without(prefix, gone)...)
	}
	p.Prefixes = left
	return nil
}
