// SPDX-License-Identifier: MPL-2.0

package qemu

import "fmt"

// diskArguments are the machine's disks.
func (m *machine) diskArguments(s *spec) []string {
	var args []string
	for _, d := range m.disks(s) {
		args = append(args, d.arguments()...)
	}
	return args
}

// disk is a disk of a machine, in the order of the guest's names for them.
type disk struct {
	id, path, format string
	readOnly, boot   bool
}

func (m *machine) disks(s *spec) []disk {
	disks := []disk{{id: "root", path: m.root(), format: "qcow2", boot: true}}
	for n := range s.Ephemeral {
		disks = append(disks, disk{id: fmt.Sprintf("eph%d", n), path: m.ephemeral(n), format: "qcow2"})
	}
	if s.Swap {
		disks = append(disks, disk{id: "swap", path: m.swap(), format: "qcow2"})
	}
	if s.Config {
		disks = append(disks, disk{id: "config", path: m.config(), format: "raw", readOnly: true})
	}
	return disks
}

func (d disk) arguments() []string {
	device := obj{"driver": "virtio-blk-pci", "id": d.id, "drive": "node-" + d.id}
	if d.boot {
		device["bootindex"] = 0
	}
	return []string{
		"-blockdev", encode(obj{"driver": "file", "node-name": "file-" + d.id, "filename": d.path, "read-only": d.readOnly}),
		"-blockdev", encode(obj{"driver": d.format, "node-name": "node-" + d.id, "file": "file-" + d.id, "read-only": d.readOnly}),
		"-device", encode(device),
	}
}
