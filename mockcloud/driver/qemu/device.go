// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.DeviceTeller = (*Host)(nil)

// Devices tells guests' addresses without asking QEMU: the firmware numbers the buses behind the root ports from 1
// on, in the ports' order, and all other devices are on the board's bus.
func (h *Host) Devices(_ context.Context, id string) ([]driver.Device, error) {
	m, err := h.whole(id)
	if err != nil {
		return nil, err
	}
	s := m.spec()
	var devices []driver.Device
	for _, n := range s.NICs {
		devices = append(devices, driver.Device{PortID: n.PortID, Bus: "pci", Address: portAddress(n.Slot)})
	}
	for _, v := range s.Volumes {
		d, at := s.volumeDisk(v), driver.Device{VolumeID: v.ID, Bus: "pci"}
		switch {
		case d.bus == scsiBus:
			at.Bus, at.Address = "scsi", fmt.Sprintf("0:0:%d:0", d.unit)
		case v.Slot == rootSlot:
			at.Address = fmt.Sprintf("0000:00:%02x.0", firstDiskAddress)
		default:
			at.Address = portAddress(v.Slot)
		}
		devices = append(devices, at)
	}
	return devices, nil
}

func portAddress(slot int) string { return fmt.Sprintf("0000:%02x:00.0", slot+1) }
