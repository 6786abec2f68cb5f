// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"slices"
	"strings"
)

// filter tells whether a host may have the server.
type filter struct {
	name string
	pass func(Request, Host) bool
}

// placement are the filters that hold for every request: what Nova asks Placement.
var placement = []filter{
	{"resources", hasRoom},
	{"enabled", func(_ Request, h Host) bool { return h.Enabled }},
	{"zone", func(r Request, h Host) bool { return r.Zone == "" || r.Zone == h.Zone }},
}

// targets are the filters by the name of the host, forced or requested, and by the past.
var targets = []filter{
	{"forced host", func(r Request, h Host) bool { return is(r.ForcedHost, h.Name) }},
	{"forced node", func(r Request, h Host) bool { return is(r.ForcedNode, h.Node) }},
	{"requested host", func(r Request, h Host) bool { return is(r.Host, h.Name) }},
	{"requested node", func(r Request, h Host) bool { return is(r.Node, h.Node) }},
	{"retry", func(r Request, h Host) bool { return !slices.Contains(r.Tried, h.Name) }},
}

// filters are Nova's, by the names in enabled_filters.
var filters = []filter{
	{"ComputeFilter", func(_ Request, h Host) bool { return h.Up }},
	{"ImagePropertiesFilter", func(r Request, h Host) bool {
		return (r.Arch == "" || r.Arch == h.Arch) && (r.Hypervisor == "" || strings.EqualFold(r.Hypervisor, h.Hypervisor))
	}},
	{"SameHostFilter", func(r Request, h Host) bool { return r.SameHost == nil || slices.Contains(r.SameHost, h.Name) }},
	{"DifferentHostFilter", func(r Request, h Host) bool { return !slices.Contains(r.DifferentHost, h.Name) }},
}

func passes(filters []filter, r Request, h Host) bool {
	return !slices.ContainsFunc(filters, func(f filter) bool { return !f.pass(r, h) })
}

// is tells that nothing else than got is wanted.
func is(wanted, got string) bool { return wanted == "" || wanted == got }

// hasRoom tells that the host, as far as it may be overcommitted, has the server's share left, and
// that the server alone is not larger than the host.
func hasRoom(r Request, h Host) bool {
	return fits(r.VCPUs, h.Used.VCPUs, h.Total.VCPUs, h.CPURatio) &&
		fits(r.MemoryMiB, h.Used.MemoryMiB, h.Total.MemoryMiB, h.RAMRatio) &&
		fits(r.DiskGiB, h.Used.DiskGiB, h.Total.DiskGiB, h.DiskRatio)
}

func fits(want, used, total int, ratio float64) bool {
	return want <= total && float64(used+want) <= float64(total)*ratio
}
