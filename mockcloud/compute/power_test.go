// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

func TestStopAndStart(t *testing.T) {
	t.Parallel()
	c := start(t, taking(sim.Times{Shutdown: time.Second, Start: time.Second}))
	inst := c.active(t)
	if err := c.Stop(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.want(t, inst.ID, compute.Active, compute.PoweringOff, compute.PowerRunning)
	wantErr(t, c.Stop(t.Context(), user, inst.ID), compute.Conflict,
		fmt.Sprintf("Cannot 'stop' instance %s while it is in task_state powering-off", inst.ID))
	c.blocked(t, 1)
	c.clock.Advance(time.Second)
	c.settle(t)
	c.want(t, inst.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)

	wantErr(t, c.Reboot(t.Context(), user, inst.ID, compute.SoftReboot), compute.Conflict,
		fmt.Sprintf("Cannot 'reboot' instance %s while it is in vm_state stopped", inst.ID))
	if err := c.Start(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.blocked(t, 1)
	c.want(t, inst.ID, compute.Stopped, compute.PoweringOn, compute.PowerShutdown)
	c.clock.Advance(time.Second)
	c.settle(t)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)

	actions, err := c.InstanceActions(t.Context(), inst.ID)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range actions {
		names = append(names, a.Action+" "+a.Events[0].Event+" "+a.Events[0].Result)
	}
	want := []string{
		"start compute_start_instance Success", "stop compute_stop_instance Success",
		"create compute__do_build_and_run_instance Success",
	}
	if !slices.Equal(names, want) {
		t.Errorf("actions %v, want %v", names, want)
	}
}

func TestHardRebootPreemptsSoftReboot(t *testing.T) {
	t.Parallel()
	c := start(t, taking(sim.Times{Shutdown: time.Hour}))
	inst := c.active(t)
	if err := c.Reboot(t.Context(), user, inst.ID, compute.SoftReboot); err != nil {
		t.Fatal(err)
	}
	c.blocked(t, 1)
	c.want(t, inst.ID, compute.Active, compute.RebootStarted, compute.PowerRunning)
	if err := c.Reboot(t.Context(), user, inst.ID, compute.HardReboot); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	if fault := c.get(t, inst.ID).Fault; fault != nil {
		t.Errorf("being preempted is no fault: %+v", fault)
	}
}

func TestFailedActions(t *testing.T) {
	t.Parallel()
	fail := map[string]bool{}
	c := start(t, failing(func(call compute.DriverCall) error {
		if fail[call.Method] {
			return errInjected
		}
		return nil
	}))
	inst := c.active(t)
	fail["Stop"] = true
	if err := c.Stop(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	if fault := c.get(t, inst.ID).Fault; fault == nil || fault.Message != "injected" || fault.Host != inst.Host {
		t.Errorf("fault %+v", fault)
	}

	// A reboot that fails is an ERROR only if the machine does not run.
	fail["Reboot"] = true
	if err := c.Reboot(t.Context(), user, inst.ID, compute.HardReboot); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)

	fail["Stop"], fail["Destroy"] = false, true
	if err := c.Delete(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Error, compute.NoTask, compute.PowerRunning)
	if err := c.Stop(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)
	if err := c.Reboot(t.Context(), user, inst.ID, compute.HardReboot); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Error, compute.NoTask, compute.PowerShutdown)

	fail["Destroy"] = false
	if err := c.Delete(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.clean(t)
}

func TestMachineThatGoesByItself(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		event func(*sim.Driver, *testing.T, string) error
	}{
		{"guest powers off", func(d *sim.Driver, t *testing.T, id string) error { return d.PowerOff(t.Context(), id) }},
		{"machine dies", func(d *sim.Driver, t *testing.T, id string) error { return d.Crash(t.Context(), id) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			inst := c.active(t)
			if err := test.event(c.hosts[0], t, inst.ID); err != nil {
				t.Fatal(err)
			}
			c.flush(t)
			c.want(t, inst.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)
			if a, err := c.InstanceActions(t.Context(), inst.ID); err != nil || a[0].Action != "stop" {
				t.Errorf("actions %+v, %v", a, err)
			}
			if err := c.Start(t.Context(), user, inst.ID); err != nil {
				t.Fatal(err)
			}
			c.settle(t)
			c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
		})
	}
}

// A guest that powers off while an operation waits for it is noticed once the operation is over.
func TestEventDuringAnOperation(t *testing.T) {
	t.Parallel()
	c := start(t, taking(sim.Times{Shutdown: time.Second}))
	inst := c.active(t)
	if err := c.Stop(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.blocked(t, 1)
	if err := c.hosts[0].PowerOff(t.Context(), inst.ID); err != nil {
		t.Fatal(err)
	}
	c.want(t, inst.ID, compute.Active, compute.PoweringOff, compute.PowerRunning)
	c.clock.Advance(time.Second)
	c.settle(t)
	c.want(t, inst.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)
}

// A machine that ends at the very end of an operation, of which the driver tells nothing because it was asked to end
// it: what the operation finds is brought into line like what an event tells.
func TestMachineThatEndsWithAnOperation(t *testing.T) {
	t.Parallel()
	var c *cloud
	c = start(t, func(config *compute.Config, _ *sim.Options) {
		config.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
			err := next(ctx)
			if err == nil && call.Method == "Reboot" {
				err = c.hosts[0].Stop(ctx, call.InstanceID, 0)
			}
			return err
		}
	})
	inst := c.active(t)
	if err := c.Reboot(t.Context(), user, inst.ID, compute.HardReboot); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.settle(t)
	c.want(t, inst.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)
}

// An event is none of the business of an operation that began after it: that one settles the server.
func TestEventBeforeAHardReboot(t *testing.T) {
	t.Parallel()
	c := start(t, taking(sim.Times{Shutdown: time.Hour}))
	inst := c.active(t)
	if err := c.Reboot(t.Context(), user, inst.ID, compute.SoftReboot); err != nil {
		t.Fatal(err)
	}
	c.blocked(t, 1)
	if err := c.hosts[0].PowerOff(t.Context(), inst.ID); err != nil {
		t.Fatal(err)
	}
	c.told(t)
	if err := c.Reboot(t.Context(), user, inst.ID, compute.HardReboot); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	if actions, err := c.InstanceActions(t.Context(), inst.ID); err != nil || actions[0].Action != "reboot" {
		t.Errorf("the last action is %+v, %v", actions[0], err)
	}
}

// A panic outside an operation costs what it was about, and nothing else.
func TestPanicInASync(t *testing.T) {
	t.Parallel()
	var armed atomic.Bool
	c := start(t, failing(func(call compute.DriverCall) error {
		if call.Method == "State" && armed.Load() {
			panic("a fault in a driver")
		}
		return nil
	}))
	inst := c.active(t)
	armed.Store(true)
	if err := c.hosts[0].PowerOff(t.Context(), inst.ID); err != nil {
		t.Fatal(err)
	}
	c.flush(t)
	armed.Store(false)
	if err := c.Stop(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)
}

func TestLock(t *testing.T) {
	t.Parallel()
	c := start(t)
	inst := c.active(t)
	reason := "in use"
	if err := c.Lock(t.Context(), user, inst.ID, &reason); err != nil {
		t.Fatal(err)
	}
	if got := c.get(t, inst.ID); !got.Locked || got.LockedBy != "owner" || *got.LockedReason != reason {
		t.Errorf("locked %v by %s: %v", got.Locked, got.LockedBy, got.LockedReason)
	}
	locked := fmt.Sprintf("Instance %s is locked", inst.ID)
	wantErr(t, c.Stop(t.Context(), user, inst.ID), compute.Conflict, locked)
	wantErr(t, c.Delete(t.Context(), user, inst.ID), compute.Conflict, locked)
	wantErr(t, c.Reboot(t.Context(), user, inst.ID, compute.SoftReboot), compute.Conflict, locked)
	if err := c.Stop(t.Context(), admin, inst.ID); err != nil {
		t.Errorf("a lock holds up an administrator: %v", err)
	}
	c.settle(t)
	if err := c.Unlock(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context(), user, inst.ID); err != nil {
		t.Error(err)
	}
	c.settle(t)
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	c := start(t)
	inst := c.active(t)
	after, err := c.UpdateMetadata(t.Context(), user, inst.ID, map[string]string{"a": "1", "b": "2"}, false)
	if err != nil || len(after) != 2 {
		t.Errorf("metadata %v, %v", after, err)
	}
	after, err = c.UpdateMetadata(t.Context(), user, inst.ID, map[string]string{"b": "3"}, true)
	if err != nil || len(after) != 1 || after["b"] != "3" {
		t.Errorf("metadata %v, %v", after, err)
	}
	wantErr(t, c.DeleteMetadata(t.Context(), user, inst.ID, "a"), compute.NotFound, "Metadata item was not found")
	if err := c.DeleteMetadata(t.Context(), user, inst.ID, "b"); err != nil {
		t.Error(err)
	}
	many := map[string]string{}
	for i := range 129 {
		many[fmt.Sprint(i)] = ""
	}
	_, err = c.UpdateMetadata(t.Context(), user, inst.ID, many, true)
	wantErr(t, err, compute.Forbidden, "Maximum number of metadata items exceeds 128")
	if got := c.get(t, inst.ID).Metadata; len(got) != 0 {
		t.Errorf("a refused change was written: %v", got)
	}
}
