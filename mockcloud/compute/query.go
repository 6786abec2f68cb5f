// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"time"
)

// Get returns an instance, also a deleted one (see Live). Whether the caller may see it is the API's
// business. *InstanceNotFound if there is none.
func (m *Manager) Get(ctx context.Context, id string) (*Instance, error) { return nil, errUnbuilt }

// Filter chooses instances. The zero Filter is every live instance; finer filters are the API's.
type Filter struct {
	ProjectID string // "" is all projects
	Deleted   Rows
	Host      string // only live ones
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

// List returns the instances that pass the filter, newest first (created_at, then id, descending).
func (m *Manager) List(ctx context.Context, filter Filter) ([]*Instance, error) {
	return nil, errUnbuilt
}
