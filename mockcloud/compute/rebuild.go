// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"maps"
	"reflect"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// RebuildRequest is what rebuild asks for: the image, and what else changes on the way; nil leaves it as it
// is.
type RebuildRequest struct {
	ImageID string
	// Update has the descriptive attributes.
	Update
	Metadata     map[string]string
	KeyPair      **KeyPair // since 2.54; a pointer to nil removes it
	UserData     *string   // since 2.57: base64; "" removes it
	TrustedCerts *[]string // since 2.63
	// PreserveEphemeral keeps the content of the ephemeral disks.
	PreserveEphemeral bool
	AdminPassword     string
	InjectedFiles     map[string][]byte // personality, up to 2.56: path to content
	// ReimageVolume allows another image for servers that boot from a volume (since 2.93).
	ReimageVolume bool
}

// rebuild is a rebuild under way.
type rebuild struct {
	build
	want RebuildRequest
	// from is the vm_state before.
	from VMState
	// reimage is to write the image onto the boot volume.
	reimage bool
}

// Rebuild begins to make a server anew on its host: it keeps its ports and addresses, its id and its volumes.
// NotFound when there is no such image.
func (m *Manager) Rebuild(ctx context.Context, caller Caller, id string, want RebuildRequest) error {
	r := &rebuild{want: want, build: build{once: BootData{AdminPassword: want.AdminPassword, Files: want.InjectedFiles}}}
	action := Action{Name: "rebuild", Task: Rebuilding, Event: "compute_rebuild_instance", Run: r.run}
	inst, err := m.mayBegin(ctx, caller, id, &action)
	if err != nil {
		return err
	}
	if r.image, err = m.Images.Image(ctx, caller, want.ImageID); KindOf(err) == NotFound {
		return &ImageNotFound{ImageID: want.ImageID}
	} else if err != nil {
		return err
	}
	if err := r.check(ctx, m, caller, inst); err != nil {
		return err
	}
	op, err := m.acceptIf(ctx, caller, id, &action, func(tx store.Tx, inst *Instance) error {
		if err := m.checkCreateQuota(tx, caller, CreateRequest{Metadata: want.Metadata, InjectedFiles: want.InjectedFiles}); err != nil {
			return err
		}
		r.from = inst.VMState
		return r.apply(tx, inst)
	})
	if err != nil {
		return err
	}
	return m.launch(op)
}

// check refuses images that the server cannot have.
func (r *rebuild) check(ctx context.Context, m *Manager, caller Caller, inst *Instance) error {
	diskConfig := DiskConfig("")
	if r.want.DiskConfig != nil {
		diskConfig = *r.want.DiskConfig
	}
	before := inst.ImageID
	if inst.VolumeBacked() {
		root := inst.Root()
		if root == nil {
			return refuse(Internal, "Unable to find root block device mapping for volume-backed instance.")
		}
		if r.want.TrustedCerts != nil && len(*r.want.TrustedCerts) > 0 {
			return refuse(BadRequest, "Image certificate validation is not supported for volume-backed servers.")
		}
		volume, err := m.Volumes.Volume(ctx, caller, root.VolumeID)
		if err != nil {
			return err
		}
		before = volume.ImageMetadata["image_id"]
		if before != r.image.ID && !r.want.ReimageVolume {
			return refuse(BadRequest, "Image %s is unacceptable: Unable to rebuild with a different image for a volume-backed server.",
				r.image.ID)
		}
		r.reimage = r.want.ReimageVolume
	}
	request := CreateRequest{Flavor: inst.Flavor, DiskConfig: diskConfig}
	if err := checkImage(r.image, &request, inst.Root()); err != nil {
		return err
	}
	if err := m.checkVolumesInUse(ctx, caller, inst, BadRequest); err != nil {
		return err
	}
	if before != r.image.ID {
		return sameTopology(inst, r.image.Properties)
	}
	return nil
}

// sameTopology refuses an image that asks for other NUMA cells: what the server has of its host stays.
func sameTopology(inst *Instance, properties map[string]string) error {
	was, err := demandOf(inst, inst.Flavor)
	if err != nil {
		return err
	}
	changed := *inst
	changed.ImageProperties = properties
	is, err := demandOf(&changed, inst.Flavor)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(was.cells, is.cells) {
		return refuse(BadRequest, "An instance's NUMA topology cannot be changed as part of a rebuild. "+
			"The image provided is invalid for this instance.")
	}
	return nil
}

// apply writes what changes with the rebuild.
func (r *rebuild) apply(tx store.Tx, inst *Instance) error {
	if !inst.VolumeBacked() {
		inst.ImageID = r.image.ID
		if root := inst.Root(); root != nil && root.Source == SourceImage {
			root.ImageID = r.image.ID
		}
	}
	inst.ImageProperties, inst.ImageMinDisk, inst.ImageMinRAM = maps.Clone(r.image.Properties), r.image.MinDisk, r.image.MinRAM
	if r.want.DiskConfig == nil {
		inst.DiskConfig = diskConfig("", r.image)
	}
	set(&inst.Name, r.want.Name)
	set(&inst.Description, r.want.Description)
	set(&inst.Hostname, r.want.Hostname)
	set(&inst.AccessIPv4, r.want.AccessIPv4)
	set(&inst.AccessIPv6, r.want.AccessIPv6)
	set(&inst.DiskConfig, r.want.DiskConfig)
	set(&inst.KeyPair, r.want.KeyPair)
	set(&inst.UserData, r.want.UserData)
	set(&inst.TrustedCerts, r.want.TrustedCerts)
	if r.want.Metadata != nil {
		inst.Metadata = maps.Clone(r.want.Metadata)
	}
	return allocate(tx, inst)
}
