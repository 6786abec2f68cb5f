// SPDX-License-Identifier: MPL-2.0

package api

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Version is the minor part of a microversion: 53 is Nova's 2.53. A service has one major, so the
// minor says it all.
type Version int

// newest stands for the open end of a range.
const newest Version = math.MaxInt32

// Range is a closed interval of versions.
type Range struct{ From, To Version }

// Ranges are the versions in which something exists; none means in all of them.
type Ranges []Range

// Has reports whether v is in one of the ranges.
func (rs Ranges) Has(v Version) bool {
	for _, r := range rs {
		if r.From <= v && v <= r.To {
			return true
		}
	}
	return len(rs) == 0
}

// and is the versions that both have; false when there is none.
func (rs Ranges) and(others Ranges) (Ranges, bool) {
	if len(rs) == 0 {
		return others, true
	}
	if len(others) == 0 {
		return rs, true
	}
	var both Ranges
	for _, a := range rs {
		for _, b := range others {
			if r := (Range{max(a.From, b.From), min(a.To, b.To)}); r.From <= r.To {
				both = append(both, r)
			}
		}
	}
	return both, len(both) > 0
}

// ParseRanges reads "2.2-", "-2.91", "2.9-2.46", "2.32" or a comma list of them. "" is every version.
func ParseRanges(text string) (Ranges, error) {
	var ranges Ranges
	if text == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		low, err := parseBound(from, 0)
		if err != nil {
			return nil, fmt.Errorf("range %q: %w", text, err)
		}
		high, err := parseBound(to, newest)
		if err != nil {
			return nil, fmt.Errorf("range %q: %w", text, err)
		}
		if low > high || part == "-" {
			return nil, fmt.Errorf("range %q: nothing is in %q", text, part)
		}
		if n := len(ranges); n > 0 && ranges[n-1].To >= low {
			return nil, fmt.Errorf("range %q: %q overlaps what is before it", text, part)
		}
		ranges = append(ranges, Range{low, high})
	}
	return ranges, nil
}

func parseBound(text string, open Version) (Version, error) {
	if text == "" {
		return open, nil
	}
	major, minor, ok := strings.Cut(text, ".")
	if _, err := strconv.Atoi(major); err != nil || !ok {
		return 0, fmt.Errorf("%q is not a version", text)
	}
	n, err := strconv.Atoi(minor)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is not a version", text)
	}
	return Version(n), nil
}

// Since says what a value is from which version on. Entries are in rising order; the last one that is
// not newer than the request holds, so there can be neither gap nor overlap.
type Since[T any] []struct {
	From  Version
	Value T
}

// At is the value in force at v: the zero T before the first entry.
func (s Since[T]) At(v Version) T {
	var value T
	for _, entry := range s {
		if entry.From > v {
			break
		}
		value = entry.Value
	}
	return value
}

// Microversions are the versions that a service speaks.
type Microversions struct {
	// Service is its name in the OpenStack-API-Version header, "compute"; Major its major, "2".
	Service, Major string
	// Legacy is an older header with the bare version in it, or ""; with OnlyLegacy it is the only one.
	Legacy     string
	OnlyLegacy bool
	Min, Max   Version
}

// Text spells v whole: "2.53".
func (m *Microversions) Text(v Version) string { return m.Major + "." + strconv.Itoa(int(v)) }
