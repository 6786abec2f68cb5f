// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"net/netip"
	"slices"
)

// filter tells whether a host may have the server.
type filter struct {
	name string
	pass func(Request, Host) bool
}

// placement are the filters that hold for every request: what Nova asks Placement.
var placement = []filter{
	{"resources", hasRoom},
	{"classes", hasClasses},
	{"traits", hasTraits},
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
	{"ComputeCapabilitiesFilter", hasCapabilities},
	{"ImagePropertiesFilter", runsImage},
	{"ServerGroupAntiAffinityFilter", func(r Request, h Host) bool { return r.Group.allowsAnother(h.Name) }},
	{"ServerGroupAffinityFilter", func(r Request, h Host) bool { return r.Group.allowsApart(h.Name) }},
	{"AggregateInstanceExtraSpecsFilter", aggregatesMatch},
	{"AggregateMultiTenancyIsolation", letsProjectIn},
	{"SameHostFilter", func(r Request, h Host) bool { return r.SameHost == nil || slices.Contains(r.SameHost, h.Name) }},
	{"DifferentHostFilter", func(r Request, h Host) bool { return !slices.Contains(r.DifferentHost, h.Name) }},
	{"TargetCellFilter", func(r Request, h Host) bool { return r.TargetCell == "" || slices.Contains(h.NovaCells, r.TargetCell) }},
	{"DifferentCellFilter", func(r Request, h Host) bool { return !slices.ContainsFunc(h.NovaCells, within(r.DifferentCells)) }},
	{"SimpleCIDRAffinityFilter", isNear},
	{"JsonFilter", satisfiesQuery},
	{"NUMATopologyFilter", func(r Request, h Host) bool { _, fits := FitCells(r.NUMA, h); return fits }},
	{"PciPassthroughFilter", func(r Request, h Host) bool { _, fits := TakeDevices(r.Devices, h.Devices); return fits }},
}

func passes(filters []filter, r Request, h Host) bool {
	return !slices.ContainsFunc(filters, func(f filter) bool { return !f.pass(r, h) })
}

// is tells that nothing else than got is wanted.
func is(wanted, got string) bool { return wanted == "" || wanted == got }

// hasRoom tells that the host, as far as it may be overcommitted, has the server's share left, and
// that the server alone is not larger than the host. Pinned CPUs are never overcommitted.
func hasRoom(r Request, h Host) bool {
	return fits(r.VCPUs-r.Pinned, h.Used.VCPUs-h.Used.Pinned, h.Total.VCPUs-h.Total.Pinned, h.CPURatio) &&
		fits(r.Pinned, h.Used.Pinned, h.Total.Pinned, 1) &&
		fits(r.MemoryMiB, h.Used.MemoryMiB, h.Total.MemoryMiB, h.RAMRatio) &&
		fits(r.DiskGiB, h.Used.DiskGiB, h.Total.DiskGiB, h.DiskRatio)
}

func fits(want, used, total int, ratio float64) bool {
	return want == 0 || want <= total && float64(used+want) <= float64(total)*ratio
}

// within tells what is of the list.
func within(list []string) func(string) bool {
	return func(item string) bool { return slices.Contains(list, item) }
}

func hasClasses(r Request, h Host) bool {
	for class, want := range r.Classes {
		if !fits(want, h.Taken[class], h.Classes[class], 1) {
			return false
		}
	}
	return true
}

func hasTraits(r Request, h Host) bool {
	has := func(trait string) bool { return slices.Contains(h.Traits, trait) }
	lacks := func(trait string) bool { return !has(trait) }
	return !slices.ContainsFunc(r.Required, lacks) && !slices.ContainsFunc(r.Forbidden, has)
}

// isNear tells that the host is in the network around an address that the server is to be built near.
func isNear(r Request, h Host) bool {
	if r.NearIP == "" {
		return true
	}
	cidr := r.CIDR
	if cidr == "" {
		cidr = "/24"
	}
	network, err := netip.ParsePrefix(r.NearIP + cidr)
	if err != nil {
		return false
	}
	address, err := netip.ParseAddr(h.IP)
	return err == nil && network.Masked().Contains(address)
}
