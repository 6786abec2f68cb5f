// SPDX-License-Identifier: MPL-2.0

package compute

import "slices"

// RequestedDevices are the disks that a request for servers asks for.
type RequestedDevices struct {
	// Devices are those of block_device_mapping_v2, or with Legacy of block_device_mapping: their
	// VirtualName is in GuestFormat, and BootIndex goes by their names.
	Devices []BlockDevice
	Legacy  bool
	// Without are the names of the image's devices to leave out (no_device).
	Without []string
	// Multiattach: the volumes may be attached to other servers, too (since 2.60).
	Multiattach bool
	// NoZeroDisk: a flavor without a root disk is only for servers that boot from a volume.
	NoZeroDisk bool
}

// invalidMapping is a refusal of a mapping for its form.
func invalidMapping(format string, args ...any) error {
	return refuse(BadRequest, "Block Device Mapping is Invalid: "+format, args...)
}

// root is the device that is asked to be booted from, before the image's own are known.
func (r *RequestedDevices) root() *BlockDevice {
	if !r.Legacy {
		return rootOf(r.Devices)
	}
	at := slices.IndexFunc(r.Devices, func(b BlockDevice) bool { return deviceLetters(b.Device) == "a" })
	if at < 0 {
		return nil
	}
	return &r.Devices[at]
}

// devices are all disks that a server of the request has: those asked for, those of the image that no other
// takes the place of, and the flavor's ephemeral and swap disks.
func (r *CreateRequest) devices(image *Image) ([]BlockDevice, error) {
	name, err := rootDeviceNameOf(image.Properties)
	if err != nil {
		return nil, err
	}
	name = or(name, "vda")
	ofImage, err := imageDevices(image.Properties, r.Flavor, name)
	if err != nil {
		return nil, err
	}
	wanted, err := r.wanted(name, rootOf(ofImage) != nil)
	if err != nil {
		return nil, err
	}
	all := merge(ofImage, wanted, r.Disks.Without)
	several := r.MaxCount > 1
	if several && slices.ContainsFunc(all, func(b BlockDevice) bool { return b.Source == SourceVolume }) {
		return nil, refuse(BadRequest, "Cannot attach one or more volumes to multiple instances")
	}
	if f := r.Flavor; f.EphemeralGiB > 0 && !slices.ContainsFunc(all, func(b BlockDevice) bool { return b.isEphemeral() }) {
		all = append(all, blank(f.EphemeralGiB, ""))
	}
	if f := r.Flavor; f.SwapMiB > 0 && !slices.ContainsFunc(all, func(b BlockDevice) bool { return b.Swap() }) {
		all = append(all, blank(f.SwapMiB, swapFormat))
	}
	return all, nil
}

// wanted are the disks that were asked for, in the newer form. Of a request that asks for none, the image's.
func (r *CreateRequest) wanted(rootName string, rootInImage bool) ([]BlockDevice, error) {
	devices := slices.Clone(r.Disks.Devices)
	if len(devices) > 0 && !r.Disks.Legacy {
		for _, b := range devices {
			if r.ImageID != "" && b.OnVolume() && bareDevice(b.Device) == rootName {
				return nil, refuse(BadRequest, "The volume cannot be assigned the same device name as the root device %s", rootName)
			}
		}
		if rootInImage { // clients add the image as a disk of its own, which it has not
			devices = slices.DeleteFunc(devices, func(b BlockDevice) bool { return b.BootIndex == 0 && b.Source == SourceImage })
		}
		return devices, nil
	}
	for i := range devices {
		if err := devices[i].takeLegacy(devices[i].GuestFormat); err != nil {
			return nil, err
		}
	}
	if rootInImage {
		return devices, nil
	}
	bootLegacy(devices, rootName)
	if rootOf(devices) == nil && r.ImageID != "" {
		devices = slices.Insert(devices, 0, BlockDevice{
			Source: SourceImage, Destination: ToLocal, ImageID: r.ImageID, DeviceType: "disk", DeleteOnTermination: true,
		})
	}
	return devices, nil
}

// takeLegacy makes a disk of the newer form of one of block_device_mapping.
func (b *BlockDevice) takeLegacy(virtualName string) error {
	b.BootIndex = NotBooted
	switch {
	case isBlank(virtualName):
		b.Source, b.Destination, b.DeleteOnTermination = SourceBlank, ToLocal, true
		b.GuestFormat = ""
		if virtualName == swapFormat {
			b.GuestFormat = swapFormat
		}
		return nil
	case b.SnapshotID != "":
		b.Source, b.Destination = SourceSnapshot, ToVolume
	case b.VolumeID != "":
		b.Source, b.Destination = SourceVolume, ToVolume
	default:
		return invalidMapping("Unrecognized legacy format.")
	}
	b.GuestFormat = ""
	return nil
}

// bootLegacy lets the volume that has the root device's name be booted from.
func bootLegacy(devices []BlockDevice, rootName string) {
	for i := range devices {
		if b := &devices[i]; b.Source != SourceBlank && bareDevice(b.Device) == rootName {
			b.BootIndex = 0
		}
	}
}

// blank is a blank local disk.
func blank(size int, format string) BlockDevice {
	return BlockDevice{
		Source: SourceBlank, Destination: ToLocal, DeviceType: "disk", GuestFormat: format, GiB: size, BootIndex: NotBooted,
		DeleteOnTermination: true,
	}
}

// merge is the devices of over and those of under whose names none of over, and none to leave out, have.
func merge(under, over []BlockDevice, without []string) []BlockDevice {
	names := slices.Clone(without)
	for _, b := range over {
		if b.Device != "" {
			names = append(names, b.Device)
		}
	}
	merged := slices.Clone(over)
	for _, b := range under {
		if !slices.Contains(names, b.Device) {
			merged = append(merged, b)
		}
	}
	return merged
}
