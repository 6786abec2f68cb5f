// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.Rescuer = (*Host)(nil)

// Rescue runs the machine from a disk on the rescue image. It ends the guest that runs once that disk is there. A
// machine that is rescued already gets a new one. If the machine cannot be run so, it is off and not rescued.
func (h *Host) Rescue(ctx context.Context, id string, want driver.Rescue) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	r := rescue{Stable: want.Stable, Device: want.Device, Bus: want.Bus, Config: len(want.ConfigDrive) > 0}
	if err := r.complete(); err != nil {
		return err
	}
	if err := h.makeRescueDisk(ctx, m, want.Image); err != nil {
		return fmt.Errorf("rescuing machine %s: %w", id, errors.Join(full(err), removeFile(m.rescueDraft())))
	}
	if err := h.end(m, m.ask()); err != nil {
		return errors.Join(err, removeFile(m.rescueDraft()))
	}
	if err := errors.Join(os.Rename(m.rescueDraft(), m.rescue()), h.writeConfigDrive(m.rescueConfig(), want.ConfigDrive)); err != nil {
		return err
	}
	err = m.change(func(s *spec) {
		s.Rescue = nil
		r.Slot = s.ports() - hotplugPorts // behind all that the machine has
		s.Rescue = &r
	})
	if err == nil {
		err = h.boot(ctx, m)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("rescuing machine %s: %w", id, err), m.dropRescue())
	}
	return nil
}

func (h *Host) makeRescueDisk(ctx context.Context, m *machine, image driver.Image) error {
	if err := removeFile(m.rescueDraft()); err != nil {
		return err
	}
	if err := h.opts.Images.makeRoom(ctx, m.dir, 0); err != nil {
		return err
	}
	return h.opts.Images.use(ctx, image, func(b base) error { return h.opts.Images.overlay(ctx, m.rescueDraft(), b, 0) })
}

// Unrescue runs the machine from its own disk again; the rescue disk goes, with all that was changed on it.
func (h *Host) Unrescue(ctx context.Context, id string) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	if s := m.spec(); s.Rescue == nil && m.instance() != nil {
		return nil
	}
	if err := h.end(m, m.ask()); err != nil {
		return err
	}
	if err := m.dropRescue(); err != nil {
		return err
	}
	return h.boot(ctx, m)
}

// dropRescue makes a machine that is off one that is not rescued.
func (m *machine) dropRescue() error {
	if s := m.spec(); s.Rescue == nil {
		return nil
	}
	if err := m.change(func(s *spec) { s.Rescue = nil }); err != nil {
		return err
	}
	return errors.Join(removeFile(m.rescue()), removeFile(m.rescueConfig()))
}

// complete settles where the rescue disk is, by Nova's names for devices (hw_rescue_device) and buses
// (hw_rescue_bus), and refuses what this board has not.
func (r *rescue) complete() error {
	if !r.Stable {
		r.Device, r.Bus = "disk", "" // as the machine's own
		return nil
	}
	if r.Device == "" {
		r.Device = "disk"
	}
	if r.Bus == "" {
		r.Bus = map[string]string{"cdrom": sataBus}[r.Device]
	}
	if r.Bus == "ide" { // what the board has of it is SATA
		r.Bus = sataBus
	}
	if r.Bus == "" {
		r.Bus = virtioBus
	}
	if rescueDevices()[r.Bus][r.Device] == "" {
		return fmt.Errorf("QEMU's q35 board has no rescue device %q on bus %q; it has disk on virtio, scsi, usb and sata, and cdrom on scsi, usb and sata",
			r.Device, r.Bus)
	}
	return nil
}
