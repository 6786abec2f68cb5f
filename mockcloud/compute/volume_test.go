// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

const gib = 1 << 30

// bootFrom is a request for a server with those disks and no image.
func bootFrom(disks ...compute.BlockDevice) compute.CreateRequest {
	r := request()
	r.ImageID, r.Disks.Devices = "", disks
	return r
}

func onVolume(source, id string) compute.BlockDevice {
	b := compute.BlockDevice{Source: source, Destination: compute.ToVolume}
	switch source {
	case compute.SourceVolume:
		b.VolumeID = id
	case compute.SourceSnapshot:
		b.SnapshotID = id
	case compute.SourceImage:
		b.ImageID, b.GiB = id, 4
	default:
		b.GiB = 5
	}
	return b
}

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

func TestBootFromEverySource(t *testing.T) {
	t.Parallel()
	for _, source := range []string{compute.SourceVolume, compute.SourceSnapshot, compute.SourceImage, compute.SourceBlank} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			c, v := withVolumes(t, "root")
			r := bootFrom(onVolume(source, "root"))
			r.Disks.Devices[0].DeleteOnTermination = source != compute.SourceVolume
			inst := c.create(t, r)
			c.settle(t)
			c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
			inst = c.get(t, inst.ID)
			root := inst.Root()
			if !inst.VolumeBacked() || inst.ImageID != "" || !root.Attached() {
				t.Errorf("root disk is %+v", root)
			}
			if got := c.attached(t, inst.ID); !slices.Equal(got, []string{root.VolumeID}) {
				t.Errorf("machine has %v, want %s", got, root.VolumeID)
			}
			wantSize := map[string]int{compute.SourceVolume: 2, compute.SourceSnapshot: 3, compute.SourceImage: 4, compute.SourceBlank: 5}[source]
			if root.GiB != wantSize {
				t.Errorf("root disk of %d GiB, want %d", root.GiB, wantSize)
			}
			if err := c.Delete(t.Context(), user, inst.ID); err != nil {
				t.Fatal(err)
			}
			c.settle(t)
			v.want(t, map[string]string{"root": "available"})
			c.clean(t)
		})
	}
}

// A server that boots from a volume takes what the volume knows of its image, and no room for a root disk.
func TestBootVolumeIsTheImage(t *testing.T) {
	t.Parallel()
	c, _ := withVolumes(t, "root")
	inst := c.create(t, bootFrom(onVolume(compute.SourceVolume, "root")))
	c.settle(t)
	inst = c.get(t, inst.ID)
	if p := inst.ImageProperties; p["hw_disk_bus"] != "scsi" || len(p) != 1 || inst.ImageMinRAM != 64 {
		t.Errorf("properties %v, %d MiB", p, inst.ImageMinRAM)
	}
	if inst.RootDeviceName != "/dev/sda" || inst.Root().Device != "/dev/sda" {
		t.Errorf("root device %s", inst.RootDeviceName)
	}
	allocations, err := c.Allocations(t.Context())
	if err != nil || len(allocations) != 1 || allocations[0].OnHost().DiskGiB != 0 {
		t.Errorf("allocations %+v, %v", allocations[0], err)
	}
}

func TestFailedBuildGivesVolumesBack(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for name, test := range map[string]struct {
		breaks func(*volumes)
		fault  string
		left   map[string]string
	}{
		"creation":   {func(v *volumes) { v.made = "error" }, "And its status is error.", nil},
		"quota":      {func(v *volumes) { v.fail["Create"] = refusal(compute.Forbidden, "VolumeLimitExceeded") }, "VolumeLimitExceeded", nil},
		"connection": {func(v *volumes) { v.fail["Connect"] = boom }, "boom", nil},
		"completion": {func(v *volumes) { v.fail["Complete"] = boom }, "boom", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, v := withVolumes(t, "root", "data")
			test.breaks(v)
			made, kept := onVolume(compute.SourceBlank, ""), onVolume(compute.SourceVolume, "data")
			made.DeleteOnTermination, made.BootIndex, kept.BootIndex = true, 1, 2
			inst := c.create(t, bootFrom(onVolume(compute.SourceVolume, "root"), made, kept))
			c.settle(t)
			inst = c.get(t, inst.ID)
			if inst.VMState != compute.Error || !strings.Contains(inst.Fault.Message, test.fault) {
				t.Errorf("%s: %+v", inst.VMState, inst.Fault)
			}
			v.want(t, map[string]string{"root": "available", "data": "available"})
			c.clean(t)
			v.fail = map[string]error{}
			if err := c.Delete(t.Context(), user, inst.ID); err != nil {
				t.Fatal(err)
			}
			c.settle(t)
			v.want(t, map[string]string{"root": "available", "data": "available"})
		})
	}
}

func TestRefusedDisks(t *testing.T) {
	t.Parallel()
	const invalid = "Block Device Mapping is Invalid: "
	order := invalid + "Boot sequence for the instance and image/block device mapping combination is not valid."
	volume := func(change func(*compute.BlockDevice)) []compute.BlockDevice {
		b := onVolume(compute.SourceVolume, "root")
		change(&b)
		return []compute.BlockDevice{b}
	}
	local := compute.BlockDevice{Source: compute.SourceBlank, Destination: compute.ToLocal, BootIndex: compute.NotBooted}
	for name, test := range map[string]struct {
		disks  []compute.BlockDevice
		change func(*compute.CreateRequest)
		want   string
	}{
		"no root":          {volume(func(b *compute.BlockDevice) { b.BootIndex = compute.NotBooted }), nil, order},
		"gap":              {append(volume(func(*compute.BlockDevice) {}), volume(func(b *compute.BlockDevice) { b.BootIndex = 2 })...), nil, order},
		"missing volume":   {volume(func(b *compute.BlockDevice) { b.VolumeID = "missing" }), nil, invalid + "failed to get volume missing."},
		"missing snapshot": {[]compute.BlockDevice{onVolume(compute.SourceSnapshot, "missing")}, nil, invalid + "failed to get snapshot missing."},
		"missing image":    {[]compute.BlockDevice{onVolume(compute.SourceImage, "missing")}, nil, invalid + "failed to get image missing."},
		"type":             {[]compute.BlockDevice{{Source: "blank", Destination: "volume", GiB: 1, VolumeType: "slow"}}, nil, "Volume type slow could not be found."},
		"blank":            {[]compute.BlockDevice{{Source: "blank", Destination: "volume"}}, nil, "Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size"},
		"image":            {[]compute.BlockDevice{{Source: "image", ImageID: "i", Destination: "volume"}}, nil, "Images with destination_type 'volume' need to have a non-zero size specified"},
		"bus":              {volume(func(b *compute.BlockDevice) { b.DiskBus = "floppy" }), nil, "Block Device Mapping is Invalid."},
		"several servers":  {volume(func(*compute.BlockDevice) {}), func(r *compute.CreateRequest) { r.MaxCount = 2 }, "Cannot attach one or more volumes to multiple instances"},
		"ephemeral": {append(volume(func(*compute.BlockDevice) {}), local), func(r *compute.CreateRequest) { r.Disks.Devices[1].GiB = 1 },
			"Ephemeral disks requested are larger than the instance type allows. If no size is given in one block device mapping, flavor ephemeral size will be used."},
		"swap": {append(volume(func(*compute.BlockDevice) {}), local), func(r *compute.CreateRequest) {
			r.Disks.Devices[1].GiB, r.Disks.Devices[1].GuestFormat = 1, "swap"
		}, "Swap drive requested is larger than instance type allows."},
		"locals": {append(volume(func(*compute.BlockDevice) {}), local, local, local, local), func(r *compute.CreateRequest) {
			r.Flavor.EphemeralGiB = 4
			for i := range r.Disks.Devices[1:] {
				r.Disks.Devices[i+1].GiB = 1
			}
		}, invalid + "You specified more local devices than the limit allows"},
		"root's name": {volume(func(b *compute.BlockDevice) { b.Device = "/dev/vda" }), func(r *compute.CreateRequest) { r.ImageID = "image" },
			"The volume cannot be assigned the same device name as the root device vda"},
		"reserved": {volume(func(b *compute.BlockDevice) { b.VolumeID = "taken" }), nil, "Invalid volume: Invalid input received: volume taken is reserved"},
		"legacy": {[]compute.BlockDevice{{Device: "/dev/vda"}}, func(r *compute.CreateRequest) { r.Disks.Legacy = true },
			invalid + "Unrecognized legacy format."},
		"zero disk": {[]compute.BlockDevice{{Source: "image", Destination: "local", ImageID: "image"}}, func(r *compute.CreateRequest) {
			r.ImageID, r.Flavor.RootGiB, r.Disks.NoZeroDisk = "image", 0, true
		}, "Only volume-backed servers are allowed for flavors with zero disk."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, v := withVolumes(t, "root", "taken")
			v.of["taken"].Status = "reserved"
			r := bootFrom(slices.Clone(test.disks)...)
			if test.change != nil {
				test.change(&r)
			}
			kind := compute.BadRequest
			if name == "zero disk" {
				kind = compute.Forbidden
			}
			_, err := c.Create(t.Context(), user, r)
			wantErr(t, err, kind, test.want)
			v.of["taken"].Status = "available"
			v.want(t, map[string]string{"root": "available", "taken": "available"})
			c.clean(t)
		})
	}
}

// The disks of block_device_mapping: what has the root's name is booted from; ephemeral and swap are blank.
func TestLegacyDisks(t *testing.T) {
	t.Parallel()
	c, _ := withVolumes(t, "root", "data")
	r := bootFrom(
		compute.BlockDevice{VolumeID: "root", Device: "/dev/vda"}, compute.BlockDevice{VolumeID: "data", Device: "/dev/vdc"},
		compute.BlockDevice{GuestFormat: "ephemeral0", GiB: 1}, compute.BlockDevice{GuestFormat: "swap", GiB: 8},
	)
	r.Disks.Legacy, r.Flavor.EphemeralGiB, r.Flavor.SwapMiB = true, 2, 16
	inst := c.create(t, r)
	c.settle(t)
	inst = c.get(t, inst.ID)
	var got []string
	for _, b := range inst.BlockDevices {
		got = append(got, strings.Join([]string{b.Source, b.Destination, b.Device, b.GuestFormat}, " "))
	}
	want := []string{"volume volume /dev/vda ", "volume volume /dev/vdc ", "blank local /dev/vdb ", "blank local /dev/vdd swap"}
	if !slices.Equal(got, want) || inst.Root().VolumeID != "root" {
		t.Errorf("disks are %q, want %q", got, want)
	}
}

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
func TestBuildWithVolumesAfterACrash(t *testing.T) {
	t.Parallel()
	c, v := withVolumes(t, "root")
	c.Pace = func(string) time.Duration { return time.Hour }
	inst := c.create(t, bootFrom(onVolume(compute.SourceVolume, "root")))
	c.blocked(t, 1)
	v.want(t, map[string]string{"root": "reserved"})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c.open(t)
	c.settle(t)
	v.want(t, map[string]string{"root": "available"})
	if got := c.get(t, inst.ID); got.VMState != compute.Error {
		t.Errorf("server is %s", got.VMState)
	}
}

// A server that is deleted while it is built takes its volumes with it.
func TestDeleteDuringBuildWithVolumes(t *testing.T) {
	t.Parallel()
	c, v := withVolumes(t, "root")
	c.Pace = func(action string) time.Duration {
		if action == "create" {
			return time.Hour
		}
		return 0
	}
	inst := c.create(t, bootFrom(onVolume(compute.SourceVolume, "root")))
	c.blocked(t, 1)
	if err := c.Delete(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	v.want(t, map[string]string{"root": "available"})
	c.clean(t)
}

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
func TestDisksOfAnImage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		properties map[string]string
		disks      []compute.BlockDevice
		want       []string
	}{
		"new form": {map[string]string{"bdm_v2": "True", "root_device_name": "/dev/vda", "block_device_mapping": `[
			{"source_type":"snapshot","destination_type":"volume","snapshot_id":"s1","boot_index":0,"device_name":"/dev/vda"},
			{"source_type":"snapshot","destination_type":"volume","snapshot_id":"s2","boot_index":null,"device_name":"/dev/vdb","volume_size":9}]`},
			nil, []string{"snapshot volume /dev/vda 3", "snapshot volume /dev/vdb 9"}},
		"what clients add": {map[string]string{"bdm_v2": "true", "block_device_mapping": `[
			{"source_type":"snapshot","destination_type":"volume","snapshot_id":"s1","boot_index":0}]`},
			[]compute.BlockDevice{{Source: "image", Destination: "local", ImageID: "mapped"}}, []string{"snapshot volume /dev/vda 3"}},
		"old form": {map[string]string{"block_device_mapping": `[{"device_name":"vda","snapshot_id":"s1"},{"device_name":"vdc","virtual_name":"ephemeral0"}]`},
			nil, []string{"snapshot volume /dev/vda 3", "blank local /dev/vdc 2"}},
		"mappings": {map[string]string{"mappings": `[{"virtual":"ami","device":"vda"},{"virtual":"swap","device":"vdd"},{"virtual":"ephemeral0","device":"/dev/vdc"}]`},
			nil, []string{"image local /dev/vda 0", "blank local /dev/vdd 16", "blank local /dev/vdc 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := withVolumes(t, "root")
			c.Images = mapped{properties: test.properties}
			r := request()
			r.ImageID, r.Disks.Devices, r.Flavor.EphemeralGiB, r.Flavor.SwapMiB = "mapped", test.disks, 2, 16
			inst := c.create(t, r)
			c.settle(t)
			inst = c.get(t, inst.ID)
			var got []string
			for _, b := range inst.BlockDevices {
				got = append(got, fmt.Sprintf("%s %s %s %d", b.Source, b.Destination, b.Device, b.GiB))
			}
			if !slices.Equal(got[:len(test.want)], test.want) || inst.VMState != compute.Active {
				t.Errorf("%s with %q, want %q", inst.VMState, got, test.want)
			}
			for _, key := range []string{"block_device_mapping", "mappings", "bdm_v2"} {
				if _, kept := inst.ImageProperties[key]; kept {
					t.Errorf("the server keeps %s", key)
				}
			}
		})
	}
	c, _ := withVolumes(t, "root")
	c.Images = mapped{properties: map[string]string{"block_device_mapping": "nonsense"}}
	_, err := c.Create(t.Context(), user, request())
	wantErr(t, err, compute.BadRequest, "Block Device Mapping is Invalid: the image's property block_device_mapping cannot be read")
}

// mapped knows an image with those properties.
type mapped struct {
	images

	properties map[string]string
}

func (m mapped) Image(_ context.Context, _ compute.Caller, id string) (*compute.Image, error) {
	return &compute.Image{ID: id, Status: "active", DiskFormat: "raw", Properties: m.properties}, nil
}
