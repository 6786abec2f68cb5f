// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"slices"
)

// maxLocalDisks is on how many disks of its host a server may be (Nova: max_local_block_devices).
const maxLocalDisks = 3

// diskBuses are those that Nova knows.
var diskBuses = []string{"fdc", "ide", "sata", "scsi", "usb", "virtio", "xen", "lxc", "uml"}

// errInvalidMapping: a disk bus that Nova does not know. It does not say more of it.
var errInvalidMapping = refuse(BadRequest, "Block Device Mapping is Invalid.")

// deviceCheck checks the disks of a request for servers, and completes their sizes.
type deviceCheck struct {
	m      *Manager
	caller Caller
	*CreateRequest
}

// check refuses disks that cannot be had. What it reserves, of the volumes that exist, is not its business.
func (c deviceCheck) check(ctx context.Context, devices []BlockDevice) error {
	if err := checkBootOrder(devices); err != nil {
		return err
	}
	for i := range devices {
		b := &devices[i]
		if err := c.checkSource(ctx, b); err != nil {
			return err
		}
		if b.DiskBus != "" && !slices.Contains(diskBuses, b.DiskBus) {
			return errInvalidMapping
		}
	}
	return checkLocalDisks(devices, c.Flavor)
}

// checkBootOrder demands that the disks to boot from are numbered from 0, without a gap.
func checkBootOrder(devices []BlockDevice) error {
	var order []int
	for _, b := range devices {
		if b.BootIndex >= 0 {
			order = append(order, b.BootIndex)
		}
	}
	slices.Sort(order)
	for want, index := range order {
		if index != want {
			order = nil
			break
		}
	}
	if len(order) == 0 {
		return invalidMapping("Boot sequence for the instance and image/block device mapping combination is not valid.")
	}
	return nil
}

// checkSource demands that what the disk is made from is there for the caller.
func (c deviceCheck) checkSource(ctx context.Context, b *BlockDevice) error {
	if b.OnVolume() && c.m.Volumes == nil {
		return invalidMapping("failed to get volume %s.", or(b.VolumeID, or(b.SnapshotID, b.ImageID)))
	}
	if b.VolumeType != "" {
		there, err := c.m.Volumes.HasType(ctx, c.caller, b.VolumeType)
		if err != nil {
			return err
		}
		if !there {
			return refuse(BadRequest, "Volume type %s could not be found.", b.VolumeType)
		}
	}
	switch b.Source {
	case SourceImage:
		return c.checkImageSource(ctx, b)
	case SourceVolume:
		return c.checkVolumeSource(ctx, b)
	case SourceSnapshot:
		snapshot, err := c.m.Volumes.Snapshot(ctx, c.caller, b.SnapshotID)
		if err != nil {
			return invalidMapping("failed to get snapshot %s.", b.SnapshotID)
		}
		if b.GiB == 0 {
			b.GiB = snapshot.GiB
		}
	case SourceBlank:
		if b.OnVolume() && b.GiB == 0 {
			return refuse(BadRequest, "Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size")
		}
	}
	return nil
}

func (c deviceCheck) checkImageSource(ctx context.Context, b *BlockDevice) error {
	if b.ImageID != c.ImageID {
		if _, err := c.m.Images.Image(ctx, c.caller, b.ImageID); err != nil {
			return invalidMapping("failed to get image %s.", b.ImageID)
		}
	}
	if b.OnVolume() && b.GiB == 0 {
		return refuse(BadRequest, "Images with destination_type 'volume' need to have a non-zero size specified")
	}
	return nil
}

func (c deviceCheck) checkVolumeSource(ctx context.Context, b *BlockDevice) error {
	volume, err := c.m.Volumes.Volume(ctx, c.caller, b.VolumeID)
	switch {
	case KindOf(err) == NotFound:
		return refuse(BadRequest, "Volume %s could not be found.", b.VolumeID)
	case err != nil:
		return err
	case volume.Multiattach && !c.Disks.Multiattach:
		return errOldMultiattach
	}
	b.GiB = volume.GiB
	return nil
}

var errOldMultiattach = refuse(BadRequest, "Multiattach volumes are only supported starting with compute API version 2.60.")

// checkLocalDisks holds the disks on the host to what the flavor allows. A size that was not said is the
// flavor's.
func checkLocalDisks(devices []BlockDevice, flavor Flavor) error {
	local, swaps, ephemeral := 0, 0, 0
	for i := range devices {
		b := &devices[i]
		switch {
		case b.isEphemeral():
			if b.GiB == 0 {
				b.GiB = flavor.EphemeralGiB
			}
			ephemeral += b.GiB
		case b.Swap():
			swaps++
			if b.GiB > flavor.SwapMiB {
				return refuse(BadRequest, "Swap drive requested is larger than instance type allows.")
			}
			if b.GiB == 0 {
				b.GiB = flavor.SwapMiB
			}
		}
		if b.Destination == ToLocal {
			local++
		}
	}
	switch {
	case ephemeral > flavor.EphemeralGiB:
		return refuse(BadRequest, "Ephemeral disks requested are larger than the instance type allows. If no size is given "+
			"in one block device mapping, flavor ephemeral size will be used.")
	case swaps > 1:
		return invalidMapping("More than one swap drive requested.")
	case local > maxLocalDisks:
		return invalidMapping("You specified more local devices than the limit allows")
	}
	return nil
}
