// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// defaultCell is the cell of hosts that name none.
const defaultCell = "cell1"

// cell is a cell that is down. Nova keeps what it knows of a cell's servers in the cell's own database, so
// that of servers on hosts of a cell that is down it can tell next to nothing.
type cell struct{ Name string }

var cellsDown = store.Table[cell]{
	Name: "compute_cells_down",
	Key:  func(c *cell) string { return c.Name },
}

// SetCellDown cuts a cell off, or brings it back. An error of kind NotFound if no host is in it.
func (m *Manager) SetCellDown(ctx context.Context, name string, down bool) error {
	known := false
	for _, h := range m.hosts {
		known = known || h.cell() == name
	}
	if !known {
		return refuse(NotFound, "Cell %s could not be found.", name)
	}
	return m.Store.Update(ctx, func(tx store.Tx) error {
		if down {
			return cellsDown.Put(tx, &cell{name})
		}
		err := cellsDown.Delete(tx, name)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
}

// Unreachable tells the cells of the hosts whose cell is down, by host; nil when none is.
func (m *Manager) Unreachable(ctx context.Context) (cells map[string]string, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		cells = nil
		down, err := cellsDown.All(tx)
		if err != nil || len(down) == 0 {
			return err
		}
		cells = map[string]string{}
		for _, h := range m.hosts {
			for _, c := range down {
				if c.Name == h.cell() {
					cells[h.Name] = c.Name
				}
			}
		}
		return nil
	})
	return cells, err
}

func (h *host) cell() string { return or(h.NovaCell, defaultCell) }
