// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.DeviceTeller = (*Driver)(nil)

// Devices gives each NIC and then each volume a slot of its own.
func (d *Driver) Devices(_ context.Context, id string) ([]driver.Device, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	m, err := d.find(id)
	if err != nil {
		return nil, err
	}
	var devices []driver.Device
	for _, n := range m.NICs {
		devices = append(devices, driver.Device{PortID: n.PortID})
	}
	for _, v := range m.Volumes {
		devices = append(devices, driver.Device{VolumeID: v.ID})
	}
	for n := range devices {
		devices[n].Bus, devices[n].Address = "pci", fmt.Sprintf("0000:%02x:00.0", n+1)
	}
	return devices, nil
}
