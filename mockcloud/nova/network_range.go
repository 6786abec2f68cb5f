// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/netip"
	"slices"
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

// without is the range in as many pieces as some of its addresses cut it into; none of an empty range.
func (r addressRange) without(addresses ...netip.Addr) []addressRange {
	if r.End.Less(r.Start) {
		return nil
	}
	for i, a := range addresses {
		if !r.has(a) {
			continue
		}
		rest := addresses[i+1:]
		var pieces []addressRange
		if r.Start != a {
			pieces = addressRange{r.Start, a.Prev()}.without(rest...)
		}
		if r.End != a {
			pieces = append(pieces, addressRange{a.Next(), r.End}.without(rest...)...)
		}
		return pieces
	}
	return []addressRange{r}
}

// inPools tells whether ports are given an address.
func inPools(pools []addressRange, a netip.Addr) bool {
	return slices.ContainsFunc(pools, func(p addressRange) bool { return p.has(a) })
}
