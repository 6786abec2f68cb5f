// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// cellReserve is the part of a host that Nova leaves free for servers that grow ([cells] reserve_percent).
const cellReserve = 0.10

// CellRoom is what is free on the hosts of a cell that take servers.
type CellRoom struct {
	TotalMiB int
	// Fits is how many servers more there is room for, by the MiB that each takes.
	Fits map[int]int
}

// CellCapacities are the room for memory and for local disks.
type CellCapacities struct{ RAM, Disk CellRoom }

// CellCapacities tells the room that there is in a child for servers of the flavors; "" and OwnCell are all hosts.
// nil when no host takes any. An error of kind NotFound if there is no such child: a parent tells none of its own.
func (m *Manager) CellCapacities(ctx context.Context, name string, flavors []Flavor) (*CellCapacities, error) {
	hosts, err := m.hostsOfCell(ctx, name)
	hosts = slices.DeleteFunc(hosts, func(h *Host) bool { return h.Disabled || !h.Up })
	if err != nil || len(hosts) == 0 {
		return nil, err
	}
	all := &CellCapacities{RAM: CellRoom{Fits: map[int]int{}}, Disk: CellRoom{Fits: map[int]int{}}}
	memory, disk := map[int]bool{}, map[int]bool{}
	for _, f := range flavors {
		memory[f.MemoryMiB], disk[(f.RootGiB+f.EphemeralGiB)*mibPerGiB] = true, true
	}
	for _, h := range hosts {
		all.RAM.add(h.Total.MemoryMiB, h.Used.MemoryMiB, memory)
		all.Disk.add(h.Total.DiskGiB*mibPerGiB, h.Used.DiskGiB*mibPerGiB, disk)
	}
	return all, nil
}

const mibPerGiB = 1024

// add adds a host, of whose MiB so many are used.
func (r *CellRoom) add(total, used int, sizes map[int]bool) {
	free := max(0, total-used)
	r.TotalMiB += free
	for size := range sizes {
		r.Fits[size] += 0 // of what takes nothing, Nova counts none
		if size > 0 {
			r.Fits[size] += int(max(0, float64(free)-float64(total)*cellReserve)) / size
		}
	}
}

// CellCapabilities tells what the hosts of a neighbour are, in order: the kinds of their hypervisors, "hypervisor",
// and of their CPUs, "arch". Of a parent and of a child without hosts nothing is known; nil is all hosts.
func (m *Manager) CellCapabilities(ctx context.Context, cell *Cell) (map[string][]string, error) {
	known := map[string][]string{}
	if cell != nil && cell.Type != ChildCell {
		return known, nil
	}
	name := OwnCell
	if cell != nil {
		name = cell.Name
	}
	hosts, err := m.hostsOfCell(ctx, name)
	for _, h := range hosts {
		known["hypervisor"] = append(known["hypervisor"], h.Total.Hypervisor)
		known["arch"] = append(known["arch"], h.Total.Arch)
	}
	for key, values := range known {
		slices.Sort(values)
		known[key] = slices.Compact(values)
	}
	return known, err
}

// hostsOfCell are the hosts of a child, or all.
func (m *Manager) hostsOfCell(ctx context.Context, name string) (hosts []*Host, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		if hosts, err = m.hostsIn(tx); err != nil || name == "" || name == OwnCell {
			return err
		}
		children, err := m.childHosts(tx, hosts)
		if err != nil {
			return err
		}
		in, known := children[name]
		if !known {
			return noCell(name, store.ErrNotFound)
		}
		hosts = in
		return nil
	})
	return hosts, err
}
