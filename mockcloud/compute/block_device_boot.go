// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"maps"
	"slices"
	"strconv"
)

// volumeAttributes are what Cinder keeps with an image's properties that are attributes of the image.
var volumeAttributes = []string{
	"image_id", "image_name", "size", "checksum", "container_format", "disk_format", "min_ram", "min_disk",
}

// bootImage is the image that a server is made of: the one asked for or, of a server that boots from a
// volume, what the volume keeps of the one that it was made of.
func (m *Manager) bootImage(ctx context.Context, caller Caller, request *CreateRequest) (*Image, error) {
	if request.ImageID != "" {
		image, err := m.Images.Image(ctx, caller, request.ImageID)
		if KindOf(err) == NotFound {
			return nil, &ImageNotFound{ImageID: request.ImageID}
		}
		return image, err
	}
	if len(request.TrustedCerts) > 0 {
		return nil, refuse(BadRequest, "Image certificate validation is not supported when booting from volume")
	}
	none := &Image{Status: "active", Properties: map[string]string{}}
	root := request.Disks.root()
	switch {
	case root == nil:
		return none, nil // what boots is refused with the other disks
	case root.ImageID != "":
		image, err := m.Images.Image(ctx, caller, root.ImageID)
		if err != nil {
			return nil, invalidMapping("failed to get image %s.", root.ImageID)
		}
		return image, nil
	case root.VolumeID == "" && root.SnapshotID == "":
		return none, nil
	}
	return m.volumeImage(ctx, caller, root)
}

// volumeImage is what a volume, or the volume of a snapshot, tells of the image that it was made of.
func (m *Manager) volumeImage(ctx context.Context, caller Caller, root *BlockDevice) (*Image, error) {
	if m.Volumes == nil {
		return nil, invalidMapping("failed to get volume %s.", or(root.VolumeID, root.SnapshotID))
	}
	id := root.VolumeID
	if root.SnapshotID != "" {
		snapshot, err := m.Volumes.Snapshot(ctx, caller, root.SnapshotID)
		if err != nil {
			return nil, invalidMapping("failed to get snapshot %s.", root.SnapshotID)
		}
		id = snapshot.VolumeID
	}
	volume, err := m.Volumes.Volume(ctx, caller, id)
	switch {
	case err != nil:
		return nil, invalidMapping("failed to get volume %s.", id)
	case !volume.Bootable:
		return nil, refuse(BadRequest, "Block Device %s is not bootable.", id)
	}
	image := &Image{Status: "active", Size: int64(volume.GiB) * gib, Properties: maps.Clone(volume.ImageMetadata)}
	if image.Properties == nil {
		image.Properties = map[string]string{}
	}
	for key, to := range map[string]*int{"min_disk": &image.MinDisk, "min_ram": &image.MinRAM} {
		*to, _ = strconv.Atoi(image.Properties[key]) // absent is 0
	}
	maps.DeleteFunc(image.Properties, func(key, _ string) bool { return slices.Contains(volumeAttributes, key) })
	return image, nil
}

// inheritedProperties are the image's properties that its servers keep: not those that say what disks they
// have.
func inheritedProperties(image *Image) map[string]string {
	kept := maps.Clone(image.Properties)
	maps.DeleteFunc(kept, func(key, _ string) bool {
		return slices.Contains([]string{imageBlockDevices, imageDevicesV2, imageMappings}, key)
	})
	return kept
}

// checkRoot refuses an image that the root disk has no room for.
func checkRoot(image *Image, request *CreateRequest, root *BlockDevice) error {
	minDisk := int64(image.MinDisk) * gib
	if root != nil && root.OnVolume() {
		if size := int64(root.GiB) * gib; size != 0 && minDisk > size {
			return refuse(BadRequest, "Volume is smaller than the minimum size specified in image metadata. "+
				"Volume size is %d bytes, minimum size is %d bytes.", size, minDisk)
		}
		return nil
	}
	size := int64(request.Flavor.RootGiB) * gib
	switch {
	case size == 0 && request.Disks.NoZeroDisk:
		return refuse(Forbidden, "Only volume-backed servers are allowed for flavors with zero disk.")
	case size != 0 && image.Size > size:
		return tooSmallFor(image.Size, size)
	case size != 0 && minDisk > size:
		return refuse(BadRequest, "Flavor's disk is smaller than the minimum size specified in image metadata. "+
			"Flavor disk is %d bytes, minimum size is %d bytes.", size, minDisk)
	}
	return nil
}
