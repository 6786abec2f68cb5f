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
)

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

type mapped struct {
	images

	properties map[string]string
}

func (m mapped) Image(_ context.Context, _ compute.Caller, id string) (*compute.Image, error) {
	return &compute.Image{ID: id, Status: "active", DiskFormat: "raw", Properties: m.properties}, nil
}
