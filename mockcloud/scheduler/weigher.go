// SPDX-License-Identifier: MPL-2.0

package scheduler

import "slices"

// weigher likes a host the more, the larger its value is among the candidates.
type weigher struct {
	name       string
	multiplier float64
	value      func(Host) float64
}

// weighers spread servers over the hosts, as Nova's do with multipliers above zero.
var weighers = []weigher{
	{"RAMWeigher", 1, func(h Host) float64 { return float64(h.Total.MemoryMiB)*h.RAMRatio - float64(h.Used.MemoryMiB) }},
	{"CPUWeigher", 1, func(h Host) float64 { return float64(h.Total.VCPUs)*h.CPURatio - float64(h.Used.VCPUs) }},
	{"DiskWeigher", 1, func(h Host) float64 { return float64(h.Total.DiskGiB)*h.DiskRatio - float64(h.Used.DiskGiB) }},
}

// weigh sums the weighers' values of each host, each brought to 0…1 among the hosts first, as Nova
// does, so that megabytes do not drown CPUs.
func weigh(hosts []Host) map[string]float64 {
	weights := map[string]float64{}
	for _, w := range weighers {
		values := make([]float64, len(hosts))
		for i, h := range hosts {
			values[i] = w.value(h)
		}
		least, most := slices.Min(values), slices.Max(values)
		if least == most {
			continue
		}
		for i, h := range hosts {
			weights[h.Name] += w.multiplier * (values[i] - least) / (most - least)
		}
	}
	return weights
}
