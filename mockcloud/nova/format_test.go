// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"strings"
	"testing"
)

func TestConsolesLoseControlCharacters(t *testing.T) {
	t.Parallel()
	if got := strings.Map(printed, "a\x1b[1mb\r\n\tc\x00é"); got != "a[1mb\n\tcé" {
		t.Errorf("%q", got)
	}
}

func TestExtraSpecRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ key, value, wrong string }{
		{"hw:numa_nodes", "2", ""},
		{"hw:numa_nodes", "0", "Validation failed; '0' is less than the min value of '1'."},
		{"hw:numa_nodes", "x", "Validation failed; 'x' is not a valid integer value."},
		{"hw:cpu_policy", "dedicated", ""},
		{"hw:cpu_policy", "x", "Validation failed; 'x' is not one of: dedicated, shared, mixed."},
		{"hw:boot_menu", "maybe", "Validation failed; 'maybe' is not a valid boolean-like value."},
		{"hw:numa_cpus.0", "0-3,^1", ""},
		{"hw:numa_cpus.0", "x", `Validation failed; 'x' is not of the format '\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*'.`},
		{"resources:VGPU", "1", ""},
		{"resources1:CUSTOM_A", "1", ""},
		{"trait:HW_CPU_X86_AVX", "required", ""},
		{"trait1:HW_CPU_X86_AVX", "x", "Validation failed; 'x' is not one of: required, forbidden."},
		{"hw:nothing", "1", "Validation failed; extra spec 'hw:nothing' does not appear to be a valid extra spec."},
		{"mine:anything", "1", ""},
		{"anything", "1", ""},
	} {
		if got := checkExtraSpec(c.key, c.value); got != c.wrong {
			t.Errorf("%s=%s: %q, want %q", c.key, c.value, got, c.wrong)
		}
	}
}
