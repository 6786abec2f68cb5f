// SPDX-License-Identifier: MPL-2.0

package flavor

import "testing"

func TestSpecRules(t *testing.T) {
	t.Parallel()
	for _, known := range []struct{ key, text string }{
		{"hw:cpu_policy", "dedicated"}, {"hw:cpu_realtime", "Yes"}, {"hw:numa_nodes", "2"}, {"hw:numa_mem.0", " 512 "},
		{"hw:numa_cpus.1", "0-3,^1"}, {"hw:mem_page_size", "1GB"}, {"hw:mem_page_size", "any"}, {"hw:redirected_usb_ports", "15"},
		{"resources:VCPU", "0"}, {"resources_NET1:CUSTOM_BW", "10"}, {"trait:HW_CPU_X86_VMX", "required"}, {"trait1:CUSTOM_A", "forbidden"},
		{"quota:cpu_quota", "-1"}, {"quota:vif_inbound_peak", "10"}, {"hw:pmem", "a,b"}, {"pci_passthrough:alias", "gpu:1, nic:2"},
		{"capabilities:cpu_info:features", "<in> avx"}, {"aggregate_instance_extra_specs:ssd", "true"}, {"hw:tpm_version", "2.0"},
		{"hide_hypervisor_id", "true"}, {"group_policy", "none"}, {"mine:anything", "?"}, {"no_namespace", "?"},
	} {
		if message, _ := checkSpec(known.key, known.text); message != "" {
			t.Error(message)
		}
	}
	for _, wrong := range []struct {
		key, text string
		sure      bool
	}{
		{"hw:numa_nodes", "0", true}, {"hw:numa_nodes", "two", true}, {"hw:cpu_realtime", "maybe", true}, {"hw:redirected_usb_ports", "16", true},
		{"quota:cpu_shares", "-1", true}, {"resources:VCPU", "one", true},
		{"hw:cpu_policy", "dedicatd", false}, {"trait:HW_CPU_X86_VMX", "wanted", false}, {"hw:tpm_version", "2x0", false},
		{"hw:cpu_polcy", "shared", false}, {"resources_1:vcpu", "1", false}, {"hw:mem_page_size", "big", false},
	} {
		if message, sure := checkSpec(wrong.key, wrong.text); message == "" || sure != wrong.sure {
			t.Errorf("%s = %q: %q, %t", wrong.key, wrong.text, message, sure)
		}
	}
}
