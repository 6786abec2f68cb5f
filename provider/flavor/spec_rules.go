// SPDX-License-Identifier: MPL-2.0

package flavor

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// specRules are the extra specs that Nova checks since 2.86, as of 2.104: a pattern of names and one for values. A value
// that is no number or no boolean where Nova wants one is wrong in any Nova. Other Novas may know more words and more
// names, and clouds can add their own, so there the plan only warns.
var specRules = []specRule{
	flag(`hw:(cpu_realtime|hide_hypervisor_id|locked_memory|boot_menu|vif_multiqueue_enabled|mem_encryption|pmu|virtio_packed_ring|ephemeral_encryption)`),
	flag(`hw_rng:allowed`),
	flag(`hide_hypervisor_id`),
	number(`resources[A-Za-z0-9_-]{0,64}:[A-Z0-9_]+`, `-?\d+`),
	number(`quota:(cpu|memory|disk_io|vif)_reservation|quota:cpu_quota`, `-?\d+`),
	number(`quota:(cpu|memory|disk_io|vif)_(limit|shares_share)|quota:cpu_(shares|period)`, `\d+`),
	number(`quota:disk_(read|write|total)_(bytes|iops)_sec|quota:vif_(in|out)bound_(average|peak|burst)`, `\d+`),
	number(`hw_rng:rate_(bytes|period)|hw_video:ram_max_mb|hw:serial_port_count`, `\d+`),
	number(`hw:(numa_nodes|cpu_(max_)?(sockets|cores|threads))|hw:numa_mem.\d+`, `0*[1-9]\d*`),
	number(`hw:redirected_usb_ports`, `0*(\d|1[0-5])`),
	words(`trait[A-Za-z0-9_-]{0,64}:[A-Z0-9_]+`, "required", "forbidden"),
	words(`hw:cpu_policy`, "dedicated", "shared", "mixed"),
	words(`hw:cpu_thread_policy`, "prefer", "isolate", "require"),
	words(`hw:emulator_threads_policy`, "isolate", "share"),
	words(`hw:pci_numa_affinity_policy`, "required", "preferred", "legacy", "socket"),
	words(`hw:mem_encryption_model`, "amd-sev", "amd-sev-es", "amd-sev-snp"),
	words(`hw:tpm_model`, "tpm-tis", "tpm-crb"),
	words(`hw:tpm_version`, "1.2", "2.0"),
	words(`hw:tpm_secret_security`, "user", "host", "deployment"),
	words(`hw:watchdog_action`, "none", "pause", "poweroff", "reset", "disabled"),
	words(`hw:viommu_model`, "intel", "smmuv3", "virtio", "auto"),
	words(`hw:sound_model`, "sb16", "es1370", "pcspk", "ac97", "ich6", "ich9", "usb", "virtio"),
	words(`hw:usb_model`, "none", "nec-xhci", "qemu-xhci"),
	words(`hw:ephemeral_encryption_format`, "plain", "luks", "luksv2"),
	words(`quota:(cpu|memory|disk_io|vif)_shares_level`, "custom", "high", "normal", "low"),
	words(`os:secure_boot`, "disabled", "required"),
	words(`group_policy`, "isolate", "none"),
	form(`hw:(cpu_realtime_mask|cpu_dedicated_mask|numa_cpus.\d+)`, "processors like 0-3,^1", `\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*`),
	form(`hw:mem_page_size`, "large, small, any, or a size like 2MB", `large|small|any|\d+([kKMGT]i?)?(b|bit|B)?`),
	form(`hw:pmem`, "names with commas between them", `([a-zA-Z0-9_]+,?)+`),
	form(`pci_passthrough:alias`, "ALIAS:COUNT, with commas between several", `[^:]+:\d+(\s*,\s*[^:]+:\d+)*`),
	form(`capabilities:\w+(:\w+)*|aggregate_instance_extra_specs:.+|accel:device_profile|vmware:(hw_version|storage_policy)`, "", ``),
}

// specSpaces are the namespaces in which Nova refuses names that it does not know.
var specSpaces = regexp.MustCompile(`^(?:hw|hw_rng|hw_video|quota|os|pci_passthrough|capabilities|aggregate_instance_extra_specs|accel|vmware|` +
	`(resources|trait)[A-Za-z0-9_-]{0,64})$`)

type specRule struct {
	name  *regexp.Regexp
	wants string         // for people
	value *regexp.Regexp // nil for any
	sure  bool           // no Nova takes another
}

func whole(pattern string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + pattern + `)$`) }

func flag(names string) specRule {
	return specRule{whole(names), "true or false", whole(`(?i)\s*(1|t|true|on|y|yes|0|f|false|off|n|no)\s*`), true}
}

func number(names, numbers string) specRule {
	return specRule{whole(names), "a whole number that Nova allows", whole(`\s*\+?(` + numbers + `)\s*`), true}
}

func words(names string, all ...string) specRule {
	return specRule{whole(names), "one of " + strings.Join(all, ", "), whole(regexpOf(all)), false}
}

func regexpOf(all []string) string {
	quoted := make([]string, len(all))
	for i, word := range all {
		quoted[i] = regexp.QuoteMeta(word)
	}
	return strings.Join(quoted, "|")
}

func form(names, wants, values string) specRule {
	if values == "" {
		return specRule{name: whole(names)}
	}
	return specRule{whole(names), wants, whole(values), false}
}

// checkSpecs says what Nova will refuse, or may.
func checkSpecs(specs types.Map) (diags diag.Diagnostics) {
	if !value.Known(specs) {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(specs.Elements())) {
		text, ok := specs.Elements()[key].(types.String)
		if !ok || !value.Known(text) {
			continue
		}
		at := path.Root("extra_specs").AtMapKey(key)
		message, sure := checkSpec(key, text.ValueString())
		switch {
		case message == "":
		case sure:
			diags.AddAttributeError(at, "Invalid Extra Spec", message+".")
		default:
			diags.AddAttributeWarning(at, "Extra Spec Unknown to This Provider", message+
				", as far as this provider knows. The cloud's Nova has the last word on it.")
		}
	}
	return diags
}

// checkSpec is what is wrong with an extra spec, "" if nothing, and whether that is sure.
func checkSpec(key, text string) (string, bool) {
	for _, rule := range specRules {
		if !rule.name.MatchString(key) {
			continue
		}
		if rule.value == nil || rule.value.MatchString(text) {
			return "", true
		}
		return fmt.Sprintf("%s has to be %s, not %s", key, rule.wants, strconv.Quote(text)), rule.sure
	}
	if space, _, ok := strings.Cut(key, ":"); ok && specSpaces.MatchString(space) {
		return fmt.Sprintf("Nova has no extra spec %s, and from microversion 2.86 on refuses such names in the namespace %s", key, space), false
	}
	return "", true
}
