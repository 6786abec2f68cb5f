// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
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

// takeBoot finds the image to boot from: imageRef, or the block device that is an image on the
// host's own disk. Devices on volumes need a volume service, which this cloud does not have.
func takeBoot(_ *api.Call, in *ServerCreate, to *compute.CreateRequest) error {
	if len(in.BlockDevices) > 0 && len(in.OldBlockDevices) > 0 {
		return api.BadRequest("Using different block_device_mapping syntaxes is not allowed in the same request.")
	}
	for _, device := range in.OldBlockDevices {
		return noVolume(cmp.Or(device.VolumeID, device.SnapshotID))
	}
	to.ImageID = in.ImageRef.Value
	for _, device := range in.BlockDevices {
		image := cmp.Or(device.UUID, device.ImageID)
		local := cmp.Or(device.DestinationType, "local") == "local"
		switch {
		case device.SourceType == "":
			return api.BadRequest("Block Device Mapping is Invalid: source_type field is required.")
		case device.SourceType != "image" || !local:
			return noVolume(cmp.Or(device.UUID, device.VolumeID, device.SnapshotID))
		case !device.BootIndex.Set || device.BootIndex.Null || device.BootIndex.Value != 0:
			return api.BadRequest("Block Device Mapping is Invalid: Mapping image to local is not supported.")
		case to.ImageID != "" && image != to.ImageID:
			return api.BadRequest("Block Device Mapping is Invalid: Boot sequence for the instance and image/block device " +
				"mapping combination is not valid.")
		}
		to.ImageID = image
	}
	if to.ImageID == "" {
		return api.BadRequest("Missing imageRef attribute")
	}
	return nil
}

func noVolume(id string) error {
	if id == "" {
		return api.BadRequest("Block Device Mapping is Invalid: the cloud has no volume service to make a volume with.")
	}
	return api.BadRequest("Block Device Mapping is Invalid: failed to get volume %s.", id)
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
