// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// comeThrough demands that what is left of the server is in order, and goes with it. With lasting trouble things
// could not be put in order.
func (c *cloud) comeThrough(t *testing.T, v *volumes, id string, lasting bool) {
	t.Helper()
	inst := c.get(t, id)
	t.Logf("%s/%q/%d on %s, %+v", inst.VMState, inst.TaskState, inst.PowerState, inst.Host, inst.Fault)
	reset, failed := c.past(t, id)
	if !lasting && !reset {
		c.inOrder(t, v, inst, failed)
	}
	up := false
	for _, host := range c.config.Hosts {
		if err := c.UpdateHost(t.Context(), host.Name, compute.HostChange{ForcedDown: &up}); err != nil {
			t.Error(err)
		}
	}
	c.settle(t)
	c.flush(t)
	if inst.Live() {
		if err := c.ForceDelete(t.Context(), user, id); err != nil {
			t.Error(err)
		}
		c.flush(t)
	}
	if inst = c.get(t, id); inst.Live() {
		t.Errorf("not deleted: %s, %+v", inst.VMState, inst.Fault)
	}
	c.clean(t)
	if v.keeps(inst) { // what could not be detached is detached by the next process
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		c.reborn(t)
	}
	if v.keeps(inst) {
		t.Error("a deleted server has volumes")
	}
	for _, move := range c.moves(t, id) {
		if !move.Over() {
			t.Errorf("%s of a deleted server is %s", move.Type, move.Status)
		}
	}
	for i, host := range c.hosts {
		if host.Aside(id) {
			t.Errorf("host-%d has the machine still set aside", i+1)
		}
	}
}

// past tells whether the server was reset, and whether anything done to it failed.
func (c *cloud) past(t *testing.T, id string) (reset, failed bool) {
	t.Helper()
	actions, err := c.InstanceActions(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range actions {
		reset = reset || a.Action == "resetState"
		for _, e := range a.Events {
			failed = failed || e.Result == compute.EventError
			if e.Result == "" {
				t.Errorf("event %s of %s has no result", e.Event, a.Action)
			}
		}
	}
	return reset, failed
}

func (c *cloud) moves(t *testing.T, id string) []*compute.Migration {
	t.Helper()
	moves, err := c.Migrations(t.Context(), compute.MigrationFilter{InstanceID: id})
	if err != nil {
		t.Fatal(err)
	}
	return moves
}

// inOrder demands that nothing is under way on the server, that nothing is there but what it knows of, and all that,
// unless something that was done to it failed.
func (c *cloud) inOrder(t *testing.T, v *volumes, inst *compute.Instance, failed bool) {
	t.Helper()
	if inst.TaskState != compute.NoTask || inst.Operation != "" {
		t.Errorf("stuck in %q", inst.TaskState)
	}
	if inst.VMState == compute.Error && inst.Fault == nil {
		t.Error("in ERROR, and nobody knows why")
	}
	if got := c.machine(t, inst); inst.Live() && inst.Host != "" && got != inst.PowerState {
		t.Errorf("power_state %d, and the machine's is %d", inst.PowerState, got)
	}
	want := map[string][]string{"machines": {inst.ID + " on " + inst.Host}}
	if inst.Live() {
		want["allocations"] = []string{inst.ID + " on " + inst.Host}
	}
	for _, vif := range inst.VIFs {
		want["ports"], want["plugs"] = append(want["ports"], vif.PortID), append(want["plugs"], vif.PortID+" on "+inst.Host)
	}
	for _, move := range c.moves(t, inst.ID) {
		evacuated := move.Type == compute.EvacuationMigration && inst.Host != move.SourceHost
		if evacuated || move.Type == compute.EvacuationMigration && !inst.Live() { // its old host is down
			want["machines"] = append(want["machines"], inst.ID+" on "+move.SourceHost)
		}
		if !move.Over() || evacuated && move.Status == compute.MigrationDone {
			want["allocations"] = append(want["allocations"], move.ID+" on "+move.SourceHost)
		}
		if !move.Over() && inst.VMState != compute.Resized && !(inst.VMState == compute.Error && move.Status != compute.MigrationPreMigrating) {
			t.Errorf("%s of a server %s is %s", move.Type, inst.VMState, move.Status)
		}
	}
	got := c.things(t)
	for what, all := range got {
		for _, one := range all {
			if !slices.Contains(want[what], one) {
				t.Errorf("left over: %s %s, beside %v", what, one, want[what])
			}
		}
	}
	for what, all := range want {
		for _, one := range all {
			if what != "allocations" && (failed || inst.Host == "" || !inst.Live()) {
				continue
			}
			if !slices.Contains(got[what], one) {
				t.Errorf("missing: %s %s", what, one)
			}
		}
	}
	v.inOrder(t, inst)
}

// things are what hosts and neighbours have.
func (c *cloud) things(t *testing.T) map[string][]string {
	t.Helper()
	got := map[string][]string{"ports": c.ports.ids(), "plugs": c.fabric.ids()}
	for i, host := range c.hosts {
		machines, err := host.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, machine := range machines {
			got["machines"] = append(got["machines"], fmt.Sprintf("%s on host-%d", machine.ID, i+1))
		}
	}
	allocations, err := c.Allocations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range allocations {
		got["allocations"] = append(got["allocations"], a.InstanceID+" on "+a.Host)
	}
	return got
}

// inOrder demands that the server knows of every attachment to it, and that the volumes of one that is well are
// connected to its host.
func (v *volumes) inOrder(t *testing.T, inst *compute.Instance) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	for id, a := range v.attachments {
		if inst.Live() && a.instance == inst.ID && !slices.ContainsFunc(inst.BlockDevices, func(b compute.BlockDevice) bool { return b.AttachmentID == id }) {
			t.Errorf("left over: attachment %s of %s", id, a.volume)
		}
	}
	for _, b := range inst.BlockDevices {
		if !b.Attached() || inst.Host == "" || inst.VMState == compute.Error || inst.PowerState == compute.PowerNoState {
			continue
		}
		if volume, host := v.of[b.VolumeID], v.attachments[b.AttachmentID].host; volume.Status != "in-use" || host != inst.Host {
			t.Errorf("volume %s is %s, connected to %q; the server is on %s", b.VolumeID, volume.Status, host, inst.Host)
		}
	}
}
