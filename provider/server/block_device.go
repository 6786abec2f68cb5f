// SPDX-License-Identifier: MPL-2.0

package server

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// Where a disk comes from, and where it lies.
const (
	fromBlank    = "blank"
	fromImage    = "image"
	fromSnapshot = "snapshot"
	fromVolume   = "volume"
	toLocal      = "local"
	toVolume     = "volume"
)

// bootVolume is the volume that a server boots from.
type bootVolume struct {
	ImageID             types.String `tfsdk:"image_id"`
	SnapshotID          types.String `tfsdk:"snapshot_id"`
	VolumeID            types.String `tfsdk:"volume_id"`
	Size                types.Int64  `tfsdk:"size"`
	VolumeType          types.String `tfsdk:"volume_type"`
	DeleteOnTermination types.Bool   `tfsdk:"delete_on_termination"`
	DeviceType          types.String `tfsdk:"device_type"`
	DiskBus             types.String `tfsdk:"disk_bus"`
	Tag                 types.String `tfsdk:"tag"`
}

func bootVolumeTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"image_id": types.StringType, "snapshot_id": types.StringType, "volume_id": types.StringType, "size": types.Int64Type,
		"volume_type": types.StringType, "delete_on_termination": types.BoolType, "device_type": types.StringType,
		"disk_bus": types.StringType, "tag": types.StringType,
	}
}

// boot is the boot volume; the zero one if there is none.
func (s *storing) boot() bootVolume {
	var b bootVolume
	if value.Known(s.BootVolume) {
		_ = s.BootVolume.As(context.Background(), &b, basetypes.ObjectAsOptions{})
	}
	return b
}

// setBoot is the reverse of boot.
func (s *storing) setBoot(b bootVolume) {
	s.BootVolume = types.ObjectValueMust(bootVolumeTypes(), map[string]attr.Value{
		"image_id": b.ImageID, "snapshot_id": b.SnapshotID, "volume_id": b.VolumeID, "size": b.Size, "volume_type": b.VolumeType,
		"delete_on_termination": b.DeleteOnTermination, "device_type": b.DeviceType, "disk_bus": b.DiskBus, "tag": b.Tag,
	})
}

// disk is what Nova is asked for.
func (b bootVolume) disk() nova.BlockDevice {
	disk := nova.BlockDevice{
		Destination: toVolume, Size: b.Size.ValueInt64(), VolumeType: b.VolumeType.ValueString(), Tag: b.Tag.ValueString(),
		DeviceType: b.DeviceType.ValueString(), DiskBus: b.DiskBus.ValueString(), DeleteOnTermination: b.DeleteOnTermination.ValueBool(),
	}
	switch {
	case b.ImageID.ValueString() != "":
		disk.Source, disk.SourceID = fromImage, b.ImageID.ValueString()
	case b.SnapshotID.ValueString() != "":
		disk.Source, disk.SourceID = fromSnapshot, b.SnapshotID.ValueString()
	default:
		disk.Source, disk.SourceID = fromVolume, b.VolumeID.ValueString()
	}
	return disk
}

// blockDevice is a disk that a server is created with and keeps.
type blockDevice struct {
	SourceType          types.String `tfsdk:"source_type"`
	SourceID            types.String `tfsdk:"source_id"`
	DestinationType     types.String `tfsdk:"destination_type"`
	BootIndex           types.Int64  `tfsdk:"boot_index"`
	Size                types.Int64  `tfsdk:"size"`
	VolumeType          types.String `tfsdk:"volume_type"`
	GuestFormat         types.String `tfsdk:"guest_format"`
	Device              types.String `tfsdk:"device"`
	DeviceType          types.String `tfsdk:"device_type"`
	DiskBus             types.String `tfsdk:"disk_bus"`
	Tag                 types.String `tfsdk:"tag"`
	DeleteOnTermination types.Bool   `tfsdk:"delete_on_termination"`
}

func blockDeviceType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"source_type": types.StringType, "source_id": types.StringType, "destination_type": types.StringType, "boot_index": types.Int64Type,
		"size": types.Int64Type, "volume_type": types.StringType, "guest_format": types.StringType, "device": types.StringType,
		"device_type": types.StringType, "disk_bus": types.StringType, "tag": types.StringType, "delete_on_termination": types.BoolType,
	}}
}

// devices are the block devices, without those that are wholly unknown yet.
func (s *storing) devices(ctx context.Context, diags *diag.Diagnostics) []blockDevice {
	var all []blockDevice
	for _, element := range s.BlockDevices.Elements() {
		object, ok := element.(types.Object)
		if !ok || !value.Known(object) {
			continue
		}
		var one blockDevice
		diags.Append(object.As(ctx, &one, basetypes.ObjectAsOptions{})...)
		all = append(all, one)
	}
	return all
}

// disk is what Nova is asked for.
func (d blockDevice) disk() nova.BlockDevice {
	disk := nova.BlockDevice{
		Source: d.SourceType.ValueString(), SourceID: d.SourceID.ValueString(), Destination: d.DestinationType.ValueString(), BootIndex: -1,
		Size: d.Size.ValueInt64(), VolumeType: d.VolumeType.ValueString(), GuestFormat: d.GuestFormat.ValueString(),
		Device: d.Device.ValueString(), DeviceType: d.DeviceType.ValueString(), DiskBus: d.DiskBus.ValueString(), Tag: d.Tag.ValueString(),
		DeleteOnTermination: d.deletes(),
	}
	if !d.BootIndex.IsNull() {
		disk.BootIndex = d.BootIndex.ValueInt64()
	}
	return disk
}

// deletes is whether the disk goes with its server: what is local always does, what was there before only if that is said.
func (d blockDevice) deletes() bool {
	return d.DestinationType.ValueString() == toLocal || d.DeleteOnTermination.ValueBool()
}

// bootsFromVolume is whether the server of s has a volume for its root disk, and so needs no image. What is not known yet
// may be one.
func (s *storing) bootsFromVolume() bool {
	return !s.BootVolume.IsNull() || s.BlockDevices.IsUnknown() ||
		s.anyDevice(func(d blockDevice) bool {
			return d.BootIndex.IsUnknown() || !d.BootIndex.IsNull() && d.BootIndex.ValueInt64() == 0
		})
}

// checkDisks refuses what Nova would, but only after it has begun.
func checkDisks(ctx context.Context, config model, diags *diag.Diagnostics) {
	roots := 0
	for _, is := range []bool{
		value.Known(config.ImageID), value.Known(config.BootVolume), // what is not known yet may come to be null
		config.anyDevice(func(d blockDevice) bool { return value.Known(d.BootIndex) && d.BootIndex.ValueInt64() == 0 }),
	} {
		if is {
			roots++
		}
	}
	if roots > 1 {
		diags.AddAttributeError(path.Root("image_id"), "Several Root Disks",
			"A server boots from one of: image_id, boot_volume, and the one of block_devices whose boot_index is 0.")
	}
	if config.ImageID.IsNull() && !config.bootsFromVolume() {
		diags.AddAttributeError(path.Root("image_id"), "Nothing to Boot From",
			"A server needs an image_id, a boot_volume, or one of block_devices with the boot_index 0.")
	}
	checkBoot(config.boot(), diags)
	for i, d := range config.devices(ctx, diags) {
		for _, rule := range deviceRules {
			if rule.broken(d) {
				diags.AddAttributeError(path.Root("block_devices").AtListIndex(i), "Invalid Block Device", rule.says)
			}
		}
	}
	seen := map[string]bool{}
	for i, v := range config.volumes(ctx, diags) {
		if id := v.VolumeID.ValueString(); id != "" && seen[id] {
			diags.AddAttributeError(path.Root("volumes").AtListIndex(i), "Volume Named Twice", "A server has a volume once.")
		}
		seen[v.VolumeID.ValueString()] = true
	}
}

func checkBoot(b bootVolume, diags *diag.Diagnostics) {
	at := path.Root("boot_volume")
	if value.Known(b.ImageID) && b.Size.IsNull() {
		diags.AddAttributeError(at.AtName("size"), "Missing Size", "A volume that is made from an image needs a size.")
	}
	if value.Known(b.VolumeID) && (value.Known(b.Size) || value.Known(b.VolumeType)) {
		diags.AddAttributeError(at, "Volume That Exists", "Size and volume_type are those of a volume that is made, from an image or a snapshot.")
	}
}

// deviceRules are Nova's, about what goes with what.
var deviceRules = []struct {
	says   string
	broken func(blockDevice) bool
}{
	{"A blank disk has no source_id.", func(d blockDevice) bool { return d.from(fromBlank) && value.Known(d.SourceID) }},
	{"A disk from an image, a snapshot or a volume needs its source_id.", func(d blockDevice) bool {
		return d.from(fromImage, fromSnapshot, fromVolume) && d.SourceID.IsNull()
	}},
	{"What comes from a snapshot or a volume is a volume: its destination_type cannot be local.", func(d blockDevice) bool {
		return d.from(fromSnapshot, fromVolume) && d.DestinationType.ValueString() == toLocal
	}},
	{"The local disk from an image is the one of image_id.", func(d blockDevice) bool {
		return d.from(fromImage) && d.DestinationType.ValueString() == toLocal
	}},
	{"A volume that is made empty or from an image needs a size.", func(d blockDevice) bool {
		return d.from(fromBlank, fromImage) && d.DestinationType.ValueString() == toVolume && d.Size.IsNull()
	}},
	{"Only a volume that is made has a volume_type.", func(d blockDevice) bool {
		return value.Known(d.VolumeType) && (d.from(fromVolume) || d.DestinationType.ValueString() == toLocal)
	}},
}

func (d blockDevice) from(sources ...string) bool {
	return slices.Contains(sources, d.SourceType.ValueString())
}

// rootVolume is the volume that the server boots from, of those that it has: the one with the root device where Nova
// tells which that is, or else with the first.
func rootVolume(s *nova.Server, all []*nova.VolumeAttachment) *nova.VolumeAttachment {
	if s.Image.ID != "" || len(all) == 0 {
		return nil
	}
	for _, one := range all {
		if s.RootDevice != "" && one.Device == s.RootDevice {
			return one
		}
	}
	return slices.MinFunc(all, func(a, b *nova.VolumeAttachment) int {
		return cmp.Or(cmp.Compare(len(a.Device), len(b.Device)), cmp.Compare(a.Device, b.Device))
	})
}
