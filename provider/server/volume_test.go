// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// TestBootDiffers: what takes another boot disk, and what is only said otherwise.
func TestBootDiffers(t *testing.T) {
	t.Parallel()
	text, size := types.StringValue, types.Int64Value
	with := func(b bootVolume) model {
		var m model
		m.setBoot(b)
		return m
	}
	made := with(bootVolume{ImageID: text("i"), Size: size(1), VolumeID: text("v"), Tag: text("a")})
	found := with(bootVolume{VolumeID: text("v")})
	without := model{storing: storing{BootVolume: types.ObjectNull(bootVolumeTypes())}}
	for name, test := range map[string]struct {
		config, state model
		imported      bool
		want          bool
	}{
		"the same":                          {with(bootVolume{ImageID: text("i"), Size: size(1), Tag: text("a")}), made, false, false},
		"a word less":                       {with(bootVolume{ImageID: text("i"), Size: size(1)}), made, false, false},
		"another size":                      {with(bootVolume{ImageID: text("i"), Size: size(2)}), made, false, true},
		"another image":                     {with(bootVolume{ImageID: text("j"), Size: size(1)}), made, false, true},
		"an image that is not known":        {with(bootVolume{ImageID: types.StringUnknown(), Size: size(1)}), made, false, true},
		"the volume that Nova made":         {with(bootVolume{VolumeID: text("v")}), made, false, false},
		"another volume":                    {with(bootVolume{VolumeID: text("w")}), made, false, true},
		"none any more":                     {without, made, false, true},
		"one now":                           {made, without, false, true},
		"what an import cannot know":        {with(bootVolume{ImageID: text("i"), Size: size(1)}), found, true, false},
		"another volume than was imported":  {with(bootVolume{VolumeID: text("w")}), found, true, true},
		"an image in place of a volume":     {with(bootVolume{ImageID: text("i"), Size: size(1)}), found, false, true},
		"a root disk among the others":      {without, found, true, false},
		"a boot volume that is not known":   {model{storing: storing{BootVolume: types.ObjectUnknown(bootVolumeTypes())}}, made, false, true},
		"neither before nor now, of course": {without, without, false, false},
	} {
		if got := bootDiffers(planned{config: test.config, state: test.state, imported: test.imported}); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestRootVolume is the one with the root device, which only administrators are shown, or with the first.
func TestRootVolume(t *testing.T) {
	t.Parallel()
	all := []*nova.VolumeAttachment{{VolumeID: "c", Device: "/dev/vdaa"}, {VolumeID: "b", Device: "/dev/vdb"}, {VolumeID: "a", Device: "/dev/vda"}}
	for _, test := range []struct {
		server nova.Server
		want   string
	}{
		{nova.Server{}, "a"},
		{nova.Server{RootDevice: "/dev/vdb"}, "b"},
		{nova.Server{RootDevice: "/dev/sda"}, "a"},
		{nova.Server{Image: nova.Image{ID: "i"}}, ""},
	} {
		got := ""
		if root := rootVolume(&test.server, all); root != nil {
			got = root.VolumeID
		}
		if got != test.want {
			t.Errorf("%v boots from %q", test.server, got)
		}
	}
}

// TestTellLost: a replacement names what is lost, and what is not.
func TestTellLost(t *testing.T) {
	t.Parallel()
	state := model{ID: types.StringValue("s")}
	state.setBoot(bootVolume{VolumeID: types.StringValue("root"), DeleteOnTermination: types.BoolValue(true)})
	state.Volumes = volumeList([]volume{{VolumeID: types.StringValue("kept")}})
	resp := resource.ModifyPlanResponse{RequiresReplace: path.Paths{path.Root("boot_volume")}}
	planned{state: state}.tellLost(&resp)
	if len(resp.Diagnostics) != 1 {
		t.Fatal(resp.Diagnostics)
	}
	detail := resp.Diagnostics[0].Detail()
	lost, stays, _ := strings.Cut(detail, " These stay: ")
	if !strings.Contains(lost, "boots from, root") || strings.Contains(detail, "disks on the host") || stays != "volume kept." {
		t.Errorf("it says: %s", detail)
	}
}

// TestDisksOfRequests: with disks of any kind, Nova wants to hear of the image's as well; without, of none.
func TestDisksOfRequests(t *testing.T) {
	t.Parallel()
	m := model{}
	m.Volumes = volumeList([]volume{{VolumeID: types.StringValue("v"), DeleteOnTermination: types.BoolValue(true)}})
	body := nova.ServerCreate{ImageRef: "i"}
	m.requestDisks(context.Background(), &body, nil)
	if len(body.BlockDevices) != 2 || body.BlockDevices[0].SourceID != "i" || body.BlockDevices[0].BootIndex != 0 ||
		body.BlockDevices[1].SourceID != "v" || body.BlockDevices[1].BootIndex != -1 || !body.BlockDevices[1].DeleteOnTermination {
		t.Errorf("disks: %v", body.BlockDevices)
	}
	body = nova.ServerCreate{ImageRef: "i"}
	if (&model{networking: networking{NetworkMode: types.StringValue(none)}}).requestDisks(context.Background(), &body, nil); body.BlockDevices != nil {
		t.Errorf("disks: %v", body.BlockDevices)
	}
}

// TestRefreshAsksNothingMore: as long as nothing has changed, the server itself tells all there is to know of its devices.
func TestRefreshAsksNothingMore(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	r := configured(t, cloud)
	s := &nova.Server{
		ID: "s", Volumes: []nova.ServerVolume{{ID: "root", DeleteOnTermination: true}, {ID: "v"}},
		Addresses: map[string][]nova.Address{"net": {{Address: "10.0.0.5", MAC: "mac of p"}}},
	}
	m := model{networking: networking{Networks: networkList([]network{asked("n", "", "", "").has("p", "n")})}}
	m.setBoot(bootVolume{VolumeID: types.StringValue("root"), DeleteOnTermination: types.BoolValue(false)})
	m.Volumes = volumeList([]volume{{VolumeID: types.StringValue("gone")}, {VolumeID: types.StringValue("v")}})
	before := cloud.Count("GET ")
	if err := r.readDevices(t.Context(), &m, s); err != nil || cloud.Count("GET ") != before {
		t.Errorf("%d requests: %v", cloud.Count("GET ")-before, err)
	}
	if !m.boot().DeleteOnTermination.ValueBool() || len(m.Volumes.Elements()) != 1 {
		t.Errorf("boot volume %v, volumes %v", m.BootVolume, m.Volumes)
	}
}

// TestCheckDisks: what Nova would refuse, after it has begun to make the server.
func TestCheckDisks(t *testing.T) {
	t.Parallel()
	text, size := types.StringValue, types.Int64Value
	device := func(d blockDevice) model {
		m := model{booting: booting{ImageID: text("i")}}
		m.BlockDevices = types.ListValueMust(blockDeviceType(), []attr.Value{types.ObjectValueMust(blockDeviceType().AttrTypes, map[string]attr.Value{
			"source_type": d.SourceType, "source_id": d.SourceID, "destination_type": d.DestinationType, "boot_index": d.BootIndex, "size": d.Size,
			"volume_type": d.VolumeType, "guest_format": d.GuestFormat, "device": d.Device, "device_type": d.DeviceType, "disk_bus": d.DiskBus,
			"tag": d.Tag, "delete_on_termination": d.DeleteOnTermination,
		})})
		return m
	}
	boot := func(image string, b bootVolume) model {
		m := model{booting: booting{ImageID: value.Text(image)}}
		m.setBoot(b)
		return m
	}
	undecided := boot("", bootVolume{VolumeID: text("v")}) // image_id = count.index == 0 ? null : "i", for example
	undecided.ImageID = types.StringUnknown()
	twice := model{booting: booting{ImageID: text("i")}}
	twice.Volumes = volumeList([]volume{{VolumeID: text("v")}, {VolumeID: text("v")}})
	root := device(blockDevice{SourceType: text("image"), SourceID: text("i"), DestinationType: text("volume"), Size: size(1), BootIndex: size(0)})
	several := root
	root.ImageID = types.StringNull()
	for _, test := range []struct {
		config model
		says   string
	}{
		{model{booting: booting{ImageID: text("i")}}, ""},
		{model{}, "Nothing to Boot From"},
		{root, ""},
		{several, "Several Root Disks"},
		{boot("i", bootVolume{VolumeID: text("v")}), "Several Root Disks"},
		{undecided, ""},
		{boot("", bootVolume{ImageID: text("i")}), "needs a size"},
		{boot("", bootVolume{ImageID: text("i"), Size: types.Int64Unknown()}), ""},
		{boot("", bootVolume{VolumeID: text("v"), Size: size(1)}), "Volume That Exists"},
		{boot("", bootVolume{SnapshotID: text("s")}), ""},
		{twice, "has a volume once"},
		{device(blockDevice{SourceType: text("blank"), DestinationType: text("local"), SourceID: text("i")}), "no source_id"},
		{device(blockDevice{SourceType: text("volume"), DestinationType: text("volume")}), "needs its source_id"},
		{device(blockDevice{SourceType: text("snapshot"), SourceID: text("s"), DestinationType: text("local")}), "cannot be local"},
		{device(blockDevice{SourceType: text("image"), SourceID: text("i"), DestinationType: text("local")}), "the one of image_id"},
		{device(blockDevice{SourceType: text("blank"), DestinationType: text("volume")}), "needs a size"},
		{device(blockDevice{SourceType: text("blank"), DestinationType: text("local"), VolumeType: text("fast")}), "has a volume_type"},
		{device(blockDevice{SourceType: text("blank"), DestinationType: text("local"), Size: size(1)}), ""},
	} {
		var diags diag.Diagnostics
		checkDisks(t.Context(), test.config, &diags)
		said := fmt.Sprint(diags)
		if test.says == "" && len(diags) > 0 || !strings.Contains(said, test.says) {
			t.Errorf("%q is wanted: %s", test.says, said)
		}
	}
}
