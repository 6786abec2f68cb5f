// SPDX-License-Identifier: MPL-2.0

package qemu

import "slices"

// Buses that only rescue disks are on.
const (
	usbBus  = "usb"
	sataBus = "sata"
)

const (
	rescueID   = "rescue"
	rescueUnit = configUnit - 1 // the last of the disks
)

// rescueDevices are QEMU's devices by bus and Nova's name for the kind of device.
func rescueDevices() map[string]map[string]string {
	return map[string]map[string]string{
		virtioBus: {"disk": "virtio-blk-pci"},
		scsiBus:   {"disk": "scsi-hd", "cdrom": "scsi-cd"},
		usbBus:    {"disk": "usb-storage", "cdrom": "scsi-cd"},
		sataBus:   {"disk": "ide-hd", "cdrom": "ide-cd"},
	}
}

// rescueFirst adds the rescue disk before the machine's own, unless it is stable.
func (s *spec) rescueFirst(f files, disks []disk) []disk {
	if s.Rescue == nil || s.Rescue.Stable {
		return disks
	}
	return slices.Insert(disks, 0, disk{id: rescueID, node: rescueID, path: f.rescue(), format: "qcow2", bus: s.diskBus()})
}

// rescueLast adds one that is stable behind all disks. Where there is a rescue disk, it is booted from.
func (s *spec) rescueLast(f files, disks []disk) []disk {
	if s.Rescue == nil {
		return disks
	}
	for i := range disks {
		if disks[i].boot >= 0 && disks[i].id != rescueID {
			disks[i].boot++
		}
	}
	if !s.Rescue.Stable {
		return disks
	}
	cdrom := s.Rescue.Device == "cdrom"
	r := disk{id: rescueID, node: rescueID, path: f.rescue(), format: "qcow2", bus: s.Rescue.Bus, unit: rescueUnit, cdrom: cdrom, readOnly: cdrom}
	if r.bus == virtioBus {
		r.port = portName(s.Rescue.Slot)
	}
	return append(disks, r)
}

// rescueArguments are the controllers that no other disk needs. SATA is the board's own.
func (s *spec) rescueArguments() []string {
	if s.Rescue == nil || s.Rescue.Bus != usbBus {
		return nil
	}
	args := []string{"-device", encode(obj{"driver": "qemu-xhci", "id": "xhci0"})}
	if s.Rescue.Device == "cdrom" {
		args = append(args, "-device", encode(obj{"driver": "usb-bot", "id": "usb0", "bus": "xhci0.0"}))
	}
	return args
}

// rescueDevice is the guest's side of a disk on a bus that only rescue disks are on.
func (d *disk) rescueDevice(device obj) {
	kind := "disk"
	if d.cdrom {
		kind = "cdrom"
	}
	device["driver"] = rescueDevices()[d.bus][kind]
	switch {
	case d.bus == sataBus:
		device["bus"] = "ide.0"
	case d.cdrom:
		device["bus"] = "usb0.0"
	default:
		device["bus"] = "xhci0.0"
	}
}

// configDrive is the config drive that the guest gets now; "" is none.
func (s *spec) configDrive(f files) string {
	switch {
	case s.Rescue != nil && s.Rescue.Config:
		return f.rescueConfig()
	case s.Config:
		return f.config()
	}
	return ""
}
