// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"iter"
	"net/netip"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// addressRange is addresses in a row, both ends included; an allocation pool of Neutron's is one.
type addressRange struct {
	Start netip.Addr `json:"start"`
	End   netip.Addr `json:"end"`
}

func (r addressRange) has(a netip.Addr) bool { return r.Start.Compare(a) <= 0 && a.Compare(r.End) <= 0 }

// within is what two ranges have in common; it may be empty.
func (r addressRange) within(other addressRange) addressRange {
	if r.Start.Less(other.Start) {
		r.Start = other.Start
	}
	if other.End.Less(r.End) {
		r.End = other.End
	}
	return r
}

func (r addressRange) overlaps(other addressRange) bool {
	return r.Start.Compare(other.End) <= 0 && other.Start.Compare(r.End) <= 0
}

// except are the parts of ranges that are not in another.
func except(ranges []addressRange, other addressRange) []addressRange {
	parts := []addressRange{}
	for _, r := range ranges {
		if !r.overlaps(other) {
			parts = append(parts, r)
			continue
		}
		if r.Start.Less(other.Start) {
			parts = append(parts, addressRange{r.Start, other.Start.Prev()})
		}
		if other.End.Less(r.End) {
			parts = append(parts, addressRange{other.End.Next(), r.End})
		}
	}
	return parts
}

// without is the range in as many pieces as some of its addresses cut it into; none of an empty range.
func (r addressRange) without(addresses ...netip.Addr) []addressRange {
	if r.End.Less(r.Start) {
		return nil
	}
	pieces := []addressRange{r}
	for _, a := range addresses {
		pieces = except(pieces, addressRange{a, a})
	}
	return pieces
}

// inPools tells whether ports are given an address.
func inPools(pools []addressRange, a netip.Addr) bool {
	return slices.ContainsFunc(pools, func(p addressRange) bool { return p.has(a) })
}

// all are the range's addresses.
func (r addressRange) all() iter.Seq[netip.Addr] {
	return func(yield func(netip.Addr) bool) {
		for a := r.Start; a.IsValid() && r.has(a); a = a.Next() {
			if !yield(a) {
				return
			}
		}
	}
}

// What a range of a request may be: networks of fewer than four addresses are to be asked for one by one, and those of
// more than 65536 are refused here, where Nova would have made them as long as its database bore it.
const (
	shortestRange = 16
	longestRange  = 30
)

// bulkRange is the range of a request: a single address, or the hosts of a network. cidr is where it lies.
func bulkRange(text string) (r addressRange, cidr netip.Prefix, err error) {
	invalid := func(reason string, values ...any) error {
		return api.BadRequest("Invalid input received: "+reason, values...)
	}
	if a, err := netip.ParseAddr(text); err == nil && a.Is4() {
		return addressRange{a, a}, netip.PrefixFrom(a, a.BitLen()), nil
	}
	cidr, err = netip.ParsePrefix(text)
	switch {
	case err != nil || !cidr.Addr().Is4():
		return r, cidr, invalid("invalid IPNetwork %s", text)
	case cidr.Bits() > longestRange:
		return r, cidr, invalid("/%d should be specified as single address(es) not in cidr format", cidr.Bits())
	case cidr.Bits() < shortestRange:
		return r, cidr, invalid("/%d has more addresses than can be made at once", cidr.Bits())
	}
	cidr = cidr.Masked()
	return addressRange{cidr.Addr().Next(), lastOf(cidr).Prev()}, cidr, nil
}
