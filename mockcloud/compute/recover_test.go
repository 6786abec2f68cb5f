// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// death lets a process take so many steps and then stand still for ever, as after kill -9: nothing
// that it began goes on, and nothing is cleared up.
type death struct {
	mu   sync.Mutex
	left int
	once sync.Once
	dead chan struct{}
	end  <-chan struct{} // of the test
}

var errDead = errors.New("the process is dead")

func (d *death) step() error {
	d.mu.Lock()
	alive := d.left > 0
	d.left--
	d.mu.Unlock()
	if alive {
		return nil
	}
	d.once.Do(func() { close(d.dead) })
	<-d.end
	return errDead
}

// mortalStore is a store whose process dies before or after a transaction.
type mortalStore struct {
	store.Store
	*death
}

func (s mortalStore) Update(ctx context.Context, change func(store.Tx) error) error {
	if err := s.step(); err != nil {
		return err
	}
	if err := s.Store.Update(ctx, change); err != nil {
		return err
	}
	return s.step()
}

// intercept is an Interceptor that dies before or after a driver call.
func (d *death) intercept(ctx context.Context, _ compute.DriverCall, next func(context.Context) error) error {
	if err := d.step(); err != nil {
		return err
	}
	if err := next(ctx); err != nil {
		return err
	}
	return d.step()
}

// kept keeps the machines, so that they outlive the process.
func kept(tb testing.TB) func(*compute.Config, *sim.Options) {
	tb.Helper()
	dir := tb.TempDir()
	return func(_ *compute.Config, o *sim.Options) { o.Dir = dir }
}

// reborn is the cloud in a new process: the records, machines and ports are there, and nothing else.
// The old one must stand still.
func (c *cloud) reborn(tb testing.TB) *cloud {
	tb.Helper()
	next := c.unborn()
	next.open(tb)
	next.settle(tb)
	return next
}

// unborn is the cloud before a new process opens it.
func (c *cloud) unborn() *cloud {
	next := *c
	next.clock = clock.NewManual(c.clock.Now())
	next.fabric = newFabric()
	next.options.Clock, next.options.Times = next.clock, sim.Times{}
	next.config.Clock, next.config.Fabric, next.config.Intercept = next.clock, next.fabric, nil
	if mortal, ok := c.config.Store.(mortalStore); ok {
		next.config.Store = mortal.Store
	}
	return &next
}

// mortal lets a config's process die after so many steps.
func mortal(tb testing.TB, config *compute.Config, steps int) *death {
	tb.Helper()
	d := &death{left: steps, dead: make(chan struct{}), end: tb.Context().Done()}
	config.Store, config.Intercept = mortalStore{config.Store, d}, d.intercept
	return d
}

// dieAgain is a process that dies while it recovers from the death of the one before, unless it takes
// fewer steps.
func (c *cloud) dieAgain(tb testing.TB, steps int) *cloud {
	tb.Helper()
	next := c.unborn()
	d := mortal(tb, &next.config, steps)
	next.assemble(tb)
	lived := make(chan error, 1)
	go func() { lived <- errors.Join(next.Open(tb.Context()), next.Wait(tb.Context())) }()
	select {
	case err := <-lived:
		if err != nil {
			tb.Fatal(err)
		}
		if err := next.Close(); err != nil {
			tb.Fatal(err)
		}
	case <-d.dead:
	}
	return next
}

// life is everything that may be done to a server, one after the other.
func life(c *cloud, tb testing.TB) error {
	created, err := c.Create(tb.Context(), user, request())
	if err != nil {
		return err
	}
	id := created[0].ID
	for _, act := range []func() error{
		func() error { return nil }, // waits for the build
		func() error {
			vif, err := c.AttachInterface(tb.Context(), user, id, compute.RequestedNetwork{NetworkID: "net"})
			if err != nil {
				return err
			}
			return c.DetachInterface(tb.Context(), user, id, vif.PortID)
		},
		func() error { return c.Stop(tb.Context(), user, id) },
		func() error { return c.Start(tb.Context(), user, id) },
		func() error { return c.Reboot(tb.Context(), user, id, compute.SoftReboot) },
		func() error { return c.Reboot(tb.Context(), user, id, compute.HardReboot) },
		func() error { return c.Delete(tb.Context(), user, id) },
	} {
		if err := errors.Join(act(), c.Wait(tb.Context())); err != nil {
			return err
		}
	}
	return nil
}

// travels is every way in which a server may leave its host.
func travels(c *cloud, tb testing.TB) error {
	created, err := c.Create(tb.Context(), user, request())
	if err != nil {
		return err
	}
	id, larger := created[0].ID, tiny
	larger.ID, larger.VCPUs, larger.Number = "2", 2, 2
	down := func(host string, is bool) error {
		return c.UpdateHost(tb.Context(), host, compute.HostChange{ForcedDown: &is})
	}
	for _, act := range []func() error{
		func() error { return nil }, // waits for the build
		func() error { return c.Resize(tb.Context(), user, id, compute.Resizing{Flavor: larger}) },
		func() error { return c.Confirm(tb.Context(), user, id) },
		func() error { return c.Migrate(tb.Context(), admin, id, "") },
		func() error { return c.Revert(tb.Context(), admin, id) },
		func() error { return c.LiveMigrate(tb.Context(), admin, id, compute.LiveMigrateRequest{Async: true}) },
		func() error { return c.Shelve(tb.Context(), user, id) },
		func() error { return c.Unshelve(tb.Context(), user, id, compute.UnshelveRequest{}) },
		func() error {
			inst, err := c.Get(tb.Context(), id)
			if err != nil {
				return err
			}
			return errors.Join(down(inst.Host, true), c.Evacuate(tb.Context(), admin, id, compute.EvacuateRequest{}), c.Wait(tb.Context()),
				down(inst.Host, false))
		},
		func() error { return c.Delete(tb.Context(), user, id) },
	} {
		if err := errors.Join(act(), c.Wait(tb.Context())); err != nil {
			return err
		}
	}
	return nil
}

// The process dies at each of its steps in turn, the next one while it recovers; the one after must
// find every server in a legal state, with nothing under way and nothing left over.
func TestRecoveryFromDeathAtEachStep(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		life func(*cloud, testing.TB) error
		want []compute.VMState
	}{
		"at home": {life, []compute.VMState{compute.Active, compute.Stopped, compute.Error, compute.Deleted}},
		"in other states": {homely, []compute.VMState{
			compute.Active, compute.Paused, compute.Suspended, compute.Rescued, compute.Error, compute.Deleted,
		}},
		"on a way": {travels, []compute.VMState{compute.Active, compute.Resized, compute.ShelvedOffloaded, compute.Error, compute.Deleted}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dieAtEachStep(t, test.life, test.want)
		})
	}
}

func dieAtEachStep(t *testing.T, life func(*cloud, testing.TB) error, want []compute.VMState) {
	t.Helper()
	seen := map[compute.VMState]int{}
	for steps := 0; ; steps++ {
		died := t.Run("", func(t *testing.T) {
			var d *death
			c := start(t, kept(t), func(config *compute.Config, _ *sim.Options) { d = mortal(t, config, 1<<20) })
			d.mu.Lock()
			d.left = steps
			d.mu.Unlock()
			lived := make(chan error, 1)
			go func() { lived <- life(c, t) }()
			select {
			case err := <-lived:
				if err != nil {
					t.Fatal(err)
				}
				c.clean(t)
				steps = -1
				return
			case <-d.dead:
			}
			const patterns = 11 // of deaths during recovery: after 0 to 10 steps, by turns
			next := c.dieAgain(t, steps%patterns).reborn(t)
			next.clean(t)
			all, err := next.List(t.Context(), compute.Filter{Deleted: compute.AllRows})
			if err != nil {
				t.Fatal(err)
			}
			for _, inst := range all {
				seen[inst.VMState]++
				next.legal(t, inst)
				if !inst.Live() {
					continue
				}
				if err := next.Delete(t.Context(), user, inst.ID); err != nil {
					t.Error(err)
				}
			}
			next.settle(t)
			up := false
			for _, host := range next.config.Hosts { // what a host that was down still has goes when it is back
				if err := next.UpdateHost(t.Context(), host.Name, compute.HostChange{ForcedDown: &up}); err != nil {
					t.Error(err)
				}
			}
			next.settle(t)
			next.clean(t)
		})
		if !died {
			return
		}
		if steps < 0 {
			break
		}
	}
	for _, vm := range want {
		if seen[vm] == 0 {
			t.Errorf("no death left a server %s: %v", vm, seen)
		}
	}
	t.Logf("servers after the deaths: %v", seen)
}

// legal demands a state in which a server may be while nothing is under way on it.
func (c *cloud) legal(tb testing.TB, inst *compute.Instance) {
	tb.Helper()
	powers := map[compute.VMState][]compute.PowerState{
		compute.Active:           {compute.PowerRunning},
		compute.Stopped:          {compute.PowerShutdown},
		compute.Shelved:          {compute.PowerShutdown},
		compute.ShelvedOffloaded: {compute.PowerShutdown},
		compute.Resized:          {compute.PowerRunning},
		compute.Paused:           {compute.PowerPaused},
		compute.Suspended:        {compute.PowerSuspended},
		compute.Rescued:          {compute.PowerRunning},
		compute.Deleted:          {compute.PowerNoState},
		compute.Error:            {compute.PowerNoState, compute.PowerRunning, compute.PowerShutdown},
	}
	fits := false
	for _, power := range powers[inst.VMState] {
		fits = fits || power == inst.PowerState
	}
	if !fits || inst.TaskState != compute.NoTask || inst.Operation != "" {
		tb.Errorf("%s/%q/%d is not legal", inst.VMState, inst.TaskState, inst.PowerState)
	}
	if inst.VMState == compute.Error && inst.Fault == nil { // that an action failed may leave one in other states, too
		tb.Errorf("%s with fault %+v", inst.VMState, inst.Fault)
	}
	actions, err := c.InstanceActions(tb.Context(), inst.ID)
	if err != nil {
		tb.Fatal(err)
	}
	for _, a := range actions {
		for _, e := range a.Events {
			if e.Result == "" {
				tb.Errorf("event %s of %s has no result", e.Event, a.Action)
			}
		}
	}
	if inst.VMState != compute.Active && inst.VMState != compute.Stopped {
		return
	}
	for i, host := range c.hosts {
		if c.config.Hosts[i].Name != inst.Host {
			continue
		}
		state, err := host.State(tb.Context(), inst.ID)
		if err != nil || (state == driver.Running) != (inst.VMState == compute.Active) {
			tb.Errorf("%s with a machine in state %d, %v", inst.VMState, state, err)
		}
	}
}

func TestRestart(t *testing.T) {
	t.Parallel()
	c := start(t, kept(t))
	running, stopped, lost := c.active(t), c.active(t), c.active(t)
	if err := c.Stop(t.Context(), user, stopped.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	for _, host := range c.hosts { // what happens while nobody watches
		if err := host.Destroy(t.Context(), lost.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.hosts[0].Spawn(t.Context(), &driver.Machine{ID: "orphan"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	next := c.reborn(t)
	next.want(t, running.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	next.want(t, stopped.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)
	next.want(t, lost.ID, compute.Error, compute.NoTask, compute.PowerNoState)
	if fault := next.get(t, lost.ID).Fault; fault == nil || fault.Message == "" {
		t.Errorf("fault %+v", fault)
	}
	if _, err := next.hosts[0].State(t.Context(), "orphan"); !errors.Is(err, driver.ErrNotFound) {
		t.Errorf("the orphan is still there: %v", err)
	}
	if got := len(next.fabric.ids()); got != 2 {
		t.Errorf("%d ports are plugged again, want 2", got)
	}
}

// Close does not wait for what takes long, and what it cut short is taken up again.
func TestCloseAndReopen(t *testing.T) {
	t.Parallel()
	c := start(t, kept(t), taking(sim.Times{Shutdown: time.Hour}))
	inst := c.active(t)
	if err := c.Stop(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.blocked(t, 1)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context(), user, inst.ID); err == nil {
		t.Error("a closed Manager begins operations")
	}
	c.reborn(t).want(t, inst.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)
}
