// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// OwnCell is the name of the cell that the API is of (Nova: [cells] name).
const OwnCell = "nova"

// Cell is a cell of Nova's first kind (API: os-cells, up to Stein): a neighbour of OwnCell. A child is sent
// servers to build; a parent would send some here.
//
// In Nova a cell was another Nova, which was reached at the message queue that the record tells of. All hosts of
// this cloud are of one Nova, so a child is a part of them: a place that the scheduler sends a server to, or keeps
// it from, by the hints target_cell and different_cell. Its hosts are those that RPCHost names, a host or an
// aggregate. Where that names neither, they are those that the cloud was started with in a cell of the child's name
// (HostSpec.NovaCell). A child that reaches no host takes no servers, as in Nova one that does not answer. Two may
// reach the same hosts. With the record, the place is gone; servers that were sent there stay where they are.
//
// What logs into the queue, a password and a virtual host, is not kept: there is none to log into.
type Cell struct {
	Number   int64 // counts up from 1
	Name     string
	Type     string // ChildCell or ParentCell
	Username string // "" is none, of all these
	RPCHost  string
	RPCPort  *int `json:",omitzero"`
}

// The kinds of neighbours.
const (
	ChildCell  = "child"
	ParentCell = "parent"
)

var cellRecords = store.Table[Cell]{
	Name: "compute_cells",
	Key:  func(c *Cell) string { return c.Name },
}

// Cells tells the neighbours: children first, each kind in the order in which they were made.
func (m *Manager) Cells(ctx context.Context) (all []*Cell, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		all, err = cellRecords.All(tx)
		return err
	})
	slices.SortFunc(all, func(a, b *Cell) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Number, b.Number)) })
	return all, err
}

// Cell returns a neighbour. An error of kind NotFound if there is none of that name.
func (m *Manager) Cell(ctx context.Context, name string) (c *Cell, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		c, err = findCell(tx, name)
		return err
	})
	return c, err
}

func findCell(tx store.Tx, name string) (*Cell, error) {
	c, err := cellRecords.Get(tx, name)
	return c, noCell(name, err)
}

// noCell is the store's error about a cell, in Nova's words where it is that there is none.
func noCell(name string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return refuse(NotFound, "Cell %s doesn't exist.", name)
	}
	return err
}

// CreateCell records a neighbour. An error of kind Conflict if the name is taken.
func (m *Manager) CreateCell(ctx context.Context, c Cell) (*Cell, error) {
	err := m.Store.Update(ctx, func(tx store.Tx) (err error) {
		if c.Number, err = next(tx, cellRecords.Name); err != nil {
			return err
		}
		return insertCell(tx, &c)
	})
	return &c, err
}

func insertCell(tx store.Tx, c *Cell) error {
	err := cellRecords.Insert(tx, c)
	if errors.Is(err, store.ErrExists) {
		return refuse(Conflict, "Cell with name %s already exists.", c.Name)
	}
	return err
}

// CellChange is a change of a neighbour; nil leaves an attribute as it is.
type CellChange struct {
	Name, Type, Username, RPCHost *string
	RPCPort                       *int
}

// UpdateCell applies the change. Errors are of kind NotFound, or Conflict: the new name is taken.
func (m *Manager) UpdateCell(ctx context.Context, name string, change CellChange) (c *Cell, err error) {
	err = m.Store.Update(ctx, func(tx store.Tx) error {
		if c, err = findCell(tx, name); err != nil {
			return err
		}
		set(&c.Name, change.Name)
		set(&c.Type, change.Type)
		set(&c.Username, change.Username)
		set(&c.RPCHost, change.RPCHost)
		if change.RPCPort != nil {
			c.RPCPort = change.RPCPort
		}
		if c.Name == name {
			return cellRecords.Put(tx, c)
		}
		if err := cellRecords.Delete(tx, name); err != nil {
			return err
		}
		return insertCell(tx, c)
	})
	return c, err
}

// DeleteCell forgets a neighbour. An error of kind NotFound if there is none of that name.
func (m *Manager) DeleteCell(ctx context.Context, name string) error {
	return m.Store.Update(ctx, func(tx store.Tx) error { return noCell(name, cellRecords.Delete(tx, name)) })
}
