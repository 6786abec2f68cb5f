// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// What a block device is made from, and where it is.
const (
	SourceImage    = "image"
	SourceVolume   = "volume"
	SourceSnapshot = "snapshot"
	SourceBlank    = "blank"

	ToLocal  = "local"
	ToVolume = "volume"
)

// NotBooted is the BootIndex of a disk that is not booted from.
const NotBooted = -1

// swapFormat is the GuestFormat of a swap disk.
const swapFormat = "swap"

// VolumeChange is an attach, a detach or a swap under way. It is recorded before anything is done, so that a
// restart takes it up again.
type VolumeChange struct {
	Kind VolumeChangeKind
	// Record is the instance action's key; "" until the request has been accepted.
	Record string `json:",omitzero"`
	// VolumeID and AttachmentID are those of the volume to come, of a swap.
	VolumeID     string `json:",omitzero"`
	AttachmentID string `json:",omitzero"`
}

// VolumeChangeKind is what is done to a volume.
type VolumeChangeKind string

// The kinds of VolumeChange.
const (
	Attaching VolumeChangeKind = "attach"
	Detaching VolumeChangeKind = "detach"
	Swapping  VolumeChangeKind = "swap"
)

// Attached tells that the disk is a volume that Cinder keeps for the instance.
func (b *BlockDevice) Attached() bool {
	return b.OnVolume() && b.VolumeID != "" && b.AttachmentID != ""
}

// Swap tells that the disk is a swap disk.
func (b *BlockDevice) Swap() bool {
	return b.Source == SourceBlank && !b.OnVolume() && b.GuestFormat == swapFormat
}

func (b *BlockDevice) isEphemeral() bool {
	return b.Source == SourceBlank && !b.OnVolume() && b.GuestFormat != swapFormat
}

// rootOf is the disk that is booted from; nil when there is none.
func rootOf(devices []BlockDevice) *BlockDevice {
	at := slices.IndexFunc(devices, func(b BlockDevice) bool { return b.BootIndex == 0 })
	if at < 0 {
		return nil
	}
	return &devices[at]
}

// Root is the disk that the instance boots from; nil of one that was made before disks were recorded.
func (i *Instance) Root() *BlockDevice { return rootOf(i.BlockDevices) }

// VolumeBacked tells that the instance boots from a volume.
func (i *Instance) VolumeBacked() bool {
	if root := i.Root(); root != nil {
		return root.OnVolume()
	}
	return i.ImageID == ""
}

// Volume is the disk of an attached volume, also of one that is being attached; nil when there is none.
func (i *Instance) Volume(volumeID string) *BlockDevice {
	for at := range i.BlockDevices {
		if b := &i.BlockDevices[at]; b.OnVolume() && b.VolumeID == volumeID && volumeID != "" {
			return b
		}
	}
	return nil
}

// dropVolume forgets the disk of a volume.
func (i *Instance) dropVolume(volumeID string) {
	i.BlockDevices = slices.DeleteFunc(i.BlockDevices, func(b BlockDevice) bool { return b.OnVolume() && b.VolumeID == volumeID })
}

// localDisks are the sizes of the instance's ephemeral disks, in GiB, and of its swap, in MiB.
func (i *Instance) localDisks() (ephemeralGiB []int, swapMiB int) {
	if i.Root() == nil { // made before disks were recorded
		if i.Flavor.EphemeralGiB > 0 {
			ephemeralGiB = []int{i.Flavor.EphemeralGiB}
		}
		return ephemeralGiB, i.Flavor.SwapMiB
	}
	for _, b := range i.BlockDevices {
		switch {
		case b.Swap():
			swapMiB += b.GiB // its size counts in MiB
		case b.isEphemeral() && b.GiB > 0:
			ephemeralGiB = append(ephemeralGiB, b.GiB)
		}
	}
	return ephemeralGiB, swapMiB
}

// driverVolume is the volume as a machine has it.
func (i *Instance) driverVolume(b *BlockDevice, at Connection) driver.Volume {
	return driver.Volume{
		ID: b.VolumeID, Path: at.Path, Size: at.Size, Shared: at.Shared, Device: b.Device, Bus: i.DiskBus(b),
		Type: or(b.DeviceType, "disk"), BootIndex: b.BootIndex, Tag: b.Tag,
	}
}

// DiskBus is the disk's bus: its own, or the one that the image wants for disks of its type.
func (i *Instance) DiskBus(b *BlockDevice) string {
	property := "hw_disk_bus"
	if b.DeviceType == "cdrom" {
		property = "hw_cdrom_bus"
	}
	return or(b.DiskBus, or(i.ImageProperties[property], "virtio"))
}
