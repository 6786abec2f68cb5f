// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// gallery is an image service that keeps what is made in it.
type gallery struct {
	images

	mu   sync.Mutex
	kept []*compute.Image // oldest first
	fail error            // of the next upload, after its content
}

func (g *gallery) at(id string) int {
	return slices.IndexFunc(g.kept, func(i *compute.Image) bool { return i.ID == id })
}

func (g *gallery) Image(ctx context.Context, caller compute.Caller, id string) (*compute.Image, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at := g.at(id); at >= 0 {
		found := *g.kept[at]
		return &found, nil
	}
	return g.images.Image(ctx, caller, id)
}

func (g *gallery) Find(_ context.Context, _ compute.Caller, properties map[string]string) (found []*compute.Image, _ error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, image := range slices.Backward(g.kept) {
		matches := true
		for key, value := range properties {
			matches = matches && image.Properties[key] == value
		}
		if matches {
			found = append(found, image)
		}
	}
	return found, nil
}

func (g *gallery) Create(_ context.Context, _ compute.Caller, image compute.NewImage) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	made := &compute.Image{
		ID: uuid.NewString(), Name: image.Name, Status: "queued", DiskFormat: image.DiskFormat, MinDisk: image.MinDisk,
		MinRAM: image.MinRAM, Properties: image.Properties,
	}
	g.kept = append(g.kept, made)
	return made.ID, nil
}

func (g *gallery) Upload(ctx context.Context, caller compute.Caller, id string, write func(io.Writer) error) error {
	var content bytes.Buffer
	err := write(&content)
	g.mu.Lock()
	err = errors.Join(err, g.fail)
	at := g.at(id)
	if at >= 0 && err == nil {
		g.kept[at].Status, g.kept[at].Size = "active", int64(content.Len())
	}
	g.mu.Unlock()
	switch {
	case err != nil:
		return errors.Join(err, g.Delete(ctx, caller, id))
	case at < 0:
		return &compute.Refusal{Reason: compute.NotFound, Message: "the image is gone"}
	}
	return nil
}

func (g *gallery) Delete(_ context.Context, _ compute.Caller, id string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.kept = slices.DeleteFunc(g.kept, func(i *compute.Image) bool { return i.ID == id })
	return nil
}

// names are those of the images, with their statuses.
func (g *gallery) names() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var names []string
	for _, image := range g.kept {
		names = append(names, image.Name+" "+image.Status)
	}
	return names
}

func withGallery(g *gallery) func(*compute.Config, *sim.Options) {
	return func(c *compute.Config, _ *sim.Options) { c.Images = g }
}

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

func TestSnapshot(t *testing.T) {
	t.Parallel()
	g := new(gallery)
	c := start(t, withGallery(g))
	inst := c.active(t)
	id, err := c.CreateImage(t.Context(), user, inst.ID, "copy", map[string]string{"hw_machine_type": "pc", "mine": "yes"})
	c.do(t, err)
	image, err := g.Image(t.Context(), user, id)
	if err != nil || image.Status != "active" || image.MinDisk != tiny.RootGiB || image.Size == 0 {
		t.Fatalf("%+v, %v", image, err)
	}
	for key, value := range map[string]string{
		"instance_uuid": inst.ID, "image_type": "snapshot", "base_image_ref": "image", "user_id": "u1", "owner_id": "p1",
		"hw_machine_type": "pc", "mine": "yes", "auto_disk_config": "True",
	} {
		if image.Properties[key] != value {
			t.Errorf("property %s is %q, want %q", key, image.Properties[key], value)
		}
	}
	g.fail = errInjected
	_, err = c.CreateImage(t.Context(), user, inst.ID, "broken", nil)
	c.do(t, err)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	if kept := g.names(); !slices.Equal(kept, []string{"copy active"}) {
		t.Errorf("images are %v", kept)
	}
	if c.get(t, inst.ID).Fault == nil || c.get(t, inst.ID).SnapshotImageID != "" {
		t.Errorf("%+v", c.get(t, inst.ID))
	}
}

// A server that is deleted while an image is made of it takes the image along.
func TestDeleteEndsSnapshot(t *testing.T) {
	t.Parallel()
	g := new(gallery)
	waiting := make(chan struct{})
	c := start(t, withGallery(g), func(config *compute.Config, _ *sim.Options) {
		config.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
			if call.Method == "Snapshot" {
				close(waiting)
				<-ctx.Done()
				return ctx.Err()
			}
			return next(ctx)
		}
	})
	inst := c.active(t)
	if _, err := c.CreateImage(t.Context(), user, inst.ID, "copy", nil); err != nil {
		t.Fatal(err)
	}
	<-waiting
	c.want(t, inst.ID, compute.Active, compute.ImageUploading, compute.PowerRunning)
	_, err := c.CreateImage(t.Context(), user, inst.ID, "second", nil)
	wantErr(t, err, compute.Conflict, "Cannot 'createImage' instance "+inst.ID+" while it is in task_state image_uploading")
	c.do(t, c.Delete(t.Context(), user, inst.ID))
	if kept := g.names(); len(kept) > 0 {
		t.Errorf("images are left: %v", kept)
	}
	c.clean(t)
}

func TestBackupRotates(t *testing.T) {
	t.Parallel()
	g := new(gallery)
	c := start(t, withGallery(g))
	id := c.active(t).ID
	for _, b := range []compute.Backup{
		{Name: "1", Type: "daily", Rotation: 2},
		{Name: "2", Type: "daily", Rotation: 2},
		{Name: "w", Type: "weekly", Rotation: 1},
		{Name: "3", Type: "daily", Rotation: 2},
	} {
		_, err := c.CreateBackup(t.Context(), user, id, b)
		c.do(t, err)
	}
	if kept := g.names(); !slices.Equal(kept, []string{"2 active", "w active", "3 active"}) {
		t.Errorf("backups are %v", kept)
	}
	_, err := c.CreateBackup(t.Context(), user, id, compute.Backup{Name: "0", Type: "daily"})
	c.do(t, err)
	if kept := g.names(); !slices.Equal(kept, []string{"w active"}) {
		t.Errorf("backups are %v, want none of the day", kept)
	}
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
