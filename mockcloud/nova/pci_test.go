// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// The devices of the hosts are told with who has them: a flavor asks for one by its alias.
func TestPCIDevices(t *testing.T) {
	t.Parallel()
	cloud := start(t, func(o *mockcloud.Options) {
		driver, err := sim.New(sim.Options{Clock: clock.Wall()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = driver.Close() })
		host := mockcloud.SimulatedHost("compute-1", driver)
		host.Devices[1].Type, host.Devices[1].Physical = "type-VF", host.Devices[0].Address
		o.Hosts = []compute.HostSpec{host}
	})
	admin := cloud.admin
	admin.kilo(t, http.MethodPost, "/flavors", object{"flavor": object{"id": "pci", "name": "pci", "ram": 64, "vcpus": 1, "disk": 0}}, http.StatusOK)
	admin.kilo(t, http.MethodPost, "/flavors/os-flavor-extra-specs/pci", object{"extra_specs": object{"pci_passthrough:alias": "gpu:1"}}, http.StatusCreated)
	same(t, "devices", admin.kilo(t, http.MethodGet, "/os-pci", nil, http.StatusOK)["pci_devices"].([]any), []any{
		object{"id": 1.0, "address": "0000:41:00.0", "vendor_id": "10de", "product_id": "1db4", "status": "available", "compute_node_id": 1.0},
		object{"id": 2.0, "address": "0000:81:00.0", "vendor_id": "10de", "product_id": "1db4", "status": "available", "compute_node_id": 1.0},
	})
	stats := func() []any {
		list := admin.kilo(t, http.MethodGet, "/os-hypervisors/os-pci", nil, http.StatusOK)
		shown := admin.kilo(t, http.MethodGet, "/os-hypervisors/1/os-pci", nil, http.StatusOK)["hypervisor"]
		same(t, "the hypervisor in the list", part(list, "hypervisors", 0), shown)
		return shown.(object)["os-pci:pci_stats"].([]any)
	}
	pool := func(cell float64) object {
		return object{"count": 1.0, "vendor_id": "10de", "product_id": "1db4", "numa_node": cell}
	}
	same(t, "pools", stats(), []any{pool(0), pool(1)})

	server := admin.boot(t, "accelerated", object{"flavorRef": "pci"})
	same(t, "pools", stats(), []any{pool(1)})
	taken := admin.kilo(t, http.MethodGet, "/os-pci/1", nil, http.StatusOK)["pci_device"]
	same(t, "device", taken, any(object{
		"id": 1.0, "address": "0000:41:00.0", "vendor_id": "10de", "product_id": "1db4", "status": "allocated", "compute_node_id": 1.0,
		"dev_type": "type-PCI", "dev_id": "pci_0000_41_00_0", "label": "label_10de_1db4", "server_uuid": server, "extra_info": object{},
	}))
	detail := admin.kilo(t, http.MethodGet, "/os-pci/detail", nil, http.StatusOK)
	same(t, "device in the list", part(detail, "pci_devices", 0), taken)
	same(t, "type", part(detail, "pci_devices", 1, "dev_type"), any("type-VF"))
	same(t, "function", part(detail, "pci_devices", 1, "extra_info"), any(object{"phys_function": "0000:41:00.0"}))
	same(t, "server", part(detail, "pci_devices", 1, "server_uuid"), nil)

	admin.nova(t, 3, http.MethodDelete, "/servers/"+server, nil).empty(t, http.StatusNoContent)
	admin.gone(t, server)
	same(t, "pools", stats(), []any{pool(0), pool(1)})
	admin.nova(t, 3, http.MethodGet, "/os-pci/9", nil).refused(t, http.StatusNotFound, "PCI device 9 not found")
	cloud.demo.kilo(t, http.MethodGet, "/os-pci", nil, http.StatusForbidden)
	admin.kilo(t, http.MethodGet, "/os-hypervisors/1/1", nil, http.StatusOK)
	admin.kilo(t, http.MethodGet, "/os-hypervisors/1/1/uptime", nil, http.StatusOK)
	admin.kilo(t, http.MethodGet, "/os-hypervisors/1/2", nil, http.StatusNotFound)
	admin.nova(t, 36, http.MethodGet, "/os-pci", nil).refused(t, http.StatusNotFound, "API version 2.36 is not supported on this method.")
}
