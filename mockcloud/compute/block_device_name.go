// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"regexp"
	"slices"
	"strings"
)

// Device names are those of Linux: a prefix by the bus, and letters, which count a … z, aa, ab ….
var (
	deviceName   = regexp.MustCompile(`^(/dev/x?[a-z]?d?)([a-z]+)[0-9]*$`)
	devicePrefix = regexp.MustCompile(`^(?:/dev/)?(?:x?v|s|h)d`)
	deviceNumber = regexp.MustCompile(`[0-9]+`)
)

// busPrefixes are the prefixes of the buses' disks.
var busPrefixes = map[string]string{
	"virtio": "/dev/vd", "scsi": "/dev/sd", "sata": "/dev/sd", "usb": "/dev/sd", "ide": "/dev/hd", "fdc": "/dev/fd",
	"xen": "/dev/xvd", "lxc": "/dev/vd", "uml": "/dev/ubd",
}

// bareDevice is a device's name without /dev/.
func bareDevice(name string) string { return strings.TrimPrefix(name, "/dev/") }

// wholeDevice is a device's name with /dev/; "" for none.
func wholeDevice(name string) string {
	if name == "" {
		return ""
	}
	return "/dev/" + bareDevice(name)
}

// deviceLetters are the letters of a device's name: "b" of /dev/vdb1.
func deviceLetters(name string) string {
	return deviceNumber.ReplaceAllString(bareDevice(devicePrefix.ReplaceAllString(name, "")), "")
}

// nthLetters are the n-th letters, from 0.
func nthLetters(n int) string {
	letters := ""
	for ; n >= 0; n = n/26 - 1 {
		letters = string(rune('a'+n%26)) + letters
	}
	return letters
}

// nextDevice is a free device name, of the disk's own bus or else of the root disk's; the wanted one with
// that prefix, if it is free.
func nextDevice(devices []BlockDevice, root, bus, wanted string) (string, error) {
	prefix := busPrefixes[bus]
	if match := deviceName.FindStringSubmatch(wholeDevice(root)); prefix == "" && match != nil {
		prefix = match[1]
	}
	used := []string{deviceLetters(root)}
	for _, b := range devices {
		used = append(used, deviceLetters(b.Device))
	}
	if wanted != "" {
		match := deviceName.FindStringSubmatch(wanted)
		switch {
		case match == nil:
			return "", refuse(BadRequest, "The supplied device path (%s) is invalid.", wanted)
		case slices.Contains(used, match[2]):
			return "", refuse(Conflict, "The supplied device path (%s) is in use.", wanted)
		}
		return prefix + match[2], nil
	}
	for n := 0; ; n++ {
		if letters := nthLetters(n); !slices.Contains(used, letters) {
			return prefix + letters, nil
		}
	}
}

// nameDevices gives every disk that has no device name one.
func (op *Op) nameDevices() error {
	if !slices.ContainsFunc(op.Instance.BlockDevices, func(b BlockDevice) bool { return b.Device == "" }) {
		return nil
	}
	return op.Set(nameDevices)
}

// nameDevices names the root disk first, then the ephemeral ones, swap and the volumes.
func nameDevices(inst *Instance) {
	if root := inst.Root(); root != nil {
		bus := or(root.DiskBus, inst.ImageProperties["hw_disk_bus"])
		inst.RootDeviceName = or(root.Device, or(inst.RootDeviceName, or(busPrefixes[bus], busPrefixes["virtio"])+"a"))
		root.Device = inst.RootDeviceName
	}
	inst.RootDeviceName = or(inst.RootDeviceName, busPrefixes["virtio"]+"a")
	for _, mine := range []func(*BlockDevice) bool{
		(*BlockDevice).isEphemeral, (*BlockDevice).Swap, func(*BlockDevice) bool { return true },
	} {
		for i := range inst.BlockDevices {
			if b := &inst.BlockDevices[i]; b.Device == "" && mine(b) {
				b.Device, _ = nextDevice(inst.BlockDevices, inst.RootDeviceName, b.DiskBus, "") // only a wanted name can be refused
			}
		}
	}
}
