// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// AbortMigration ends a server's live migration: the server stays where it is. A migration that has not begun
// to move anything can be aborted, too, if queued says so (since 2.65).
func (m *Manager) AbortMigration(ctx context.Context, caller Caller, id, number string, queued bool) error {
	statuses := []MigrationStatus{MigrationRunning}
	if queued {
		statuses = append(statuses, MigrationQueued, MigrationPreparing)
	}
	control := liveControl{
		name: "abort live migration", guard: "live_migrate_abort", record: "live_migration_cancel", event: "compute_live_migration_abort",
		statuses: statuses, abort: true,
	}
	return m.control(ctx, caller, id, number, control, driver.LiveMigrator.AbortMigration)
}

// ForceComplete lets a server's live migration end soon, at the cost of the guest.
func (m *Manager) ForceComplete(ctx context.Context, caller Caller, id, number string) error {
	control := liveControl{
		name: "force_complete", guard: "live_migrate_force_complete", record: "live_migration_force_complete",
		event: "compute_live_migration_force_complete", statuses: []MigrationStatus{MigrationRunning},
	}
	return m.control(ctx, caller, id, number, control, driver.LiveMigrator.ForceComplete)
}

// liveControl is what can be done to a live migration under way.
type liveControl struct {
	name, guard, record, event string
	statuses                   []MigrationStatus // that it can be done in
	abort                      bool
}

// postCopy is the status that Nova gives to a live migration in post-copy. Only what the driver refuses has it here.
const postCopy MigrationStatus = "running (post-copy)"

// control checks, asks the driver for it, and records that it was done. A migration that ends meanwhile has won.
func (m *Manager) control(ctx context.Context, caller Caller, id, number string, want liveControl,
	do func(driver.LiveMigrator, context.Context, string) error,
) error {
	began := m.Clock.Now()
	mig, err := m.mayControl(ctx, caller, id, number, want)
	if err != nil {
		return err
	}
	host, err := m.host(mig.SourceHost)
	if err != nil {
		return err
	}
	err = use(ctx, host, want.name, id, func(ctx context.Context, d driver.LiveMigrator) error { return do(d, ctx, id) })
	after := context.WithoutCancel(ctx) // what was done is recorded, whoever waits for it
	switch {
	case errors.Is(err, driver.ErrPostCopy):
		return errorsOf(want.refused(mig, number, postCopy), m.Store.Update(after, func(tx store.Tx) error {
			return m.changeMigration(tx, mig.ID, func(mig *Migration) { mig.Aborted = false })
		}))
	case err != nil && !errors.Is(err, driver.ErrNoMigration):
		return err
	}
	return m.Store.Update(after, func(tx store.Tx) error {
		now := m.Clock.Now()
		return m.recordDone(tx, caller, id, want.record, InstanceEvent{
			Event: want.event, Host: mig.SourceHost, StartTime: began, FinishTime: &now, Result: EventSuccess,
		})
	})
}

// mayControl is the migration, which is told of an abort: one that has not begun sees it there.
func (m *Manager) mayControl(ctx context.Context, caller Caller, id, number string, want liveControl) (mig *Migration, err error) {
	err = m.Store.Update(ctx, func(tx store.Tx) error {
		inst, err := live(tx, id)
		if err != nil {
			return err
		}
		if err := guards[want.guard].check(inst, caller, want.name); err != nil {
			return err
		}
		if mig, err = migrationOf(tx, id, number); err != nil {
			return err
		}
		if !slices.Contains(want.statuses, mig.Status) {
			return want.refused(mig, number, mig.Status)
		}
		if !want.abort {
			return nil
		}
		return m.changeMigration(tx, mig.ID, func(mig *Migration) { mig.Aborted = true })
	})
	return mig, err
}

// refused is Nova's refusal of what cannot be done to a migration in that status.
func (c liveControl) refused(mig *Migration, number string, status MigrationStatus) error {
	method := map[bool]string{true: "abort live migration", false: "force complete"}[c.abort]
	return refuse(BadRequest, "Migration %s state of instance %s is %s. Cannot %s while the migration is in this state.",
		number, mig.InstanceID, status, method)
}

// LiveMigrations returns the server's live migrations under way, as far as they are now.
func (m *Manager) LiveMigrations(ctx context.Context, id string) ([]*Migration, error) {
	all, err := m.Migrations(ctx, MigrationFilter{InstanceID: id, Type: string(LiveMigration)})
	all = slices.DeleteFunc(all, func(mig *Migration) bool { return !mig.InProgress() })
	for _, mig := range all {
		m.measure(ctx, mig)
	}
	return all, err
}

// measure asks the driver how far a live migration is; who does not know says nothing.
func (m *Manager) measure(ctx context.Context, mig *Migration) {
	host := m.hosts[mig.SourceHost]
	if host == nil || mig.Status != MigrationRunning {
		return
	}
	_ = use(ctx, host, "MigrationProgress", mig.InstanceID, func(ctx context.Context, d driver.LiveMigrator) error {
		p, err := d.MigrationProgress(ctx, mig.InstanceID)
		if err == nil {
			mig.MemoryTotal, mig.MemoryProcessed, mig.MemoryRemaining = p.MemoryTotal, p.MemoryProcessed, p.MemoryRemaining
			mig.DiskTotal, mig.DiskProcessed, mig.DiskRemaining = p.DiskTotal, p.DiskProcessed, p.DiskRemaining
		}
		return err
	})
}
