// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Get returns an instance, also a deleted one (see Live). Whether the caller may see it is the API's
// business. *InstanceNotFound if there is none.
func (m *Manager) Get(ctx context.Context, id string) (inst *Instance, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		inst, err = find(tx, id)
		return err
	})
	return inst, err
}

// hosted is a live instance that has a host.
func (m *Manager) hosted(ctx context.Context, id string) (inst *Instance, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		if inst, err = live(tx, id); err == nil && inst.Host == "" {
			err = &InstanceNotReady{InstanceID: id}
		}
		return err
	})
	return inst, err
}

// Filter chooses instances. The zero Filter is every live instance; finer filters are the API's.
type Filter struct {
	ProjectID     string // "" is all projects
	Host          string // "" is all hosts; deleted instances are on none
	ReservationID string
	Deleted       Rows
	// ChangedSince and ChangedBefore bound UpdatedAt, both inclusive; zero is no bound.
	ChangedSince, ChangedBefore time.Time
}

// Rows tells live instances from deleted ones.
type Rows int

// Which rows a List is of.
const (
	LiveRows Rows = iota
	DeletedRows
	AllRows
)

// List returns the instances that pass the filter, newest first: created_at, then id, descending.
func (m *Manager) List(ctx context.Context, filter Filter) ([]*Instance, error) {
	var found []*Instance
	err := m.Store.View(ctx, func(tx store.Tx) error {
		found = nil
		for _, read := range filter.reads() {
			rows, err := read(tx)
			if err != nil {
				return err
			}
			found = append(found, rows...)
		}
		return nil
	})
	found = slices.DeleteFunc(found, func(i *Instance) bool { return !filter.passes(i) })
	slices.SortFunc(found, newestFirst)
	return found, err
}

func newestFirst(a, b *Instance) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.Number, a.Number))
}

// reads tell together every instance that passes.
func (f Filter) reads() []func(store.Tx) ([]*Instance, error) {
	lookup := func(index, value string) []func(store.Tx) ([]*Instance, error) {
		return []func(store.Tx) ([]*Instance, error){func(tx store.Tx) ([]*Instance, error) { return instances.By(tx, index, value) }}
	}
	switch {
	case f.ReservationID != "":
		return lookup(byReservation, f.ReservationID)
	case f.Host != "":
		return lookup(byHost, f.Host)
	}
	var all []func(store.Tx) ([]*Instance, error)
	for _, live := range f.Deleted.lives() {
		all = append(all, func(tx store.Tx) ([]*Instance, error) {
			from, until := ages(live, f.ProjectID)
			return instances.Range(tx, byAge, from, until, 0)
		})
	}
	return all
}

// lives are the values of Live that the rows have.
func (r Rows) lives() []bool {
	return map[Rows][]bool{LiveRows: {true}, DeletedRows: {false}, AllRows: {true, false}}[r]
}

func (f Filter) passes(i *Instance) bool {
	return (f.ProjectID == "" || i.ProjectID == f.ProjectID) &&
		(f.Host == "" || i.Host == f.Host) &&
		(f.Deleted == AllRows || i.Live() == (f.Deleted == LiveRows)) &&
		(f.ChangedSince.IsZero() || !i.UpdatedAt.Before(f.ChangedSince)) &&
		(f.ChangedBefore.IsZero() || !i.UpdatedAt.After(f.ChangedBefore))
}

// find reads an instance, live or deleted.
func find(tx store.Tx, id string) (*Instance, error) {
	inst, err := instances.Get(tx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, &InstanceNotFound{InstanceID: id}
	}
	return inst, err
}

// live reads an instance that has not been deleted.
func live(tx store.Tx, id string) (*Instance, error) {
	inst, err := find(tx, id)
	if err == nil && !inst.Live() {
		return nil, &InstanceNotFound{InstanceID: id}
	}
	return inst, err
}
