// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// double is twice as large as tiny.
var double = compute.Flavor{ID: "2", Number: 2, Name: "m1.small", VCPUs: 2, MemoryMiB: 1024, RootGiB: 1, Public: true}

// claims demands what the hosts are said to have given: vCPUs on host-1 and host-2.
func (c *cloud) claims(tb testing.TB, first, second int) {
	tb.Helper()
	hosts, err := c.Hosts(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	if hosts[0].Used.VCPUs != first || hosts[1].Used.VCPUs != second {
		tb.Errorf("vCPUs claimed: %d and %d, want %d and %d", hosts[0].Used.VCPUs, hosts[1].Used.VCPUs, first, second)
	}
}

// cores is what the project is charged of its quota.
func (c *cloud) cores(tb testing.TB) int {
	tb.Helper()
	used, err := c.Usage(tb.Context(), user.ProjectID, "")
	if err != nil {
		tb.Fatal(err)
	}
	return used[compute.QuotaCores]
}

// migration demands the instance's latest migration to be in that status, and returns it.
func (c *cloud) migration(tb testing.TB, id string, status compute.MigrationStatus) *compute.Migration {
	tb.Helper()
	found, err := c.Migrations(tb.Context(), compute.MigrationFilter{InstanceID: id})
	if err != nil || len(found) == 0 {
		tb.Fatalf("migrations: %v, %v", found, err)
	}
	last := found[len(found)-1]
	if last.Status != status {
		tb.Errorf("migration is %s, want %s", last.Status, status)
	}
	return last
}

// A resize shows each of its states, holds both hosts until it is confirmed or reverted, and the quota
// of the larger flavor from the moment that it is accepted.
func TestResizeStepByStep(t *testing.T) {
	t.Parallel()
	const step = time.Second
	c := start(t, taking(sim.Times{Shutdown: step, Move: step}))
	inst := c.active(t)
	if inst.Host != "host-1" {
		t.Fatalf("on %s", inst.Host)
	}
	c.claims(t, 1, 0)
	if err := c.Resize(t.Context(), user, inst.ID, compute.Resizing{Flavor: double}); err != nil {
		t.Fatal(err)
	}
	if got := c.cores(t); got != 2 {
		t.Errorf("%d cores charged of a resize that was accepted, want 2", got)
	}
	c.blocked(t, 1) // its guest shuts down
	c.want(t, inst.ID, compute.Active, compute.ResizeMigrating, compute.PowerRunning)
	c.migration(t, inst.ID, compute.MigrationMigrating)
	c.claims(t, 1, 2)
	c.clock.Advance(step)
	c.blocked(t, 1) // its disks are copied
	c.migration(t, inst.ID, compute.MigrationPostMigrating)
	if moved := c.get(t, inst.ID); moved.TaskState != compute.ResizeFinish || moved.Host != "host-2" || moved.Status() != "RESIZE" {
		t.Errorf("the server arrives: %s on %s is %s", moved.TaskState, moved.Host, moved.Status())
	}
	c.clock.Advance(step)
	c.settle(t)
	c.want(t, inst.ID, compute.Resized, compute.NoTask, compute.PowerRunning)
	c.migration(t, inst.ID, compute.MigrationFinished)
	c.claims(t, 1, 2)

	if err := c.Revert(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.blocked(t, 1)
	if status := c.get(t, inst.ID).Status(); status != "REVERT_RESIZE" {
		t.Errorf("status on its way back: %s", status)
	}
	wantErr(t, c.Confirm(t.Context(), user, inst.ID), compute.Conflict,
		"Cannot 'confirmResize' instance "+inst.ID+" while it is in task_state resize_reverting")
	c.clock.Advance(step)
	c.settle(t)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	c.migration(t, inst.ID, compute.MigrationReverted)
	c.claims(t, 1, 0)
	if got := c.cores(t); got != 1 {
		t.Errorf("%d cores charged after the way back, want 1", got)
	}
	c.clean(t)
}

// A disk is not made smaller: the server is as it was, and the migration says that it failed.
func TestResizeLosesNoDisk(t *testing.T) {
	t.Parallel()
	c := start(t)
	r := request()
	r.Flavor.RootGiB = 10
	inst := c.create(t, r)
	c.settle(t)
	if err := c.Resize(t.Context(), user, inst.ID, compute.Resizing{Flavor: double}); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	c.migration(t, inst.ID, compute.MigrationError)
	if fault := c.get(t, inst.ID).Fault; fault == nil || fault.Message != "Resize error: Unable to resize disk down." {
		t.Errorf("fault %+v", fault)
	}
	if got := c.cores(t); got != 1 {
		t.Errorf("%d cores charged, want 1", got)
	}
	c.clean(t)
}

// Twenty servers ask for one core more at once, and the quota has seven: seven get it, and what is charged is
// exact.
func TestManyResizesAtOnce(t *testing.T) {
	t.Parallel()
	const many, spare = 20, 7
	c := start(t, func(config *compute.Config, _ *sim.Options) {
		config.Quotas = map[compute.Resource]int{compute.QuotaInstances: many, compute.QuotaCores: many + spare}
	})
	r := request()
	r.MinCount = many
	created, err := c.Create(t.Context(), user, r)
	if err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	var users sync.WaitGroup
	var accepted atomic.Int32
	for _, inst := range created {
		users.Go(func() {
			err := c.Resize(t.Context(), user, inst.ID, compute.Resizing{Flavor: double})
			switch compute.KindOf(err) {
			case compute.Internal:
				if err != nil {
					t.Error(err)
					return
				}
				accepted.Add(1)
			case compute.Forbidden:
			default:
				t.Error(err)
			}
		})
	}
	users.Wait()
	c.settle(t)
	if got, charged := accepted.Load(), c.cores(t); got != spare || charged != many+spare {
		t.Errorf("%d resizes and %d cores charged, want %d and %d", got, charged, spare, many+spare)
	}
	resized := 0
	for _, inst := range created {
		if c.get(t, inst.ID).VMState != compute.Resized {
			continue
		}
		resized++
		if err := c.Confirm(t.Context(), user, inst.ID); err != nil {
			t.Error(err)
		}
	}
	c.settle(t)
	if charged := c.cores(t); resized != spare || charged != many+spare {
		t.Errorf("%d resized and %d cores charged after all is confirmed, want %d and %d", resized, charged, spare, many+spare)
	}
	c.clean(t)
}

// A live migration tells how far it is, can be aborted, and can be forced to complete.
func TestLiveMigrationUnderWay(t *testing.T) {
	t.Parallel()
	const length = 10 * time.Second
	c := start(t, taking(sim.Times{LiveMigration: length}))
	inst := c.active(t)
	begin := func() string {
		t.Helper()
		if err := c.LiveMigrate(t.Context(), admin, inst.ID, compute.LiveMigrateRequest{CopyDisks: true}); err != nil {
			t.Fatal(err)
		}
		c.blocked(t, 1)
		c.want(t, inst.ID, compute.Active, compute.Migrating, compute.PowerRunning)
		c.claims(t, 1, 1)
		return strconv.FormatInt(c.migration(t, inst.ID, compute.MigrationRunning).Number, 10)
	}
	number := begin()
	c.clock.Advance(length / 4)
	found, err := c.LiveMigrations(t.Context(), inst.ID)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if m := found[0]; m.MemoryTotal != 512<<20 || m.MemoryProcessed != m.MemoryTotal/4 || m.DiskRemaining != m.DiskTotal/4*3 {
		t.Errorf("after a quarter of the time: %+v", m)
	}
	if err := c.AbortMigration(t.Context(), admin, inst.ID, number, false); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	c.migration(t, inst.ID, compute.MigrationCancelled)
	c.claims(t, 1, 0)
	if now := c.get(t, inst.ID); now.Host != "host-1" || now.Fault != nil {
		t.Errorf("aborted on %s, fault %+v", now.Host, now.Fault)
	}

	number = begin()
	if err := c.ForceComplete(t.Context(), admin, inst.ID, number); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	c.migration(t, inst.ID, compute.MigrationCompleted)
	c.claims(t, 0, 1)
	if now := c.get(t, inst.ID); now.Host != "host-2" {
		t.Errorf("arrived on %s", now.Host)
	}
	c.clean(t)
}

// Who waits for the answer is told that no host can have the server; who does not, finds it in the migration.
func TestLiveMigrationWithoutDestination(t *testing.T) {
	t.Parallel()
	c := start(t)
	inst := c.active(t)
	down := true
	if err := c.UpdateHost(t.Context(), "host-2", compute.HostChange{ForcedDown: &down}); err != nil {
		t.Fatal(err)
	}
	wantErr(t, c.LiveMigrate(t.Context(), admin, inst.ID, compute.LiveMigrateRequest{Host: "host-9"}), compute.BadRequest,
		"Compute host host-9 could not be found.")
	wantErr(t, c.LiveMigrate(t.Context(), admin, inst.ID, compute.LiveMigrateRequest{Host: inst.Host, Force: true}), compute.BadRequest,
		"Unable to migrate instance ("+inst.ID+") to current host ("+inst.Host+").")
	wantErr(t, c.LiveMigrate(t.Context(), admin, inst.ID, compute.LiveMigrateRequest{Host: "host-2", Force: true}), compute.BadRequest,
		"Compute service of host-2 is unavailable at this time.")
	wantErr(t, c.LiveMigrate(t.Context(), admin, inst.ID, compute.LiveMigrateRequest{}), compute.BadRequest,
		"No valid host was found. There are not enough hosts available.")
	c.migration(t, inst.ID, compute.MigrationError)
	if err := c.LiveMigrate(t.Context(), admin, inst.ID, compute.LiveMigrateRequest{Async: true}); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	c.migration(t, inst.ID, compute.MigrationError)
	c.claims(t, 1, 0)
	c.clean(t)
}
