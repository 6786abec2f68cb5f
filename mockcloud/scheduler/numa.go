// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"maps"
	"slices"
)

// Cell is a NUMA cell of a host, or what is claimed of it.
type Cell struct {
	CPUs      int // shared ones
	Dedicated int // CPUs that servers have for themselves (cpu_dedicated_set)
	MemoryMiB int
	// Pages are how many pages of each size (in KiB) the cell has beside its normal memory; they are
	// not part of what servers without a page size get.
	Pages map[int]int `json:",omitempty"`
}

// GuestCell is a NUMA cell of a server.
type GuestCell struct {
	CPUs      int // on shared CPUs
	Dedicated int // on CPUs of its own
	MemoryMiB int
	// PageKiB are the page sizes that will do, the most wanted first; none is normal memory.
	PageKiB []int
}

// CellShare is a guest's cell on a host's: what it takes of the On-th one.
type CellShare struct {
	On    int
	Takes Cell
}

// FitCells puts each cell of a guest on a cell of the host of its own; false when that cannot be.
func FitCells(guest []GuestCell, h Host) ([]CellShare, bool) {
	return place(guest, h, map[int]bool{})
}

// place tries the host's cells for the first of the guest's, and the rest for the rest.
func place(guest []GuestCell, h Host, taken map[int]bool) ([]CellShare, bool) {
	if len(guest) == 0 {
		return nil, true
	}
	for i := range h.Cells {
		if taken[i] {
			continue
		}
		share, fits := guest[0].on(h, i)
		if !fits {
			continue
		}
		taken[i] = true
		if rest, all := place(guest[1:], h, taken); all {
			return append([]CellShare{{On: i, Takes: share}}, rest...), true
		}
		taken[i] = false
	}
	return nil, false
}

// on is what the guest's cell takes of the host's i-th one.
func (g GuestCell) on(h Host, i int) (Cell, bool) {
	total, used := h.Cells[i], Cell{}
	if i < len(h.CellsUsed) {
		used = h.CellsUsed[i]
	}
	if !fits(g.CPUs, used.CPUs, total.CPUs, h.CPURatio) || !fits(g.Dedicated, used.Dedicated, total.Dedicated, 1) {
		return Cell{}, false
	}
	share := Cell{CPUs: g.CPUs, Dedicated: g.Dedicated}
	if len(g.PageKiB) == 0 {
		share.MemoryMiB = g.MemoryMiB
		return share, fits(g.MemoryMiB, used.MemoryMiB, total.MemoryMiB, h.RAMRatio)
	}
	const kibPerMiB = 1024
	for _, size := range g.PageKiB {
		if size == SmallPages {
			share.MemoryMiB = g.MemoryMiB
			if fits(g.MemoryMiB, used.MemoryMiB, total.MemoryMiB, 1) {
				return share, true
			}
			share.MemoryMiB = 0
			continue
		}
		pages := g.MemoryMiB * kibPerMiB / size
		if pages*size == g.MemoryMiB*kibPerMiB && used.Pages[size]+pages <= total.Pages[size] {
			share.Pages = map[int]int{size: pages}
			return share, true
		}
	}
	return Cell{}, false
}

// SmallPages are the pages of normal memory, in KiB.
const SmallPages = 4

// Plus is what two claim of a cell, or with n of -1 the first without the second.
func (c Cell) Plus(n int, other Cell) Cell {
	sum := Cell{
		CPUs: c.CPUs + n*other.CPUs, Dedicated: c.Dedicated + n*other.Dedicated, MemoryMiB: c.MemoryMiB + n*other.MemoryMiB,
		Pages: maps.Clone(c.Pages),
	}
	for size, pages := range other.Pages {
		if sum.Pages == nil {
			sum.Pages = map[int]int{}
		}
		sum.Pages[size] += n * pages
	}
	return sum
}

// Device is a PCI device of a host.
type Device struct {
	Address             string // "0000:81:00.0"
	VendorID, ProductID string // "10de", "1db4"
	// Alias is what flavors ask for (pci_passthrough:alias).
	Alias string
	Cell  int // the NUMA cell that it is on
	// Type is "type-PCI", which "" is, too, "type-PF" or "type-VF".
	Type string `json:",omitzero"`
	// Physical is the address of the physical function that one of the type "type-VF" is of.
	Physical string `json:",omitzero"`
}

// maxDevices is from how many free devices on a host has plenty (Nova: MAX_DEVS).
const maxDevices = 100

// TakeDevices chooses as many of the free devices as are wanted of each alias; false when there are not
// enough.
func TakeDevices(want map[string]int, free []Device) ([]Device, bool) {
	var taken []Device
	for _, alias := range slices.Sorted(maps.Keys(want)) {
		left := want[alias]
		for _, device := range free {
			if left > 0 && device.Alias == alias {
				taken, left = append(taken, device), left-1
			}
		}
		if left > 0 {
			return nil, false
		}
	}
	return taken, true
}
