// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// checkOperation refuses the names of services and operations that there are not: a rule with a misspelled one would
// never strike, and the test that has it would pass.
func (r *Rule) checkOperation(known map[string][]string) error {
	services := slices.Sorted(maps.Keys(known))
	if r.Service != "" && known[r.Service] == nil {
		return &Invalid{"service", fmt.Sprintf("there is no service %q; there are %s", r.Service, strings.Join(services, ", "))}
	}
	if r.Operation == "" {
		return nil
	}
	where := "the cloud"
	if r.Service != "" {
		services, where = []string{r.Service}, r.Service
	}
	var all []string
	for _, service := range services {
		all = append(all, known[service]...)
	}
	if slices.Contains(all, r.Operation) {
		return nil
	}
	return &Invalid{"operation", fmt.Sprintf("%s has no operation %q; near it are %s", where, r.Operation, strings.Join(nearest(all, r.Operation), ", "))}
}

// nearest are the three names that differ least from name; those that hold it come first.
func nearest(all []string, name string) []string {
	all = slices.Compact(slices.Sorted(slices.Values(all)))
	far := func(other string) int {
		if strings.Contains(other, name) {
			return -1
		}
		return distance(other, name)
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(far(a), far(b)) })
	near := all[:min(len(all), 3)]
	quoted := make([]string, len(near))
	for i, each := range near {
		quoted[i] = fmt.Sprintf("%q", each)
	}
	return quoted
}

// distance is how many letters have to be put in, left out or changed to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			changed := corner
			if a[i] != b[j] {
				changed++
			}
			corner = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
