// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.VolumeAttacher = (*Host)(nil)

// errSuspended: what a suspended machine has is part of its saved memory.
var errSuspended = errors.New("the machine is suspended: its devices cannot change until it is resumed")

// AttachVolume plugs the volume's disk in (QMP: blockdev-add, device_add). The record is first and says at least
// what QEMU has, so that whatever cuts this short, DetachVolume takes all of it back.
func (h *Host) AttachVolume(ctx context.Context, id string, v driver.Volume) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	s, q := m.spec(), m.instance()
	known := s.volumeAt(v.ID) >= 0
	if !known {
		if err := s.admit(v, q != nil); err != nil {
			return fmt.Errorf("volume %s: %w", v.ID, err)
		}
		if err := m.change(func(now *spec) { now.Volumes = s.Volumes }); err != nil {
			return err
		}
	}
	if q == nil {
		return nil
	}
	d := s.volumeDisk(s.Volumes[s.volumeAt(v.ID)])
	if err = h.plugDisk(ctx, m, q, &d); err == nil || known {
		return err
	}
	if still, asked := h.peripheral(context.WithoutCancel(ctx), m, q); asked != nil || still[d.id] {
		return err // who asked detaches it, which takes as long as the guest takes
	}
	return errors.Join(err, m.change(func(now *spec) { now.dropVolume(v.ID) }))
}

// admit adds a volume to the spec of a machine that is on or off.
func (s *spec) admit(v driver.Volume, on bool) error {
	ports := maxRootPorts
	if on {
		ports = s.Ports
	}
	switch err := s.takes(v); {
	case err != nil:
		return err
	case s.Suspended:
		return errSuspended
	case v.BootIndex == 0:
		return errors.New("a disk to boot from cannot be plugged into a machine that has one")
	}
	return s.addVolume(v, ports)
}

func (s *spec) dropVolume(id string) {
	s.Volumes = slices.DeleteFunc(s.Volumes, func(v volume) bool { return v.ID == id })
}

// volume is the machine and its attached volume.
func (h *Host) volume(id, volumeID string) (*machine, *volume, error) {
	m, err := h.whole(id)
	if err != nil {
		return nil, nil, err
	}
	s := m.spec()
	at := s.volumeAt(volumeID)
	if at < 0 {
		return nil, nil, fmt.Errorf("%w: volume %s", driver.ErrNoDevice, volumeID)
	}
	return m, &s.Volumes[at], nil
}

// DetachVolume has the guest let go of the disk (QMP: device_del). A guest that does not keeps it, and so does the
// machine.
func (h *Host) DetachVolume(ctx context.Context, id, volumeID string) error {
	m, v, err := h.volume(id, volumeID)
	if err != nil {
		return err
	}
	s, q := m.spec(), m.instance()
	switch {
	case s.Suspended:
		return errSuspended
	case v.Slot == rootSlot:
		return fmt.Errorf("volume %s: the machine boots from it", volumeID)
	}
	if q != nil {
		d := s.volumeDisk(*v)
		if err := h.unplug(ctx, m, q, d.id); err != nil {
			return fmt.Errorf("volume %s: %w", volumeID, err)
		}
		if err := h.dropNodes(ctx, m, q, &d); err != nil {
			return err
		}
	}
	return m.change(func(s *spec) { s.dropVolume(volumeID) })
}

// ExtendVolume has the guest see the disk's new size (QMP: block_resize). A machine that is off sees it when it is
// powered on.
func (h *Host) ExtendVolume(ctx context.Context, id, volumeID string, size int64) error {
	m, v, err := h.volume(id, volumeID)
	if err != nil {
		return err
	}
	if q := m.instance(); q != nil {
		s := m.spec()
		d := s.volumeDisk(*v)
		if err := h.resize(ctx, m, q, &d, size); err != nil {
			return err
		}
	}
	return m.changeVolume(volumeID, func(v *volume) { v.Size = size })
}

func (h *Host) resize(ctx context.Context, m *machine, q *instance, d *disk, size int64) error {
	return h.run(ctx, m, q, "block_resize", obj{"node-name": d.top(), "size": size}, nil)
}

// changeVolume changes the record of an attached volume.
func (m *machine) changeVolume(volumeID string, do func(*volume)) error {
	return m.change(func(s *spec) {
		if at := s.volumeAt(volumeID); at >= 0 {
			do(&s.Volumes[at])
		}
	})
}
