// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"maps"
)

// Backup is a request of createBackup.
type Backup struct {
	Name string
	// Type is backup_type: "daily", "weekly", or whatever the user calls it.
	Type string
	// Rotation is how many backups of the type are kept of the server.
	Rotation   int
	Properties map[string]string
}

// CreateBackup begins to make an image of a server, and to delete those that are too old. It returns the
// new image's id.
func (m *Manager) CreateBackup(ctx context.Context, caller Caller, id string, want Backup) (string, error) {
	inst, err := m.Get(ctx, id)
	if err != nil {
		return "", err
	}
	properties := maps.Clone(want.Properties)
	if properties == nil {
		properties = map[string]string{}
	}
	properties["backup_type"] = want.Type
	action := Action{
		Name: "createBackup", Guard: "backup", Task: ImageBackup, Event: "compute_backup_instance",
		Run: func(op *Op) error {
			err := op.snapshot(ImagePendingUpload, ImageUploading)
			if err == nil {
				op.rotate(want)
			}
			return op.endSnapshot(err)
		},
	}
	if _, err := m.mayBegin(ctx, caller, id, &action); err != nil {
		return "", err
	}
	if inst.VolumeBacked() {
		return "", refuse(BadRequest, "Backup is not supported for volume-backed instances.")
	}
	op, err := m.beginSnapshot(ctx, caller, id, &action, Snapshotting{Name: want.Name, Type: "backup", Properties: properties})
	if err != nil {
		return "", err
	}
	image := op.Instance.SnapshotImageID // once launched, the operation owns it
	return image, m.launch(op)
}

// rotate deletes the server's oldest backups of the type. One that cannot be deleted stays.
func (op *Op) rotate(want Backup) {
	backups, err := op.m.Images.Find(op.Context, op.Caller, map[string]string{
		"image_type": "backup", "backup_type": want.Type, "instance_uuid": op.Instance.ID,
	})
	op.log("find backups", err)
	for at := want.Rotation; at < len(backups); at++ {
		op.log("rotate", op.m.Images.Delete(op.Context, op.Caller, backups[at].ID))
	}
}
