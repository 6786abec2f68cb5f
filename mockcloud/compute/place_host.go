// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"maps"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/scheduler"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// candidates are the hosts as the scheduler sees them.
func candidates(tx store.Tx, hosts []*Host, request *scheduler.Request) ([]scheduler.Host, error) {
	known, err := aggregates.All(tx)
	if err != nil {
		return nil, err
	}
	all := make([]scheduler.Host, len(hosts))
	for i, h := range hosts {
		if all[i], err = candidate(tx, h); err != nil {
			return nil, err
		}
		for _, a := range known {
			if a.has(h.Name) {
				all[i].Aggregates = append(all[i].Aggregates, a.Metadata)
			}
		}
	}
	return all, nil
}

// candidate is a host with what is claimed of it.
func candidate(tx store.Tx, h *Host) (scheduler.Host, error) {
	c := scheduler.Host{
		Name: h.Name, Node: h.Node, Zone: h.Zone, IP: h.IP(), Enabled: !h.Disabled, Up: h.Up,
		Total: scheduler.Amount(h.Capacity()), Used: scheduler.Amount(h.Used),
		CPURatio: h.Ratios.CPU, RAMRatio: h.Ratios.RAM, DiskRatio: h.Ratios.Disk,
		Arch: h.Total.Arch, Hypervisor: h.Total.Hypervisor, HypervisorVersion: h.Total.Version, CPUModel: h.Total.CPUModel,
		Traits: h.Traits, Classes: h.Classes, Taken: map[string]int{}, Cells: h.cells(), Devices: h.Devices,
		Instances: h.Instances, Busy: h.Busy, FailedBuilds: h.FailedBuilds,
	}
	c.CellsUsed = make([]scheduler.Cell, len(c.Cells))
	special, err := allocations.By(tx, allocationsWithParts, h.Name)
	if err != nil {
		return c, err
	}
	for _, a := range special {
		for class, amount := range a.Classes {
			c.Taken[class] += amount
		}
		for _, share := range a.Cells {
			if share.On < len(c.CellsUsed) {
				c.CellsUsed[share.On] = c.CellsUsed[share.On].Plus(1, share.Takes)
			}
		}
		c.Devices = slices.DeleteFunc(slices.Clone(c.Devices), func(d PCIDevice) bool { return slices.Contains(a.Devices, d.Address) })
	}
	return c, nil
}

// NUMACell is a NUMA cell of a host.
type NUMACell = scheduler.Cell

// PCIDevice is a PCI device of a host that servers can have.
type PCIDevice = scheduler.Device

// cells are the host's NUMA cells: one with all of it unless it was given others.
func (h *Host) cells() []NUMACell {
	if len(h.Cells) > 0 {
		return h.Cells
	}
	return []NUMACell{{CPUs: h.Total.VCPUs, MemoryMiB: h.Total.MemoryMiB}}
}

// Capacity is what the host has, before any ratio.
func (h *Host) Capacity() Claim {
	c := Claim{VCPUs: h.Total.VCPUs, MemoryMiB: h.Total.MemoryMiB, DiskGiB: h.Total.DiskGiB}
	for _, cell := range h.Cells {
		c.Pinned += cell.Dedicated
	}
	return c
}

// share is what the instance gets of a host beyond amounts: cells, devices and other classes. A refusal of
// kind Conflict when the host, which it may have been forced to, cannot give it.
func share(tx store.Tx, hostName string, d demand) (AllocationParts, error) {
	parts := AllocationParts{Classes: d.classes}
	if len(d.cells)+len(d.devices) == 0 {
		return parts, nil
	}
	h, err := findHost(tx, hostName)
	if err != nil {
		return parts, err
	}
	c, err := candidate(tx, h)
	if err != nil {
		return parts, err
	}
	cells, fit := scheduler.FitCells(d.cells, c)
	if !fit {
		return parts, refuse(Conflict, "Insufficient compute resources: "+
			"Requested instance NUMA topology cannot fit the given host NUMA topology.")
	}
	devices, free := scheduler.TakeDevices(d.devices, c.Devices)
	if !free {
		return parts, refuse(Conflict, "Insufficient compute resources: Claim pci failed.")
	}
	parts.Cells = cells
	for _, device := range devices {
		parts.Devices = append(parts.Devices, device.Address)
	}
	return parts, nil
}

// aliases are the aliases of PCI devices that the hosts have.
func aliases(hosts []*Host) map[string]bool {
	known := map[string]bool{}
	for _, h := range hosts {
		for _, device := range h.Devices {
			known[device.Alias] = true
		}
	}
	return known
}

// checkDemand refuses a flavor and an image that no host could ever understand: a PCI alias that there is
// not, CPUs that cannot be spread over NUMA nodes.
func checkDemand(hosts []*Host, flavor Flavor, imageProperties map[string]string) error {
	d, err := demandOf(&Instance{ImageID: "any", ImageProperties: imageProperties}, flavor)
	if err != nil {
		return err
	}
	known := aliases(hosts)
	for _, alias := range slices.Sorted(maps.Keys(d.devices)) {
		if !known[alias] {
			return refuse(BadRequest, "PCI alias %s is not defined", alias)
		}
	}
	return nil
}
