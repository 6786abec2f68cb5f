// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

const attachVolume = "attach_volume"

// VolumeAttachRequest asks for a volume to be attached to a server.
type VolumeAttachRequest struct {
	VolumeID            string
	Device              string // "/dev/vdb"; "" takes a free one
	Tag                 string
	DeleteOnTermination bool
	// Multiattach: the volume may be attached to other servers, too (since 2.60).
	Multiattach bool
	// DiskBus and DeviceType are the disk's: "ide", "cdrom"; "" is what the image says, and "disk".
	DiskBus, DeviceType string
}

// AttachVolume reserves a volume for a server and begins to attach it. The device's name is returned; ""
// for a server without a host, whose volumes are attached once it has one. Errors: NotFound of the volume,
// Conflict of the server's state and of a device that is in use, BadRequest of a volume that cannot be
// attached.
func (m *Manager) AttachVolume(ctx context.Context, caller Caller, id string, want VolumeAttachRequest) (device string, err error) {
	inst, err := m.Get(ctx, id)
	if err != nil {
		return "", err
	}
	if err := guards[attachVolume].check(inst, caller, attachVolume); err != nil {
		return "", err
	}
	volume, err := m.volume(ctx, caller, want.VolumeID)
	if err != nil {
		return "", err
	}
	if err := attachable(inst, volume, want); err != nil {
		return "", err
	}
	if device, err = m.holdDevice(ctx, caller, id, volume, want); err != nil {
		return "", err
	}
	attachment, err := m.Volumes.Reserve(ctx, caller, volume.ID, id)
	if err != nil {
		return "", errorsOf(refusedByCinder(err, ""), m.forgetVolume(context.WithoutCancel(ctx), id, volume.ID))
	}
	record, err := m.acceptVolumeChange(ctx, caller, id, volume.ID, attachVolume, func(b *BlockDevice) { b.AttachmentID = attachment })
	if err != nil {
		return "", errorsOf(err, m.abandonAttach(context.WithoutCancel(ctx), id, volume.ID, attachment))
	}
	if device == "" {
		switch err := m.attachOffloaded(ctx, id, volume.ID, attachment, record); {
		case err == nil:
			return "", nil
		case !errors.Is(err, errUnshelving):
			return "", errorsOf(err, m.abandonAttach(context.WithoutCancel(ctx), id, volume.ID, attachment))
		}
	}
	return device, m.takeVolumeTurn(m.attachTurn(caller, id, volume.ID, record))
}

// abandonAttach gives a volume back that was reserved. The server knows of one that cannot be, so that it goes
// with the server.
func (m *Manager) abandonAttach(ctx context.Context, id, volumeID, attachment string) error {
	if err := m.Volumes.Detach(ctx, attachment); err != nil {
		return err
	}
	return m.forgetVolume(ctx, id, volumeID)
}

// attachable refuses what cannot be attached, before anything is reserved.
func attachable(inst *Instance, volume *Volume, want VolumeAttachRequest) error {
	invalid := func(format string, args ...any) error { return refuse(BadRequest, "Invalid volume: "+format, args...) }
	offloaded := inst.VMState == ShelvedOffloaded
	switch {
	case want.DiskBus != "" && !slices.Contains(diskBuses, want.DiskBus):
		return errInvalidMapping
	case len(volume.AttachedTo) > 0 && !volume.Multiattach:
		return invalid("volume %s is already attached to instances: %s", volume.ID, strings.Join(volume.AttachedTo, " "))
	case inst.Volume(volume.ID) != nil:
		return invalid("volume %s already attached", volume.ID)
	case offloaded && want.Tag != "":
		return refuse(BadRequest, "Tagged volume attachment is not supported for shelved-offloaded instances.")
	case offloaded && volume.Multiattach:
		return refuse(BadRequest, "Attaching multiattach volumes is not supported for shelved-offloaded instances.")
	case volume.Multiattach && !want.Multiattach:
		return errOldMultiattach
	}
	return nil
}

// holdDevice records the disk to be, with its device's name.
func (m *Manager) holdDevice(ctx context.Context, caller Caller, id string, volume *Volume, want VolumeAttachRequest) (device string, err error) {
	err = m.Store.Update(ctx, func(tx store.Tx) error {
		inst, err := live(tx, id)
		if err != nil {
			return err
		}
		if err := guards[attachVolume].check(inst, caller, attachVolume); err != nil {
			return err
		}
		if inst.Volume(volume.ID) != nil {
			return refuse(BadRequest, "Invalid volume: volume %s already attached", volume.ID)
		}
		device = ""
		if inst.VMState != ShelvedOffloaded {
			if device, err = m.deviceFor(inst, want); err != nil {
				return err
			}
		}
		inst.BlockDevices = append(inst.BlockDevices, BlockDevice{
			ID: uuid.NewString(), Source: SourceVolume, Destination: ToVolume, VolumeID: volume.ID, GiB: volume.GiB,
			BootIndex: NotBooted, Device: device, DiskBus: want.DiskBus, DeviceType: want.DeviceType, Tag: want.Tag,
			DeleteOnTermination: want.DeleteOnTermination,
			Change:              &VolumeChange{Kind: Attaching},
		})
		return instances.Put(tx, inst)
	})
	return device, err
}

// deviceFor is the device's name on the instance's host, which must be able to attach volumes.
func (m *Manager) deviceFor(inst *Instance, want VolumeAttachRequest) (string, error) {
	if err := m.hostAnswers(inst); err != nil {
		return "", err
	}
	h := m.hosts[inst.Host]
	switch {
	case !h.attachesVolumes() && want.Tag != "":
		return "", refuse(BadRequest, "Tagged volume attachment is not supported for this server instance.")
	case !h.attachesVolumes():
		return "", refuse(BadRequest, "Invalid volume: The hypervisor of instance %s does not support volumes.", inst.ID)
	}
	return nextDevice(inst.BlockDevices, or(inst.RootDeviceName, "/dev/vda"), want.DiskBus, want.Device)
}

// errUnshelving: the server that had no host is getting one.
var errUnshelving = errors.New("server is being unshelved")

// attachOffloaded ends an attach to a server without a host: the volume counts as in use. One that is being unshelved
// meanwhile may or may not have found it among its volumes: errUnshelving, and the attach is for its host.
func (m *Manager) attachOffloaded(ctx context.Context, id, volumeID, attachment, record string) error {
	if err := m.Volumes.Complete(ctx, attachment); err != nil {
		return err
	}
	without := func(inst *Instance, _ *BlockDevice) error {
		if inst.VMState != ShelvedOffloaded || inst.TaskState != NoTask {
			return errUnshelving
		}
		return nil
	}
	return m.changeVolume(ctx, id, volumeID, without, func(tx store.Tx, _ *Instance, b *BlockDevice) error {
		b.Change = nil
		return m.finishInAPI(tx, record, "api_"+attachVolume)
	})
}

// attachTurn is the attach on the server's host.
func (m *Manager) attachTurn(caller Caller, id, volumeID, record string) volumeTurn {
	return volumeTurn{
		action: attachVolume, caller: caller, id: id, volumeID: volumeID, record: record,
		do: func(ctx context.Context, inst *Instance, b *BlockDevice) error {
			h, err := m.host(inst.Host)
			if err != nil {
				return err
			}
			if b.Device == "" { // the server had no host when it was asked for
				if b, err = m.nameVolume(ctx, id, volumeID); err != nil {
					return err
				}
			}
			at, err := m.Volumes.Connect(ctx, b.AttachmentID, inst.Host, b.Device)
			if err != nil {
				return err
			}
			if err := m.dwellOn(ctx, attachVolume); err != nil {
				return err
			}
			if err := use(ctx, h, "AttachVolume", inst.ID, func(ctx context.Context, d driver.VolumeAttacher) error {
				return d.AttachVolume(ctx, inst.ID, inst.driverVolume(b, at))
			}); err != nil {
				return err
			}
			if err := m.Volumes.Complete(ctx, b.AttachmentID); err != nil {
				return err
			}
			return m.settleVolume(ctx, id, volumeID)
		},
		undo: m.undoAttach,
	}
}

// nameVolume names the device of a volume that has no name yet.
func (m *Manager) nameVolume(ctx context.Context, id, volumeID string) (named *BlockDevice, err error) {
	err = m.changeVolume(ctx, id, volumeID, nil, func(_ store.Tx, inst *Instance, b *BlockDevice) error {
		nameDevices(inst)
		named = b
		return nil
	})
	return named, err
}

// undoAttach takes back as much of an attach as has been done.
func (m *Manager) undoAttach(ctx context.Context, inst *Instance, b *BlockDevice) error {
	if inst.Host != "" {
		if err := m.unplugVolume(ctx, inst, b.VolumeID); err != nil {
			return err
		}
	}
	if b.AttachmentID != "" {
		if err := m.Volumes.Detach(ctx, b.AttachmentID); err != nil {
			return err
		}
	} else if err := m.detachStray(ctx, inst); err != nil {
		return err
	}
	return m.forgetVolume(ctx, inst.ID, b.VolumeID)
}
