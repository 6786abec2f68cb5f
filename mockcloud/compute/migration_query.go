// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// MigrationFilter chooses migrations; zero fields choose all.
type MigrationFilter struct {
	InstanceID string
	Host       string // source or destination
	SourceHost string
	Status     string
	Type       string
	ProjectID  string
	UserID     string
	// ChangedSince and ChangedBefore bound when it last changed, both inclusive.
	ChangedSince, ChangedBefore time.Time
}

// Migrations returns the migrations that pass the filter, oldest first.
func (m *Manager) Migrations(ctx context.Context, filter MigrationFilter) ([]*Migration, error) {
	var found []*Migration
	err := m.Store.View(ctx, func(tx store.Tx) (err error) {
		switch {
		case filter.InstanceID != "":
			found, err = migrations.By(tx, migrationsByInstance, filter.InstanceID)
		case filter.Host != "":
			found, err = migrations.By(tx, migrationsByHost, filter.Host)
		default:
			found, err = migrations.All(tx)
		}
		return err
	})
	found = slices.DeleteFunc(found, func(mig *Migration) bool { return !filter.passes(mig) })
	slices.SortFunc(found, func(a, b *Migration) int { return cmp.Compare(a.Number, b.Number) })
	return found, err
}

func (f MigrationFilter) passes(mig *Migration) bool {
	is := func(wanted, got string) bool { return wanted == "" || wanted == got }
	changed := mig.CreatedAt
	if mig.UpdatedAt != nil {
		changed = *mig.UpdatedAt
	}
	return is(f.InstanceID, mig.InstanceID) && is(f.SourceHost, mig.SourceHost) &&
		(is(f.Host, mig.SourceHost) || is(f.Host, mig.DestHost)) &&
		is(f.Status, string(mig.Status)) && is(f.Type, string(mig.Type)) &&
		is(f.ProjectID, mig.ProjectID) && is(f.UserID, mig.UserID) &&
		(f.ChangedSince.IsZero() || !changed.Before(f.ChangedSince)) &&
		(f.ChangedBefore.IsZero() || !changed.After(f.ChangedBefore))
}

// Migration returns an instance's migration by its number. An error of kind NotFound if there is none.
func (m *Manager) Migration(ctx context.Context, instanceID, number string) (mig *Migration, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		mig, err = migrationOf(tx, instanceID, number)
		return err
	})
	return mig, err
}

func migrationOf(tx store.Tx, instanceID, number string) (*Migration, error) {
	found, err := migrationsOf(tx, instanceID)
	if err != nil {
		return nil, err
	}
	for _, mig := range found {
		if strconv.FormatInt(mig.Number, 10) == number {
			return mig, nil
		}
	}
	return nil, refuse(NotFound, "Migration %s not found for instance %s", number, instanceID)
}
