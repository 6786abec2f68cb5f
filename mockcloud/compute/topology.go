// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/scheduler"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Topology is what a server has of NUMA; no cells of one that asked for none.
type Topology struct {
	Cells   []TopologyCell
	PageKiB int // 0: nobody asked for a page size
}

// TopologyCell is a NUMA cell of a server.
type TopologyCell struct {
	CPUs      []int
	MemoryMiB int
	HostCell  int // on its host
}

// Topology tells a server's NUMA cells (since 2.78).
func (m *Manager) Topology(ctx context.Context, inst *Instance) (Topology, error) {
	var top Topology
	d, err := demandOf(inst, inst.Flavor)
	if err != nil || len(d.cells) == 0 {
		return top, err
	}
	var shares []scheduler.CellShare
	err = m.Store.View(ctx, func(tx store.Tx) error {
		a, err := allocations.Get(tx, inst.ID)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err == nil {
			shares = a.Cells
		}
		return err
	})
	if err != nil {
		return top, err
	}
	asked := topologyRequest{inst.Flavor.ExtraSpecs, inst.ImageProperties}
	next := 0
	for i, guest := range d.cells {
		cell := TopologyCell{MemoryMiB: guest.MemoryMiB, HostCell: i}
		if cell.CPUs, err = asked.cellSet(i, next, guest.CPUs+guest.Dedicated, inst.Flavor.VCPUs); err != nil {
			return top, err
		}
		next += len(cell.CPUs)
		if len(guest.PageKiB) > 0 {
			top.PageKiB = guest.PageKiB[len(guest.PageKiB)-1]
		}
		if i < len(shares) {
			cell.HostCell = shares[i].On
			for size := range shares[i].Takes.Pages {
				top.PageKiB = size
			}
		}
		top.Cells = append(top.Cells, cell)
	}
	return top, nil
}

// cellSet are the CPUs of the i-th cell: those that hw:numa_cpus names, or the next ones.
func (t topologyRequest) cellSet(i, next, count, vcpus int) ([]int, error) {
	if list := t.of("numa_cpus." + strconv.Itoa(i)); list != "" {
		cpus, err := parseCPUs(list, vcpus)
		return slices.Sorted(maps.Keys(cpus)), err
	}
	cpus := make([]int, count)
	for n := range cpus {
		cpus[n] = next + n
	}
	return cpus, nil
}
