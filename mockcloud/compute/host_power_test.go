// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// A simulated host can be switched, with its machines.
func TestPowerHost(t *testing.T) {
	t.Parallel()
	c := start(t)
	inst := c.active(t)
	power := func(action string, want compute.PowerState) {
		t.Helper()
		if err := c.PowerHost(t.Context(), inst.Host, action); err != nil {
			t.Fatal(err)
		}
		c.flush(t)
		c.settle(t)
		if got := c.get(t, inst.ID).PowerState; got != want {
			t.Errorf("after %s: power state %d, want %d", action, got, want)
		}
	}
	up := func(want bool) {
		t.Helper()
		hosts, err := c.Hosts(t.Context())
		if err != nil || hosts[0].Name != inst.Host || hosts[0].Up != want {
			t.Errorf("up %+v, want %v; %v", hosts[0], want, err)
		}
	}
	power("reboot", compute.PowerRunning)
	up(true)
	power("shutdown", compute.PowerShutdown)
	up(false)
	on(t, "while the emptier host is off", c.placed(t, func(*compute.CreateRequest) {}), "host-2")
	_, err := c.HostUptime(t.Context(), inst.Host)
	wantErr(t, err, compute.Unavailable, "Compute service of "+inst.Host+" is unavailable at this time.")
	power("startup", compute.PowerShutdown)
	up(true)
	wantErr(t, c.PowerHost(t.Context(), "nowhere", "reboot"), compute.NotFound, "Host nowhere could not be found.")

	if err := c.MaintainHost(t.Context(), inst.Host, true); err != nil {
		t.Fatal(err)
	}
	hosts, err := c.Hosts(t.Context())
	if err != nil || !hosts[0].Disabled {
		t.Errorf("in maintenance: %+v, %v", hosts[0], err)
	}
	if uptime, err := c.HostUptime(t.Context(), inst.Host); err != nil || !strings.HasPrefix(uptime, " 03:04:05 up 0 min") {
		t.Errorf("uptime %q, %v", uptime, err)
	}
	down := true
	if err := c.UpdateHost(t.Context(), inst.Host, compute.HostChange{ForcedDown: &down}); err != nil {
		t.Fatal(err)
	}
	_, err = c.HostUptime(t.Context(), inst.Host)
	wantErr(t, err, compute.Unavailable, "Compute service of "+inst.Host+" is unavailable at this time.")
}

// Nothing runs on a host that is off, whatever is asked of its servers: they are as they were when it is back. Those
// that are deleted or evacuated are not waited for.
func TestServersOfHostThatIsOff(t *testing.T) {
	t.Parallel()
	c := start(t, unlimited)
	ctx := t.Context()
	placed := func() *compute.Instance {
		return c.placed(t, func(r *compute.CreateRequest) { r.AvailabilityZone = "nova:host-1" })
	}
	stays, moves, goes, pauses := placed(), placed(), placed(), placed()
	c.do(t, c.Pause(ctx, user, pauses.ID))
	c.do(t, c.PowerHost(ctx, "host-1", "shutdown"))
	c.flush(t)
	c.settle(t)
	off := func(when string) {
		t.Helper()
		c.settle(t)
		if power := c.machine(t, stays); power != compute.PowerShutdown {
			t.Errorf("power state %d after %s", power, when)
		}
	}
	off("the host's end")
	c.want(t, pauses.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)
	c.do(t, c.Delete(ctx, user, pauses.ID))
	c.do(t, c.Start(ctx, user, stays.ID))
	off("start")
	c.want(t, stays.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)
	c.do(t, c.Reboot(ctx, user, stays.ID, compute.HardReboot))
	off("reboot")
	c.do(t, c.Evacuate(ctx, admin, moves.ID, compute.EvacuateRequest{}))
	c.do(t, c.Delete(ctx, user, goes.ID))
	c.settle(t)
	if got := c.get(t, moves.ID); got.Host != "host-2" || got.VMState != compute.Stopped {
		t.Errorf("evacuated: %s on %s", got.VMState, got.Host)
	}
	c.do(t, c.PowerHost(ctx, "host-1", "startup"))
	c.settle(t)
	if got := c.machines(t, 0); !slices.Equal(got, []string{stays.ID}) {
		t.Errorf("machines %v, want that of %s", got, stays.ID)
	}
	c.do(t, c.Reboot(ctx, user, stays.ID, compute.HardReboot))
	c.settle(t)
	c.want(t, stays.ID, compute.Active, compute.NoTask, compute.PowerRunning)
}

// Who has a host shut down may go before it is: the host is off all the same.
func TestHostIsNotLeftHalfOff(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	c := start(t, func(config *compute.Config, _ *sim.Options) {
		config.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
			if call.Method == "HostPower" {
				leave()
			}
			return next(ctx)
		}
	})
	inst := c.active(t)
	c.do(t, c.PowerHost(ctx, inst.Host, "shutdown"))
	c.flush(t)
	c.settle(t)
	c.want(t, inst.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)
}

// A host whose driver cannot be switched says so, as Nova with libvirt does; nor has it the traits.
func TestHostsThatCannot(t *testing.T) {
	t.Parallel()
	c := start(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range c.config.Hosts {
		c.config.Hosts[i].Driver = plain{c.config.Hosts[i].Driver}
	}
	m, err := compute.New(c.config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	if err := m.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	const cannot = "The requested functionality is not supported."
	wantErr(t, m.PowerHost(t.Context(), "host-1", "reboot"), compute.NotImplemented, cannot)
	wantErr(t, m.EnableHost(t.Context(), "host-1", false), compute.NotImplemented, cannot)
	_, err = m.HostUptime(t.Context(), "host-1")
	wantErr(t, err, compute.NotImplemented, cannot)
	hosts, err := m.Hosts(t.Context())
	if err != nil || slices.Contains(hosts[0].Traits, "COMPUTE_RESCUE_BFV") || !slices.Contains(hosts[0].Traits, "COMPUTE_NODE") {
		t.Errorf("traits %v, %v", hosts[0].Traits, err)
	}
}

// A host that fails to build is avoided until it has built something.
func TestFailedBuildsAreRemembered(t *testing.T) {
	t.Parallel()
	broken := true
	c := start(t, func(config *compute.Config, _ *sim.Options) {
		config.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
			if broken && call.Method == "Spawn" && call.Host == "host-1" {
				return errors.New("no luck")
			}
			return next(ctx)
		}
	})
	failed := func(want int) {
		t.Helper()
		hosts, err := c.Hosts(t.Context())
		if err != nil || hosts[0].FailedBuilds != want {
			t.Errorf("%d failed builds, want %d; %v", hosts[0].FailedBuilds, want, err)
		}
	}
	on(t, "rescheduled", c.placed(t, func(*compute.CreateRequest) {}), "host-2")
	failed(1)
	on(t, "although host-1 is emptier", c.placed(t, func(*compute.CreateRequest) {}), "host-2")
	broken = false
	on(t, "mended", c.placed(t, func(r *compute.CreateRequest) { r.Host = "host-1" }), "host-1")
	failed(0)
}

// The hosts of an aggregate, and no others, fetch the images.
func TestCacheImages(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var cached []string
	c := start(t, func(config *compute.Config, _ *sim.Options) {
		config.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
			if call.Method == "CacheImage" {
				mu.Lock()
				cached = append(cached, call.Host)
				mu.Unlock()
			}
			return next(ctx)
		}
	})
	a, err := c.CreateAggregate(t.Context(), "a", "")
	if err == nil {
		_, err = c.AddAggregateHost(t.Context(), a.Number, "host-2")
	}
	if err == nil {
		err = c.CacheImages(t.Context(), admin, a.Number, []string{request().ImageID, "missing"})
	}
	if err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	if !slices.Equal(cached, []string{"host-2"}) {
		t.Errorf("cached by %v", cached)
	}
	wantErr(t, c.CacheImages(t.Context(), admin, 7, nil), compute.NotFound, "Aggregate 7 could not be found.")
}

// A service goes with its host, once that is empty.
func TestDeleteService(t *testing.T) {
	t.Parallel()
	c := start(t)
	inst := c.active(t)
	services, err := c.Services(t.Context())
	if err != nil || len(services) != 4 || services[0].Binary != "nova-conductor" || services[0].Zone != compute.InternalZone {
		t.Fatalf("services %+v, %v", services, err)
	}
	id := map[string]string{}
	for _, s := range services {
		id[s.Host] = s.ID
	}
	wantErr(t, c.DeleteService(t.Context(), id[inst.Host]), compute.Conflict,
		"Unable to delete compute service that is hosting instances. Migrate or delete the instances first.")
	if err := c.DeleteService(t.Context(), id["host-2"]); err != nil {
		t.Fatal(err)
	}
	wantErr(t, c.DeleteService(t.Context(), id["host-2"]), compute.NotFound, "Service "+id["host-2"]+" not found.")
	hosts, err := c.Hosts(t.Context())
	if err != nil || len(hosts) != 1 {
		t.Errorf("hosts %v, %v", hosts, err)
	}
	if _, err := c.AddAggregateHost(t.Context(), 1, "host-2"); compute.KindOf(err) != compute.NotFound {
		t.Errorf("a host that is gone joins an aggregate: %v", err)
	}
}

// A server that is deleted while its host is off leaves no machine there once the host is back; a host that cannot be
// switched off stays up.
func TestDeleteOnPoweredOffHost(t *testing.T) {
	t.Parallel()
	c := start(t)
	inst := c.active(t)
	if err := c.PowerHost(t.Context(), inst.Host, "shutdown"); err != nil {
		t.Fatal(err)
	}
	c.flush(t)
	if err := c.Delete(t.Context(), admin, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	machines := func(want int) {
		t.Helper()
		found, err := c.config.Hosts[0].Driver.List(t.Context())
		if err != nil || len(found) != want {
			t.Errorf("%d machines, want %d; %v", len(found), want, err)
		}
	}
	machines(1)
	if err := c.PowerHost(t.Context(), inst.Host, "startup"); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	machines(0)
	if err := c.PowerHost(t.Context(), inst.Host, "nonsense"); err == nil {
		t.Error("a host did nonsense")
	}
}
