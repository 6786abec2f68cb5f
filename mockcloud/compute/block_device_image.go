// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// The properties of an image that say what disks its servers have. The values are JSON.
const (
	imageBlockDevices = "block_device_mapping"
	imageDevicesV2    = "bdm_v2" // "True" where they are of the newer form
	imageMappings     = "mappings"
	imageRootDevice   = "root_device_name"
)

// imageDevice is a disk as images keep it, of either form.
type imageDevice struct {
	Source              string `json:"source_type,omitempty"`
	Destination         string `json:"destination_type,omitempty"`
	ImageID             string `json:"image_id,omitempty"`
	SnapshotID          string `json:"snapshot_id,omitempty"`
	VolumeID            string `json:"volume_id,omitempty"`
	VolumeType          string `json:"volume_type,omitempty"`
	VolumeSize          *int   `json:"volume_size"`
	BootIndex           *int   `json:"boot_index"`
	DeviceName          string `json:"device_name,omitempty"`
	DiskBus             string `json:"disk_bus,omitempty"`
	DeviceType          string `json:"device_type,omitempty"`
	GuestFormat         string `json:"guest_format,omitempty"`
	Tag                 string `json:"tag,omitempty"`
	DeleteOnTermination bool   `json:"delete_on_termination"`
	NoDevice            bool   `json:"no_device,omitempty"`
	VirtualName         string `json:"virtual_name,omitempty"` // of the older form
}

// imageMapping is an entry of the property mappings.
type imageMapping struct {
	Virtual     string `json:"virtual"`
	Device      string `json:"device"`
	GuestFormat string `json:"guest_format"`
}

// rootDeviceNameOf is the name that an image gives its root disk, without /dev/; "" if it gives none.
func rootDeviceNameOf(properties map[string]string) (string, error) {
	name := properties[imageRootDevice]
	var mappings []imageMapping
	if err := readProperty(properties, imageMappings, &mappings); err != nil {
		return "", err
	}
	for _, mapping := range mappings {
		if mapping.Virtual == "root" && name == "" {
			name = mapping.Device
		}
	}
	return bareDevice(name), nil
}

// readProperty reads a property of JSON; nothing is read of one that is not there.
func readProperty(properties map[string]string, key string, into any) error {
	text := properties[key]
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return invalidMapping("the image's property %s cannot be read", key)
	}
	return nil
}

// imageDevices are the disks that an image says its servers have.
func imageDevices(properties map[string]string, flavor Flavor, rootName string) ([]BlockDevice, error) {
	var kept []imageDevice
	if err := readProperty(properties, imageBlockDevices, &kept); err != nil {
		return nil, err
	}
	newForm, _ := strconv.ParseBool(strings.ToLower(properties[imageDevicesV2]))
	var devices []BlockDevice
	for _, d := range kept {
		if d.NoDevice {
			continue
		}
		b := d.blockDevice()
		if !newForm {
			if err := b.takeLegacy(d.VirtualName); err != nil {
				return nil, err
			}
		}
		devices = append(devices, b)
	}
	if !newForm {
		bootLegacy(devices, rootName)
	}
	var mappings []imageMapping
	if err := readProperty(properties, imageMappings, &mappings); err != nil {
		return nil, err
	}
	return merge(blankMappings(mappings, flavor), devices, nil), nil
}

func (d imageDevice) blockDevice() BlockDevice {
	b := BlockDevice{
		Source: d.Source, Destination: d.Destination, ImageID: d.ImageID, SnapshotID: d.SnapshotID, VolumeID: d.VolumeID,
		VolumeType: d.VolumeType, BootIndex: NotBooted, Device: wholeDevice(d.DeviceName), DiskBus: d.DiskBus, DeviceType: d.DeviceType,
		GuestFormat: d.GuestFormat, Tag: d.Tag, DeleteOnTermination: d.DeleteOnTermination,
	}
	if d.BootIndex != nil {
		b.BootIndex = *d.BootIndex
	}
	if d.VolumeSize != nil {
		b.GiB = *d.VolumeSize
	}
	return b
}

// forImage is the disk as an image keeps it; of a volume, the snapshot that was taken of it.
func (b *BlockDevice) forImage(snapshotID string) imageDevice {
	size, boot := b.GiB, b.BootIndex
	d := imageDevice{
		Source: b.Source, Destination: b.Destination, ImageID: b.ImageID, VolumeSize: &size, BootIndex: &boot, DeviceName: b.Device,
		DiskBus: b.DiskBus, DeviceType: b.DeviceType, GuestFormat: b.GuestFormat, DeleteOnTermination: b.DeleteOnTermination,
	}
	if snapshotID != "" {
		d.Source, d.ImageID, d.GuestFormat, d.SnapshotID = SourceSnapshot, "", "", snapshotID
	}
	return d
}

// blankMappings are the ephemeral and swap disks of the property mappings, as large as the flavor allows.
func blankMappings(mappings []imageMapping, flavor Flavor) []BlockDevice {
	var devices []BlockDevice
	for _, mapping := range mappings {
		if !isBlank(mapping.Virtual) {
			continue
		}
		b := blank(flavor.EphemeralGiB, mapping.GuestFormat)
		if mapping.Virtual == swapFormat {
			b = blank(flavor.SwapMiB, swapFormat)
		}
		if b.GiB == 0 {
			continue
		}
		b.Device = mapping.Device
		if !strings.HasPrefix(b.Device, "/") {
			b.Device = wholeDevice(b.Device)
		}
		devices = append(devices, b)
	}
	return devices
}

var ephemeralName = regexp.MustCompile(`^ephemeral(?:0|[1-9][0-9]*)$`)

// isBlank tells whether a virtual name is one of a blank local disk.
func isBlank(virtual string) bool { return virtual == swapFormat || ephemeralName.MatchString(virtual) }
