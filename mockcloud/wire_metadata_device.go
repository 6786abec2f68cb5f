// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/metadata"
)

// noteDevices tells the guest of the devices that the user tagged, where it sees them, of its shares, and in the EC2
// form of its disks.
func noteDevices(m *metadata.Instance, inst *compute.Instance, seen []driver.Device) {
	address := func(volumeID, portID string) string {
		at := slices.IndexFunc(seen, func(d driver.Device) bool { return d.VolumeID == volumeID && d.PortID == portID })
		if at < 0 {
			return ""
		}
		return seen[at].Address
	}
	for _, vif := range inst.VIFs {
		if vif.Tag != "" {
			m.Devices = append(m.Devices, metadata.Device{
				Type: "nic", Bus: "pci", Address: address("", vif.PortID), MAC: vif.MAC, Tags: []string{vif.Tag},
			})
		}
	}
	for i := range inst.BlockDevices {
		b := &inst.BlockDevices[i]
		if b.Tag != "" {
			m.Devices = append(m.Devices, metadata.Device{
				Type: "disk", Bus: guestBuses[inst.DiskBus(b)], Address: address(b.VolumeID, ""), Serial: b.VolumeID, Path: b.Device,
				Tags: []string{b.Tag},
			})
		}
		switch {
		case b.OnVolume():
			m.EC2.Volumes = append(m.EC2.Volumes, b.Device)
		case b.Swap():
			m.EC2.Swap = b.Device
		case b.Source == compute.SourceBlank:
			m.EC2.Ephemerals = append(m.EC2.Ephemerals, b.Device)
		}
	}
	for _, s := range inst.Shares {
		m.Devices = append(m.Devices, metadata.Device{Type: "share", ShareID: s.ShareID, Tag: s.Tag})
	}
}

// guestBuses are the buses on which guests see disks of Nova's buses; those of others are on none.
var guestBuses = map[string]string{
	"virtio": "pci", "scsi": "scsi", "sata": "scsi", "ide": "ide", "usb": "usb", "xen": "xen",
}
