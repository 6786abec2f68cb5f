// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// The buses of disks, by Nova's names.
const (
	virtioBus = "virtio"
	scsiBus   = "scsi"
)

// Where disks are: a guest names those of the board's own bus before those in root ports, and of SCSI disks
// those with the lower ids first.
const (
	firstDiskAddress = 0x08 // on pcie.0, up to the root ports
	lastDiskAddress  = 0x0f
	firstVolumeUnit  = 16  // SCSI ids below are the local disks'
	configUnit       = 255 // of the config drive: behind all others
)

// diskArguments are the SCSI controller and the machine's disks. The config drive is a CD-ROM, so that it takes no
// name from the disks: the first volume of a server without other disks is /dev/vdb, as Nova says.
func (m *machine) diskArguments(s *spec) []string {
	args := append([]string{"-device", encode(obj{"driver": "virtio-scsi-pci", "id": "scsi0"})}, s.rescueArguments()...)
	for _, d := range m.disks(s) {
		for _, node := range d.nodes() {
			args = append(args, "-blockdev", encode(node))
		}
		args = append(args, "-device", encode(d.device()))
	}
	return args
}

// disk is a disk of a machine.
type disk struct {
	id           string // the device's
	node         string // what its nodes are called after
	path, format string
	readOnly     bool
	size         int64  // bytes of a raw file that are the disk; 0: all
	shared       bool   // other machines write to it, too
	discard      bool   // what the guest discards becomes a hole
	bus          string // virtioBus or scsiBus
	cdrom        bool   // on scsiBus alone
	port         string // root port; "" is the board's own bus
	address      int    // there; 0 lets QEMU choose
	unit         int    // SCSI id
	serial       string
	boot         int // boot index; below 0: not booted from
}

// disks are the machine's, in the order of the guest's names for them.
func (m *machine) disks(s *spec) []disk {
	local, disks := s.localDisks(m.files), []disk{}
	if root := s.rootVolume(); root != nil {
		local[0] = s.volumeDisk(*root)
	}
	for n, d := range s.rescueFirst(m.files, local) {
		if at := firstDiskAddress + n; at <= lastDiskAddress && d.bus == virtioBus {
			d.address = at
		}
		d.unit = n
		disks = append(disks, d)
	}
	for _, v := range s.Volumes {
		if v.Slot >= 0 {
			disks = append(disks, s.volumeDisk(v))
		}
	}
	if drive := s.configDrive(m.files); drive != "" {
		disks = append(disks, disk{
			id: "config", node: "config", path: drive, format: "raw", readOnly: true, bus: scsiBus, cdrom: true, unit: configUnit, boot: -1,
		})
	}
	return s.rescueLast(m.files, disks)
}

// localDisks are the disks in the machine's own directory, the root disk first.
func (s *spec) localDisks(f files) []disk {
	disks := []disk{{id: "root", path: f.root()}}
	for n := range s.Ephemeral {
		disks = append(disks, disk{id: fmt.Sprintf("eph%d", n), path: f.ephemeral(n), boot: -1})
	}
	if s.Swap {
		disks = append(disks, disk{id: "swap", path: f.swap(), boot: -1})
	}
	for i := range disks {
		disks[i].node, disks[i].format, disks[i].bus = disks[i].id, "qcow2", s.diskBus()
	}
	return disks
}

// diskBus is the bus of disks that name none (Nova: the image's hw_disk_bus).
func (s *spec) diskBus() string { return cmp.Or(s.Properties["hw_disk_bus"], virtioBus) }

// volumeDisk is a volume's. Its nodes are called after its file, which changes in a swap; the device stays.
func (s *spec) volumeDisk(v volume) disk {
	d := disk{
		id: v.id(), node: volumeNode(v.Path), path: v.Path, format: "raw", shared: v.Shared, discard: true, serial: v.ID, boot: v.BootIndex,
		bus: v.On, cdrom: v.Type == "cdrom", readOnly: v.Type == "cdrom",
	}
	switch {
	case v.Slot < 0: // in the root disk's place
	case d.bus == virtioBus:
		d.port = portName(v.Slot)
	default:
		d.unit = firstVolumeUnit + v.Slot
	}
	return d
}

// volumeBus is the volume's bus: CD-ROMs have but one here.
func (s *spec) volumeBus(v driver.Volume) string {
	if v.Type == "cdrom" {
		return scsiBus
	}
	return cmp.Or(v.Bus, s.diskBus())
}

// volumeNode names the nodes of a volume's file: QEMU takes 31 letters at most.
func volumeNode(path string) string {
	sum := sha256.Sum256([]byte(path))
	return "v" + hex.EncodeToString(sum[:12])
}

func (d *disk) file() string { return "file-" + d.node }
func (d *disk) top() string  { return "node-" + d.node }

// nodes are the file and its format, the arguments of blockdev-add.
func (d *disk) nodes() []obj {
	file := obj{"driver": "file", "node-name": d.file(), "filename": d.path, "read-only": d.readOnly}
	format := obj{"driver": d.format, "node-name": d.top(), "file": d.file(), "read-only": d.readOnly}
	if d.size > 0 {
		format["size"] = d.size
	}
	if d.discard {
		file["discard"], format["discard"] = "unmap", "unmap"
	}
	return []obj{file, format}
}

// device is the guest's side, the arguments of device_add.
func (d *disk) device() obj {
	device := obj{"id": d.id, "drive": d.top()}
	switch {
	case d.bus == usbBus || d.bus == sataBus:
		d.rescueDevice(device)
	case d.cdrom:
		device["driver"], device["bus"], device["scsi-id"] = "scsi-cd", "scsi0.0", d.unit
	case d.bus == scsiBus:
		device["driver"], device["bus"], device["scsi-id"] = "scsi-hd", "scsi0.0", d.unit
	default:
		device["driver"] = "virtio-blk-pci"
		if d.port != "" {
			device["bus"] = d.port
		}
		if d.address > 0 {
			device["addr"] = fmt.Sprintf("%#x", d.address)
		}
	}
	if d.serial != "" { // guests see 20 letters of it on virtio, 36 on SCSI
		device["serial"] = d.serial
	}
	if d.shared && !d.cdrom {
		device["share-rw"] = true
	}
	if d.boot >= 0 {
		device["bootindex"] = d.boot
	}
	return device
}
