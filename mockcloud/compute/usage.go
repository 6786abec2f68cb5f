// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// ActiveBetween returns the instances that were there at some time between from and to, also those that were
// deleted since: launched before to, and not terminated by from. They are ordered by project, then by id.
// projectID "" is all projects.
func (m *Manager) ActiveBetween(ctx context.Context, projectID string, from, to time.Time) ([]*Instance, error) {
	all, err := m.List(ctx, Filter{ProjectID: projectID, Deleted: AllRows})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(i *Instance) bool { return !i.activeBetween(from, to) })
	slices.SortFunc(all, func(a, b *Instance) int { return a.ComparePlace(b) })
	return all, nil
}

func (i *Instance) activeBetween(from, to time.Time) bool {
	return i.LaunchedAt != nil && i.LaunchedAt.Before(to) && (i.TerminatedAt == nil || i.TerminatedAt.After(from))
}

// ComparePlace compares the places of two instances in the order of ActiveBetween.
func (i *Instance) ComparePlace(other *Instance) int {
	return cmp.Or(cmp.Compare(i.ProjectID, other.ProjectID), cmp.Compare(i.ID, other.ID))
}

// RanFor is how long the instance was there between from and to.
func (i *Instance) RanFor(from, to time.Time) time.Duration {
	if !i.activeBetween(from, to) {
		return 0
	}
	if i.LaunchedAt.After(from) {
		from = *i.LaunchedAt
	}
	if i.TerminatedAt != nil && i.TerminatedAt.Before(to) {
		to = *i.TerminatedAt
	}
	return to.Sub(from)
}
