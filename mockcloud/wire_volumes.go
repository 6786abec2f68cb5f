// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"
	"io"
	"net/http"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cinder"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/glance"
)

func (c *Cloud) makeVolumes(ctx context.Context) (err error) {
	o := c.options
	c.Cinder, err = cinder.New(ctx, cinder.Options{
		Store: o.Store, Clock: o.Clock, Auth: c.Keystone, Log: o.Log, Images: volumeImages{c.Glance}, Dir: o.VolumeDir,
		Pace: o.Pace.Of, ProjectExists: c.Keystone.ProjectExists, Extended: c.volumeExtended, ServerHas: c.serverHas,
		Copy: c.copyVolume,
	})
	return err
}

// volumeExtended is Cinder telling Nova of a server's volume (external event volume-extended).
func (c *Cloud) volumeExtended(ctx context.Context, serverID, volumeID string, bytes int64) error {
	v, err := c.Cinder.Volume(ctx, cinder.Caller{Admin: true}, volumeID)
	if err != nil {
		return err
	}
	// The server's action names who extended the volume, as far as that is known: its owner.
	caller := compute.Caller{RequestID: "req-" + uuid.NewString(), UserID: v.UserID, ProjectID: v.ProjectID, Admin: true}
	return c.Compute.VolumeGrown(ctx, caller, serverID, volumeID, int(bytes>>30))
}

// copyVolume copies, for Cinder, a volume that a server writes to.
func (c *Cloud) copyVolume(ctx context.Context, serverID, volumeID, path string) (bool, error) {
	return c.Compute.CopyVolume(ctx, serverID, volumeID, path)
}

// serverHas tells Cinder whether an attachment is a server's, and so not to be deleted behind its back.
func (c *Cloud) serverHas(ctx context.Context, serverID, attachmentID string) (bool, error) {
	return c.Compute.HasAttachment(ctx, serverID, attachmentID)
}

// volumeImages is Glance as Cinder wants it.
type volumeImages struct{ glance *glance.Service }

var _ cinder.Images = volumeImages{}

func imageCaller(c cinder.Caller) glance.Caller {
	return glance.Caller{UserID: c.UserID, ProjectID: c.ProjectID, Admin: c.Admin}
}

func (i volumeImages) Image(ctx context.Context, caller cinder.Caller, id string) (*cinder.Image, error) {
	image, err := i.glance.Image(ctx, imageCaller(caller), id)
	if err != nil {
		return nil, err
	}
	return &cinder.Image{
		ID: image.ID, Name: valueOf(image.Name), Status: image.Status, DiskFormat: valueOf(image.DiskFormat),
		ContainerFormat: valueOf(image.ContainerFormat), Checksum: valueOf(image.Checksum), Size: valueOf(image.Size),
		VirtualSize: valueOf(image.VirtualSize), MinDisk: image.MinDisk, MinRAM: image.MinRAM, Properties: image.Properties,
		Open: func() (io.ReadCloser, error) { return i.glance.Open(image) },
	}, nil
}

func (i volumeImages) Create(ctx context.Context, caller cinder.Caller, n cinder.NewImage) (string, error) {
	image, err := i.glance.Create(ctx, imageCaller(caller), glance.Registration{
		Name: n.Name, Visibility: n.Visibility, DiskFormat: n.DiskFormat, ContainerFormat: n.ContainerFormat,
		Protected: n.Protected, MinDisk: n.MinDisk, Properties: n.Properties,
	})
	if err != nil {
		return "", err
	}
	return image.ID, nil
}

func (i volumeImages) Upload(ctx context.Context, caller cinder.Caller, id string, content io.Reader) error {
	_, err := i.glance.Upload(ctx, imageCaller(caller), id, content)
	return err
}

func (i volumeImages) Delete(ctx context.Context, caller cinder.Caller, id string) error {
	return ignoreMissing(i.glance.Delete(ctx, imageCaller(caller), id))
}

// ignoreMissing forgives that there is nothing to delete.
func ignoreMissing(err error) error {
	if fault := api.AsFault(err); fault != nil && fault.Code == http.StatusNotFound {
		return nil
	}
	return err
}

// volumes is Cinder as compute wants it.
type volumes struct{ cinder *cinder.Service }

var _ compute.Volumes = volumes{}

func volumeCaller(c compute.Caller) cinder.Caller {
	return cinder.Caller{UserID: c.UserID, ProjectID: c.ProjectID, Admin: c.Admin}
}

// volumeRefusal is Cinder's fault as compute's: a quota is Nova's 403.
func volumeRefusal(err error) error {
	if fault := api.AsFault(err); fault != nil && fault.Code == http.StatusRequestEntityTooLarge {
		return &compute.QuotaExceeded{Message: fault.Message}
	}
	return refusal(err)
}

func volumeOf(d *cinder.Details, err error) (*compute.Volume, error) {
	if err != nil {
		return nil, volumeRefusal(err)
	}
	v := &compute.Volume{
		ID: d.ID, Name: valueOf(d.Name), Description: valueOf(d.Description), ProjectID: d.ProjectID, Status: d.Status, GiB: d.Size,
		Type: d.Type, Zone: d.Zone, Bootable: d.Bootable, Multiattach: d.Multiattach, MigrationStatus: valueOf(d.MigrationStatus),
		ImageMetadata: d.ImageMetadata,
	}
	for _, a := range d.Attachments {
		if a.Status == cinder.Attached && a.InstanceID != "" {
			v.AttachedTo = append(v.AttachedTo, a.InstanceID)
		}
	}
	return v, nil
}

func volumeSnapshotOf(s *cinder.Snapshot, err error) (*compute.VolumeSnapshot, error) {
	if err != nil {
		return nil, volumeRefusal(err)
	}
	return &compute.VolumeSnapshot{ID: s.ID, VolumeID: s.VolumeID, Status: s.Status, GiB: s.Size}, nil
}

func (v volumes) Volume(ctx context.Context, caller compute.Caller, id string) (*compute.Volume, error) {
	return volumeOf(v.cinder.Volume(ctx, volumeCaller(caller), id))
}

func (v volumes) Snapshot(ctx context.Context, caller compute.Caller, id string) (*compute.VolumeSnapshot, error) {
	return volumeSnapshotOf(v.cinder.Snapshot(ctx, volumeCaller(caller), id))
}

func (v volumes) HasType(ctx context.Context, caller compute.Caller, nameOrID string) (bool, error) {
	return v.cinder.HasType(ctx, volumeCaller(caller), nameOrID)
}

func (v volumes) Create(ctx context.Context, caller compute.Caller, n compute.NewVolume) (*compute.Volume, error) {
	return volumeOf(v.cinder.Create(ctx, volumeCaller(caller), cinder.NewVolume{
		ID: n.ID, Name: &n.Name, Size: n.GiB, Type: n.Type, Zone: n.Zone, ImageID: n.ImageID, SnapshotID: n.SnapshotID,
	}))
}

func (v volumes) Await(ctx context.Context, id string) (*compute.Volume, error) {
	return volumeOf(v.cinder.Await(ctx, id))
}

func (v volumes) Delete(ctx context.Context, caller compute.Caller, id string) error {
	return volumeRefusal(ignoreMissing(v.cinder.Delete(ctx, volumeCaller(caller), id)))
}

func (v volumes) CreateSnapshot(ctx context.Context, caller compute.Caller, volumeID, name, description string) (*compute.VolumeSnapshot, error) {
	return volumeSnapshotOf(v.cinder.CreateSnapshot(ctx, volumeCaller(caller), volumeID, &name, &description, true))
}

func (v volumes) AwaitSnapshot(ctx context.Context, id string) error {
	_, err := v.cinder.AwaitSnapshot(ctx, id)
	return volumeRefusal(err)
}

func (v volumes) DeleteSnapshot(ctx context.Context, caller compute.Caller, id string) error {
	return volumeRefusal(ignoreMissing(v.cinder.DeleteSnapshot(ctx, volumeCaller(caller), id)))
}

func (v volumes) Reimage(ctx context.Context, caller compute.Caller, volumeID, imageID string) error {
	return volumeRefusal(v.cinder.Reimage(ctx, volumeCaller(caller), volumeID, imageID))
}

func (v volumes) Reserve(ctx context.Context, caller compute.Caller, volumeID, instanceID string) (string, error) {
	id, err := v.cinder.Reserve(ctx, volumeCaller(caller), volumeID, instanceID)
	return id, volumeRefusal(err)
}

func (v volumes) Connect(ctx context.Context, attachmentID, host, device string) (compute.Connection, error) {
	at, err := v.cinder.Connect(ctx, attachmentID, host, device)
	return compute.Connection{Path: at.Path, Size: at.Bytes, Shared: at.Shared}, volumeRefusal(err)
}

func (v volumes) Complete(ctx context.Context, attachmentID string) error {
	return volumeRefusal(v.cinder.Complete(ctx, attachmentID))
}

func (v volumes) Disconnect(ctx context.Context, attachmentID string) error {
	return volumeRefusal(v.cinder.Disconnect(ctx, attachmentID))
}

func (v volumes) Detach(ctx context.Context, attachmentID string) error {
	return volumeRefusal(v.cinder.Detach(ctx, attachmentID))
}

func (v volumes) BeginDetaching(ctx context.Context, caller compute.Caller, volumeID string) error {
	return volumeRefusal(v.cinder.BeginDetaching(ctx, volumeCaller(caller), volumeID))
}

func (v volumes) RollDetaching(ctx context.Context, volumeID string) error {
	return volumeRefusal(v.cinder.RollDetaching(ctx, volumeID))
}

func (v volumes) FinishSwap(ctx context.Context, volumeID, newVolumeID string, failed bool) (string, error) {
	id, err := v.cinder.FinishSwap(ctx, volumeID, newVolumeID, failed)
	return id, volumeRefusal(err)
}

func (v volumes) AttachmentsOf(ctx context.Context, instanceID string) ([]string, error) {
	return v.cinder.AttachmentsOf(ctx, instanceID)
}
