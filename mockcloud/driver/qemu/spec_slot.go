// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// rootSlot is the place of the volume that is booted from: the root disk's own, which nothing is plugged into while
// the machine runs.
const rootSlot = -1

// maxVolumeUnits is how many volumes the SCSI controller has room for.
const maxVolumeUnits = configUnit - firstVolumeUnit

var (
	errNoPort = errors.New("no free PCI slot is left to plug a device into; those that are plugged in after the next power-on leave room again")
	errNoUnit = errors.New("the SCSI controller has no room for another disk")
)

// newSpec is the spec of a machine that is to be. Its volumes are in the order of their names.
func newSpec(m *driver.Machine) spec {
	s := spec{
		ID: m.ID, Name: m.Name, VCPUs: m.VCPUs, MemoryMiB: m.MemoryMiB, CPUs: m.CPUs,
		Ephemeral: len(m.EphemeralGiB), Swap: m.SwapMiB > 0, Config: len(m.ConfigDrive) > 0, Properties: m.Properties,
	}
	for _, n := range m.NICs {
		_ = s.addNIC(n, maxRootPorts) // checkDisks tells of what has found no room
	}
	sorted := slices.Clone(m.Volumes)
	slices.SortStableFunc(sorted, func(a, b driver.Volume) int {
		return cmp.Or(cmp.Compare(len(a.Device), len(b.Device)), cmp.Compare(a.Device, b.Device))
	})
	for _, v := range sorted {
		_ = s.addVolume(v, maxRootPorts)
	}
	s.Ports = s.ports()
	return s
}

// checkDisks refuses disks that machines of QEMU do not have. s is the machine as newSpec made it.
func (s *spec) checkDisks(m *driver.Machine) error {
	if bus := s.diskBus(); bus != virtioBus && bus != scsiBus {
		return fmt.Errorf("disks on the bus %q are not supported by QEMU machines", bus)
	}
	for _, v := range m.Volumes {
		if err := s.takes(v); err != nil {
			return err
		}
	}
	if len(s.NICs) < len(m.NICs) || len(s.Volumes) < len(m.Volumes) {
		return errNoPort
	}
	return nil
}

// takes refuses a volume that is no disk of a QEMU machine's.
func (s *spec) takes(v driver.Volume) error {
	if on := s.volumeBus(v); on != virtioBus && on != scsiBus {
		return fmt.Errorf("disks on the bus %q are not supported by QEMU machines", on)
	}
	if !slices.Contains([]string{"", "disk", "lun", "cdrom"}, v.Type) {
		return fmt.Errorf("devices of the type %q are not supported by QEMU machines", v.Type)
	}
	return nil
}

// addVolume gives the volume its place, on a machine with that many root ports.
func (s *spec) addVolume(v driver.Volume, ports int) error {
	on, slot := s.volumeBus(v), rootSlot
	if v.BootIndex != 0 || s.rootVolume() != nil {
		var err error
		if slot, err = s.slot(on, ports); err != nil {
			return err
		}
	}
	s.Volumes = append(s.Volumes, volume{Volume: v, Slot: slot, On: on})
	return nil
}

// addNIC gives the NIC a root port, on a machine with that many.
func (s *spec) addNIC(n driver.NIC, ports int) error {
	slot, err := s.slot(virtioBus, ports)
	if err == nil {
		s.NICs = append(s.NICs, nic{n, slot})
	}
	return err
}

// slot is the first free place on a bus, of a machine with that many root ports.
func (s *spec) slot(bus string, ports int) (int, error) {
	limit, used, none := ports, s.slots(), errNoPort
	if bus == scsiBus {
		limit, used, none = maxVolumeUnits, s.units(), errNoUnit
	}
	for n := range limit {
		if !used[n] {
			return n, nil
		}
	}
	return 0, none
}

// slots are the root ports that are taken.
func (s *spec) slots() map[int]bool {
	used := map[int]bool{}
	for _, n := range s.NICs {
		used[n.Slot] = true
	}
	for _, v := range s.Volumes {
		if v.On != scsiBus && v.Slot >= 0 {
			used[v.Slot] = true
		}
	}
	if r := s.Rescue; r != nil && r.Stable && r.Bus == virtioBus {
		used[r.Slot] = true
	}
	return used
}

// units are the places of volumes on the SCSI controller that are taken.
func (s *spec) units() map[int]bool {
	used := map[int]bool{}
	for _, v := range s.Volumes {
		if v.On == scsiBus {
			used[v.Slot] = true
		}
	}
	return used
}

// ports is how many root ports a machine that is powered on gets.
func (s *spec) ports() int {
	top := 0
	for n := range s.slots() {
		top = max(top, n+1)
	}
	return min(top+hotplugPorts, maxRootPorts)
}

// volumeAt is the place of a volume among the machine's, or -1.
func (s *spec) volumeAt(id string) int {
	return slices.IndexFunc(s.Volumes, func(v volume) bool { return v.ID == id })
}

// nicAt is the place of a port's NIC, or -1.
func (s *spec) nicAt(portID string) int {
	return slices.IndexFunc(s.NICs, func(n nic) bool { return n.PortID == portID })
}

// rootVolume is the volume that is booted from in place of a root disk; nil when there is none.
func (s *spec) rootVolume() *volume {
	at := slices.IndexFunc(s.Volumes, func(v volume) bool { return v.Slot == rootSlot })
	if at < 0 {
		return nil
	}
	return &s.Volumes[at]
}
