// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"io"
	"maps"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Snapshotting is what an image of a server is to be (createImage, createBackup, shelve).
type Snapshotting struct {
	Name string
	// Type is its image_type: "snapshot" or "backup".
	Type string
	// Properties come before what the image has of the server.
	Properties map[string]string
}

// imageSnapshot is the image_type of what is no backup.
const imageSnapshot = "snapshot"

var snapshotAction = Action{
	Name: "createImage", Guard: "snapshot", Task: ImageSnapshotPending, Event: "compute_snapshot_instance",
	Run: func(op *Op) error {
		if err := op.Task(ImageSnapshot); err != nil {
			return err
		}
		return op.endSnapshot(op.snapshot(ImagePendingUpload, ImageUploading))
	},
}

// CreateImage begins to make an image of a server's root disk and returns the image's id. Of a
// volume-backed server it makes one of snapshots of its volumes.
func (m *Manager) CreateImage(ctx context.Context, caller Caller, id, name string, properties map[string]string) (string, error) {
	inst, err := m.Get(ctx, id)
	if err != nil {
		return "", err
	}
	want := Snapshotting{Name: name, Type: imageSnapshot, Properties: properties}
	if inst.VolumeBacked() {
		return m.snapshotVolumes(ctx, caller, id, want)
	}
	op, err := m.beginSnapshot(ctx, caller, id, &snapshotAction, want)
	if err != nil {
		return "", err
	}
	image := op.Instance.SnapshotImageID // once launched, the operation owns it
	return image, m.launch(op)
}

// beginSnapshot accepts an action that makes an image of the server: the image is there, queued, and
// Instance.SnapshotImageID. The action's Run calls op.snapshot; when it fails or never runs, the image is
// deleted again. Launch what it returns.
func (m *Manager) beginSnapshot(ctx context.Context, caller Caller, id string, action *Action, want Snapshotting) (*Op, error) {
	inst, err := m.mayBegin(ctx, caller, id, action)
	if err != nil {
		return nil, err
	}
	image := inst.snapshotImage(caller, want)
	image.DiskFormat, image.ContainerFormat = "qcow2", "bare"
	imageID, err := m.Images.Create(ctx, caller, image)
	if err != nil {
		return nil, err
	}
	op, err := m.acceptIf(ctx, caller, id, action, func(_ store.Tx, inst *Instance) error {
		inst.SnapshotImageID = imageID
		return nil
	})
	if err != nil {
		m.dropImage(context.WithoutCancel(ctx), id, imageID)
		return nil, err
	}
	return op, nil
}

// mayBegin is accept without beginning anything: whether the server's state allows the action now.
func (m *Manager) mayBegin(ctx context.Context, caller Caller, id string, action *Action) (inst *Instance, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		if inst, err = live(tx, id); err != nil {
			return err
		}
		return guards[or(action.Guard, action.Name)].check(inst, caller, action.Name)
	})
	return inst, err
}

// snapshot writes the machine's root disk into the image that beginSnapshot made; the instance is in
// task_state pending before and uploading while it does. An error leaves no image.
func (op *Op) snapshot(pending, uploading TaskState) error {
	imageID := op.Instance.SnapshotImageID
	err := op.upload(imageID, pending, uploading)
	if err != nil && op.m.ctx.Err() == nil {
		op.m.dropImage(op.m.ctx, op.Instance.ID, imageID)
		op.log("forget image", op.Set(func(inst *Instance) { inst.SnapshotImageID = "" }))
	}
	return err
}

func (op *Op) upload(imageID string, pending, uploading TaskState) error {
	if err := op.Task(pending); err != nil {
		return err
	}
	host, err := op.host()
	if err != nil {
		return err
	}
	if err := op.Task(uploading); err != nil {
		return err
	}
	quiesce := isTrue(op.Instance.ImageProperties["os_require_quiesce"])
	return op.m.Images.Upload(op.Context, op.Caller, imageID, func(w io.Writer) error {
		return use(op.Context, host, "Snapshot", op.Instance.ID, func(ctx context.Context, d driver.Snapshotter) error {
			return d.Snapshot(ctx, op.Instance.ID, quiesce, w)
		})
	})
}

// endSnapshot ends an operation that did nothing but make an image: the server is what it was. That the
// image was deleted meanwhile is no failure.
func (op *Op) endSnapshot(err error) error {
	if err != nil && KindOf(err) != NotFound {
		return err
	}
	return op.Finish(op.Instance.VMState, func(inst *Instance) { inst.SnapshotImageID = "" })
}

// abandonSnapshot ends a snapshot that a restart cut short.
var abandonSnapshot = Action{Name: "createImage", Guard: "snapshot", Run: func(op *Op) error {
	op.m.dropImage(op.Context, op.Instance.ID, op.Instance.SnapshotImageID)
	if err := op.Set(func(inst *Instance) { inst.SnapshotImageID = "" }); err != nil {
		return err
	}
	if host := op.m.hosts[op.Instance.Host]; host != nil { // a shelve may have powered it off
		op.Undo(func(context.Context) { op.m.syncLater(host, op.Instance.ID) })
	}
	return errRestarted
}}

// dropImage deletes the image of a snapshot that came to nothing.
func (m *Manager) dropImage(ctx context.Context, instanceID, imageID string) {
	if imageID == "" {
		return
	}
	if err := m.Images.Delete(ctx, Caller{Admin: true}, imageID); err != nil {
		m.Log.Error("image of a failed snapshot not deleted", "instance", instanceID, "image", imageID, "error", err)
	}
}

// dropSnapshot deletes the image of a snapshot under way on an instance that is being deleted or reset, unless
// it is whole.
func (m *Manager) dropSnapshot(ctx context.Context, inst *Instance) {
	if inst.SnapshotImageID == "" {
		return
	}
	image, err := m.Images.Image(ctx, Caller{Admin: true}, inst.SnapshotImageID)
	if err != nil || image.Status != "active" {
		m.dropImage(ctx, inst.ID, inst.SnapshotImageID)
	}
}

// snapshotImage is the image of an instance: it inherits the properties of the one that the server was
// made of (Nova: initialize_instance_snapshot_metadata). Another project's administrator shares it with
// the server's owner.
func (i *Instance) snapshotImage(caller Caller, want Snapshotting) NewImage {
	properties := map[string]string{
		"image_location": "snapshot", "image_state": "available", "owner_id": i.ProjectID,
		"instance_uuid": i.ID, "user_id": caller.UserID, "image_type": want.Type,
	}
	if i.ImageID != "" {
		properties["base_image_ref"] = i.ImageID
	}
	if caller.UserID == i.UserID {
		properties["owner_user_name"], properties["owner_project_name"] = caller.UserName, caller.ProjectName
	}
	image := NewImage{
		Name: want.Name, MinDisk: max(i.ImageMinDisk, i.Flavor.RootGiB), MinRAM: i.ImageMinRAM,
		Properties: inheritable(i.ImageProperties),
	}
	if caller.ProjectID != i.ProjectID {
		image.SharedWith = i.ProjectID
		properties["instance_owner"] = i.ProjectID
	}
	maps.Copy(image.Properties, properties)
	maps.Copy(image.Properties, want.Properties)
	maps.DeleteFunc(image.Properties, func(_, value string) bool { return value == "" })
	return image
}

// notInherited are the image properties that a snapshot does not have of the base image.
var notInherited = []string{
	"cinder_encryption_key_id", "cinder_encryption_key_deletion_policy", "img_signature", "img_signature_hash_method",
	"img_signature_key_type", "img_signature_certificate_uuid", "cache_in_nova", "bittorrent", imageMappings,
	imageBlockDevices, imageDevicesV2, "img_mappings", "img_block_device_mapping",
}

func inheritable(properties map[string]string) map[string]string {
	kept := map[string]string{}
	for name, value := range properties {
		if !strings.HasPrefix(name, "os_glance") {
			kept[name] = value
		}
	}
	for _, name := range notInherited {
		delete(kept, name)
	}
	return kept
}

// isTrue is Nova's reading of a property that is true or false.
func isTrue(value string) bool {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "1", "t", "true", "on", "y", "yes":
		return true
	}
	return false
}
