// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// trouble is what happens at the n-th thing that an action asks of its host or of its neighbours.
type trouble struct {
	name string
	do   func(strike *strike, c *cloud, call func() error) error
	// lasting: from then on, until the action is over.
	lasting bool
	// hosts: only of hosts. What neighbours do is done or not done.
	hosts bool
}

// troubles are those that every action must come through.
var troubles = []trouble{
	{name: "fails", do: func(_ *strike, _ *cloud, _ func() error) error { return errInjected }},
	{name: "only seems to fail", hosts: true, do: func(_ *strike, _ *cloud, call func() error) error {
		return errors.Join(call(), errInjected)
	}},
	{name: "fails for good", lasting: true, do: func(_ *strike, _ *cloud, _ func() error) error { return errInjected }},
	{name: "deleted before", do: func(s *strike, c *cloud, call func() error) error {
		s.interfere(func(ctx context.Context) error { return c.Delete(ctx, admin, s.id) })
		return call()
	}},
	{name: "deleted after", do: func(s *strike, c *cloud, call func() error) error {
		defer s.interfere(func(ctx context.Context) error { return c.Delete(ctx, admin, s.id) })
		return call()
	}},
	{name: "reset before", do: func(s *strike, c *cloud, call func() error) error {
		s.interfere(func(ctx context.Context) error { return c.ResetState(ctx, admin, s.id, compute.Error) })
		return call()
	}},
	{name: "reset after", do: func(s *strike, c *cloud, call func() error) error {
		defer s.interfere(func(ctx context.Context) error { return c.ResetState(ctx, admin, s.id, compute.Error) })
		return call()
	}},
}

// strike counts what is asked while it is armed, and makes trouble at one of it.
type strike struct {
	trouble

	mu    sync.Mutex
	armed bool
	left  int    // how many come through before
	at    string // what the trouble came at; "" while it has not
	id    string
	ctx   context.Context //nolint:containedctx // the test's
	other error           // what went wrong with what interferes
}

func (s *strike) interfere(do func(context.Context) error) {
	if err := do(s.ctx); err != nil && compute.KindOf(err) != compute.NotFound {
		s.other = err
	}
}

func (s *strike) arm(id string, left int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.left, s.armed = id, left, true
}

func (s *strike) disarm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = false
}

// due tells whether the trouble comes now.
func (s *strike) due(what string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left--
	if !s.armed || s.left >= 0 || s.at != "" && !s.lasting {
		return false
	}
	if s.at == "" {
		s.at = what
	}
	return true
}

// around is the door to hosts and neighbours.
func (s *strike) around(c *cloud, what string, call func() error) error {
	if !s.due(what) {
		return call()
	}
	return s.do(s, c, call)
}

// deed is something that is done to a server.
type deed struct {
	name string
	// request is the server's; nil is request.
	request func() compute.CreateRequest
	before  []func(*cloud, testing.TB, string) error
	do      func(*cloud, testing.TB, string) error
	config  func(*compute.Config)
}

func act(do func(*cloud, context.Context, string) error) func(*cloud, testing.TB, string) error {
	return func(c *cloud, tb testing.TB, id string) error { return do(c, tb.Context(), id) }
}

func onBootVolume() compute.CreateRequest { return bootFrom(onVolume(compute.SourceVolume, "root")) }

// Steps of deeds.
var (
	toResize = act(func(c *cloud, ctx context.Context, id string) error {
		larger := tiny
		larger.ID, larger.VCPUs, larger.Number = "2", 2, 2
		return c.Resize(ctx, user, id, compute.Resizing{Flavor: larger})
	})
	toMigrate = act(func(c *cloud, ctx context.Context, id string) error { return c.Migrate(ctx, admin, id, "") })
	toRevert  = act(func(c *cloud, ctx context.Context, id string) error { return c.Revert(ctx, user, id) })
	toConfirm = act(func(c *cloud, ctx context.Context, id string) error { return c.Confirm(ctx, user, id) })
	toStop    = act(func(c *cloud, ctx context.Context, id string) error { return c.Stop(ctx, user, id) })
	toPause   = act(func(c *cloud, ctx context.Context, id string) error { return c.Pause(ctx, user, id) })
	toSuspend = act(func(c *cloud, ctx context.Context, id string) error { return c.Suspend(ctx, user, id) })
	toShelve  = act(func(c *cloud, ctx context.Context, id string) error { return c.Shelve(ctx, user, id) })
	toUnshelf = act(func(c *cloud, ctx context.Context, id string) error {
		return c.Unshelve(ctx, user, id, compute.UnshelveRequest{})
	})
	toRescue = act(func(c *cloud, ctx context.Context, id string) error {
		return c.Rescue(ctx, user, id, compute.RescueRequest{})
	})
	toAttach = act(func(c *cloud, ctx context.Context, id string) error {
		_, err := c.AttachVolume(ctx, user, id, compute.VolumeAttachRequest{VolumeID: "data"})
		return err
	})
	toPlug = act(func(c *cloud, ctx context.Context, id string) error {
		_, err := c.AttachInterface(ctx, user, id, compute.RequestedNetwork{NetworkID: "net"})
		return err
	})
	toDelete  = act(func(c *cloud, ctx context.Context, id string) error { return c.Delete(ctx, user, id) })
	hostDowns = act(func(c *cloud, ctx context.Context, id string) error {
		inst, err := c.Get(ctx, id)
		down := true
		return errors.Join(err, c.UpdateHost(ctx, inst.Host, compute.HostChange{ForcedDown: &down}))
	})
)

type steps = []func(*cloud, testing.TB, string) error

// deeds are all that can be done to servers and asks something of their hosts or neighbours.
var deeds = []deed{
	{name: "stop", do: toStop},
	{name: "start", before: steps{toStop}, do: act(func(c *cloud, ctx context.Context, id string) error { return c.Start(ctx, user, id) })},
	{name: "soft reboot", do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.Reboot(ctx, user, id, compute.SoftReboot)
	})},
	{name: "hard reboot", do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.Reboot(ctx, user, id, compute.HardReboot)
	})},
	{name: "pause", do: toPause},
	{name: "unpause", before: steps{toPause}, do: act(func(c *cloud, ctx context.Context, id string) error { return c.Unpause(ctx, user, id) })},
	{name: "suspend", do: toSuspend},
	{name: "resume", before: steps{toSuspend}, do: act(func(c *cloud, ctx context.Context, id string) error { return c.Resume(ctx, user, id) })},
	{name: "rescue", before: steps{toAttach}, do: toRescue},
	{name: "unrescue", before: steps{toAttach, toRescue}, do: act(func(c *cloud, ctx context.Context, id string) error { return c.Unrescue(ctx, user, id) })},
	{name: "rebuild", before: steps{toAttach}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.Rebuild(ctx, user, id, compute.RebuildRequest{ImageID: "other"})
	})},
	{name: "rebuild on volume", request: onBootVolume, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.Rebuild(ctx, user, id, compute.RebuildRequest{ImageID: "other", ReimageVolume: true})
	})},
	{name: "password", do: act(func(c *cloud, ctx context.Context, id string) error { return c.SetPassword(ctx, user, id, "secret") })},
	{name: "crash dump", do: act(func(c *cloud, ctx context.Context, id string) error { return c.CrashDump(ctx, user, id) })},
	{name: "resize", before: steps{toAttach}, do: toResize},
	{name: "resize stopped", before: steps{toStop}, do: toResize},
	{name: "migrate", before: steps{toAttach}, do: toMigrate},
	{name: "migrate on volume", request: onBootVolume, do: toMigrate},
	{name: "confirm", before: steps{toAttach, toResize}, do: toConfirm},
	{name: "revert", before: steps{toAttach, toResize}, do: toRevert},
	{name: "revert stopped", before: steps{toStop, toMigrate}, do: toRevert},
	{name: "live migrate", before: steps{toAttach}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.LiveMigrate(ctx, admin, id, compute.LiveMigrateRequest{Async: true})
	})},
	{name: "live migrate at once", do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.LiveMigrate(ctx, admin, id, compute.LiveMigrateRequest{})
	})},
	{name: "evacuate", before: steps{toAttach, hostDowns}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.Evacuate(ctx, admin, id, compute.EvacuateRequest{})
	})},
	{name: "evacuate stopped", before: steps{toStop, hostDowns}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.Evacuate(ctx, admin, id, compute.EvacuateRequest{})
	})},
	{name: "shelve", before: steps{toAttach}, do: toShelve},
	{name: "shelve for later", config: func(c *compute.Config) { c.ShelvedOffloadTime = -1 }, do: toShelve},
	{name: "shelve on volume", request: onBootVolume, do: toShelve},
	{
		name: "offload", config: func(c *compute.Config) { c.ShelvedOffloadTime = -1 }, before: steps{toAttach, toShelve},
		do: act(func(c *cloud, ctx context.Context, id string) error { return c.ShelveOffload(ctx, user, id) }),
	},
	{name: "unshelve", before: steps{toAttach, toShelve}, do: toUnshelf},
	{name: "unshelve on volume", request: onBootVolume, before: steps{toShelve}, do: toUnshelf},
	{name: "unshelve at home", config: func(c *compute.Config) { c.ShelvedOffloadTime = -1 }, before: steps{toShelve}, do: toUnshelf},
	{name: "image", do: act(func(c *cloud, ctx context.Context, id string) error {
		_, err := c.CreateImage(ctx, user, id, "copy", nil)
		return err
	})},
	{name: "image of volume", request: onBootVolume, do: act(func(c *cloud, ctx context.Context, id string) error {
		_, err := c.CreateImage(ctx, user, id, "copy", nil)
		return err
	})},
	{name: "backup", do: act(func(c *cloud, ctx context.Context, id string) error {
		_, err := c.CreateBackup(ctx, user, id, compute.Backup{Name: "copy", Type: "daily", Rotation: 1})
		return err
	})},
	{name: "attach volume", do: toAttach},
	{name: "attach volume when offloaded", before: steps{toShelve}, do: toAttach},
	{name: "detach volume", before: steps{toAttach}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.DetachVolume(ctx, user, id, "data")
	})},
	{name: "detach volume when offloaded", before: steps{toAttach, toShelve}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.DetachVolume(ctx, user, id, "data")
	})},
	{name: "attach interface", do: toPlug},
	{name: "detach interface", before: steps{toPlug}, do: act(func(c *cloud, ctx context.Context, id string) error {
		inst, err := c.Get(ctx, id)
		if err != nil {
			return err
		}
		return c.DetachInterface(ctx, user, id, inst.VIFs[0].PortID)
	})},
	{name: "delete", before: steps{toAttach}, do: toDelete},
	{name: "delete on volume", request: onBootVolume, do: toDelete},
	{name: "delete resized", before: steps{toAttach, toResize}, do: toDelete},
	{name: "delete offloaded", before: steps{toAttach, toShelve}, do: toDelete},
	{name: "soft delete", config: reclaimLater, before: steps{toAttach}, do: toDelete},
	{name: "soft delete resized", config: reclaimLater, before: steps{toAttach, toResize}, do: toDelete},
	{name: "restore", config: reclaimLater, before: steps{toAttach, toDelete}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.Restore(ctx, user, id)
	})},
	{name: "force delete", config: reclaimLater, before: steps{toAttach, toDelete}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.ForceDelete(ctx, user, id)
	})},
}

func reclaimLater(c *compute.Config) { c.ReclaimInterval = 1 << 40 }

// Whatever happens at each thing in turn that an action asks of its host and of its neighbours, the server ends
// in a legal state with nothing left over, and can be deleted without a trace.
func TestEveryActionInTrouble(t *testing.T) {
	t.Parallel()
	for _, d := range deeds {
		for _, trouble := range troubles {
			t.Run(d.name+" "+trouble.name, func(t *testing.T) {
				t.Parallel()
				n := 0
				for ; d.survive(t, trouble, n); n++ {
					if n > 100 {
						t.Fatal("asks for ever")
					}
				}
			})
		}
	}
}

// survive makes the trouble at the n-th thing; false when there is none such.
func (d deed) survive(t *testing.T, trouble trouble, n int) bool {
	t.Helper()
	s := &strike{trouble: trouble, ctx: t.Context()}
	v := newVolumes("root", "data")
	var c *cloud
	around := func(what string, call func() error) error { return s.around(c, what, call) }
	neighbours := around
	if trouble.hosts {
		neighbours = func(_ string, call func() error) error { return call() }
	}
	v.around = neighbours
	c = start(t, func(config *compute.Config, _ *sim.Options) {
		config.Volumes = v
		config.Networks = faultyNetworks{config.Networks, neighbours}
		config.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
			if call.InstanceID == "" || call.InstanceID == "sentinel" {
				return next(ctx)
			}
			return around(call.Method+" on "+call.Host, func() error { return next(ctx) })
		}
		if d.config != nil {
			d.config(config)
		}
	})
	wanted := request
	if d.request != nil {
		wanted = d.request
	}
	id := c.create(t, wanted()).ID
	c.settle(t)
	for _, step := range d.before {
		if err := step(c, t, id); err != nil {
			t.Fatal(err)
		}
		c.settle(t)
	}
	s.arm(id, n)
	err := d.do(c, t, id)
	c.settle(t)
	c.flush(t)
	s.disarm()
	if s.at == "" {
		return false
	}
	if s.other != nil {
		t.Errorf("at %d, %s: what interferes failed: %v", n, s.at, s.other)
	}
	t.Run(s.at, func(t *testing.T) {
		t.Logf("at %d, %s: the answer is %v", n, s.at, err)
		c.comeThrough(t, v, id, trouble.lasting)
	})
	return true
}

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
		want["ports"], want["plugs"] = append(want["ports"], vif.PortID), append(want["plugs"], vif.PortID)
	}
	for _, move := range c.moves(t, inst.ID) {
		evacuated := move.Type == compute.EvacuationMigration && inst.Host != move.SourceHost
		if evacuated || move.Type == compute.EvacuationMigration && !inst.Live() { // its old host is down
			want["machines"] = append(want["machines"], inst.ID+" on "+move.SourceHost)
		}
		if !move.Over() || evacuated && move.Status == compute.MigrationDone {
			want["allocations"] = append(want["allocations"], move.ID+" on "+move.SourceHost)
		}
		if !move.Over() && inst.VMState != compute.Resized && !(inst.VMState == compute.Error && move.Status != compute.MigrationPreMigrating) &&
			inst.VMState != compute.SoftDeleted {
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

// faultyNetworks are networks with trouble.
type faultyNetworks struct {
	compute.Networks

	around func(what string, call func() error) error
}

func (f faultyNetworks) Deallocate(ctx context.Context, inst *compute.Instance) error {
	return f.around("Deallocate", func() error { return f.Networks.Deallocate(ctx, inst) })
}

func (f faultyNetworks) Attach(ctx context.Context, caller compute.Caller, inst *compute.Instance, want compute.RequestedNetwork) (vif compute.VIF, err error) {
	err = f.around("Attach", func() error {
		vif, err = f.Networks.Attach(ctx, caller, inst, want)
		return err
	})
	return vif, err
}

func (f faultyNetworks) Detach(ctx context.Context, inst *compute.Instance, portID string) error {
	return f.around("Detach", func() error { return f.Networks.Detach(ctx, inst, portID) })
}

func (f faultyNetworks) Bind(ctx context.Context, inst *compute.Instance, host string) error {
	return f.around("Bind", func() error { return f.Networks.Bind(ctx, inst, host) })
}
