// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// VolumeNotCreated: a volume that a server was to have could not be made.
type VolumeNotCreated struct{ VolumeID, Status string }

func (e *VolumeNotCreated) Error() string {
	return "Volume " + e.VolumeID + " did not finish being created even after we waited 0 seconds or 1 attempts. " +
		"And its status is " + e.Status + "."
}

// hasVolumes tells whether any of the instance's disks is a volume, or is to be one.
func (i *Instance) hasVolumes() bool {
	return slices.ContainsFunc(i.BlockDevices, func(b BlockDevice) bool { return b.OnVolume() })
}

// volumes makes the volumes that the instance is to have, unless an earlier host's attempt did, and
// connects all of them to its host.
func (b *build) volumes(op *Op) ([]driver.Volume, error) {
	if !op.Instance.hasVolumes() {
		return nil, nil
	}
	host, err := op.host()
	if err != nil {
		return nil, err
	}
	if !host.attachesVolumes() {
		return nil, refuse(NotImplemented, "The hypervisor of host %s does not support volumes.", host.Name)
	}
	for i := range op.Instance.BlockDevices {
		if err := op.makeVolume(i); err != nil {
			return nil, b.volumeFailed(op, err)
		}
	}
	volumes, err := op.connectVolumes(host.Name)
	if err == nil {
		err = op.completeVolumes()
	}
	if err != nil {
		return nil, b.volumeFailed(op, err)
	}
	return volumes, nil
}

// volumeFailed aborts the build, unless it is being ended anyway.
func (b *build) volumeFailed(op *Op, err error) error {
	if op.Context.Err() != nil || errors.Is(err, errPreempted) {
		return err
	}
	return b.abort(op, err.Error(), err)
}

// makeVolume makes the volume of the instance's i-th disk, if it is to have one, waits for it and reserves
// it. The volume's id is recorded first: whatever cuts this short, what was made is known.
func (op *Op) makeVolume(i int) error {
	b := op.Instance.BlockDevices[i]
	if !b.OnVolume() || b.AttachmentID != "" {
		return nil
	}
	if b.VolumeID == "" {
		want := op.newVolume(&b)
		if err := op.Set(func(inst *Instance) { inst.BlockDevices[i].VolumeID = want.ID }); err != nil {
			return err
		}
		if _, err := op.m.Volumes.Create(op.Context, op.Caller, want); err != nil {
			return err
		}
	}
	id := op.Instance.BlockDevices[i].VolumeID
	volume, err := op.m.Volumes.Await(op.Context, id)
	switch {
	case err != nil:
		return err
	case volume.Status != "available":
		return &VolumeNotCreated{VolumeID: id, Status: volume.Status}
	}
	attachment, err := op.m.Volumes.Reserve(op.Context, op.Caller, id, op.Instance.ID)
	if err != nil {
		return err
	}
	return op.Set(func(inst *Instance) { inst.BlockDevices[i].AttachmentID = attachment })
}

// newVolume is the volume to make for a disk.
func (op *Op) newVolume(b *BlockDevice) NewVolume {
	want := NewVolume{
		ID: uuid.NewString(), GiB: b.GiB, Type: b.VolumeType, SnapshotID: b.SnapshotID,
	}
	switch b.Source {
	case SourceImage:
		want.ImageID = b.ImageID
	case SourceBlank:
		want.Name = op.Instance.ID + "-blank-vol"
	}
	return want
}

// abandonVolumes gives the volumes of a server that was not built back, and deletes those that were made
// for it, unless they are to be kept.
func (op *Op) abandonVolumes(ctx context.Context) error {
	if !op.Instance.hasVolumes() {
		return nil
	}
	if err := op.m.detachAll(ctx, op.Instance.ID); err != nil {
		return err
	}
	for _, b := range op.Instance.BlockDevices {
		if b.OnVolume() && b.Source != SourceVolume && b.VolumeID != "" && b.DeleteOnTermination {
			op.log("delete volume "+b.VolumeID, op.m.deleteVolume(ctx, op.Instance, b.VolumeID))
		}
	}
	return op.Set(func(inst *Instance) {
		for i := range inst.BlockDevices {
			b := &inst.BlockDevices[i]
			b.AttachmentID = ""
			if b.Source != SourceVolume {
				b.VolumeID = ""
			}
		}
	})
}

// releaseVolumes lets go of the volumes of a server whose machine is gone for good, and deletes those that
// are to end with it. What fails is only logged, as Nova does: the server is deleted all the same.
func (m *Manager) releaseVolumes(ctx context.Context, inst *Instance) {
	if !inst.hasVolumes() {
		return
	}
	if err := m.detachAll(ctx, inst.ID); err != nil {
		m.Log.Error("volumes not detached before the next start", "instance", inst.ID, "error", err)
		if err := m.noteReservation(ctx, inst.ID); err != nil {
			m.Log.Error("volumes not detached", "instance", inst.ID, "error", err)
		}
	}
	for _, b := range inst.BlockDevices {
		if !b.OnVolume() || b.VolumeID == "" || !b.DeleteOnTermination {
			continue
		}
		if err := m.deleteVolume(ctx, inst, b.VolumeID); err != nil {
			m.Log.Error("volume not deleted", "instance", inst.ID, "volume", b.VolumeID, "error", err)
		}
	}
}

// deleteVolume deletes a volume of the instance's once Cinder is done with what it does to it.
func (m *Manager) deleteVolume(ctx context.Context, inst *Instance, id string) error {
	if _, err := m.Volumes.Await(ctx, id); KindOf(err) == NotFound {
		return nil
	} else if err != nil {
		return err
	}
	return m.Volumes.Delete(ctx, m.self(inst), id)
}
