// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// specCheck says what is wrong with an extra spec's value, or "".
type specCheck func(value string) string

// specRule is what Nova knows of an extra spec: a pattern for the whole key, and its value.
type specRule struct {
	key   string
	check specCheck
}

// specRules are the extra specs that Nova knows; since 2.86 a key in one of their namespaces must be
// one of them.
var specRules = []specRule{
	{`capabilities:(aggregates|cell_uuid|cpu_allocation_ratio|current_workload|disk_allocation_ratio|disk_available_least|disk_mb_used|failed_builds|free_disk_gb|free_disk_mb|free_ram_mb|host|host_ip|hypervisor_hostname|hypervisor_type|hypervisor_version|id|local_gb|local_gb_used|mapped|memory_mb|memory_mb_used|num_instances|num_io_ops|ram_allocation_ratio|running_vms|service_id|total_usable_disk_gb|total_usable_ram_mb|updated|uuid|vcpus|vcpus_total|vcpus_used)`, isText},
	{`capabilities:(cpu_info|instances|limits|metrics|nodename|numa_topology|pci_device_pools|pci_stats|stats|supported_hv_specs|supported_instances)(:\w+)*`, isText},
	{`resources([a-zA-Z0-9_-]{1,64})?:[A-Z0-9_]+`, isInt(math.MinInt, math.MaxInt)},
	{`trait([a-zA-Z0-9_-]{1,64})?:[A-Z0-9_]+`, isOneOf("required", "forbidden")},
	{`accel:device_profile`, isText},
	{`aggregate_instance_extra_specs:(.+)`, isText},
	{`hw:cpu_realtime`, isBool},
	{`hw:cpu_realtime_mask`, isLike(`(\^)?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*`)},
	{`hw:hide_hypervisor_id`, isBool},
	{`hw:cpu_policy`, isOneOf("dedicated", "shared", "mixed")},
	{`hw:cpu_thread_policy`, isOneOf("prefer", "isolate", "require")},
	{`hw:emulator_threads_policy`, isOneOf("isolate", "share")},
	{`hw:cpu_dedicated_mask`, isLike(`\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*`)},
	{`hw:mem_page_size`, isLike(`(large|small|any|\d+([kKMGT]i?)?(b|bit|B)?)`)},
	{`hw:locked_memory`, isBool},
	{`hw:numa_nodes`, isInt(1, math.MaxInt)},
	{`hw:numa_cpus.(\d+)`, isLike(`\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*`)},
	{`hw:numa_mem.(\d+)`, isInt(1, math.MaxInt)},
	{`hw:pci_numa_affinity_policy`, isOneOf("required", "preferred", "legacy", "socket")},
	{`hw:cpu_sockets`, isInt(1, math.MaxInt)},
	{`hw:cpu_cores`, isInt(1, math.MaxInt)},
	{`hw:cpu_threads`, isInt(1, math.MaxInt)},
	{`hw:cpu_max_sockets`, isInt(1, math.MaxInt)},
	{`hw:cpu_max_cores`, isInt(1, math.MaxInt)},
	{`hw:cpu_max_threads`, isInt(1, math.MaxInt)},
	{`hw:boot_menu`, isBool},
	{`hw:vif_multiqueue_enabled`, isBool},
	{`hw:mem_encryption`, isBool},
	{`hw:mem_encryption_model`, isOneOf("amd-sev", "amd-sev-es", "amd-sev-snp")},
	{`hw:pmem`, isLike(`([a-zA-Z0-9_]+(,)?)+`)},
	{`hw:pmu`, isBool},
	{`hw:serial_port_count`, isInt(0, math.MaxInt)},
	{`hw:tpm_model`, isOneOf("tpm-tis", "tpm-crb")},
	{`hw:tpm_version`, isOneOf("1.2", "2.0")},
	{`hw:tpm_secret_security`, isOneOf("user", "host", "deployment")},
	{`hw:watchdog_action`, isOneOf("none", "pause", "poweroff", "reset", "disabled")},
	{`hw:viommu_model`, isOneOf("intel", "smmuv3", "virtio", "auto")},
	{`hw:virtio_packed_ring`, isBool},
	{`hw:sound_model`, isOneOf("sb16", "es1370", "pcspk", "ac97", "ich6", "ich9", "usb", "virtio")},
	{`hw:usb_model`, isOneOf("none", "nec-xhci", "qemu-xhci")},
	{`hw:redirected_usb_ports`, isInt(0, 15)},
	{`hw:ephemeral_encryption`, isBool},
	{`hw:ephemeral_encryption_format`, isOneOf("plain", "luks", "luksv2")},
	{`hw_rng:allowed`, isBool},
	{`hw_rng:rate_bytes`, isInt(0, math.MaxInt)},
	{`hw_rng:rate_period`, isInt(0, math.MaxInt)},
	{`hw_video:ram_max_mb`, isInt(0, math.MaxInt)},
	{`hide_hypervisor_id`, isBool},
	{`group_policy`, isOneOf("isolate", "none")},
	{`os:secure_boot`, isOneOf("disabled", "required")},
	{`pci_passthrough:alias`, isLike(`[^:]+:\d+(?:\s*,\s*[^:]+:\d+)*`)},
	{`quota:cpu_limit`, isInt(0, math.MaxInt)},
	{`quota:cpu_reservation`, isInt(math.MinInt, math.MaxInt)},
	{`quota:cpu_shares_level`, isOneOf("custom", "high", "normal", "low")},
	{`quota:cpu_shares_share`, isInt(0, math.MaxInt)},
	{`quota:memory_limit`, isInt(0, math.MaxInt)},
	{`quota:memory_reservation`, isInt(math.MinInt, math.MaxInt)},
	{`quota:memory_shares_level`, isOneOf("custom", "high", "normal", "low")},
	{`quota:memory_shares_share`, isInt(0, math.MaxInt)},
	{`quota:disk_io_limit`, isInt(0, math.MaxInt)},
	{`quota:disk_io_reservation`, isInt(math.MinInt, math.MaxInt)},
	{`quota:disk_io_shares_level`, isOneOf("custom", "high", "normal", "low")},
	{`quota:disk_io_shares_share`, isInt(0, math.MaxInt)},
	{`quota:vif_limit`, isInt(0, math.MaxInt)},
	{`quota:vif_reservation`, isInt(math.MinInt, math.MaxInt)},
	{`quota:vif_shares_level`, isOneOf("custom", "high", "normal", "low")},
	{`quota:vif_shares_share`, isInt(0, math.MaxInt)},
	{`quota:cpu_shares`, isInt(0, math.MaxInt)},
	{`quota:cpu_period`, isInt(0, math.MaxInt)},
	{`quota:cpu_quota`, isInt(math.MinInt, math.MaxInt)},
	{`quota:disk_read_bytes_sec`, isInt(0, math.MaxInt)},
	{`quota:disk_read_iops_sec`, isInt(0, math.MaxInt)},
	{`quota:disk_write_bytes_sec`, isInt(0, math.MaxInt)},
	{`quota:disk_write_iops_sec`, isInt(0, math.MaxInt)},
	{`quota:disk_total_bytes_sec`, isInt(0, math.MaxInt)},
	{`quota:disk_total_iops_sec`, isInt(0, math.MaxInt)},
	{`quota:vif_inbound_average`, isInt(0, math.MaxInt)},
	{`quota:vif_inbound_peak`, isInt(0, math.MaxInt)},
	{`quota:vif_inbound_burst`, isInt(0, math.MaxInt)},
	{`quota:vif_outbound_average`, isInt(0, math.MaxInt)},
	{`quota:vif_outbound_peak`, isInt(0, math.MaxInt)},
	{`quota:vif_outbound_burst`, isInt(0, math.MaxInt)},
	{`vmware:hw_version`, isText},
	{`vmware:storage_policy`, isText},
}

// checkExtraSpecs refuses keys and values that Nova knows to be wrong (since 2.86).
func checkExtraSpecs(specs map[string]specValue) error {
	for key, value := range specs {
		if message := checkExtraSpec(key, string(value)); message != "" {
			return api.BadRequest("%s", message)
		}
	}
	return nil
}

func checkExtraSpec(key, value string) string {
	namespace, _, namespaced := strings.Cut(key, ":")
	known := false
	for _, rule := range specRules {
		if whole(rule.key).MatchString(key) {
			return rule.check(value)
		}
		own, _, _ := strings.Cut(rule.key, ":")
		known = known || strings.Contains(rule.key, ":") && whole(own).MatchString(namespace)
	}
	if namespaced && known {
		return "Validation failed; extra spec '" + key + "' does not appear to be a valid extra spec."
	}
	return ""
}

func whole(expression string) *regexp.Regexp { return regexp.MustCompile("^(?:" + expression + ")$") }

func isText(string) string { return "" }

func isBool(value string) string {
	var word api.Boolean
	if word.Parse(value) != nil {
		return "Validation failed; '" + value + "' is not a valid boolean-like value."
	}
	return ""
}

func isInt(least, most int) specCheck {
	return func(value string) string {
		n, err := strconv.Atoi(strings.TrimSpace(value))
		switch {
		case err != nil:
			return "Validation failed; '" + value + "' is not a valid integer value."
		case n > most:
			return "Validation failed; '" + value + "' is greater than the max value of '" + strconv.Itoa(most) + "'."
		case n < least:
			return "Validation failed; '" + value + "' is less than the min value of '" + strconv.Itoa(least) + "'."
		}
		return ""
	}
}

func isOneOf(values ...string) specCheck {
	return func(value string) string {
		if slices.Contains(values, value) {
			return ""
		}
		return "Validation failed; '" + value + "' is not one of: " + strings.Join(values, ", ") + "."
	}
}

func isLike(expression string) specCheck {
	return func(value string) string {
		if whole(expression).MatchString(value) {
			return ""
		}
		return "Validation failed; '" + value + "' is not of the format '" + expression + "'."
	}
}
