// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

const gib = 1 << 30

// bootFrom is a request for a server with those disks and no image.

// attached are the ids of the volumes that the server's machine has, by its driver.

func (c *cloud) attached(tb testing.TB, id string) []string {
	tb.Helper()
	inst := c.get(tb, id)
	at := slices.IndexFunc(c.config.Hosts, func(h compute.HostSpec) bool { return h.Name == inst.Host })
	if at < 0 {
		tb.Fatalf("server %s is on no host: %+v", id, inst.Fault)
	}
	has, err := c.hosts[at].Volumes(id)
	if err != nil {
		tb.Fatal(err)
	}
	var ids []string
	for _, v := range has {
		ids = append(ids, v.ID)
	}
	return ids
}

// A server that boots from a volume takes what the volume knows of its image, and no room for a root disk.

// The disks of block_device_mapping: what has the root's name is booted from; ephemeral and swap are blank.

func TestAttachAndDetach(t *testing.T) {
	t.Parallel()
	c, v := withVolumes(t, "data", "more")
	inst := c.active(t)
	attach := func(id, device string) (string, error) {
		return c.AttachVolume(t.Context(), user, inst.ID, compute.VolumeAttachRequest{VolumeID: id, Device: device})
	}
	device, err := attach("data", "")
	if err != nil || device != "/dev/vdb" {
		t.Fatalf("attach: %q, %v", device, err)
	}
	c.settle(t)
	v.want(t, map[string]string{"data": "in-use", "more": "available"})
	if got := c.attached(t, inst.ID); !slices.Equal(got, []string{"data"}) {
		t.Errorf("machine has %v", got)
	}
	_, err = attach("data", "")
	wantErr(t, err, compute.BadRequest, "Invalid volume: volume data is already attached to instances: "+inst.ID)
	_, err = attach("more", "/dev/vdb")
	wantErr(t, err, compute.Conflict, "The supplied device path (/dev/vdb) is in use.")
	_, err = attach("missing", "")
	wantErr(t, err, compute.NotFound, "Volume missing could not be found.")
	if device, err = attach("more", "/dev/sdf"); err != nil || device != "/dev/vdf" {
		t.Errorf("attach as sdf: %q, %v", device, err)
	}
	c.settle(t)
	for _, id := range []string{"data", "more"} {
		if err := c.DetachVolume(t.Context(), user, inst.ID, id); err != nil {
			t.Fatal(err)
		}
	}
	c.settle(t)
	v.want(t, map[string]string{"data": "available", "more": "available"})
	if got := c.attached(t, inst.ID); len(got) != 0 {
		t.Errorf("machine has %v", got)
	}
	wantErr(t, c.DetachVolume(t.Context(), user, inst.ID, "data"), compute.NotFound, "Instance "+inst.ID+" is not attached to volume data")
	var events []string
	actions, err := c.InstanceActions(t.Context(), inst.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range actions {
		for _, e := range a.Events {
			events = append(events, a.Action+" "+e.Event+" "+e.Result)
		}
	}
	want := []string{
		"detach_volume compute_detach_volume Success", "detach_volume compute_detach_volume Success",
		"attach_volume compute_attach_volume Success", "attach_volume compute_attach_volume Success",
		"create compute__do_build_and_run_instance Success",
	}
	if !slices.Equal(events, want) {
		t.Errorf("events are %q", events)
	}
}

func TestAttachThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"Connect", "Complete", "AttachVolume"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			c, v := withVolumes(t, "data")
			inst := c.active(t)
			v.fail[method] = errors.New("boom")
			c.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
				if call.Method == method {
					return v.fail[method]
				}
				return next(ctx)
			}
			if _, err := c.AttachVolume(t.Context(), user, inst.ID, compute.VolumeAttachRequest{VolumeID: "data"}); err != nil {
				t.Fatal(err)
			}
			c.settle(t)
			v.want(t, map[string]string{"data": "available"})
			inst = c.get(t, inst.ID)
			if len(c.attached(t, inst.ID)) != 0 || inst.Volume("data") != nil || inst.VMState != compute.Active || inst.Fault == nil {
				t.Errorf("disks %+v, %s, %+v", inst.BlockDevices, inst.VMState, inst.Fault)
			}
		})
	}
}

func TestDetachThatFails(t *testing.T) {
	t.Parallel()
	c, v := withVolumes(t, "data")
	inst := c.active(t)
	if _, err := c.AttachVolume(t.Context(), user, inst.ID, compute.VolumeAttachRequest{VolumeID: "data"}); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
		if call.Method == "DetachVolume" {
			return errors.New("the guest does not let go")
		}
		return next(ctx)
	}
	if err := c.DetachVolume(t.Context(), user, inst.ID, "data"); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	v.want(t, map[string]string{"data": "in-use"})
	if b := c.get(t, inst.ID).Volume("data"); b == nil || b.Change != nil {
		t.Errorf("disk is %+v", b)
	}
}

func TestRootStays(t *testing.T) {
	t.Parallel()
	c, _ := withVolumes(t, "root")
	inst := c.create(t, bootFrom(onVolume(compute.SourceVolume, "root")))
	c.settle(t)
	wantErr(t, c.DetachVolume(t.Context(), user, inst.ID, "root"), compute.BadRequest, "Cannot detach a root device volume")
}

func TestSwap(t *testing.T) {
	t.Parallel()
	c, v := withVolumes(t, "old", "new", "small")
	v.of["small"].GiB = 1
	inst := c.active(t)
	if _, err := c.AttachVolume(t.Context(), user, inst.ID, compute.VolumeAttachRequest{VolumeID: "old", DeleteOnTermination: true}); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	wantErr(t, c.SwapVolume(t.Context(), admin, inst.ID, "old", "small"), compute.BadRequest,
		"Invalid volume: New volume must be the same size or larger.")
	wantErr(t, c.SwapVolume(t.Context(), admin, inst.ID, "old", "none"), compute.BadRequest, "Volume none could not be found.")
	wantErr(t, c.SwapVolume(t.Context(), admin, inst.ID, "new", "old"), compute.BadRequest,
		"Invalid volume: Old volume is attached to a different instance.")
	if err := c.SwapVolume(t.Context(), admin, inst.ID, "old", "new"); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	v.want(t, map[string]string{"old": "available", "new": "in-use", "small": "available"})
	if b := c.get(t, inst.ID).Volume("new"); b == nil || !b.Attached() || !b.DeleteOnTermination || b.Change != nil {
		t.Errorf("disk is %+v", b)
	}
	if got := c.attached(t, inst.ID); !slices.Equal(got, []string{"new"}) {
		t.Errorf("machine has %v", got)
	}
}

func TestExtend(t *testing.T) {
	t.Parallel()
	c, v := withVolumes(t, "data")
	inst := c.active(t)
	if _, err := c.AttachVolume(t.Context(), user, inst.ID, compute.VolumeAttachRequest{VolumeID: "data"}); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	v.of["data"].GiB = 7
	for _, id := range []string{"data", "other"} {
		if err := c.VolumeExtended(t.Context(), user, inst.ID, id); err != nil {
			t.Fatal(err)
		}
	}
	c.settle(t)
	has, err := c.hosts[0].Volumes(inst.ID)
	if err != nil || len(has) != 1 || has[0].Size != 7*gib || c.get(t, inst.ID).Volume("data").GiB != 7 {
		t.Errorf("machine has %+v, %v", has, err)
	}
}

// Whatever is under way on a volume when the process ends is taken up by the next one.

func TestVolumesAfterACrash(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		begin func(*testing.T, *cloud, string) error
		have  []string
		want  map[string]string
	}{
		"attach": {func(t *testing.T, c *cloud, id string) error {
			t.Helper()
			_, err := c.AttachVolume(t.Context(), user, id, compute.VolumeAttachRequest{VolumeID: "other"})
			return err
		}, []string{"data"}, map[string]string{"data": "in-use", "other": "available"}},
		"detach": {func(t *testing.T, c *cloud, id string) error {
			t.Helper()
			return c.DetachVolume(t.Context(), user, id, "data")
		}, nil, map[string]string{"data": "available", "other": "available"}},
		"swap": {func(t *testing.T, c *cloud, id string) error {
			t.Helper()
			return c.SwapVolume(t.Context(), admin, id, "data", "other")
		}, []string{"other"}, map[string]string{"data": "available", "other": "in-use"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, v := withVolumes(t, "data", "other")
			inst := c.active(t)
			if _, err := c.AttachVolume(t.Context(), user, inst.ID, compute.VolumeAttachRequest{VolumeID: "data"}); err != nil {
				t.Fatal(err)
			}
			c.settle(t)
			c.Pace = func(string) time.Duration { return time.Hour }
			if err := test.begin(t, c, inst.ID); err != nil {
				t.Fatal(err)
			}
			c.blocked(t, 1)
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			c.open(t)
			c.settle(t)
			v.want(t, test.want)
			if got := c.attached(t, inst.ID); !slices.Equal(got, test.have) {
				t.Errorf("machine has %v, want %v", got, test.have)
			}
			for _, b := range c.get(t, inst.ID).BlockDevices {
				if b.Change != nil {
					t.Errorf("left under way: %+v", b)
				}
			}
		})
	}
}

// A build that a crash cuts short gives back what it has reserved and made.

// A server that is deleted while it is built takes its volumes with it.

// unable is a driver with no abilities.

type unable struct{ driver.Driver }

// Where hosts cannot have volumes, neither has a server: what asks for one is refused, and a build with one

// fails and gives it back.

func TestHostsWithoutVolumes(t *testing.T) {
	t.Parallel()
	c, v := withVolumes(t, "root", "data")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range c.config.Hosts {
		c.config.Hosts[i].Driver = unable{c.hosts[i]}
	}
	m, err := compute.New(c.config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	c.Manager = m
	if err := c.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	inst := c.active(t)
	_, err = c.AttachVolume(t.Context(), user, inst.ID, compute.VolumeAttachRequest{VolumeID: "data"})
	wantErr(t, err, compute.BadRequest, "Invalid volume: The hypervisor of instance "+inst.ID+" does not support volumes.")
	_, err = c.AttachVolume(t.Context(), user, inst.ID, compute.VolumeAttachRequest{VolumeID: "data", Tag: "t"})
	wantErr(t, err, compute.BadRequest, "Tagged volume attachment is not supported for this server instance.")
	backed := c.create(t, bootFrom(onVolume(compute.SourceVolume, "root")))
	c.settle(t)
	if got := c.get(t, backed.ID); got.VMState != compute.Error || got.Fault == nil {
		t.Errorf("server is %s, %+v", got.VMState, got.Fault)
	}
	v.want(t, map[string]string{"root": "available", "data": "available"})
}

// The image of a volume-backed server says what disks its servers have.

// mapped knows an image with those properties.

// A server without a host has its volumes reserved, and gets them with its next host.
func TestVolumesOfAnOffloadedServer(t *testing.T) {
	t.Parallel()
	c, v := withVolumes(t, "data", "more")
	inst := c.active(t)
	if err := c.Shelve(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	if got := c.get(t, inst.ID); got.VMState != compute.ShelvedOffloaded {
		t.Fatalf("server is %s: %+v", got.VMState, got.Fault)
	}
	_, err := c.AttachVolume(t.Context(), user, inst.ID, compute.VolumeAttachRequest{VolumeID: "data", Tag: "t"})
	wantErr(t, err, compute.BadRequest, "Tagged volume attachment is not supported for shelved-offloaded instances.")
	v.fail["Complete"] = errors.New("boom")
	if _, err := c.AttachVolume(t.Context(), user, inst.ID, compute.VolumeAttachRequest{VolumeID: "data"}); err == nil {
		t.Error("an attach that fails is answered with success")
	}
	v.want(t, map[string]string{"data": "available", "more": "available"})
	delete(v.fail, "Complete")
	for _, id := range []string{"data", "more"} {
		device, err := c.AttachVolume(t.Context(), user, inst.ID, compute.VolumeAttachRequest{VolumeID: id, DeleteOnTermination: id == "more"})
		if err != nil || device != "" {
			t.Fatalf("attach %s: %q, %v", id, device, err)
		}
	}
	v.want(t, map[string]string{"data": "in-use", "more": "in-use"})
	if err := c.DetachVolume(t.Context(), user, inst.ID, "more"); err != nil {
		t.Fatal(err)
	}
	v.want(t, map[string]string{"data": "in-use"}) // what was to end with the server ends
	if err := c.Unshelve(t.Context(), user, inst.ID, compute.UnshelveRequest{}); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	if b := c.get(t, inst.ID).Volume("data"); b == nil || b.Device != "/dev/vdb" || b.Change != nil {
		t.Errorf("disk is %+v", b)
	}
	if got := c.attached(t, inst.ID); !slices.Equal(got, []string{"data"}) {
		t.Errorf("machine has %v", got)
	}
	v.want(t, map[string]string{"data": "in-use"})
}
