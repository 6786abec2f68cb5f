// SPDX-License-Identifier: MPL-2.0

package scheduler_test

import (
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/scheduler"
)

// passes tells that the request finds the one host.
func passes(request scheduler.Request, change func(*scheduler.Host)) bool {
	host := scheduler.Host{
		Name: "a", Node: "node-a", Zone: "nova", IP: "192.0.2.7", Enabled: true, Up: true, CPURatio: 4, RAMRatio: 1, DiskRatio: 1,
		Arch: "x86_64", Hypervisor: "QEMU", HypervisorVersion: 7002022, CPUModel: "Nehalem",
		Total: scheduler.Amount{VCPUs: 4, MemoryMiB: 4096, DiskGiB: 40}, Used: scheduler.Amount{VCPUs: 1, MemoryMiB: 1024},
	}
	if change != nil {
		change(&host)
	}
	_, err := scheduler.Select(request, []scheduler.Host{host})
	return err == nil
}

func TestExtraSpecs(t *testing.T) {
	t.Parallel()
	for spec, want := range map[[2]string]bool{
		{"capabilities:vcpus_total", "4"}:                    true,
		{"capabilities:vcpus_total", "= 3"}:                  true, // "at least"
		{"capabilities:vcpus_total", "== 3"}:                 false,
		{"capabilities:free_ram_mb", ">= 3072"}:              true,
		{"capabilities:free_ram_mb", ">= 3073"}:              false,
		{"capabilities:free_ram_mb", "<= x"}:                 false,
		{"capabilities:hypervisor_type", "s== QEMU"}:         true,
		{"capabilities:hypervisor_type", "s!= QEMU"}:         false,
		{"capabilities:hypervisor_type", "s< R"}:             true,
		{"capabilities:hypervisor_type", "<in> EM"}:          true,
		{"capabilities:hypervisor_type", "<or> a <or> QEMU"}: true,
		{"capabilities:hypervisor_type", "<or> a <or> b"}:    false,
		{"capabilities:hypervisor_type", "<all-in> Q U"}:     true,
		{"capabilities:hypervisor_type", "<all-in> Q X"}:     false,
		{"capabilities:cpu_info:model", "Nehalem"}:           true,
		{"capabilities:cpu_info:vendor", "Intel"}:            false,
		{"capabilities:nothing", "x"}:                        false,
		{"hypervisor_type", "xen"}:                           false,
		{"nothing", "x"}:                                     true, // nobody's
		{"quota:disk", "x"}:                                  true,
	} {
		if got := passes(scheduler.Request{ExtraSpecs: map[string]string{spec[0]: spec[1]}}, nil); got != want {
			t.Errorf("%s %q: %v", spec[0], spec[1], got)
		}
	}
}

func TestImageProperties(t *testing.T) {
	t.Parallel()
	for property, want := range map[[2]string]bool{
		{"hw_architecture", "amd64"}:                true,
		{"hw_architecture", "i386"}:                 true,
		{"architecture", "aarch64"}:                 false,
		{"img_hv_type", "kvm"}:                      true,
		{"hypervisor_type", "xen"}:                  false,
		{"hw_vm_mode", "hvm"}:                       true,
		{"vm_mode", "pv"}:                           false,
		{"img_hv_requested_version", ">=7.2, <8"}:   true,
		{"hypervisor_version_requires", ">7.2.22"}:  false,
		{"img_hv_requested_version", "!=7.2.22"}:    false,
		{"img_hv_requested_version", "about seven"}: false,
		{"img_hv_requested_version", "==7.2.22,"}:   false,
	} {
		if got := passes(scheduler.Request{ImageProperties: map[string]string{property[0]: property[1]}}, nil); got != want {
			t.Errorf("%s %q: %v", property[0], property[1], got)
		}
	}
}

func TestQueries(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]bool{
		`[">=", "$free_ram_mb", 3072]`:                           true,
		`["<", "$free_ram_mb", 3072]`:                            false,
		`["and", [">", "$vcpus_total", 3], ["=", "$host", "a"]]`: true,
		`["or", ["=", "$host", "b"], ["=", "$host", "a", "a"]]`:  true,
		`["not", ["=", "$host", "a"]]`:                           false,
		`["in", "$host", "b", "a"]`:                              true,
		`["in", "$host", "b"]`:                                   false,
		`["=", "$cpu_info.model", "Nehalem"]`:                    true,
		`["=", "$nothing", "x"]`:                                 false,
		`["<=", "$host", 3]`:                                     false,
		`["xor", true, false]`:                                   false,
		`["=", "$host"]`:                                         false,
		`{"free": 1}`:                                            false,
		`[]`:                                                     true,
	} {
		if got := passes(scheduler.Request{Query: query}, nil); got != want {
			t.Errorf("%s: %v", query, got)
		}
	}
}

func TestNearness(t *testing.T) {
	t.Parallel()
	for near, want := range map[[2]string]bool{
		{"192.0.2.200", ""}: true, {"192.0.3.1", ""}: false, {"192.0.3.1", "/22"}: true, {"192.0.2.7", "/99"}: false,
	} {
		if got := passes(scheduler.Request{NearIP: near[0], CIDR: near[1]}, nil); got != want {
			t.Errorf("%v: %v", near, got)
		}
	}
}

// Each weigher alone decides between two hosts that are equal but for what it weighs.
func TestWeighers(t *testing.T) {
	t.Parallel()
	group := func(policy string) scheduler.Request {
		return scheduler.Request{Group: &scheduler.Group{Policy: policy, Members: map[string]int{"a": 1}}}
	}
	for name, test := range map[string]struct {
		request scheduler.Request
		change  func(a, b *scheduler.Host)
		want    string
	}{
		"io ops":             {change: func(a, _ *scheduler.Host) { a.Busy = 1 }, want: "b"},
		"pci":                {change: func(a, _ *scheduler.Host) { a.Devices = make([]scheduler.Device, 2) }, want: "b"},
		"build failures":     {change: func(a, b *scheduler.Host) { a.FailedBuilds, b.Used.VCPUs = 1, 4 }, want: "b"},
		"soft affinity":      {request: group(scheduler.SoftAffinity), change: func(_, b *scheduler.Host) { b.Name = "b" }, want: "a"},
		"soft anti-affinity": {request: group(scheduler.SoftAntiAffinity), want: "b"},
		"a multiplier of an aggregate": {
			change: func(a, b *scheduler.Host) {
				stack := []map[string]string{{"cpu_weight_multiplier": "-1"}}
				a.Aggregates, b.Aggregates, b.Used.VCPUs = stack, stack, 2
			},
			want: "b",
		},
	} {
		all := hosts()
		all[0].Used = all[1].Used
		if test.change != nil {
			test.change(&all[1], &all[0])
		}
		best, err := scheduler.Select(test.request, all)
		if err != nil || best[0].Name != test.want {
			t.Errorf("%s: %v, %v, want %s", name, best, err, test.want)
		}
	}
}

func TestCells(t *testing.T) {
	t.Parallel()
	in := func(cells ...string) func(*scheduler.Host) { return func(h *scheduler.Host) { h.NovaCells = cells } }
	for _, test := range []struct {
		name    string
		request scheduler.Request
		cells   []string
		want    bool
	}{
		{"any", scheduler.Request{}, []string{"east"}, true},
		{"its own", scheduler.Request{TargetCell: "east"}, []string{"west", "east"}, true},
		{"another", scheduler.Request{TargetCell: "east"}, []string{"west"}, false},
		{"not its own", scheduler.Request{DifferentCells: []string{"north", "east"}}, []string{"west", "east"}, false},
		{"not another", scheduler.Request{DifferentCells: []string{"north"}}, []string{"west", "east"}, true},
	} {
		if got := passes(test.request, in(test.cells...)); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}
