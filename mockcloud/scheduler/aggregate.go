// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"slices"
	"strings"
)

// aggregateScope is before extra specs that are about aggregates only.
const aggregateScope = "aggregate_instance_extra_specs:"

// aggregatesMatch tells that the metadata of the host's aggregates is what the flavor's extra specs want.
// Nova asks extra specs without a scope of the host's capabilities and of its aggregates both, and so advises
// against both filters at once. Here such a key is a capability where hosts have one of that name, else it is
// about aggregates if any has it, and else nobody's.
func aggregatesMatch(r Request, h Host) bool {
	for key, want := range r.ExtraSpecs {
		name, scoped := strings.CutPrefix(key, aggregateScope)
		if !scoped && (strings.Contains(key, ":") || !r.AggregateKeys[key] || isCapability(h, key)) {
			continue
		}
		if !slices.ContainsFunc(h.metadata(name), func(value string) bool { return match(value, want) }) {
			return false
		}
	}
	return true
}

// metadata are the values that the host's aggregates have for a key; each may hold several, with commas.
func (h Host) metadata(key string) []string {
	var values []string
	for _, metadata := range h.Aggregates {
		if value, there := metadata[key]; there {
			values = append(values, splitList(value)...)
		}
	}
	return values
}

func splitList(list string) []string {
	items := strings.Split(list, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items
}

// letsProjectIn tells that no aggregate keeps the host for other projects (metadata filter_tenant_id, with
// any suffix).
func letsProjectIn(r Request, h Host) bool {
	kept := false
	for _, metadata := range h.Aggregates {
		for key, value := range metadata {
			if !strings.HasPrefix(key, "filter_tenant_id") {
				continue
			}
			if slices.Contains(splitList(value), r.ProjectID) {
				return true
			}
			kept = true
		}
	}
	return !kept
}
