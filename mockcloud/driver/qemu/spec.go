// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"fmt"
	"maps"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// spec is machine.json: what it takes to run the machine again.
type spec struct {
	// Complete is false until Spawn has ended well.
	Complete  bool   `json:"complete"`
	ID        string `json:"id"`
	Name      string `json:"name"`
	VCPUs     int    `json:"vcpus"`
	MemoryMiB int    `json:"memory_mib"`
	// Ephemeral is how many ephemeral disks it has.
	Ephemeral int   `json:"ephemeral"`
	Swap      bool  `json:"swap"`
	Config    bool  `json:"config_drive"`
	NICs      []nic `json:"nics"`
	// Volumes are those attached; the one with BootIndex 0, if any, stands in for the root disk.
	Volumes []volume `json:"volumes,omitempty"`
	// Rescue is the disk that it is rescued with, while it is.
	Rescue *rescue `json:"rescue,omitempty"`
	// Suspended: its memory is in the state file, and it is off.
	Suspended bool `json:"suspended,omitempty"`
	// Ports is how many root ports its QEMU has, or had when it was last on.
	Ports int `json:"ports"`
	// CPUs is how the guest sees them.
	CPUs driver.CPUTopology `json:"cpus,omitzero"`
	// Leaving and Arriving: a live migration takes it away, or here.
	Leaving  *departure `json:"leaving,omitempty"`
	Arriving *arrival   `json:"arriving,omitempty"`
	// Properties are the image's hw_* and os_*.
	Properties map[string]string `json:"properties,omitempty"`
}

// nic is a NIC in a root port; slot names it to QEMU, too.
type nic struct {
	driver.NIC

	Slot int `json:"slot"`
}

func (n nic) id() string { return fmt.Sprintf("net%d", n.Slot) }

// volume is a volume of the machine.
type volume struct {
	driver.Volume

	// Slot is a root port or, of a SCSI disk, its place among those of volumes. That of the volume which is booted
	// from is rootSlot.
	Slot int `json:"slot"`
	// On is the bus that it is on, whatever the machine's properties become.
	On string `json:"on"`
}

// id is its device's.
func (v volume) id() string {
	switch {
	case v.Slot == rootSlot:
		return "root"
	case v.On == scsiBus:
		return fmt.Sprintf("svol%d", v.Slot)
	}
	return fmt.Sprintf("vol%d", v.Slot)
}

// rescue is a rescue disk.
type rescue struct {
	Stable bool   `json:"stable"`
	Device string `json:"device"`
	Bus    string `json:"bus"`
	Slot   int    `json:"slot"` // root port, of one that is stable on virtio
	// Config: it has a config drive of its own.
	Config bool `json:"config_drive,omitempty"`
}

// clone shares nothing with s.
func (s *spec) clone() spec {
	c := *s
	c.NICs, c.Volumes, c.Properties = slices.Clone(s.NICs), slices.Clone(s.Volumes), maps.Clone(s.Properties)
	if s.Rescue != nil {
		r := *s.Rescue
		c.Rescue = &r
	}
	return c
}
