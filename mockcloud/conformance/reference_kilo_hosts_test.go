// SPDX-License-Identifier: MPL-2.0

package conformance

// kiloHosts is what administrators do with hosts.
func kiloHosts() []scene {
	return []scene{
		{"aggregates", acts(
			does("Create aggregate", "").saving("aggregate=aggregate.id"),
			does("List aggregates", ""),
			does("Show aggregate details", "$aggregate"),
			does("Add host", "$aggregate").with(object{"add_host": object{"host": "$idle"}}),
			does("Create or update aggregate metadata", "$aggregate"),
			does("Remove host", "$aggregate").with(object{"remove_host": object{"host": "$idle"}}),
			does("Update aggregate", "$aggregate"),
		)},
		{"hosts", acts(
			does("List hosts", ""),
			does("Enable host", "$quiet"),
			does("Show host details", "$quiet"),
			does("Reboot host", "$quiet"),
			does("Shut down host", "$quiet"),
			does("Start host", "$quiet"),
		)},
		{"services", acts(
			does("Log disabled service information", "").with(object{"host": "$idle"}),
			does("List services", "").asking("binary=nova-compute&host=$idle"),
			does("List disabled services", "").asking("binary=nova-compute&host=$idle"),
			does("Enable scheduling for a service", "").with(object{"host": "$idle"}),
			does("Disable scheduling for a service", "").with(object{"host": "$idle"}),
			does("Delete service", "").with(object{"host": "$leaving"}),
		)},
		{"hypervisors", acts(
			does("List hypervisors", "").saving("hypervisor=hypervisors.0.id"),
			does("Show hypervisor statistics", ""),
			does("Show hypervisor details", "$hypervisor"),
			does("Show hypervisor details #2", "$hypervisor $hypervisor"),
			does("Show hypervisor uptime", "$hypervisor $hypervisor"),
			does("List hypervisors with PCI statistics", ""),
			does("Show hypervisor with PCI statistics", "$hypervisor"),
		)},
		{"PCI devices", acts(
			step{op: "POST /flavors", body: object{"flavor": object{"name": "vf-$n", "ram": 64, "vcpus": 1, "disk": 1}}, save: "vf=flavor.id"},
			step{op: "POST /flavors/{flavor_id}/os-extra_specs", of: "$vf", body: object{"extra_specs": object{"pci_passthrough:alias": "vf:1"}}},
			boot(object{"flavorRef": "$vf"}),
			does("List PCI devices", "").saving("device=pci_devices.0.id"),
			does("List PCI devices with extra information", ""),
			does("Show PCI device with extra information", "$device"),
		)},
		{"bare metal nodes", acts(
			boot(nil),
			does("Add bare metal node", "$server").saving("node=node.id"),
			does("Add bare metal node", "$server").nth(1),
			does("Add interface to bare metal node", "$server"),
			does("List bare metal nodes", "$server"),
			does("Show bare metal node details", "$server $node"),
			does("Delete interface from bare metal node", "$server"),
			does("Delete bare metal node", "$server $node"),
		)},
		{"cells", acts(
			step{op: "POST /os-cells", body: object{"cell": object{
				"name": "cell-$n", "username": "username3", "password": "secret", "rpc_host": "compute-18", "type": "child",
			}}},
			does("List cells", ""),
			does("List cells with details", ""),
			does("Show cell data", "cell-$n"),
			does("Show cell capacities", "cell-$n"),
		)},
	}
}
