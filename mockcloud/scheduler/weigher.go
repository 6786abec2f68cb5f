// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"math"
	"slices"
	"strconv"
)

// weigher likes a host the more, the larger its value is among the candidates.
type weigher struct {
	name string
	// metadata is the key with which an aggregate sets another multiplier for its hosts.
	metadata   string
	multiplier float64
	value      func(Request, Host) float64
}

// weighers are Nova's, with its default multipliers: servers spread over the hosts.
var weighers = []weigher{
	{"RAMWeigher", "ram_weight_multiplier", 1, func(_ Request, h Host) float64 {
		return float64(h.Total.MemoryMiB)*h.RAMRatio - float64(h.Used.MemoryMiB)
	}},
	{"CPUWeigher", "cpu_weight_multiplier", 1, func(_ Request, h Host) float64 {
		return float64(h.Total.VCPUs)*h.CPURatio - float64(h.Used.VCPUs)
	}},
	{"DiskWeigher", "disk_weight_multiplier", 1, func(_ Request, h Host) float64 {
		return float64(h.Total.DiskGiB)*h.DiskRatio - float64(h.Used.DiskGiB)
	}},
	{"IoOpsWeigher", "io_ops_weight_multiplier", -1, func(_ Request, h Host) float64 { return float64(h.Busy) }},
	// Hosts with devices are kept for servers that want some.
	{"PCIWeigher", "pci_weight_multiplier", 1, func(_ Request, h Host) float64 {
		return float64(maxDevices - min(len(h.Devices), maxDevices-1))
	}},
	{"ServerGroupSoftAffinityWeigher", "soft_affinity_weight_multiplier", 1, func(r Request, h Host) float64 {
		return r.Group.members(SoftAffinity, h.Name)
	}},
	{"ServerGroupSoftAntiAffinityWeigher", "soft_anti_affinity_weight_multiplier", 1, func(r Request, h Host) float64 {
		return -r.Group.members(SoftAntiAffinity, h.Name)
	}},
	{"BuildFailureWeigher", "build_failure_weight_multiplier", 1e6, func(_ Request, h Host) float64 {
		return -float64(h.FailedBuilds)
	}},
}

// weigh sums the weighers' values of each host, each brought to 0…1 among the hosts first, as Nova
// does, so that megabytes do not drown CPUs.
func weigh(request Request, hosts []Host) map[string]float64 {
	weights := map[string]float64{}
	for _, w := range weighers {
		values := make([]float64, len(hosts))
		for i, h := range hosts {
			values[i] = w.value(request, h)
		}
		least, most := slices.Min(values), slices.Max(values)
		if least == most {
			continue
		}
		for i, h := range hosts {
			weights[h.Name] += w.multiplierFor(h) * (values[i] - least) / (most - least)
		}
	}
	return weights
}

// multiplierFor is the least that the host's aggregates set, else the default one.
func (w weigher) multiplierFor(h Host) float64 {
	least := math.Inf(1)
	for _, text := range h.metadata(w.metadata) {
		if value, err := strconv.ParseFloat(text, 64); err == nil {
			least = min(least, value)
		}
	}
	if math.IsInf(least, 1) {
		return w.multiplier
	}
	return least
}
