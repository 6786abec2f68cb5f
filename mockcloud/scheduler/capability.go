// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"fmt"
	"strconv"
	"strings"
)

// capabilities are what extra specs and queries can ask of a host, by Nova's names.
func (h Host) capabilities() map[string]any {
	const mibPerGiB = 1024
	return map[string]any{
		"host": h.Name, "nodename": h.Node, "hypervisor_hostname": h.Node, "host_ip": h.IP,
		"hypervisor_type": h.Hypervisor, "hypervisor_version": h.HypervisorVersion,
		"cpu_info":             map[string]any{"arch": h.Arch, "model": h.CPUModel},
		"total_usable_ram_mb":  h.Total.MemoryMiB,
		"free_ram_mb":          h.Total.MemoryMiB - h.Used.MemoryMiB,
		"total_usable_disk_gb": h.Total.DiskGiB,
		"free_disk_mb":         (h.Total.DiskGiB - h.Used.DiskGiB) * mibPerGiB,
		"disk_mb_used":         h.Used.DiskGiB * mibPerGiB,
		"vcpus_total":          h.Total.VCPUs,
		"vcpus_used":           h.Used.VCPUs,
		"cpu_allocation_ratio": h.CPURatio, "ram_allocation_ratio": h.RAMRatio, "disk_allocation_ratio": h.DiskRatio,
		"num_instances": h.Instances, "num_io_ops": h.Busy, "failed_builds": h.FailedBuilds,
	}
}

func isCapability(h Host, key string) bool {
	_, there := h.capabilities()[key]
	return there
}

// hasCapabilities tells that the host is as the flavor's extra specs want it: those of the scope
// capabilities, and those without one that name something that hosts have.
func hasCapabilities(r Request, h Host) bool {
	for key, want := range r.ExtraSpecs {
		path, scoped := strings.CutPrefix(key, "capabilities:")
		if !scoped && (strings.Contains(key, ":") || !isCapability(h, key)) {
			continue
		}
		value, there := lookup(h.capabilities(), strings.Split(path, ":"))
		if !there || !match(fmt.Sprint(value), want) {
			return false
		}
	}
	return true
}

// lookup follows a path of keys.
func lookup(in map[string]any, path []string) (any, bool) {
	value, there := in[path[0]]
	if !there || len(path) == 1 {
		return value, there
	}
	inner, nested := value.(map[string]any)
	if !nested {
		return nil, false
	}
	return lookup(inner, path[1:])
}

// match tells that value is what an extra spec wants: an operator and its operands, or the value itself.
func match(value, want string) bool {
	words := strings.Fields(want)
	if len(words) == 0 {
		return value == want
	}
	operands := words[1:]
	switch words[0] {
	case "<or>":
		for i := 0; i < len(operands); i += 2 { // each second word is another <or>
			if operands[i] == value {
				return true
			}
		}
		return false
	case "<all-in>":
		for _, operand := range operands {
			if !strings.Contains(value, operand) {
				return false
			}
		}
		return len(operands) > 0
	}
	compare, known := operators[words[0]]
	if !known {
		return value == want
	}
	return len(operands) > 0 && compare(value, operands[0])
}

// operators are those of extra specs with one operand. "=" is "at least", as in Nova.
var operators = map[string]func(value, operand string) bool{
	"<in>": strings.Contains,
	"=":    numbers(func(v, o float64) bool { return v >= o }),
	"==":   numbers(func(v, o float64) bool { return v == o }),
	"!=":   numbers(func(v, o float64) bool { return v != o }),
	">=":   numbers(func(v, o float64) bool { return v >= o }),
	"<=":   numbers(func(v, o float64) bool { return v <= o }),
	"s==":  func(v, o string) bool { return v == o },
	"s!=":  func(v, o string) bool { return v != o },
	"s<":   func(v, o string) bool { return v < o },
	"s<=":  func(v, o string) bool { return v <= o },
	"s>":   func(v, o string) bool { return v > o },
	"s>=":  func(v, o string) bool { return v >= o },
}

// numbers compares as numbers; what is none does not match.
func numbers(compare func(v, o float64) bool) func(string, string) bool {
	return func(value, operand string) bool {
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return false
		}
		o, err := strconv.ParseFloat(operand, 64)
		return err == nil && compare(v, o)
	}
}
