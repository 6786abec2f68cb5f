// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

const gibibyte = 1 << 30

func bytesOf(gib int) int64 { return int64(gib) * gibibyte }

// volumeContent and snapshotContent name what is kept of a volume and a snapshot.
func volumeContent(id string) string   { return "volume-" + id }
func snapshotContent(id string) string { return "snapshot-" + id }

// volumeTasks are the tasks of volumes by status. Each may be done twice: a crash can come between its
// work and its end.
func volumeTasks() map[string]kindOfTask[Volume] {
	return map[string]kindOfTask[Volume]{
		Creating:    {"volume.create", (*Service).fill, filled, becomes(Failed)},
		Downloading: {"volume.reimage", (*Service).refill, refilled, becomes(Failed)},
		Extending:   {"volume.extend", (*Service).grow, grown, becomes(FailedExtending)},
		Uploading:   {"volume.upload", (*Service).upload, uploaded, uploaded},
		Retyping:    {"volume.retype", (*Service).keep, retyped, back},
		Reverting:   {"volume.revert", (*Service).revert, reverted, unreverted},
		Deleting:    {"volume.delete", (*Service).erase, (*op).removeVolume, becomes(FailedDeleting)},
	}
}

var errNoBackend = errors.New("no valid backend was found")

// findBackend is the scheduler: the only backend, if it is enabled and has what the volume's type demands.
func (s *Service) findBackend(ctx context.Context, v *Volume) error {
	u, err := get(s, ctx, unitTable, volumeBinary)
	if err != nil {
		return err
	}
	if u != nil && u.Disabled {
		return errNoBackend
	}
	t, err := get(s, ctx, typeTable, v.TypeID)
	if err != nil || t == nil {
		return err
	}
	for name, has := range capabilities {
		for _, spec := range []string{name, "capabilities:" + name} {
			if wanted, given := t.ExtraSpecs[spec]; given && wanted != has {
				return errNoBackend
			}
		}
	}
	return nil
}

// keep is the work of a task that leaves the content as it is.
func (s *Service) keep(context.Context, *Volume) error { return nil }

// becomes sets a status for good.
func becomes(status string) func(*op, *Volume) error {
	return func(o *op, v *Volume) error {
		v.Status, v.PreviousStatus = status, ""
		return o.putVolume(v)
	}
}

// back sets the status that the volume had before.
func back(o *op, v *Volume) error { return becomes(v.PreviousStatus)(o, v) }

// fill gives a new volume its content.
func (s *Service) fill(ctx context.Context, v *Volume) error {
	name, bytes := volumeContent(v.ID), bytesOf(v.Size)
	if err := s.findBackend(ctx, v); err != nil {
		return err
	}
	switch {
	case v.ImageID != "":
		return s.pour(ctx, v, v.ImageID)
	case v.SnapshotID != "":
		return s.content.clone(ctx, snapshotContent(v.SnapshotID), name, bytes)
	case v.SourceID != "":
		return s.copyVolume(ctx, v.SourceID, name, bytes)
	}
	return s.content.blank(name, bytes)
}

// pour makes an image the volume's content. That its owner may see the image was checked before.
func (s *Service) pour(ctx context.Context, v *Volume, image string) error {
	i, err := s.images.Image(ctx, Caller{UserID: v.UserID, ProjectID: v.ProjectID, Admin: true}, image)
	if err != nil {
		return err
	}
	return s.content.pour(ctx, volumeContent(v.ID), bytesOf(v.Size), i)
}

func filled(o *op, v *Volume) error {
	v.Bootable = v.Bootable || v.ImageID != ""
	return becomes(Available)(o, v)
}

func (s *Service) refill(ctx context.Context, v *Volume) error { return s.pour(ctx, v, v.NewImageID) }

func refilled(o *op, v *Volume) error {
	v.NewImageID, v.Bootable = "", true
	return back(o, v)
}

// grow makes the content larger, and tells the server that has the volume.
func (s *Service) grow(ctx context.Context, v *Volume) error {
	if err := s.content.extend(volumeContent(v.ID), bytesOf(v.NewSize)); err != nil || s.extended == nil {
		return err
	}
	var all []*Attachment
	err := s.store.View(ctx, func(tx store.Tx) (err error) {
		all, err = attachmentTable.By(tx, "volume", v.ID)
		return err
	})
	for _, a := range all {
		if a.InstanceID != "" && a.Status == Attached {
			err = errors.Join(err, s.extended(ctx, a.InstanceID, v.ID, bytesOf(v.NewSize)))
		}
	}
	return err
}

func grown(o *op, v *Volume) error {
	v.Size, v.NewSize = v.NewSize, 0
	return back(o, v)
}

// upload makes the content an image; when it fails, there is no image.
func (s *Service) upload(ctx context.Context, v *Volume) error {
	owner := Caller{UserID: v.UserID, ProjectID: v.ProjectID, Admin: true}
	content, err := s.openVolume(ctx, v)
	if err == nil {
		err = s.images.Upload(ctx, owner, v.UploadedTo, content)
		err = errors.Join(err, content.Close())
	}
	if err != nil && ctx.Err() == nil {
		err = errors.Join(err, s.images.Delete(ctx, owner, v.UploadedTo))
	}
	return err
}

func uploaded(o *op, v *Volume) error {
	v.UploadedTo, v.UploadFormat = "", ""
	// It may have been attached or detached meanwhile.
	all, err := o.attachmentsOf(v.ID)
	if err != nil {
		return err
	}
	v.PreviousStatus = Available
	if attached(all) {
		v.PreviousStatus = InUse
	}
	return back(o, v)
}

func retyped(o *op, v *Volume) error {
	t, err := typeTable.Get(o.tx, v.NewTypeID)
	if errors.Is(err, store.ErrNotFound) { // it was deleted meanwhile
		return back(o, v)
	}
	if err != nil {
		return err
	}
	v.TypeID, v.NewTypeID, v.Multiattach = t.ID, "", t.multiattach()
	return back(o, v)
}

func (s *Service) revert(ctx context.Context, v *Volume) error {
	return s.content.clone(ctx, snapshotContent(v.RevertTo), volumeContent(v.ID), bytesOf(v.Size))
}

func reverted(o *op, v *Volume) error { return errors.Join(o.restored(v), becomes(Available)(o, v)) }

func unreverted(o *op, v *Volume) error { return errors.Join(o.restored(v), becomes(Failed)(o, v)) }

// restored frees the snapshot that the volume was reverted to.
func (o *op) restored(v *Volume) error {
	snapshot, err := snapshotTable.Get(o.tx, v.RevertTo)
	v.RevertTo = ""
	if errors.Is(err, store.ErrNotFound) || err == nil && snapshot.Status != Restoring {
		return nil
	}
	if err != nil {
		return err
	}
	snapshot.Status = Available
	return o.putSnapshot(snapshot)
}

// erase removes the content of a volume and of its snapshots.
func (s *Service) erase(ctx context.Context, v *Volume) error {
	var snapshots []*Snapshot
	err := s.store.View(ctx, func(tx store.Tx) (err error) {
		snapshots, err = snapshotTable.By(tx, "volume", v.ID)
		return err
	})
	for _, snapshot := range snapshots {
		err = errors.Join(err, s.content.remove(snapshotContent(snapshot.ID)))
	}
	return errors.Join(err, s.content.remove(volumeContent(v.ID)))
}
