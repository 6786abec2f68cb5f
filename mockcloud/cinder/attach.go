// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// The statuses of an attachment, beside the volume's own Reserved, Attaching and Detaching. In the order of
// the alphabet the first of a volume's attachments decides the volume's status.
const (
	Attached = "attached"
	Detached = "detached"
)

// attachmentsOf are the volume's attachments.
func (o *op) attachmentsOf(volume string) ([]*Attachment, error) {
	return attachmentTable.By(o.tx, "volume", volume)
}

// reserve makes an attachment that has no host yet. A volume may be reserved again for the instance that
// has it: it is about to move to another host.
func (o *op) reserve(v *Volume, instance, mode string) (*Attachment, error) {
	if isError(v.Status) {
		return nil, invalidVolume.because("Volume attachments can not be created if the volume is in an error state. "+
			"The Volume %s currently has a status of: %s ", v.ID, v.Status)
	}
	all, err := o.attachmentsOf(v.ID)
	if err != nil {
		return nil, err
	}
	free := []string{Available, Downloading}
	if v.Multiattach {
		free = []string{Available, InUse, Downloading}
		if v.Status == InUse && v.Bootable {
			if err := o.authorize("volume:multiattach_bootable_volume", v.ProjectID); err != nil {
				return nil, err
			}
		}
	}
	has := func(a *Attachment) bool { return instance != "" && a.InstanceID == instance }
	switch {
	case slices.Contains(free, v.Status):
		v.Status = Reserved
	case (v.Status == InUse || v.Status == Reserved) && slices.ContainsFunc(all, has):
	default:
		return nil, invalidVolume.because("Volume %s status must be %s to reserve, but the current status is %s.", v.ID, oneOf(free), v.Status)
	}
	a := &Attachment{
		ID: uuid.NewString(), VolumeID: v.ID, ProjectID: v.ProjectID, InstanceID: instance, Status: Reserved, Mode: mode,
		CreatedAt: o.now, UpdatedAt: o.now,
	}
	if v.ReadOnly != nil && *v.ReadOnly {
		a.Mode = readOnly
	}
	if err := attachmentTable.Insert(o.tx, a); err != nil {
		return nil, err
	}
	return a, o.putVolume(v)
}

// The modes of an attachment. noMode leaves it to the connector.
const (
	readWrite = "rw"
	readOnly  = "ro"
	noMode    = "null"
)

// connect tells the attachment its host: the volume is attaching.
func (o *op) connect(a *Attachment, v *Volume, connector map[string]any) error {
	if isError(v.Status) {
		return resourceConflict.of("Volume attachments can not be updated if the volume is in an error state. " +
			"The Volume " + v.ID + " currently has a status of: " + v.Status + " ")
	}
	mode, _ := connector["mode"].(string)
	if a.Mode != noMode && a.Mode != "" {
		mode = a.Mode
	}
	if mode == "" {
		mode = readWrite
	}
	a.Connector = maps.Clone(connector)
	a.Connector["mode"] = mode
	a.Host, _ = connector["host"].(string)
	a.Device, _ = connector["mountpoint"].(string)
	if a.Device == "" {
		a.Device = "na"
	}
	a.Mode, a.Status, a.AttachedAt = mode, Attaching, o.now
	var err error
	if a.Connection, err = o.connection(v, a); err != nil {
		return err
	}
	v.Status = Attaching
	v.Connected++
	return errors.Join(o.putAttachment(a), o.putVolume(v))
}

// connection is how a host gets at the volume: Cinder's connection_info.
func (o *op) connection(v *Volume, a *Attachment) (map[string]any, error) {
	var qos any
	specs, err := o.frontEnd(v.TypeID)
	if specs != nil {
		qos = specs
	}
	return map[string]any{
		"driver_volume_type": "local", "device_path": o.content.path(volumeContent(v.ID)), "format": "raw",
		"access_mode": a.Mode, "encrypted": v.Encrypted, "cacheable": false, "qos_specs": qos, "attachment_id": a.ID,
		"volume_id": v.ID, "enforce_multipath": false,
	}, err
}

// complete says that the attachment is made.
func (o *op) complete(a *Attachment, v *Volume) error {
	a.Status, v.Status = Attached, InUse
	return errors.Join(o.putAttachment(a), o.putVolume(v))
}

// detach removes an attachment, nil for none, and gives the volume the status that the others leave it.
func (o *op) detach(v *Volume, a *Attachment) error {
	if a != nil {
		if err := attachmentTable.Delete(o.tx, a.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	left, err := o.attachmentsOf(v.ID)
	if err != nil {
		return err
	}
	switch {
	case len(left) > 0:
		v.Status = slices.MinFunc(left, func(a, b *Attachment) int { return compareText(a.Status, b.Status) }).Status
		if v.Status == Attached {
			v.Status = InUse
		}
	case v.Status != Uploading:
		v.Status = Available
	}
	return o.putVolume(v)
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func isError(status string) bool { return len(status) >= len(Failed) && status[:len(Failed)] == Failed }
