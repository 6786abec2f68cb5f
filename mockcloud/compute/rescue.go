// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// RescueRequest is what rescue asks for.
type RescueRequest struct {
	// ImageID is the image to boot; "" is the one that the server was made of.
	ImageID string
	// AdminPassword is root's in the rescue image; a config drive tells it to the guest.
	AdminPassword string
	// VolumeBacked allows it for servers that boot from a volume (since 2.87).
	VolumeBacked bool
}

// Rescue begins to boot a server from another image, with its own disks beside it.
func (m *Manager) Rescue(ctx context.Context, caller Caller, id string, want RescueRequest) error {
	action := Action{
		Name: "rescue", Task: Rescuing, Event: "compute_rescue_instance",
		Run: func(op *Op) error { return op.rescue(want) },
	}
	inst, err := m.mayBegin(ctx, caller, id, &action)
	if err != nil {
		return err
	}
	properties, err := m.rescueProperties(ctx, caller, inst, want.ImageID)
	if err != nil {
		return err
	}
	if err := m.checkVolumesInUse(ctx, caller, inst, Conflict); err != nil {
		return err
	}
	if err := m.checkRescuable(inst, properties, want); err != nil {
		return err
	}
	return m.act(ctx, caller, id, &action)
}

// rescueProperties are those of the image to rescue with.
func (m *Manager) rescueProperties(ctx context.Context, caller Caller, inst *Instance, imageID string) (map[string]string, error) {
	if imageID == "" {
		return inst.ImageProperties, nil
	}
	image, err := m.Images.Image(ctx, caller, imageID)
	if KindOf(err) == NotFound || err == nil && image.Properties[imageBlockDevices] != "" {
		return nil, refuse(BadRequest, "Requested rescue image '%s' is not supported", imageID)
	}
	if err != nil {
		return nil, err
	}
	return image.Properties, nil
}

// checkRescuable refuses servers on volumes, unless the image says where its disk goes.
func (m *Manager) checkRescuable(inst *Instance, properties map[string]string, want RescueRequest) error {
	if !inst.VolumeBacked() {
		return nil
	}
	reason := "Cannot rescue a volume-backed instance"
	if want.VolumeBacked && properties["hw_rescue_bus"] != "" && properties["hw_rescue_device"] != "" {
		reason = "Host unable to rescue a volume-backed instance"
		if host := m.hosts[inst.Host]; host != nil {
			if _, able := host.Driver.(driver.Rescuer); able {
				return nil
			}
		}
	}
	return refuse(BadRequest, "Instance %s cannot be rescued: %s", inst.ID, reason)
}

// checkVolumesInUse refuses when a volume of the instance is in any other status.
func (m *Manager) checkVolumesInUse(ctx context.Context, caller Caller, inst *Instance, kind Kind) error {
	for _, b := range inst.BlockDevices {
		if !b.Attached() {
			continue
		}
		volume, err := m.Volumes.Volume(ctx, caller, b.VolumeID)
		if err != nil {
			return err
		}
		if volume.Status != "in-use" {
			return refuse(kind, "Invalid volume: volume '%s' status must be 'in-use'. Currently in '%s' status", volume.ID, volume.Status)
		}
	}
	return nil
}

func (op *Op) rescue(want RescueRequest) error {
	image, err := op.m.Images.Image(op.Context, Caller{Admin: true}, or(want.ImageID, op.Instance.ImageID))
	if err != nil {
		return err
	}
	device, bus := image.Properties["hw_rescue_device"], image.Properties["hw_rescue_bus"]
	rescue := driver.Rescue{
		Image: image.forDriver(), Stable: device != "" || bus != "", Device: or(device, "disk"), Bus: bus,
	}
	drive := build{image: image, once: BootData{AdminPassword: want.AdminPassword}}
	if rescue.ConfigDrive, err = drive.configDrive(op); err != nil {
		return err
	}
	host, err := op.host()
	if err != nil {
		return err
	}
	if err := op.powerOff(host); err != nil {
		return broken{&NotRescuable{InstanceID: op.Instance.ID, Cause: err}}
	}
	err = ability(op, "Rescue", func(ctx context.Context, d driver.Rescuer, id string) error { return d.Rescue(ctx, id, rescue) })
	if err != nil {
		return broken{&NotRescuable{InstanceID: op.Instance.ID, Cause: err}}
	}
	now := op.m.Clock.Now()
	return op.Finish(Rescued, func(inst *Instance) { inst.LaunchedAt = &now })
}

// abandonRescue takes a rescue back that a restart cut short: the server is what it was.
var abandonRescue = Action{Name: "rescue", Event: "compute_rescue_instance", Run: func(op *Op) error {
	host, err := op.host()
	if err != nil {
		return err
	}
	err = ability(op, "Unrescue", func(ctx context.Context, d driver.Rescuer, id string) error { return d.Unrescue(ctx, id) })
	if err == nil && op.Instance.VMState == Stopped {
		err = host.stop(op.Context, op.Instance.ID, 0)
	}
	if err != nil {
		return broken{err}
	}
	return errRestarted
}}

// NotRescuable: the host could not rescue the server.
type NotRescuable struct {
	InstanceID string
	Cause      error
}

func (e *NotRescuable) Error() string {
	return "Instance " + e.InstanceID + " cannot be rescued: Driver Error: " + e.Cause.Error()
}

func (e *NotRescuable) Unwrap() error { return e.Cause }

// forDriver is the image as drivers want it.
func (i *Image) forDriver() driver.Image {
	return driver.Image{ID: i.ID, Format: i.DiskFormat, Checksum: i.Checksum, Size: i.Size, Open: i.Open}
}

var unrescueAction = Action{
	Name: "unrescue", Task: Unrescuing, Event: "compute_unrescue_instance",
	Run: func(op *Op) error {
		err := ability(op, "Unrescue", func(ctx context.Context, d driver.Rescuer, id string) error { return d.Unrescue(ctx, id) })
		if err != nil {
			return unlessUnable(err)
		}
		return op.Finish(Active)
	},
}

// Unrescue begins to boot a rescued server from its own disk again.
func (m *Manager) Unrescue(ctx context.Context, caller Caller, id string) error {
	return m.act(ctx, caller, id, &unrescueAction)
}
