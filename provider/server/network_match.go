// SPDX-License-Identifier: MPL-2.0

package server

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// What speaks for an interface, each worth more than all below it: a port and an address are those of one interface alone.
const (
	samePlace = 1 << iota
	sameNetwork
	sameTag
	sameWords
	sameAddress
	samePort
)

// fits is how well the interface has serves one that is asked for: 0 is not at all. What is asked for may be said in
// other words than it was: a port by its network, an address that the interface has anyway. What is not known yet is
// taken for the best that it may turn out to be. With believe, a tag that has does not show is no hindrance.
func (n network) fits(has network, believe bool) int {
	score, words := 0, sameWords
	for _, word := range []struct {
		asked, was attr.Value
		has        bool
		worth      int
	}{
		{n.Port, has.Port, sameID(n.Port, has.PortID), samePort},
		{n.FixedIP, has.FixedIP, has.hasAddress(n.FixedIP.ValueString()), sameAddress},
		{n.Tag, has.Tag, n.Tag.Equal(has.Tag) || believe && has.Tag.IsNull(), sameTag},
		{n.UUID, has.UUID, sameID(n.UUID, has.NetworkID), sameNetwork},
	} {
		switch {
		case word.asked.IsUnknown():
			score += word.worth
			continue
		case !word.asked.IsNull() && !word.has:
			return 0
		case !word.asked.IsNull():
			score += word.worth
		}
		if !word.asked.Equal(word.was) {
			words = 0
		}
	}
	return score + words
}

// open is whether it is not known yet what is asked for.
func (n network) open() bool {
	return n.UUID.IsUnknown() || n.Port.IsUnknown() || n.FixedIP.IsUnknown() || n.Tag.IsUnknown()
}

// sameID is whether both are the same UUID, which may be written in capitals and without hyphens.
func sameID(a, b types.String) bool {
	plain := strings.NewReplacer("-", "")
	return strings.EqualFold(plain.Replace(a.ValueString()), plain.Replace(b.ValueString()))
}

func (n network) hasAddress(address string) bool {
	one := nova.Interface{}
	for _, element := range n.Addresses.Elements() {
		if text, ok := element.(types.String); ok {
			one.FixedIPs = append(one.FixedIPs, nova.FixedIP{Address: text.ValueString()})
		}
	}
	return one.Has(address)
}

// matching finds which interface serves which that is asked for.
type matching struct {
	wants, has []network
	believe    bool
}

// score is how well has[h] serves wants[w], of two that serve as well the one at its place.
func (m matching) score(w, h int) int {
	score := m.wants[w].fits(m.has[h], m.believe)
	if score > 0 && w == h {
		score += samePlace
	}
	return score
}

// matches are for each of wants the one of has that serves it, or -1: first those that fit best. None serves two, and none
// serves what is not known yet.
func (m matching) matches() []int {
	type pair struct{ want, has, score int }
	var pairs []pair
	for w, want := range m.wants {
		for h := range m.has {
			if score := m.score(w, h); score > 0 && !want.open() {
				pairs = append(pairs, pair{w, h, score})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return b.score - a.score })
	matches := slices.Repeat([]int{-1}, len(m.wants))
	for _, p := range pairs {
		if matches[p.want] < 0 && !slices.Contains(matches, p.has) {
			matches[p.want] = p.has
		}
	}
	return matches
}

// certain are those of the matches that stay whatever comes to be known, or -1. What is not known yet may take an interface
// from one that it serves no better, which may then take that of a third.
func (m matching) certain() []int {
	matches := m.matches()
	rivals := map[int]bool{}
	for w, want := range m.wants {
		rivals[w] = want.open()
	}
	taken := func(w, h int) bool {
		for rival, is := range rivals {
			if is && rival != w && m.score(rival, h) >= m.score(w, h) {
				return true
			}
		}
		return false
	}
	for again := true; again; {
		again = false
		for w, h := range matches {
			if h >= 0 && taken(w, h) {
				matches[w], rivals[w], again = -1, true, true
			}
		}
	}
	return matches
}

// whole is whether each interface that there is serves one that is asked for, in whatever order and words.
func (m matching) whole() bool {
	return len(m.wants) == len(m.has) && !slices.Contains(m.matches(), -1)
}
