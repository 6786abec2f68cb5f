// SPDX-License-Identifier: MPL-2.0

package scheduler_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/scheduler"
)

// two hosts, the second with less left.
func hosts() []scheduler.Host {
	host := scheduler.Host{
		Zone: "nova", Enabled: true, Up: true, CPURatio: 4, RAMRatio: 1, DiskRatio: 1, Arch: "x86_64", Hypervisor: "QEMU",
		Total: scheduler.Amount{VCPUs: 4, MemoryMiB: 4096, DiskGiB: 40},
	}
	a, b := host, host
	a.Name, a.Node = "a", "node-a"
	b.Name, b.Node = "b", "node-b"
	b.Used = scheduler.Amount{VCPUs: 2, MemoryMiB: 2048, DiskGiB: 20}
	return []scheduler.Host{b, a}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	small := scheduler.Amount{VCPUs: 1, MemoryMiB: 512, DiskGiB: 1}
	for _, test := range []struct {
		name    string
		request scheduler.Request
		change  func([]scheduler.Host)
		want    []string
		err     error
	}{
		{name: "the emptiest first", request: scheduler.Request{Amount: small}, want: []string{"a", "b"}},
		{
			name: "equals by name", request: scheduler.Request{Amount: small}, want: []string{"a", "b"},
			change: func(h []scheduler.Host) { h[0].Used = scheduler.Amount{} },
		},
		{
			name: "room for memory on one", want: []string{"a"},
			request: scheduler.Request{Amount: scheduler.Amount{VCPUs: 1, MemoryMiB: 2049}},
		},
		{
			name: "room for disk on one", want: []string{"a"},
			request: scheduler.Request{Amount: scheduler.Amount{VCPUs: 1, MemoryMiB: 1, DiskGiB: 21}},
		},
		{
			name: "CPUs overcommitted", want: []string{"a", "b"},
			request: scheduler.Request{Amount: scheduler.Amount{VCPUs: 4, MemoryMiB: 1}},
			change:  func(h []scheduler.Host) { h[0].Used.VCPUs, h[1].Used.VCPUs = 12, 11 },
		},
		{
			name: "more CPUs than a host has", err: scheduler.ErrNoCandidate,
			request: scheduler.Request{Amount: scheduler.Amount{VCPUs: 5, MemoryMiB: 1}},
		},
		{
			name: "disabled", request: scheduler.Request{Amount: small}, want: []string{"b"},
			change: func(h []scheduler.Host) { h[1].Enabled = false },
		},
		{
			name: "down", request: scheduler.Request{Amount: small}, want: []string{"b"},
			change: func(h []scheduler.Host) { h[1].Up = false },
		},
		{name: "zone", request: scheduler.Request{Amount: small, Zone: "mars"}, err: scheduler.ErrNoCandidate},
		{
			name: "forced past the filters", want: []string{"a"},
			request: scheduler.Request{Amount: small, ForcedHost: "a", ImageProperties: map[string]string{"hw_architecture": "aarch64"}},
		},
		{
			name: "requested, not past them", err: scheduler.ErrFiltered,
			request: scheduler.Request{Amount: small, Host: "a", ImageProperties: map[string]string{"hw_architecture": "aarch64"}},
		},
		{name: "forced node", request: scheduler.Request{Amount: small, ForcedNode: "node-b"}, want: []string{"b"}},
		{name: "requested node", request: scheduler.Request{Amount: small, Node: "node-b"}, want: []string{"b"}},
		{name: "forced elsewhere", request: scheduler.Request{Amount: small, ForcedHost: "c"}, err: scheduler.ErrFiltered},
		{name: "tried", request: scheduler.Request{Amount: small, Tried: []string{"a"}}, want: []string{"b"}},
		{name: "hypervisor", request: scheduler.Request{Amount: small, ImageProperties: map[string]string{"img_hv_type": "qemu"}}, want: []string{"a", "b"}},
		{name: "same host", request: scheduler.Request{Amount: small, SameHost: []string{"b"}}, want: []string{"b"}},
		{name: "same host as none", request: scheduler.Request{Amount: small, SameHost: []string{}}, err: scheduler.ErrFiltered},
		{name: "different host", request: scheduler.Request{Amount: small, DifferentHost: []string{"b"}}, want: []string{"a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			all := hosts()
			if test.change != nil {
				test.change(all)
			}
			chosen, err := scheduler.Select(test.request, all)
			var names []string
			for _, h := range chosen {
				names = append(names, h.Name)
			}
			if !slices.Equal(names, test.want) || !errors.Is(err, test.err) {
				t.Errorf("Select = %v, %v, want %v, %v", names, err, test.want, test.err)
			}
		})
	}
}
