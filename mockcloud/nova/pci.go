// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// PCIDevice is a PCI device of a host in a list.
type PCIDevice struct {
	ID         int64  `json:"id"`
	Address    string `json:"address"` // "0000:04:10.0"
	VendorID   string `json:"vendor_id"`
	ProductID  string `json:"product_id"`
	Status     string `json:"status"`          // "available", "allocated"
	Hypervisor int64  `json:"compute_node_id"` // as numbered before 2.53
}

// PCIDeviceDetail is a PCI device with all that is known of it.
type PCIDeviceDetail struct {
	PCIDevice
	Type       string            `json:"dev_type"` // "type-PCI", "type-PF", "type-VF"
	Label      string            `json:"label"`    // "label_8086_1520"
	ServerID   *string           `json:"server_uuid"`
	DeviceID   string            `json:"dev_id"` // as libvirt names it: "pci_0000_04_10_0"
	Properties map[string]string `json:"extra_info"`
}

func (s *Service) pciRoutes() []api.Route {
	const path = "/os-pci"
	return []api.Route{
		api.Get(path, "pci_devices", s.listPCIDevices).Policy(rule("os-pci:index")),
		api.Get(path+"/detail", "pci_devices", s.listPCIDevicesInDetail).Policy(rule("os-pci:detail")),
		api.Get(path+"/{id}", "pci_device", s.showPCIDevice).Policy(rule("os-pci:show")),
	}
}

func pciView(d *compute.HostDevice) PCIDevice {
	return PCIDevice{
		ID: d.Number, Address: d.Address, VendorID: d.VendorID, ProductID: d.ProductID,
		Status: onOff(d.Free(), "available", "allocated"), Hypervisor: d.Hypervisor,
	}
}

func pciDetail(d *compute.HostDevice) PCIDeviceDetail {
	detail := PCIDeviceDetail{
		PCIDevice: pciView(d), Type: cmp.Or(d.Type, "type-PCI"), Label: "label_" + d.VendorID + "_" + d.ProductID,
		ServerID: nullable(d.InstanceID), DeviceID: "pci_" + strings.NewReplacer(":", "_", ".", "_").Replace(d.Address),
		Properties: map[string]string{},
	}
	if d.Physical != "" {
		detail.Properties["phys_function"] = d.Physical
	}
	return detail
}

func (s *Service) listPCIDevices(c *api.Call) ([]PCIDevice, error) { return pciDevices(s, c, pciView) }

func (s *Service) listPCIDevicesInDetail(c *api.Call) ([]PCIDeviceDetail, error) {
	return pciDevices(s, c, pciDetail)
}

// pciDevices are those of all hosts, as view shows them.
func pciDevices[T any](s *Service, c *api.Call, view func(*compute.HostDevice) T) ([]T, error) {
	all, err := s.Compute.PCIDevices(c.Context())
	views := make([]T, len(all))
	for i, d := range all {
		views[i] = view(d)
	}
	return views, err
}

func (s *Service) showPCIDevice(c *api.Call) (PCIDeviceDetail, error) {
	all, err := s.Compute.PCIDevices(c.Context())
	if err != nil {
		return PCIDeviceDetail{}, err
	}
	for _, d := range all {
		if strconv.FormatInt(d.Number, 10) == c.Var("id") {
			return pciDetail(d), nil
		}
	}
	return PCIDeviceDetail{}, api.NotFound("PCI device %s not found", c.Var("id"))
}
