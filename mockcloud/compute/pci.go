// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// HostDevice is a PCI device of a host, and whose it is (Nova: pci_devices).
type HostDevice struct {
	PCIDevice
	Number     int64 // counts up from 1, over the devices of all hosts
	Hypervisor int64 // number of the hypervisor that it is at
	InstanceID string
}

// Free tells that no server has the device.
func (d *HostDevice) Free() bool { return d.InstanceID == "" }

// deviceRecord keeps a device's number over restarts.
type deviceRecord struct {
	Host, Address string
	Number        int64
}

const devicesByHost = "host"

var deviceRecords = store.Table[deviceRecord]{
	Name: "compute_pci_devices",
	Key:  func(d *deviceRecord) string { return deviceKey(d.Host, d.Address) },
	Indexes: []store.Index[deviceRecord]{
		{Name: devicesByHost, Of: func(d *deviceRecord) []string { return []string{d.Host} }},
	},
}

func deviceKey(host, address string) string { return host + "/" + address }

// recordDevices numbers the devices that the host has, and forgets those that it no longer has.
func recordDevices(tx store.Tx, host string, devices []PCIDevice) error {
	known, err := deviceRecords.By(tx, devicesByHost, host)
	if err != nil {
		return err
	}
	for _, record := range known {
		if slices.ContainsFunc(devices, func(d PCIDevice) bool { return d.Address == record.Address }) {
			continue
		}
		if err := deviceRecords.Delete(tx, deviceKey(host, record.Address)); err != nil {
			return err
		}
	}
	for _, d := range devices {
		_, err := deviceRecords.Get(tx, deviceKey(host, d.Address))
		if !errors.Is(err, store.ErrNotFound) {
			if err != nil {
				return err
			}
			continue
		}
		number, err := next(tx, deviceRecords.Name)
		if err == nil {
			err = deviceRecords.Insert(tx, &deviceRecord{Host: host, Address: d.Address, Number: number})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// PCIDevices tells every PCI device of the hosts, in the order of their numbers.
func (m *Manager) PCIDevices(ctx context.Context) (devices []*HostDevice, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		devices = nil
		hosts, err := m.hostsIn(tx)
		if err != nil {
			return err
		}
		for _, h := range hosts {
			own, err := devicesOf(tx, h)
			if err != nil {
				return err
			}
			devices = append(devices, own...)
		}
		slices.SortFunc(devices, byDeviceNumber)
		return nil
	})
	return devices, err
}

// HostDevices tells the PCI devices of a host, in the order of their numbers.
func (m *Manager) HostDevices(ctx context.Context, h *Host) (devices []*HostDevice, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		devices, err = devicesOf(tx, h)
		return err
	})
	return devices, err
}

// devicesOf are the host's devices. What a migration keeps for a server is that server's.
func devicesOf(tx store.Tx, h *Host) ([]*HostDevice, error) {
	taken, err := allocations.By(tx, allocationsWithParts, h.Name)
	if err != nil {
		return nil, err
	}
	owners := map[string]string{}
	for _, a := range taken {
		for _, address := range a.Devices {
			owners[address] = cmp.Or(a.Migrating, a.InstanceID)
		}
	}
	records, err := deviceRecords.By(tx, devicesByHost, h.Name)
	devices := make([]*HostDevice, 0, len(records))
	for _, record := range records {
		at := slices.IndexFunc(h.Devices, func(d PCIDevice) bool { return d.Address == record.Address })
		if at < 0 {
			continue
		}
		devices = append(devices, &HostDevice{
			PCIDevice: h.Devices[at], Number: record.Number, Hypervisor: h.Number, InstanceID: owners[record.Address],
		})
	}
	slices.SortFunc(devices, byDeviceNumber)
	return devices, err
}

func byDeviceNumber(a, b *HostDevice) int { return cmp.Compare(a.Number, b.Number) }
