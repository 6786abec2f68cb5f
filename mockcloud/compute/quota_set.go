// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// DefaultLimits are the limits of who has none of its own: those of the class "default", else the built-in
// ones.
func (m *Manager) DefaultLimits(ctx context.Context) (map[Resource]int, error) {
	return m.ClassLimits(ctx, defaultClass)
}

// ClassLimits are the limits of a quota class, else the built-in ones. Only the class "default" is ever in
// force.
func (m *Manager) ClassLimits(ctx context.Context, class string) (limits map[Resource]int, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		limits, err = m.limitsOf(tx, classScope(class))
		return err
	})
	return limits, err
}

// SetLimits sets limits of a project, or of one user in it; those not named stay.
func (m *Manager) SetLimits(ctx context.Context, projectID, userID string, limits map[Resource]int) error {
	return m.Store.Update(ctx, func(tx store.Tx) error { return m.setLimits(tx, projectID, userID, limits) })
}

// SetLimitsWithin is SetLimits for limits that are neither below what is used nor, a user's, beyond what
// the project's leave. An error of kind BadRequest otherwise.
func (m *Manager) SetLimitsWithin(ctx context.Context, projectID, userID string, limits map[Resource]int) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		used, err := countedIn(tx, projectID, userID)
		if err != nil {
			return err
		}
		settable, err := m.settable(tx, projectID, userID, used)
		if err != nil {
			return err
		}
		for _, r := range slices.Sorted(maps.Keys(limits)) {
			if err := settable[r].check(r, limits[r]); err != nil {
				return err
			}
		}
		return m.setLimits(tx, projectID, userID, limits)
	})
}

// span is between which limits a limit can be set without force.
type span struct{ least, most int }

// check refuses a limit that is outside.
func (s span) check(r Resource, limit int) error {
	switch {
	case limit != Unlimited && limit < s.least:
		return refuse(BadRequest, "Quota limit %d for %s must be greater than or equal to already used and reserved %d.",
			limit, r, s.least)
	case s.most != Unlimited && (limit == Unlimited || limit > s.most):
		return refuse(BadRequest, "Quota limit %d for %s must be less than or equal to %d.", limit, r, s.most)
	}
	return nil
}

// settable are the spans of the limits of a project, which must hold what its users have been granted, or of
// a user in it, who gets what the others leave.
func (m *Manager) settable(tx store.Tx, projectID, userID string, used map[Resource]int) (map[Resource]span, error) {
	project, err := m.LimitsIn(tx, projectID, "")
	if err != nil {
		return nil, err
	}
	users, err := limitRows.By(tx, usersLimits, projectID)
	if err != nil {
		return nil, err
	}
	granted, own := map[Resource]int{}, map[Resource]int{}
	for _, row := range users {
		for r, limit := range row.Limits {
			granted[r] += limit
		}
		if row.Scope == limitScope(projectID, userID) {
			own = row.Limits
		}
	}
	spans := map[Resource]span{}
	for r, limit := range project {
		remains := limit - granted[r]
		switch unlimited := limit <= Unlimited || remains <= Unlimited; {
		case userID == "" && unlimited:
			spans[r] = span{used[r], Unlimited}
		case userID == "":
			spans[r] = span{max(granted[r], used[r]), Unlimited}
		case remains <= Unlimited || own[r] <= Unlimited:
			spans[r] = span{used[r], Unlimited}
		default:
			spans[r] = span{used[r], remains + own[r]}
		}
	}
	return spans, nil
}

func (m *Manager) setLimits(tx store.Tx, projectID, userID string, limits map[Resource]int) error {
	row := &limitRow{Scope: limitScope(projectID, userID)}
	if userID != "" {
		row.UserOf = projectID
	}
	return row.set(tx, limits)
}

// set writes the limits into the row of that scope.
func (row *limitRow) set(tx store.Tx, limits map[Resource]int) error {
	known, err := limitRows.Get(tx, row.Scope)
	switch {
	case errors.Is(err, store.ErrNotFound):
		row.Limits = map[Resource]int{}
	case err != nil:
		return err
	default:
		row.Limits = known.Limits
	}
	maps.Copy(row.Limits, limits)
	return limitRows.Put(tx, row)
}

// DeleteLimits returns a project with all its users, or one user in it, to the defaults.
func (m *Manager) DeleteLimits(ctx context.Context, projectID, userID string) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		rows := []*limitRow{{Scope: limitScope(projectID, userID)}}
		if userID == "" {
			users, err := limitRows.By(tx, usersLimits, projectID)
			if err != nil {
				return err
			}
			rows = append(rows, users...)
		}
		for _, row := range rows {
			if err := limitRows.Delete(tx, row.Scope); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		return nil
	})
}

// SetClassLimits sets limits of a quota class; those not named stay.
func (m *Manager) SetClassLimits(ctx context.Context, class string, limits map[Resource]int) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		return (&limitRow{Scope: classScope(class)}).set(tx, limits)
	})
}
