// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/scheduler"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// childHosts are those of the hosts that are in each child, by the child's name.
func (m *Manager) childHosts(tx store.Tx, hosts []*Host) (map[string][]*Host, error) {
	cells, err := cellRecords.All(tx)
	if err != nil {
		return nil, err
	}
	cells = slices.DeleteFunc(cells, func(c *Cell) bool { return c.Type != ChildCell })
	if len(cells) == 0 {
		return nil, nil
	}
	known, err := aggregates.All(tx)
	if err != nil {
		return nil, err
	}
	of := map[string][]*Host{}
	for _, c := range cells {
		of[c.Name] = slices.DeleteFunc(slices.Clone(hosts), m.outside(c, hosts, known))
	}
	return of, nil
}

// outside tells the hosts that are not in the cell.
func (m *Manager) outside(c *Cell, hosts []*Host, known []*Aggregate) func(*Host) bool {
	if slices.ContainsFunc(hosts, func(h *Host) bool { return h.Name == c.RPCHost }) {
		return func(h *Host) bool { return h.Name != c.RPCHost }
	}
	if at := slices.IndexFunc(known, func(a *Aggregate) bool { return a.Name == c.RPCHost }); at >= 0 {
		return func(h *Host) bool { return !known[at].has(h.Name) }
	}
	return func(h *Host) bool { return m.hosts[h.Name] == nil || m.hosts[h.Name].cell() != c.Name }
}

// tellCells tells the scheduler which cells the candidates are in, and which ones the instance is to be in or not.
// Hosts that are in no child are the own cell's. In a cloud without children it says nothing of cells, as today's
// Nova, so that hints about them are passed over.
func (m *Manager) tellCells(tx store.Tx, inst *Instance, hosts []*Host, request *scheduler.Request, able []scheduler.Host) error {
	children, err := m.childHosts(tx, hosts)
	if err != nil || len(children) == 0 {
		return err
	}
	request.TargetCell = cellAt(inst.TargetCell)
	for _, path := range inst.DifferentCells {
		request.DifferentCells = append(request.DifferentCells, cellAt(path))
	}
	for i := range able {
		for name, in := range children {
			if slices.ContainsFunc(in, func(h *Host) bool { return h.Name == able[i].Name }) {
				able[i].NovaCells = append(able[i].NovaCells, name)
			}
		}
		if able[i].NovaCells == nil {
			able[i].NovaCells = []string{OwnCell}
		}
	}
	return nil
}

// cellAt is the name of the cell at a path from the own one: "nova!east" is east. A child's name alone will do.
func cellAt(path string) string { return strings.TrimPrefix(path, OwnCell+"!") }
