// SPDX-License-Identifier: MPL-2.0

package drivertest

import (
	"context"
	"errors"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// other is a second host of the same kind, with a state of its own.
func (h *host) other() *host {
	h.Helper()
	to := &host{T: h.T, ctx: h.ctx, subject: h.subject, dir: h.TempDir()}
	to.open()
	h.Cleanup(to.clear)
	return to
}

// moves: a machine that is off goes to another host, and what it left stays until it is forgotten.
func moves(h *host) {
	from := able[driver.Mover](h)
	dest := h.other()
	to := able[driver.Mover](dest)
	m := h.machine()
	dest.spawned = append(dest.spawned, m.ID)
	h.must(h.Spawn(h.ctx, m), "Spawn")
	baggage, err := from.Depart(h.ctx, m.ID, grace)
	h.must(err, "Depart")
	h.wantNone(m.ID)
	larger := *m
	larger.MemoryMiB *= 2
	h.must(to.Arrive(h.ctx, &larger, baggage, true), "Arrive")
	dest.wantList(map[string]driver.State{m.ID: driver.Running})
	h.wantErr(to.Arrive(h.ctx, &larger, baggage, true), driver.ErrExists, "Arrive again")
	for range 2 {
		h.must(from.Forget(h.ctx, m.ID), "Forget")
	}
	h.wantErr(from.Return(h.ctx, m, true), driver.ErrNotFound, "Return of what was forgotten")
}

// returns: a machine that was set aside comes back, also after a restart, and on the host where it arrived,
// too.
func returns(h *host) {
	mover := able[driver.Mover](h)
	m := h.machine()
	h.must(h.Spawn(h.ctx, m), "Spawn")
	baggage, err := mover.Depart(h.ctx, m.ID, grace)
	h.must(err, "Depart")
	h.reopen()
	mover = able[driver.Mover](h)
	h.wantNone(m.ID)
	h.must(mover.Arrive(h.ctx, m, baggage, false), "Arrive where it left")
	h.wantState(m.ID, driver.Shutdown)
	h.wantErr(mover.Return(h.ctx, m, true), driver.ErrExists, "Return beside the one that arrived")
	h.must(h.Destroy(h.ctx, m.ID), "Destroy of the one that arrived")
	h.must(mover.Return(h.ctx, m, true), "Return")
	h.wantList(map[string]driver.State{m.ID: driver.Running})
	_, err = mover.Depart(h.ctx, "nobody", grace)
	h.wantErr(err, driver.ErrNotFound, "Depart of no machine")
}

// eventually asks until it is so.
func (h *host) eventually(what string, ok func() bool) {
	h.Helper()
	for !ok() {
		if err := clock.Wall().Sleep(h.ctx, 10*time.Millisecond); err != nil {
			h.Fatalf("%s: %v", what, err)
		}
	}
}

// abortsLive: an abort that is accepted aborts, also of a migration that was forced to complete before, and one that is
// refused changes nothing.
func abortsLive(h *host) {
	from := able[driver.LiveMigrator](h)
	dest := h.other()
	m := h.machine()
	dest.spawned = append(dest.spawned, m.ID)
	h.must(h.Spawn(h.ctx, m), "Spawn")
	for _, forced := range []bool{false, true} {
		ended := make(chan error, 1)
		go func() {
			ended <- from.LiveMigrate(h.ctx, m.ID, driver.LiveMove{To: dest.Driver, Machine: m, CopyDisks: true, Dwell: time.Hour})
		}()
		h.eventually("a migration under way", func() bool {
			_, err := from.MigrationProgress(h.ctx, m.ID)
			return err == nil
		})
		if forced {
			h.must(from.ForceComplete(h.ctx, m.ID), "ForceComplete")
		}
		switch refused, err := from.AbortMigration(h.ctx, m.ID), <-ended; {
		case refused == nil:
			h.wantErr(err, driver.ErrAborted, "LiveMigrate that was aborted")
			h.wantList(map[string]driver.State{m.ID: driver.Running})
			dest.wantNone(m.ID)
		case !forced || !errors.Is(refused, driver.ErrPostCopy) && !errors.Is(refused, driver.ErrNoMigration):
			h.Fatalf("AbortMigration = %v", refused)
		default:
			h.must(err, "LiveMigrate whose abort was refused")
			h.wantNone(m.ID)
			dest.wantList(map[string]driver.State{m.ID: driver.Running})
		}
	}
}

// migratesLive: a running machine is on one host or the other, whatever happens.
func migratesLive(h *host) {
	from := able[driver.LiveMigrator](h)
	dest := h.other()
	m := h.machine()
	dest.spawned = append(dest.spawned, m.ID)
	h.must(h.Spawn(h.ctx, m), "Spawn")
	ended, cancel := context.WithCancel(h.ctx)
	cancel()
	move := driver.LiveMove{To: dest.Driver, Machine: m, CopyDisks: true}
	h.wantErr(from.LiveMigrate(ended, m.ID, move), context.Canceled, "LiveMigrate that is given up")
	h.wantState(m.ID, driver.Running)
	dest.wantNone(m.ID)
	h.must(from.LiveMigrate(h.ctx, m.ID, move), "LiveMigrate")
	h.wantNone(m.ID)
	dest.wantList(map[string]driver.State{m.ID: driver.Running})
	_, err := from.MigrationProgress(h.ctx, m.ID)
	for what, err := range map[string]error{
		"MigrationProgress": err, "AbortMigration": from.AbortMigration(h.ctx, m.ID), "ForceComplete": from.ForceComplete(h.ctx, m.ID),
	} {
		if !errors.Is(err, driver.ErrNoMigration) {
			h.Errorf("%s without a migration = %v", what, err)
		}
	}
	h.wantErr(from.LiveMigrate(h.ctx, m.ID, move), driver.ErrNotFound, "LiveMigrate of a machine that has left")
}
