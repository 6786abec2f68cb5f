// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

func TestDelete(t *testing.T) {
	t.Parallel()
	c := start(t, taking(sim.Times{Destroy: time.Second}))
	inst := c.active(t)
	for range 2 { // the second one changes nothing
		if err := c.Delete(t.Context(), user, inst.ID); err != nil {
			t.Fatal(err)
		}
	}
	c.blocked(t, 1)
	c.want(t, inst.ID, compute.Active, compute.Deleting, compute.PowerRunning)
	c.clock.Advance(time.Second)
	c.settle(t)
	c.clean(t)

	// The row stays, out of the way of the others.
	c.want(t, inst.ID, compute.Deleted, compute.NoTask, compute.PowerNoState)
	gone := c.get(t, inst.ID)
	if gone.Live() || !gone.TerminatedAt.Equal(c.clock.Now()) || gone.Status() != "DELETED" {
		t.Errorf("deleted %v, terminated %v, %s", gone.DeletedAt, gone.TerminatedAt, gone.Status())
	}
	wantErr(t, c.Delete(t.Context(), user, inst.ID), compute.NotFound,
		fmt.Sprintf("Instance %s could not be found.", inst.ID))
	if actions, err := c.InstanceActions(t.Context(), inst.ID); err != nil || len(actions) != 2 {
		t.Errorf("actions %v, %v", actions, err)
	}
	for rows, want := range map[compute.Rows]int{compute.LiveRows: 0, compute.DeletedRows: 1, compute.AllRows: 1} {
		for _, project := range []string{"", "p1"} {
			found, err := c.List(t.Context(), compute.Filter{ProjectID: project, Deleted: rows})
			if err != nil || len(found) != want {
				t.Errorf("List of rows %d: %d, %v", rows, len(found), err)
			}
		}
	}
	since := compute.Filter{Deleted: compute.AllRows, ChangedSince: c.clock.Now().Add(time.Microsecond)}
	if found, err := c.List(t.Context(), since); err != nil || len(found) != 0 {
		t.Errorf("changed after the end: %v, %v", found, err)
	}
}

func TestDeleteWhileBuilding(t *testing.T) {
	t.Parallel()
	c := start(t, taking(sim.Times{Spawn: time.Hour}))
	inst := c.create(t, request())
	c.blocked(t, 1)
	if err := c.Delete(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t) // without the hour
	c.want(t, inst.ID, compute.Deleted, compute.NoTask, compute.PowerNoState)
	if fault := c.get(t, inst.ID).Fault; fault != nil {
		t.Errorf("fault %+v", fault)
	}
	c.clean(t)
}

func TestDeleteAtOnce(t *testing.T) {
	t.Parallel()
	c := start(t)
	for range 50 {
		inst := c.create(t, request())
		if err := c.Delete(t.Context(), user, inst.ID); err != nil {
			t.Fatal(err)
		}
		c.settle(t)
		c.want(t, inst.ID, compute.Deleted, compute.NoTask, compute.PowerNoState)
	}
	c.clean(t)
}

// The server of a host that is down is deleted; its machine goes when the host is back.
func TestDeleteOnAHostThatIsDown(t *testing.T) {
	t.Parallel()
	c := start(t)
	inst := c.active(t)
	down, up := true, false
	if err := c.UpdateHost(t.Context(), inst.Host, compute.HostChange{ForcedDown: &down}); err != nil {
		t.Fatal(err)
	}
	if err := c.Delete(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Deleted, compute.NoTask, compute.PowerNoState)
	if state, err := c.hosts[0].State(t.Context(), inst.ID); err != nil || state != driver.Running {
		t.Errorf("a host that is down heard of the delete: %v, %v", state, err)
	}
	other := c.active(t)
	if other.Host != "host-2" {
		t.Errorf("scheduled to %s, which is down", other.Host)
	}
	if err := c.UpdateHost(t.Context(), inst.Host, compute.HostChange{ForcedDown: &up}); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.clean(t)
	wantErr(t, c.UpdateHost(t.Context(), "host-9", compute.HostChange{}), compute.NotFound,
		"Compute host host-9 could not be found.")
}

// A delete that fails half-way through a build leaves the server in ERROR where the build was: its machine
// may be there, and so the room is still the server's. The next delete takes all of it away.
func TestDeleteFailsWhileBuilding(t *testing.T) {
	t.Parallel()
	fails := true
	c := start(t, taking(sim.Times{Spawn: time.Hour}), failing(func(call compute.DriverCall) error {
		if fails && call.Method == "Destroy" {
			return errInjected
		}
		return nil
	}))
	inst := c.create(t, request())
	c.blocked(t, 1)
	if err := c.Delete(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Error, compute.NoTask, compute.PowerNoState)
	left := c.get(t, inst.ID)
	if left.Host == "" || left.LaunchedAt != nil || left.Fault == nil || left.Fault.Message != errInjected.Error() {
		t.Errorf("left on %q, launched %v, fault %+v", left.Host, left.LaunchedAt, left.Fault)
	}
	if held, err := c.Allocations(t.Context()); err != nil || len(held) != 1 || held[0].Host != left.Host {
		t.Errorf("it holds %v, %v", held, err)
	}
	fails = false
	if err := c.Delete(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Deleted, compute.NoTask, compute.PowerNoState)
	c.clean(t)
}
