// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// SimulatedHost is a simulated host of the default size (64 CPUs, 256 GiB) with something of all that flavors
// can ask for: two NUMA cells, each with CPUs that can be pinned and with huge pages, and two PCI devices of
// the alias "gpu".
func SimulatedHost(name string, d driver.Driver) compute.HostSpec {
	cell := compute.NUMACell{
		CPUs: 24, Dedicated: 8, MemoryMiB: 128 * 1024, Pages: map[int]int{2 * 1024: 4096, 1024 * 1024: 8},
	}
	spec := compute.HostSpec{Name: name, Driver: d, Cells: []compute.NUMACell{cell, cell}}
	for n := range spec.Cells {
		spec.Devices = append(spec.Devices, compute.PCIDevice{
			Address: fmt.Sprintf("0000:%02x:00.0", 0x41+0x40*n), VendorID: "10de", ProductID: "1db4", Alias: "gpu", Cell: n,
		})
	}
	return spec
}
