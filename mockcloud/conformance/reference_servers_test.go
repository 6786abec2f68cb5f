// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"net/http"
	"slices"
	"testing"
)

// The newest minor versions of the documents about servers; that of 2018 names the volume type of 2.67 too.
const (
	mitaka = 32
	stein  = 67
)

// servers2016 are the servers up to 2.32.
func servers2016() reference {
	return reference{
		file: "servers-2016.txt", read: readSource,
		deviations: func() map[string]deviation {
			misprints := []string{
				"OS-EXT-SERV-ATTR:hostname", "OS-EXT-SERV-ATTR:reservation_id", "OS-EXT-SERV-ATTR:launch_index", "OS-EXT-SERV-ATTR:kernel_id",
				"OS-EXT-SERV-ATTR:ramdisk_id", "OS-EXT-SERV-ATTR:root_device_name", "OS-EXT-SERV-ATTR:user_data",
			}
			return map[string]deviation{
				"List Servers Detailed": {unshown: append(misprints, "server"), why: "misprints of OS-EXT-SRV-ATTR, and of servers"},
				"Show Server Details":   {unshown: misprints, why: "misprints of OS-EXT-SRV-ATTR"},
				"Create Server": {
					unasked: []string{"os-availability-zone:availability_zone"}, why: "it is availability_zone, as in the document's sample",
				},
				"Update Server": {unshown: append(misprints, laterUpdated()...), why: "its answer has these since 2.75"},
			}
		},
		scenes: func(t testing.TB) []scene {
			return slices.Concat(serverLife(mitaka, 0, everything2016()), serverFilters(t, mitaka,
				"changes-since", "image", "flavor", "name", "status", "ip", "reservation_id", "all_tenants", "deleted", "ip6",
				"tags", "tags-any", "not-tags", "not-tags-any",
			), []scene{
				{"updates", acts(
					boot(nil),
					does("Update Server", "$server").nth(1).with(object{"server": object{"accessIPv4": "4.3.2.1", "accessIPv6": "80fe::"}}),
					does("Update Server", "$server").nth(2).with(object{"server": object{"OS-DCF:diskConfig": "AUTO"}}),
				)},
			})
		},
	}
}

// laterUpdated is what the update of a server does not show before 2.75.
func laterUpdated() []string {
	return []string{
		"key_name", "OS-EXT-AZ:availability_zone", "OS-EXT-SRV-ATTR:host", "OS-EXT-SRV-ATTR:hypervisor_hostname",
		"OS-EXT-SRV-ATTR:instance_name", "OS-EXT-STS:power_state", "OS-EXT-STS:task_state", "OS-EXT-STS:vm_state",
		"os-extended-volumes:volumes_attached", "OS-SRV-USG:launched_at", "OS-SRV-USG:terminated_at", "security_groups",
		"host_status",
	}
}

// servers2018 are the servers up to 2.66.
func servers2018() reference {
	return reference{
		file: "servers-2018.txt", read: readSource,
		deviations: func() map[string]deviation {
			placeholders := []string{"flavor.extra_specs.key", "flavor.extra_specs.value"}
			return map[string]deviation{
				"List Servers Detailed": {unshown: append(placeholders, "server"), why: "any key, any value; and a misprint of servers"},
				"Show Server Details":   {unshown: placeholders, why: "any key, any value"},
				"Update Server":         {unshown: placeholders, why: "any key, any value"},
			}
		},
		scenes: func(t testing.TB) []scene {
			return slices.Concat(serverLife(stein, 3, everything2018()), serverFilters(t, 66), []scene{
				{"automatic network", acts(
					does("Create Server", "").nth(2).saving("server=server.id").until("ACTIVE").full(),
				)},
				{"multiple create", acts(
					does("Create Multiple Servers", "").saving("reservation=reservation_id"),
					does("List Servers Detailed", "").asking("reservation_id=$reservation").full(),
					does("Create Multiple Servers", "").nth(1).with(object{"server": object{"return_reservation_id": "False"}}),
				)},
			})
		},
	}
}

// serverLife makes, lists, changes and deletes servers: with the document's samples, of which the one that the others
// show is the nth, and at its newest version with all the parameters that it names.
func serverLife(newest, nth int, all object) []scene {
	own := object{
		"server": object{
			"name": "sample-$n", "availability_zone": "nova", "flavorRef": "$numa", "networks": []object{{"uuid": "$network"}},
		},
		"OS-SCH-HNT:scheduler_hints": object{"same_host": "$mate"},
	}
	return []scene{
		{"samples", acts(
			step{op: "POST /flavors", body: object{"flavor": object{"name": "numa-$n", "ram": 64, "vcpus": 1, "disk": 1}}, save: "numa=flavor.id"},
			step{op: "POST /flavors/{flavor_id}/os-extra_specs", of: "$numa", body: object{"extra_specs": object{"hw:numa_nodes": "1"}}},
			boot(object{"name": "sample-$n"}),
			does("Create Server", "").nth(nth).with(own).saving("server=server.id").until("ACTIVE"),
			volume(), attach(),
			does("List Servers", "").asking("name=sample-$n&limit=1"),
			does("List Servers Detailed", "").asking("name=sample-$n&limit=1"),
			does("Show Server Details", "$server"),
			does("Update Server", "$server"),
			does("Delete Server", "$server").until("SOFT_DELETED"),
		)},
		{"sample", acts(
			does("Create Server", "").with(object{
				"server": object{"availability_zone": "nova"}, "OS-SCH-HNT:scheduler_hints": object{"same_host": "$mate"},
			}).saving("server=server.id").until("ACTIVE"),
		)},
		{"tagged devices", acts(
			does("Create Server", "").nth(1).with(object{"server": object{
				"networks": []object{{"uuid": "$network", "tag": "nic1"}},
				"block_device_mapping_v2": []object{{
					"uuid": "$image", "source_type": "image", "destination_type": "volume", "boot_index": 0, "volume_size": "1", "tag": "disk1",
				}},
			}}).saving("server=server.id").until("ACTIVE"),
		)},
		{"everything", acts(
			step{op: "POST /network/v2.0/ports", body: object{"port": object{"network_id": "$network"}}, save: "free=port.id"},
			does("Create Server", "").with(all).at(newest).saving("server=server.id").until("ACTIVE"),
			step{op: "PUT /servers/{server_id}/tags", of: "$server", body: object{"tags": []string{"red"}}, by: 26},
			does("List Servers", "").asking("name=new-server-test&limit=1").at(newest).full(),
			does("List Servers Detailed", "").asking("uuid=$server&limit=1").at(newest).full(),
			does("Show Server Details", "$server").at(newest).full(),
			does("Update Server", "$server").with(object{"server": object{"description": "of everything"}}).at(newest).full(),
			does("Create Server", "").with(object{
				"server":                     object{"availability_zone": "nova", "personality": gone, "networks": []object{{"uuid": "$network"}}},
				"OS-SCH-HNT:scheduler_hints": object{"same_host": "$mate", "different_host": "$mate"},
			}).at(newest).saving("server=server.id").until("ERROR"),
			does("List Servers Detailed", "").asking("uuid=$server").at(newest).full(),
			does("Show Server Details", "$server").at(newest).full(),
			does("Update Server", "$server").with(object{"server": object{"description": "in error"}}).at(newest).full(),
		)},
	}
}

// everything2016 is a server with all that can be asked for.
func everything2016() object {
	return object{
		"server": object{
			"availability_zone": "nova", "adminPass": "MySecretPass", "config_drive": true, "key_name": "$keypair", "description": "of everything",
			"networks": []object{{"uuid": "$network", "fixed_ip": "$ip", "tag": "nic1"}, {"port": "$free"}},
			"block_device_mapping_v2": []object{
				{"uuid": "$image", "source_type": "image", "destination_type": "local", "boot_index": 0, "delete_on_termination": true},
				{
					"source_type": "blank", "destination_type": "volume", "volume_size": 1, "boot_index": -1, "delete_on_termination": true,
					"device_name": "/dev/vdb", "guest_format": "ext4", "tag": "disk1",
				},
			},
		},
		"OS-SCH-HNT:scheduler_hints": gone, "os:scheduler_hints": object{"same_host": "$mate"},
	}
}

// everything2018 is what there was two years later.
func everything2018() object {
	all := everything2016()
	server := all["server"].(object)
	server["personality"], server["tags"], server["trusted_image_certificates"] = gone, []string{"red"}, []string{"0b5d2c72-12cc-4ba6-a8d7-3ff5cc1d8cb8"}
	devices := server["block_device_mapping_v2"].([]object)
	devices[1]["device_type"], devices[1]["disk_bus"], devices[1]["volume_type"] = "disk", "virtio", "lvm-1"
	server["block_device_mapping_v2"] = append(devices, object{"device_name": "/dev/vdc", "no_device": true, "boot_index": -1})
	all["os:scheduler_hints"] = object{
		"same_host": "$mate", "different_host": []string{"8c19174f-4220-44f0-824a-cd1eeef10287"}, "group": "$hint", "query": "[\">=\", 2, 1]",
		"build_near_host_ip": "127.0.0.1", "cidr": "/24", "different_cell": "cell2", "target_cell": "cell1",
	}
	return all
}

// actions2016 are the actions of servers, at the first version and at the newest of the time.
func actions2016() reference {
	return reference{
		file: "servers-actions-2016.txt", read: readSource,
		deviations: func() map[string]deviation {
			return map[string]deviation{
				"Rescue Server (rescue Action)": {code: http.StatusOK, why: "it answers with the password"},
			}
		},
		scenes: func(testing.TB) []scene {
			return slices.Concat(serverActs(1, "2.1: "), serverActs(mitaka, "2.32: "))
		},
	}
}

// serverActs does every action.
func serverActs(minor int, prefix string) []scene {
	all := []scene{
		{"power", acts(
			boot(nil),
			does("Stop Server (os-stop Action)", "$server").until("SHUTOFF"),
			does("Start Server (os-start Action)", "$server").until("ACTIVE"),
			does("Reboot Server (reboot Action)", "$server").until("ACTIVE"),
			does("Pause Server (pause Action)", "$server").until("PAUSED"),
			does("Unpause Server (unpause Action)", "$server").until("ACTIVE"),
			does("Suspend Server (suspend Action)", "$server").until("SUSPENDED"),
			does("Resume Suspended Server (resume Action)", "$server").until("ACTIVE"),
			does("Rescue Server (rescue Action)", "$server").with(object{"rescue": object{"rescue_image_ref": "$image"}}).until("RESCUE"),
			does("Unrescue Server (unrescue Action)", "$server").until("ACTIVE"),
			does("Change Administrative Password (changePassword Action)", "$server").until("ACTIVE"),
			does("Lock Server (lock Action)", "$server"),
			does("Unlock Server (unlock Action)", "$server"),
		)},
		{"disks", acts(
			boot(nil),
			does("Create Image (createImage Action)", "$server").until("ACTIVE"),
			does("Rebuild Server (rebuild Action)", "$server").with(object{"rebuild": object{
				"imageRef": "$image", "name": "foobar", "adminPass": "seekr3t", "metadata": object{"meta_var": "meta_val"},
				"personality": []object{{"path": "/etc/banner.txt", "contents": "aGVsbG8="}}, "preserve_ephemeral": false,
			}}).until("ACTIVE"),
			does("Resize Server (resize Action)", "$server").with(object{"resize": object{"flavorRef": "$bigger"}}).until("VERIFY_RESIZE"),
			does("Confirm Resized Server (confirmResize Action)", "$server").until("ACTIVE"),
			do("resize", object{"flavorRef": "$flavor"}, "VERIFY_RESIZE"),
			does("Revert Resized Server (revertResize Action)", "$server").until("ACTIVE"),
		)},
		{"network", acts(
			boot(nil),
			step{op: "GET /servers/{id}", of: "$server", save: "fixed=server.addresses.private.0.addr"},
			step{op: "POST /network/v2.0/floatingips", body: object{"floatingip": object{"floating_network_id": "$public"}}, save: "floating=floatingip.floating_ip_address"},
			does("Add (Associate) Floating Ip (addFloatingIp Action)", "$server").with(object{
				"floating_ip": gone, "addFloatingIp": object{"address": "$floating", "fixed_address": "$fixed"},
			}).until("ACTIVE"),
			does("Remove (Disassociate) Floating Ip (removeFloatingIp Action)", "$server").
				with(object{"removeFloatingIp": object{"address": "$floating"}}).until("ACTIVE"),
			step{op: "POST /network/v2.0/security-groups", body: object{"security_group": object{"name": "group-$n"}}, save: "group=security_group.id"},
			does("Add Security Group To A Server (addSecurityGroup Action)", "$server").with(object{"addSecurityGroup": object{"name": "group-$n"}}),
			does("Remove Security Group From A Server (removeSecurityGroup Action)", "$server").
				with(object{"removeSecurityGroup": object{"name": "group-$n"}}),
		)},
	}
	for i := range all {
		all[i].name = prefix + all[i].name
		for j := range all[i].rows {
			if all[i].rows[j].does != "" {
				all[i].rows[j].by = minor
			}
		}
	}
	return all
}
