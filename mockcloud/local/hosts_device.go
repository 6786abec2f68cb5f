// SPDX-License-Identifier: MPL-2.0

package local

import (
	"fmt"
	"regexp"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// devices are the PCI devices of a host. Servers that ask for one get it in Nova's books alone: it is no part of
// their machine.
type devices []compute.PCIDevice

var (
	pciAddresses = regexp.MustCompile(`^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$`)
	pciIDs       = regexp.MustCompile(`^[0-9a-f]{4}$`)
	pciAliases   = regexp.MustCompile(`^[0-9A-Za-z._-]{1,255}$`)
)

func (d *devices) read(list *yaml.Node) error {
	for _, item := range list.Content {
		device, err := readDevice(item)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(*d, func(other compute.PCIDevice) bool { return other.Address == device.Address }) {
			return fmt.Errorf("line %d: there are two devices at %s", item.Line, device.Address)
		}
		*d = append(*d, device)
	}
	return nil
}

func readDevice(node *yaml.Node) (d compute.PCIDevice, err error) {
	id := func(to *string) rule {
		return rule{to, `four hexadecimal digits like "10de"`, func() bool { return pciIDs.MatchString(*to) }}
	}
	address := func(to *string) rule {
		return rule{to, `a PCI address like "0000:41:00.0"`, func() bool { return pciAddresses.MatchString(*to) }}
	}
	types := []string{"type-PCI", "type-PF", "type-VF"}
	err = readFields(node, "device", map[string]rule{
		"address":  address(&d.Address),
		"vendor":   id(&d.VendorID),
		"product":  id(&d.ProductID),
		"alias":    {&d.Alias, "letters, digits, dots, dashes and underscores", func() bool { return pciAliases.MatchString(d.Alias) }},
		"cell":     {&d.Cell, "the number of a NUMA cell, from 0", func() bool { return d.Cell >= 0 }},
		"type":     {&d.Type, fmt.Sprintf("one of %q", types), func() bool { return slices.Contains(types, d.Type) }},
		"physical": address(&d.Physical),
	})
	if err == nil && (d.Address == "" || d.VendorID == "" || d.ProductID == "") {
		err = fmt.Errorf("line %d: a device needs an address, a vendor and a product", node.Line)
	}
	return d, err
}

// checkCells refuses devices at NUMA cells that the host does not have.
func checkCells(node *yaml.Node, h Host) error {
	for _, d := range h.Devices {
		if d.Cell >= max(h.Cells, 1) {
			return fmt.Errorf("line %d: the device %s is at the NUMA cell %d, which the host %s does not have", node.Line, d.Address, d.Cell, h.Name)
		}
	}
	return nil
}
