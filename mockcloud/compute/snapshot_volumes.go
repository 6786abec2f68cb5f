// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// snapshotVolumes makes the image of a volume-backed server: snapshots of its volumes, and an image without
// content that names them. All of it is done at once, as in Nova.
func (m *Manager) snapshotVolumes(ctx context.Context, caller Caller, id string, want Snapshotting) (string, error) {
	action := Action{Name: "createImage", Guard: "snapshot_volume_backed"}
	inst, err := m.mayBegin(ctx, caller, id, &action)
	if err != nil {
		return "", err
	}
	began := m.Clock.Now()
	image := inst.snapshotImage(caller, want)
	image.Empty = true
	for _, own := range []string{"instance_uuid", "user_id", "image_type", "image_location", "image_state", "owner_id"} {
		if _, given := want.Properties[own]; !given {
			delete(image.Properties, own)
		}
	}
	if inst.RootDeviceName != "" {
		image.Properties[imageRootDevice] = inst.RootDeviceName
	}
	mappings, err := m.snapshotStill(ctx, caller, inst, want.Name)
	if err != nil {
		return "", err
	}
	if len(mappings) > 0 {
		text, err := json.Marshal(mappings)
		if err != nil {
			return "", err
		}
		image.Properties[imageBlockDevices], image.Properties[imageDevicesV2] = string(text), "True"
	}
	imageID, err := m.Images.Create(ctx, caller, image)
	if err != nil {
		return "", errors.Join(err, m.deleteSnapshots(context.WithoutCancel(ctx), caller, mappings))
	}
	now := m.Clock.Now()
	return imageID, m.Store.Update(ctx, func(tx store.Tx) error {
		return m.recordDone(tx, caller, id, action.Name, InstanceEvent{
			Event: "api_snapshot_instance", Host: inst.Host, StartTime: began, FinishTime: &now, Result: EventSuccess,
		})
	})
}

// snapshotStill is snapshotDevices of a guest that is held still, if it can be, until the snapshots are complete.
func (m *Manager) snapshotStill(ctx context.Context, caller Caller, inst *Instance, name string) (made []imageDevice, err error) {
	still, err := m.quiesce(ctx, inst)
	if err != nil {
		return nil, err
	}
	if still != nil {
		defer func() { still <- made }()
	}
	return m.snapshotDevices(ctx, caller, inst, name)
}

// snapshotDevices takes a snapshot of each of the instance's volumes and tells how all of its disks can be
// made again. On an error no snapshot is left.
func (m *Manager) snapshotDevices(ctx context.Context, caller Caller, inst *Instance, name string) (made []imageDevice, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, m.deleteSnapshots(context.WithoutCancel(ctx), caller, made))
		}
	}()
	for i := range inst.BlockDevices {
		b := inst.BlockDevices[i]
		snapshotID := ""
		if b.OnVolume() {
			volume, err := m.Volumes.Volume(ctx, caller, b.VolumeID)
			if err != nil {
				return made, err
			}
			snapshot, err := m.Volumes.CreateSnapshot(ctx, caller, b.VolumeID, "snapshot for "+name, volume.Description)
			if err != nil {
				return made, fmt.Errorf("snapshot of volume %s: %w", b.VolumeID, err)
			}
			snapshotID, b.GiB = snapshot.ID, volume.GiB
		}
		made = append(made, b.forImage(snapshotID))
	}
	return made, nil
}

func (m *Manager) deleteSnapshots(ctx context.Context, caller Caller, mappings []imageDevice) error {
	var errs []error
	for _, mapping := range mappings {
		if mapping.SnapshotID != "" {
			errs = append(errs, m.Volumes.DeleteSnapshot(ctx, caller, mapping.SnapshotID))
		}
	}
	return errors.Join(errs...)
}
