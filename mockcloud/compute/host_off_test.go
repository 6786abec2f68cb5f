// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// switching shuts the host down on which the method is to start a machine, once it is armed: when the driver is being
// asked, so that PowerHost does not find what comes of it.
func switching(method string, armed *atomic.Bool, c **cloud) func(*compute.Config, *sim.Options) {
	return func(config *compute.Config, _ *sim.Options) {
		config.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
			if call.Method == method && armed.CompareAndSwap(true, false) {
				host := call.Host
				if method == "LiveMigrate" { // which is asked of the source
					host = "host-2"
				}
				if err := (*c).PowerHost(ctx, host, "shutdown"); err != nil {
					return err
				}
			}
			return next(ctx)
		}
	}
}

// dark demands that nothing runs on hosts that are powered off.
func (c *cloud) dark(t *testing.T) {
	t.Helper()
	hosts, err := c.Hosts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	off := 0
	for i, host := range hosts {
		if !host.PoweredOff {
			continue
		}
		off++
		machines, err := c.hosts[i].List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, machine := range machines {
			if machine.State != driver.Shutdown {
				t.Errorf("on %s, which is off, %s is %v", host.Name, machine.ID, machine.State)
			}
		}
	}
	if off != 1 {
		t.Errorf("%d hosts are off, want one", off)
	}
}

// startup powers up whichever host is off.
func (c *cloud) startup(t *testing.T) {
	t.Helper()
	hosts, err := c.Hosts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range hosts {
		if host.PoweredOff {
			c.do(t, c.PowerHost(t.Context(), host.Name, "startup"))
		}
	}
	c.flush(t)
	c.settle(t)
}

// Whatever starts a machine while its host goes off leaves none running there, and nothing behind once the host is back.
func TestHostGoesOffMeanwhile(t *testing.T) {
	t.Parallel()
	stopped := func(ctx context.Context, c *cloud, id string) error { return c.Stop(ctx, user, id) }
	for _, test := range []struct {
		method        string
		before, under func(context.Context, *cloud, string) error
		want          compute.VMState
		power         compute.PowerState
	}{
		{"Start", stopped, func(ctx context.Context, c *cloud, id string) error { return c.Start(ctx, user, id) },
			compute.Stopped, compute.PowerShutdown},
		{"Reboot", nil, func(ctx context.Context, c *cloud, id string) error {
			return c.Reboot(ctx, user, id, compute.HardReboot)
		},
			compute.Error, compute.PowerShutdown},
		{"Rescue", nil, func(ctx context.Context, c *cloud, id string) error {
			return c.Rescue(ctx, user, id, compute.RescueRequest{})
		}, compute.Error, compute.PowerShutdown},
		{"Rebuild", nil, func(ctx context.Context, c *cloud, id string) error {
			return c.Rebuild(ctx, user, id, compute.RebuildRequest{ImageID: "image"})
		}, compute.Error, compute.PowerShutdown},
		{"Resume", func(ctx context.Context, c *cloud, id string) error { return c.Suspend(ctx, user, id) },
			func(ctx context.Context, c *cloud, id string) error { return c.Resume(ctx, user, id) },
			compute.Error, compute.PowerShutdown},
		{"LiveMigrate", nil, func(ctx context.Context, c *cloud, id string) error {
			return c.LiveMigrate(ctx, admin, id, compute.LiveMigrateRequest{})
		}, compute.Stopped, compute.PowerShutdown},
	} {
		t.Run(test.method, func(t *testing.T) {
			t.Parallel()
			var armed atomic.Bool
			var c *cloud
			c = start(t, switching(test.method, &armed, &c))
			inst := c.active(t)
			if test.before != nil {
				c.do(t, test.before(t.Context(), c, inst.ID))
				c.settle(t)
			}
			armed.Store(true)
			c.do(t, test.under(t.Context(), c, inst.ID))
			c.flush(t)
			c.settle(t)
			c.dark(t)
			c.want(t, inst.ID, test.want, compute.NoTask, test.power)
			c.startup(t)
			c.do(t, c.Reboot(t.Context(), user, inst.ID, compute.HardReboot))
			c.settle(t)
			c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
			c.clean(t)
		})
	}
}

// A build goes on elsewhere, if it may.
func TestHostGoesOffUnderBuild(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, zone string
		want       compute.VMState
		host       string
	}{
		{"anywhere", "", compute.Active, "host-2"},
		{"there", "nova:host-1", compute.Error, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var armed atomic.Bool
			var c *cloud
			c = start(t, switching("Spawn", &armed, &c))
			armed.Store(true)
			r := request()
			r.AvailabilityZone = test.zone
			id := c.create(t, r).ID
			c.settle(t)
			c.dark(t)
			got := c.get(t, id)
			if got.VMState != test.want || got.Host != test.host {
				t.Errorf("%s on %q, want %s on %q; fault %+v", got.VMState, got.Host, test.want, test.host, got.Fault)
			}
			if fault := got.Fault; test.want == compute.Error && (fault == nil || fault.Message != "Compute service of host-1 is unavailable at this time.") {
				t.Errorf("fault %+v", fault)
			}
			c.startup(t)
			c.clean(t)
		})
	}
}

// committing tells of each change that has come into the store.
type committing struct {
	store.Store

	then atomic.Pointer[func()]
}

func (s *committing) Update(ctx context.Context, change func(store.Tx) error) error {
	err := s.Store.Update(ctx, change)
	if then := s.then.Swap(nil); then != nil {
		(*then)()
	}
	return err
}

// That a host is off is so from the moment on that its record says it.
func TestHostIsOffOnceItIsRecorded(t *testing.T) {
	t.Parallel()
	var records *committing
	c := start(t, func(config *compute.Config, _ *sim.Options) {
		records = &committing{Store: config.Store}
		config.Store = records
	})
	inst := c.active(t)
	c.do(t, c.Stop(t.Context(), user, inst.ID))
	c.flush(t) // what the host tells of that is no change to wait for
	recorded := func() {
		c.do(t, c.Start(t.Context(), user, inst.ID))
		c.dark(t)
		c.want(t, inst.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)
	}
	records.then.Store(&recorded)
	c.do(t, c.PowerHost(t.Context(), inst.Host, "shutdown"))
	if records.then.Load() != nil {
		t.Error("nothing was recorded")
	}
}
