// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// do does something to a server and waits until it is done.
func (c *cloud) do(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Error(err)
	}
	c.settle(tb)
}

// Every state that a server can be taken to where it is, and the instance action of each.
func TestStates(t *testing.T) {
	t.Parallel()
	c := start(t)
	id := c.active(t).ID
	want := func(vm compute.VMState, power compute.PowerState) {
		t.Helper()
		c.want(t, id, vm, compute.NoTask, power)
	}
	ctx := t.Context()
	c.do(t, c.Pause(ctx, user, id))
	want(compute.Paused, compute.PowerPaused)
	wantErr(t, c.Pause(ctx, user, id), compute.Conflict, "Cannot 'pause' instance "+id+" while it is in vm_state paused")
	c.do(t, c.Unpause(ctx, user, id))
	want(compute.Active, compute.PowerRunning)
	c.do(t, c.Suspend(ctx, user, id))
	want(compute.Suspended, compute.PowerSuspended)
	c.do(t, c.Resume(ctx, user, id))
	want(compute.Active, compute.PowerRunning)
	c.do(t, c.Rescue(ctx, user, id, compute.RescueRequest{}))
	want(compute.Rescued, compute.PowerRunning)
	c.do(t, c.Unrescue(ctx, user, id))
	want(compute.Active, compute.PowerRunning)
	c.do(t, c.SetPassword(ctx, user, id, "secret"))
	c.do(t, c.CrashDump(ctx, user, id))
	c.do(t, c.ResetState(ctx, admin, id, compute.Error))
	want(compute.Error, compute.PowerRunning)
	c.do(t, c.Rebuild(ctx, user, id, compute.RebuildRequest{ImageID: "other"}))
	want(compute.Active, compute.PowerRunning)
	var done []string
	records, err := c.InstanceActions(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range slices.Backward(records) {
		done = append(done, r.Action)
		if r.Message != "" || r.Action != "resetState" && (len(r.Events) != 1 || r.Events[0].Result != compute.EventSuccess) {
			t.Errorf("%+v", r)
		}
	}
	if got := strings.Join(done, " "); got != "create pause unpause suspend resume rescue unrescue changePassword trigger_crash_dump resetState rebuild" {
		t.Errorf("the instance actions are %s", got)
	}
	log, err := c.ConsoleOutput(ctx, id, -1)
	if err != nil || strings.Contains(log, "secret") {
		t.Errorf("the console tells the password: %q, %v", log, err)
	}
	c.clean(t)
}

// bare is a host that can do nothing beyond what every host must.
type bare struct{ driver.Driver }

// What a host cannot do leaves its servers as they were.
func TestUnableHost(t *testing.T) {
	t.Parallel()
	g := new(gallery)
	c := start(t, withGallery(g), func(config *compute.Config, _ *sim.Options) { config.Hosts = nil })
	for i := range c.config.Hosts {
		c.config.Hosts[i].Driver = bare{c.config.Hosts[i].Driver}
	}
	m, err := compute.New(c.config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	if err := errors.Join(c.Close(), m.Open(t.Context())); err != nil {
		t.Fatal(err)
	}
	c.Manager = m
	id := c.active(t).ID
	for name, act := range map[string]func() error{
		"pause":   func() error { return c.Pause(t.Context(), user, id) },
		"suspend": func() error { return c.Suspend(t.Context(), user, id) },
		"createImage": func() error {
			_, err := c.CreateImage(t.Context(), user, id, "image", nil)
			return err
		},
	} {
		c.do(t, act())
		c.want(t, id, compute.Active, compute.NoTask, compute.PowerRunning)
		if fault := c.get(t, id).Fault; fault == nil || fault.Code != 500 {
			t.Errorf("%s leaves the fault %+v", name, fault)
		}
	}
	if kept := g.names(); len(kept) > 0 {
		t.Errorf("images are left: %v", kept)
	}
	wantErr(t, c.SetPassword(t.Context(), user, id, "secret"), compute.NotImplemented, "Unable to set password on instance")
	if _, err := c.OpenConsole(t.Context(), id, "novnc", "get_vnc_console"); compute.KindOf(err) != compute.NotImplemented {
		t.Errorf("a console: %v", err)
	}
	if _, _, err := c.Diagnose(t.Context(), id); compute.KindOf(err) != compute.NotImplemented {
		t.Errorf("diagnostics: %v", err)
	}
	// It can be rebuilt by another machine, and must not lose what it was told to keep.
	c.do(t, c.Rebuild(t.Context(), user, id, compute.RebuildRequest{ImageID: "other"}))
	c.want(t, id, compute.Active, compute.NoTask, compute.PowerRunning)
	c.do(t, c.Rebuild(t.Context(), user, id, compute.RebuildRequest{ImageID: "other", PreserveEphemeral: true}))
	c.want(t, id, compute.Error, compute.NoTask, compute.PowerRunning)
	c.clean(t)
}

// A server that was off is off after a rebuild, and keeps its ports; a rebuild that fails can be repeated.
func TestRebuild(t *testing.T) {
	t.Parallel()
	broken := true
	c := start(t, failing(func(call compute.DriverCall) error {
		if call.Method == "Rebuild" && broken {
			return errInjected
		}
		return nil
	}))
	before := c.active(t)
	id := before.ID
	c.do(t, c.Stop(t.Context(), user, id))
	name, removed := "new", (*compute.KeyPair)(nil)
	want := compute.RebuildRequest{
		ImageID: "other", Update: compute.Update{Name: &name}, Metadata: map[string]string{"a": "b"}, KeyPair: &removed,
	}
	c.do(t, c.Rebuild(t.Context(), user, id, want))
	if inst := c.get(t, id); inst.VMState != compute.Error || inst.Fault == nil || inst.Fault.Message != "injected" {
		t.Errorf("%s, %+v", inst.VMState, inst.Fault)
	}
	broken = false
	c.do(t, c.Rebuild(t.Context(), user, id, want))
	c.want(t, id, compute.Active, compute.NoTask, compute.PowerRunning)
	c.do(t, c.Stop(t.Context(), user, id))
	c.do(t, c.Rebuild(t.Context(), user, id, want))
	c.want(t, id, compute.Stopped, compute.NoTask, compute.PowerShutdown)
	after := c.get(t, id)
	if after.Name != "new" || after.ImageID != "other" || after.Metadata["a"] != "b" || after.KeyPair != nil ||
		len(after.VIFs) != 1 || after.VIFs[0].PortID != before.VIFs[0].PortID {
		t.Errorf("%+v", after)
	}
	wantErr(t, c.Rebuild(t.Context(), user, id, compute.RebuildRequest{ImageID: "missing"}), compute.NotFound, "Image missing could not be found.")
	c.clean(t)
}

func TestSoftDelete(t *testing.T) {
	t.Parallel()
	const interval = 10 * time.Minute
	c := start(t, func(config *compute.Config, _ *sim.Options) { config.ReclaimInterval = interval })
	id := c.active(t).ID
	used := func(want int) {
		t.Helper()
		usage, err := c.Usage(t.Context(), user.ProjectID, "")
		if err != nil || usage[compute.QuotaInstances] != want {
			t.Errorf("the project uses %v, %v, want %d instances", usage, err, want)
		}
	}
	c.do(t, c.Delete(t.Context(), user, id))
	c.want(t, id, compute.SoftDeleted, compute.NoTask, compute.PowerShutdown)
	used(0)
	c.do(t, c.Restore(t.Context(), user, id))
	c.want(t, id, compute.Active, compute.NoTask, compute.PowerRunning)
	used(1)
	c.do(t, c.Delete(t.Context(), user, id))
	for range 9 {
		c.blocked(t, 1)
		c.clock.Advance(time.Minute)
	}
	c.blocked(t, 1)
	c.settle(t)
	c.want(t, id, compute.SoftDeleted, compute.NoTask, compute.PowerShutdown)
	c.clock.Advance(time.Minute)
	c.blocked(t, 1)
	c.settle(t)
	if inst := c.get(t, id); inst.Live() {
		t.Errorf("it is %s", inst.VMState)
	}
	c.clean(t)
	forced := c.active(t).ID
	c.do(t, c.Delete(t.Context(), user, forced))
	c.do(t, c.ForceDelete(t.Context(), user, forced))
	if inst := c.get(t, forced); inst.Live() {
		t.Errorf("it is %s", inst.VMState)
	}
	c.clean(t)
}

// The token of a console is good for ten minutes, and not for a server that is gone.
func TestConsoleToken(t *testing.T) {
	t.Parallel()
	c := start(t)
	id := c.active(t).ID
	open := func() string {
		t.Helper()
		token, err := c.OpenConsole(t.Context(), id, "novnc", "get_vnc_console")
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	gone := func(token string) {
		t.Helper()
		_, err := c.ConsoleOf(t.Context(), token)
		wantErr(t, err, compute.NotFound, "Token not found")
	}
	token, late := open(), open()
	found, err := c.UseConsole(t.Context(), token)
	if err != nil || found.InstanceID != id || found.Address.Port == 0 {
		t.Errorf("%+v, %v", found, err)
	}
	gone(token)
	c.clock.Advance(10 * time.Minute)
	gone(late)
	last := open()
	c.do(t, c.Delete(t.Context(), user, id))
	gone(last)
	gone("")
}

// homely is what may be done to a server where it is.
func homely(c *cloud, tb testing.TB) error {
	created, err := c.Create(tb.Context(), user, request())
	if err != nil {
		return err
	}
	id, ctx := created[0].ID, tb.Context()
	for _, act := range []func() error{
		func() error { return nil }, // waits for the build
		func() error { return c.Pause(ctx, user, id) },
		func() error { return c.Unpause(ctx, user, id) },
		func() error { return c.Suspend(ctx, user, id) },
		func() error { return c.Resume(ctx, user, id) },
		func() error { return c.Rescue(ctx, user, id, compute.RescueRequest{}) },
		func() error { return c.Unrescue(ctx, user, id) },
		func() error { return c.Rebuild(ctx, user, id, compute.RebuildRequest{ImageID: "other"}) },
		func() error { return c.SetPassword(ctx, user, id, "secret") },
		func() error {
			_, err := c.CreateImage(ctx, user, id, "copy", nil)
			return err
		},
		func() error { return c.ResetState(ctx, admin, id, compute.Active) },
		func() error { return c.ForceDelete(ctx, user, id) },
	} {
		if err := errors.Join(act(), c.Wait(ctx)); err != nil {
			return err
		}
	}
	return nil
}
