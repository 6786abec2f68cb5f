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
	// Properties are the image's hw_* and os_*.
	Properties map[string]string `json:"properties,omitempty"`
}

// nic is a NIC in a root port; slot names it to QEMU, too.
type nic struct {
	driver.NIC

	Slot int `json:"slot"`
}

func (n nic) id() string { return fmt.Sprintf("net%d", n.Slot) }

// volume is a volume in a root port.
type volume struct {
	driver.Volume

	Slot int `json:"slot"`
}

func (v volume) id() string { return fmt.Sprintf("vol%d", v.Slot) }

// rescue is a rescue disk.
type rescue struct {
	Stable bool   `json:"stable"`
	Device string `json:"device"`
	Bus    string `json:"bus"`
}

// newSpec is the spec of a machine that is to be.
func newSpec(m *driver.Machine) spec {
	s := spec{
		ID: m.ID, Name: m.Name, VCPUs: m.VCPUs, MemoryMiB: m.MemoryMiB,
		Ephemeral: len(m.EphemeralGiB), Swap: m.SwapMiB > 0, Config: len(m.ConfigDrive) > 0, Properties: m.Properties,
	}
	for _, n := range m.NICs {
		s.NICs = append(s.NICs, nic{n, s.slot()})
	}
	for _, v := range m.Volumes {
		s.Volumes = append(s.Volumes, volume{v, s.slot()})
	}
	s.Ports = s.ports()
	return s
}

// slot is the first root port that is free.
func (s *spec) slot() int {
	used := s.slots()
	for n := 0; ; n++ {
		if !used[n] {
			return n
		}
	}
}

func (s *spec) slots() map[int]bool {
	used := map[int]bool{}
	for _, n := range s.NICs {
		used[n.Slot] = true
	}
	for _, v := range s.Volumes {
		used[v.Slot] = true
	}
	return used
}

// ports is how many root ports a machine that is powered on gets.
func (s *spec) ports() int {
	top := 0
	for n := range s.slots() {
		top = max(top, n+1)
	}
	return top + hotplugPorts
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
