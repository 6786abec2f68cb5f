// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// volumeCreateBody is the body of POST /volumes: hints stand beside the volume.
type volumeCreateBody struct {
	Volume VolumeCreate            `json:"volume" need:"3.0-"`
	Hints  api.Opt[map[string]any] `json:"OS-SCH-HNT:scheduler_hints" null:"ok"`
}

// VolumeCreate is a volume as a user asks for it. Up to 3.52 Cinder tolerates unknown keys.
type VolumeCreate struct {
	Name               api.Opt[line]              `json:"name"                null:"ok" len:"0-255"`
	Description        api.Opt[line]              `json:"description"         null:"ok" len:"0-255"`
	DisplayName        api.Opt[line]              `json:"display_name"        null:"ok" len:"0-255"`
	DisplayDescription api.Opt[line]              `json:"display_description" null:"ok" len:"0-255"`
	Size               api.Opt[api.Natural]       `json:"size"                null:"ok" range:"1-2147483647"`
	Type               api.Opt[string]            `json:"volume_type"         null:"ok" len:"0-255"`
	Metadata           api.Opt[map[string]string] `json:"metadata"            null:"ok" keys:"^[a-zA-Z0-9-_:. /]{1,255}$" itemlen:"0-255"`
	SnapshotID         api.Opt[string]            `json:"snapshot_id"         null:"ok" format:"uuid"`
	SourceID           api.Opt[string]            `json:"source_volid"        null:"ok" format:"uuid"`
	ConsistencyGroup   api.Opt[string]            `json:"consistencygroup_id" null:"ok" format:"uuid"`
	GroupID            api.Opt[string]            `json:"group_id"            null:"ok" nova:"3.13-" len:"0-255"`
	BackupID           api.Opt[string]            `json:"backup_id"           null:"ok" nova:"3.47-" format:"uuid"`
	Zone               api.Opt[string]            `json:"availability_zone"   null:"ok" len:"1-255"`
	Multiattach        api.Opt[flag]              `json:"multiattach"         null:"ok"` // gone in 2024.2, and still asked for
	ImageID            api.Opt[string]            `json:"image_id"            null:"ok" len:"0-255"`
	ImageRef           api.Opt[string]            `json:"imageRef"            null:"ok" len:"0-255"`
}

// creation is a volume on its way into the store.
type creation struct {
	volume   *Volume
	typeName string // or id; "" for what the source or the project says
	size     int    // GiB; 0 for the source's
	image    *Image
	snapshot *Snapshot
	source   *Volume
}

func (s *Service) createVolume(c *api.Call, in *volumeCreateBody) (volumeDetail, error) {
	v := in.Volume
	for name, id := range map[string]string{"Group": v.GroupID.Value + v.ConsistencyGroup.Value, "Backup": v.BackupID.Value} {
		if id != "" { // there are neither groups nor backups
			return volumeDetail{}, notFound.of(name + " " + id + " could not be found.")
		}
	}
	image, err := s.imageOf(c.Context(), c.Identity, v.ImageRef.Value, v.ImageID.Value)
	if err != nil {
		return volumeDetail{}, err
	}
	if id := image.bootSnapshot(); id != "" && c.Since(bootsSnapshots) {
		v.SnapshotID, image = api.Some(id), nil
	}
	return changing(s, c, func(o *op) (volumeDetail, error) {
		n := &creation{
			volume:   &Volume{RequestID: c.RequestID, Metadata: plain(v.Metadata.Value), Zone: v.Zone.Value, SnapshotID: v.SnapshotID.Value, SourceID: v.SourceID.Value, Multiattach: bool(v.Multiattach.Value)},
			typeName: v.Type.Value, size: int(v.Size.Value), image: image,
		}
		rename(&n.volume.Name, v.DisplayName, v.Name)
		rename(&n.volume.Description, v.DisplayDescription, v.Description)
		if err := o.create(n); err != nil {
			return volumeDetail{}, err
		}
		return o.volumeView(c, n.volume)
	})
}

// imageOf is the image that a request refers to by a name, an id or a URL, nil for none.
func (s *Service) imageOf(ctx context.Context, identity *api.Identity, refs ...string) (*Image, error) {
	for _, ref := range refs {
		if ref == "" {
			continue
		}
		image, err := s.images.Image(ctx, callerOf(identity), ref[strings.LastIndexByte(ref, '/')+1:])
		if api.AsFault(err) != nil {
			return nil, badRequest.of("Invalid image identifier or unable to access requested image.")
		}
		return image, err
	}
	return nil, nil
}

func callerOf(id *api.Identity) Caller {
	return Caller{UserID: id.UserID, ProjectID: id.ProjectID, Admin: id.Admin()}
}

// create checks what is asked for, counts it against the quotas, and begins to make the volume.
func (o *op) create(n *creation) error {
	rule := "volume:create"
	if n.image != nil {
		rule = "volume:create_from_image"
	}
	if err := o.authorize(rule, o.identity.ProjectID); err != nil {
		return err
	}
	if o.identity.ProjectID == "" {
		return badRequest.of("Malformed request url")
	}
	for _, step := range []func(*creation) error{o.chooseSource, o.chooseSize, o.chooseType, o.chooseZone, o.reserveVolume} {
		if err := step(n); err != nil {
			return err
		}
	}
	v := n.volume
	if v.ID == "" {
		v.ID = uuid.NewString()
	}
	v.ProjectID, v.UserID, v.Status = o.identity.ProjectID, o.identity.UserID, Creating
	v.CreatedAt = o.now
	if err := volumeTable.Insert(o.tx, v); err != nil {
		return err
	}
	o.begin(task{line: v.ID, volume: v.ID, status: Creating})
	return nil
}

// chooseSource finds what the volume is made of.
func (o *op) chooseSource(n *creation) (err error) {
	v := n.volume
	sources := 0
	for _, given := range []bool{v.SnapshotID != "", v.SourceID != "", n.image != nil} {
		if given {
			sources++
		}
	}
	if v.SnapshotID != "" {
		if n.snapshot, err = o.ownSnapshot("volume:get_snapshot", v.SnapshotID); err != nil {
			return err
		}
		v.Bootable, v.ImageMetadata = n.snapshot.Bootable, maps.Clone(n.snapshot.ImageMetadata)
	}
	if v.SourceID != "" {
		if n.source, err = o.ownVolume("volume:get", v.SourceID); err != nil {
			return err
		}
		v.Bootable, v.ImageMetadata = n.source.Bootable, maps.Clone(n.source.ImageMetadata)
	}
	switch {
	case sources > 1:
		return invalidInput.of("May specify only one of snapshot, imageRef, source_volume, backup")
	case n.snapshot != nil && n.snapshot.Status != Available:
		return invalidSnapshot.of("Originating snapshot status must be one of 'available' values")
	case n.source != nil && n.source.Status != Available && n.source.Status != InUse:
		return invalidVolume.of("Originating source volume status must be one of 'available, in-use' values")
	}
	if n.image != nil {
		v.ImageID, v.ImageMetadata = n.image.ID, n.image.metadata()
	}
	return nil
}

func (o *op) chooseSize(n *creation) error {
	switch {
	case n.size == 0 && n.source != nil:
		n.size = n.source.Size
	case n.size == 0 && n.snapshot != nil:
		n.size = n.snapshot.Size
	}
	n.volume.Size = n.size
	switch {
	case n.size == 0:
		return invalidInput.of("Volume size 'None' must be an integer and greater than 0")
	case n.source != nil && n.size < n.source.Size:
		return invalidInput.because("Volume size '%d'GB cannot be smaller than original volume size  %dGB. They must be >= original volume size.",
			n.size, n.source.Size)
	case n.snapshot != nil && n.size < n.snapshot.Size:
		return invalidInput.because("Volume size '%d'GB cannot be smaller than the snapshot size %dGB. They must be >= original snapshot size.",
			n.size, n.snapshot.Size)
	case n.image != nil:
		return n.image.fits(n.size)
	}
	return nil
}

// chooseType finds the volume's type: the one that was asked for, the source's, the image's, the
// project's or the cloud's.
func (o *op) chooseType(n *creation) error {
	name := n.typeName
	switch {
	case name != "":
	case n.source != nil:
		name = n.source.TypeID
	case n.snapshot != nil:
		name = n.snapshot.TypeID
	case n.image != nil:
		name = n.image.Properties["cinder_img_volume_type"]
	}
	t, err := o.defaultType(o.identity.ProjectID)
	if name != "" {
		t, err = o.typeNamed(name)
	}
	if err != nil {
		return err
	}
	v := n.volume
	v.TypeID, v.Multiattach, v.Encrypted = t.ID, v.Multiattach || t.multiattach(), t.Encryption != nil
	switch {
	case v.Multiattach && v.Encrypted:
		return invalidVolume.of("Multiattach cannot be used with encrypted volumes.")
	case v.Multiattach:
		if err := o.authorize("volume:multiattach", o.identity.ProjectID); err != nil {
			return err
		}
	}
	return t.takes(n.size)
}

func (o *op) chooseZone(n *creation) error {
	if n.volume.Zone != "" && n.volume.Zone != zone {
		return invalidZone.of(n.volume.Zone)
	}
	n.volume.Zone = zone
	return nil
}

// metadata is what a volume keeps of the image that it is made of.
func (i *Image) metadata() map[string]string {
	all := map[string]string{
		"image_id": i.ID, "image_name": i.Name, "checksum": i.Checksum, "container_format": i.ContainerFormat,
		"disk_format": i.DiskFormat, "min_disk": strconv.Itoa(i.MinDisk), "min_ram": strconv.Itoa(i.MinRAM),
		"size": strconv.FormatInt(i.Size, 10),
	}
	for name, value := range i.Properties {
		all[name] = value
	}
	return all
}

// fits refuses an image that no volume of that many GiB can be made of.
func (i *Image) fits(size int) error {
	gib := func(bytes int64) int64 { return (bytes + gibibyte - 1) / gibibyte }
	switch {
	case i.Status != "active":
		return invalidInput.because("Image %s is not active.", i.ID)
	case gib(i.Size) > int64(size):
		return invalidInput.because("Size of specified image %dGB is larger than volume size %dGB.", gib(i.Size), size)
	case size < i.MinDisk:
		return invalidInput.because("Volume size %dGB cannot be smaller than the image minDisk size %dGB.", size, i.MinDisk)
	case gib(i.VirtualSize) > int64(size):
		return imageUnfit.of(i.ID, "Image virtual size is "+strconv.FormatInt(gib(i.VirtualSize), 10)+"GB and doesn't fit in a volume of size "+
			strconv.Itoa(size)+"GB.")
	case !slices.Contains(imageFormats, i.DiskFormat):
		return imageUnfit.of(i.ID, "its disk format "+i.DiskFormat+" cannot be converted to raw.")
	}
	return nil
}
