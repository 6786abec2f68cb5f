// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"slices"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// machines are the ids of the machines that a host has, in order.
func (c *cloud) machines(t *testing.T, host int) []string {
	t.Helper()
	found, err := c.hosts[host].List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, machine := range found {
		ids = append(ids, machine.ID)
	}
	slices.Sort(ids)
	return ids
}

// What nobody told of comes out when cells are synced: of the servers in children, and of those that are asked for.
func TestSyncCells(t *testing.T) {
	t.Parallel()
	c := start(t)
	ctx := t.Context()
	on := func(host string) *compute.Instance {
		return c.placed(t, func(r *compute.CreateRequest) { r.AvailabilityZone = "nova:" + host })
	}
	inside, outside, gone := on("host-1"), on("host-2"), on("host-1")
	if err := c.Delete(ctx, user, gone.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	for host, ids := range [][]string{{inside.ID}, {outside.ID}} {
		for _, id := range ids {
			if err := c.hosts[host].Stop(ctx, id, 0); err != nil { // without an event
				t.Fatal(err)
			}
		}
	}
	if err := c.hosts[0].Spawn(ctx, &driver.Machine{ID: gone.ID}); err != nil {
		t.Fatal(err)
	}
	sync := func(filter compute.Filter) {
		t.Helper()
		if err := c.SyncCells(ctx, filter); err != nil {
			t.Fatal(err)
		}
		c.settle(t)
	}
	sync(compute.Filter{}) // there are no children
	c.want(t, inside.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	if _, err := c.CreateCell(ctx, compute.Cell{Name: "east", Type: compute.ChildCell, RPCHost: "host-1"}); err != nil {
		t.Fatal(err)
	}
	sync(compute.Filter{ProjectID: "another"})
	sync(compute.Filter{ChangedSince: c.clock.Now().Add(time.Second)})
	c.want(t, inside.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	sync(compute.Filter{ProjectID: user.ProjectID})
	c.want(t, inside.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)
	c.want(t, outside.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	if got := c.machines(t, 0); len(got) != 2 {
		t.Errorf("deleted servers were not asked for: %v", got)
	}
	sync(compute.Filter{Deleted: compute.AllRows})
	if got := c.machines(t, 0); !slices.Equal(got, []string{inside.ID}) {
		t.Errorf("machines %v, want that of %s", got, inside.ID)
	}
}

// Cells outlive the process, and so does which one a server was sent to.
func TestCellsAreKept(t *testing.T) {
	t.Parallel()
	c := start(t, unlimited, func(_ *compute.Config, o *sim.Options) { o.Dir = t.TempDir() })
	ctx := t.Context()
	for _, cell := range []compute.Cell{
		{Name: "up", Type: compute.ParentCell}, {Name: "west", Type: compute.ChildCell, RPCHost: "host-2"},
		{Name: "east", Type: compute.ChildCell, RPCHost: "host-1"},
	} {
		if _, err := c.CreateCell(ctx, cell); err != nil {
			t.Fatal(err)
		}
	}
	inst := c.placed(t, func(r *compute.CreateRequest) { r.TargetCell = "nova!west" })
	on(t, "before the restart", inst, "host-2")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c.open(t)
	all, err := c.Cells(ctx)
	var names []string
	for _, cell := range all {
		names = append(names, cell.Name)
	}
	if want := []string{"west", "east", "up"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("cells %v, %v, want %v", names, err, want)
	}
	on(t, "after it", c.placed(t, func(r *compute.CreateRequest) { r.DifferentCells = []string{"east"} }), "host-2")
	if err := c.Migrate(ctx, admin, inst.ID, ""); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	on(t, "where it was to leave its cell", c.get(t, inst.ID), "host-2")
	if err := c.DeleteCell(ctx, "west"); err != nil {
		t.Fatal(err)
	}
	on(t, "without its cell", c.get(t, inst.ID), "host-2")
}
