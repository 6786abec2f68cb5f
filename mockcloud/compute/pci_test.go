// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// Devices keep their numbers when the cloud is started anew, whatever else its hosts were given or lost; those of a
// server stay its own.
func TestDevicesKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	device := func(slot int) compute.PCIDevice {
		return compute.PCIDevice{Address: fmt.Sprintf("0000:81:%02x.0", slot), VendorID: "10de", ProductID: "1db4", Alias: "gpu"}
	}
	c := start(t)
	with := func(hosts ...[]compute.PCIDevice) {
		t.Helper()
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		for i, devices := range hosts {
			c.config.Hosts[i].Devices = devices
		}
		m, err := compute.New(c.config)
		if err != nil {
			t.Fatal(err)
		}
		c.Manager = m
		t.Cleanup(func() { _ = m.Close() })
		if err := m.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	same := func(want string) {
		t.Helper()
		devices, err := c.PCIDevices(t.Context())
		var all []string
		for _, d := range devices {
			all = append(all, fmt.Sprintf("%d: host %d %s free %v", d.Number, d.Hypervisor, d.Address, d.Free()))
		}
		if got := strings.Join(all, "\n"); got != want || err != nil {
			t.Errorf("devices\n%s\nwant\n%s; %v", got, want, err)
		}
	}
	with([]compute.PCIDevice{device(1), device(2)}, []compute.PCIDevice{device(1)})
	inst := c.placed(t, func(r *compute.CreateRequest) {
		r.Flavor.ExtraSpecs = map[string]string{"pci_passthrough:alias": "gpu:2"}
	})
	on(t, "the host with two", inst, "host-1")
	same("1: host 1 0000:81:01.0 free false\n2: host 1 0000:81:02.0 free false\n3: host 2 0000:81:01.0 free true")
	with([]compute.PCIDevice{device(3), device(2)})
	same("2: host 1 0000:81:02.0 free false\n3: host 2 0000:81:01.0 free true\n4: host 1 0000:81:03.0 free true")

	c.config.Hosts[0].Devices = []compute.PCIDevice{device(1), device(1)}
	if _, err := compute.New(c.config); err == nil || err.Error() != `compute: host "host-1" has two PCI devices at 0000:81:01.0` {
		t.Errorf("two devices in one place: %v", err)
	}
}
