// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// blockDevice is an entry of block_device_mapping_v2.
type blockDevice struct {
	UUID                string               `json:"uuid"                  len:"1-255" format:"uuid"`
	ImageID             string               `json:"image_id"              format:"uuid"`
	VolumeID            string               `json:"volume_id"             format:"uuid"`
	SnapshotID          string               `json:"snapshot_id"           format:"uuid"`
	SourceType          string               `json:"source_type"           oneof:"volume image snapshot blank"`
	DestinationType     string               `json:"destination_type"      oneof:"local volume"`
	BootIndex           api.Opt[api.Integer] `json:"boot_index"            null:"ok"`
	VolumeSize          api.Opt[api.Natural] `json:"volume_size"           range:"1-2147483647"`
	VolumeType          api.Opt[string]      `json:"volume_type"           nova:"2.67-" null:"ok" len:"0-255"`
	DeviceName          string               `json:"device_name"           len:"1-255" pattern:"^[a-zA-Z0-9._/-]*$"`
	DeviceType          string               `json:"device_type"           len:"0-255"`
	DiskBus             string               `json:"disk_bus"              len:"0-255"`
	GuestFormat         string               `json:"guest_format"          len:"0-255"`
	ConnectionInfo      string               `json:"connection_info"`
	DeleteOnTermination api.Boolean          `json:"delete_on_termination"`
	NoDevice            any                  `json:"no_device"`
	Tag                 string               `json:"tag"                   nova:"2.32,2.42-" len:"1-60" pattern:"^[^,/]*$"`
}

// legacyBlockDevice is an entry of block_device_mapping.
type legacyBlockDevice struct {
	VolumeID            string               `json:"volume_id"             format:"uuid"`
	SnapshotID          string               `json:"snapshot_id"           format:"uuid"`
	VirtualName         string               `json:"virtual_name"          len:"0-255"`
	VolumeSize          api.Opt[api.Natural] `json:"volume_size"           range:"1-2147483647"`
	DeviceName          string               `json:"device_name"           len:"1-255" pattern:"^[a-zA-Z0-9._/-]*$"`
	ConnectionInfo      string               `json:"connection_info"`
	DeleteOnTermination api.Boolean          `json:"delete_on_termination"`
	NoDevice            any                  `json:"no_device"`
}

// takeBoot finds what to boot from: imageRef, and the disks that the request asks for.
func takeBoot(c *api.Call, in *ServerCreate, to *compute.CreateRequest) error {
	to.ImageID = string(in.ImageRef.Value)
	to.Disks.Multiattach = c.Since(attachesToSeveral)
	to.Disks.NoZeroDisk = !c.Allowed(rule("servers:create:zero_disk_flavor"), c.Own())
	switch {
	case len(in.BlockDevices) > 0 && len(in.OldBlockDevices) > 0:
		return api.BadRequest("Using different block_device_mapping syntaxes is not allowed in the same request.")
	case len(in.BlockDevices)+len(in.OldBlockDevices) == 0 && to.ImageID == "":
		return api.BadRequest("Missing imageRef attribute")
	}
	for _, device := range in.OldBlockDevices {
		to.Disks.Legacy = true
		if truthy(device.NoDevice) {
			to.Disks.Without = append(to.Disks.Without, wholeDevice(device.DeviceName))
			continue
		}
		to.Disks.Devices = append(to.Disks.Devices, compute.BlockDevice{
			VolumeID: device.VolumeID, SnapshotID: device.SnapshotID, GuestFormat: device.VirtualName, GiB: int(device.VolumeSize.Value),
			Device: wholeDevice(device.DeviceName), DeleteOnTermination: bool(device.DeleteOnTermination), BootIndex: compute.NotBooted,
		})
	}
	for _, device := range in.BlockDevices {
		if truthy(device.NoDevice) {
			to.Disks.Without = append(to.Disks.Without, wholeDevice(device.DeviceName))
			continue
		}
		disk, err := device.disk(to.ImageID != "")
		if err != nil {
			return err
		}
		to.Disks.Devices = append(to.Disks.Devices, disk)
	}
	return nil
}

// disk is the entry as compute knows it. Without a destination it is where its kind usually is.
func (d *blockDevice) disk(withImage bool) (compute.BlockDevice, error) {
	disk := compute.BlockDevice{
		Source: d.SourceType, Destination: d.DestinationType, VolumeType: d.VolumeType.Value, GiB: int(d.VolumeSize.Value),
		BootIndex: compute.NotBooted, Device: wholeDevice(d.DeviceName), DiskBus: d.DiskBus, DeviceType: d.DeviceType,
		GuestFormat: d.GuestFormat, Tag: d.Tag, DeleteOnTermination: bool(d.DeleteOnTermination),
	}
	if d.BootIndex.Set && !d.BootIndex.Null && d.BootIndex.Value >= 0 {
		disk.BootIndex = int(d.BootIndex.Value)
	}
	if disk.Destination == "" {
		disk.Destination = map[string]string{
			compute.SourceVolume: compute.ToVolume, compute.SourceSnapshot: compute.ToVolume,
			compute.SourceImage: compute.ToLocal, compute.SourceBlank: compute.ToLocal,
		}[d.SourceType]
	}
	source := map[string]*string{
		compute.SourceImage: &disk.ImageID, compute.SourceVolume: &disk.VolumeID, compute.SourceSnapshot: &disk.SnapshotID,
	}[d.SourceType]
	if source != nil {
		*source = d.UUID
	}
	return disk, d.check(disk, withImage)
}

// check refuses an entry whose parts do not go together.
func (d *blockDevice) check(disk compute.BlockDevice, withImage bool) error {
	invalid := func(problem string) error { return api.BadRequest("Block Device Mapping is Invalid: %s", problem) }
	switch {
	case disk.Source == "":
		return invalid("Some required fields are missing")
	case disk.Source == compute.SourceBlank && d.UUID != "":
		return invalid("Invalid device UUID.")
	case disk.Source != compute.SourceBlank && d.UUID == "":
		return invalid("Missing device UUID.")
	case disk.Source == compute.SourceImage && !disk.OnVolume() && !(withImage && disk.BootIndex == 0):
		return invalid("Mapping image to local is not supported.")
	case !disk.OnVolume() && (disk.Source == compute.SourceVolume || disk.Source == compute.SourceSnapshot):
		return invalid("Mapping " + disk.Source + " to local is not supported.")
	case !disk.OnVolume() && disk.VolumeType != "":
		return invalid("Specifying a volume_type with destination_type=local is not supported.")
	case disk.Source == compute.SourceVolume && disk.VolumeType != "":
		return invalid("Specifying volume type to existing volume is not supported.")
	}
	return nil
}

// wholeDevice is a device's name with /dev/; "" for none.
func wholeDevice(name string) string {
	if name == "" {
		return ""
	}
	return "/dev/" + strings.TrimPrefix(name, "/dev/")
}

// truthy is whether Python takes a JSON value for true: no_device may be any.
func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case json.Number:
		f, err := v.Float64()
		return err != nil || f != 0
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	}
	return true
}

// flavorRef is a flavor's id, a number that is one, or its URL.
type flavorRef string

// Parse implements api.Parser.
func (r *flavorRef) Parse(v any) error {
	switch v := v.(type) {
	case string:
		*r = flavorRef(v)
	case json.Number:
		*r = flavorRef(v.String())
	default:
		return api.WrongType(v, "string", "integer")
	}
	if *r == "" {
		return errors.New("'' is too short")
	}
	return nil
}

func (r flavorRef) id() string { return string(r[strings.LastIndexByte(string(r), '/')+1:]) }

func isUUID(s string) bool { return uuid.Validate(s) == nil }
