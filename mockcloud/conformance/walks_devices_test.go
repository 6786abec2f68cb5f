// SPDX-License-Identifier: MPL-2.0

package conformance

// deviceWalks are what servers are plugged into.
func deviceWalks() []walk {
	return []walk{
		{name: "interfaces", steps: []step{
			boot(nil),
			{op: "POST /network/v2.0/ports", body: object{"port": object{"network_id": "$network"}}, save: "free=port.id"},
			{
				op: "POST /servers/{server_id}/os-interface", of: "$server", body: object{"interfaceAttachment": object{"net_id": "$network"}},
				save: "port=interfaceAttachment.port_id",
			},
			{op: "GET /servers/{server_id}/os-interface", of: "$server"},
			{op: "GET /servers/{server_id}/os-interface/{id}", of: "$server $port"},
			{op: "DELETE /servers/{server_id}/os-interface/{id}", of: "$server $port", until: "ACTIVE"},
			drop(),
		}},
		{name: "addresses", needs: act + "addFixedIp", steps: []step{
			boot(nil),
			do("addFixedIp", object{"networkId": "$network"}, "ACTIVE"),
			{op: "GET /servers/{id}", of: "$server", save: "fixed=server.addresses.private.0.addr address=server.addresses.private.1.addr", versions: "-2.43"},
			do("removeFixedIp", object{"address": "$address"}, "ACTIVE"),
			{op: "POST /network/v2.0/floatingips", body: object{"floatingip": object{"floating_network_id": "$public"}}, save: "floating=floatingip.floating_ip_address fip=floatingip.id"},
			do("addFloatingIp", object{"address": "$floating"}, "ACTIVE"),
			do("removeFloatingIp", object{"address": "$floating"}, "ACTIVE"),
			drop(),
			{op: "DELETE /network/v2.0/floatingips/$fip"},
		}},
		{name: "security groups of servers", steps: []step{
			boot(nil),
			{op: "POST /network/v2.0/security-groups", body: object{"security_group": object{"name": "group-$n"}}, save: "group=security_group.id"},
			do("addSecurityGroup", object{"name": "group-$n"}, ""),
			do("removeSecurityGroup", object{"name": "group-$n"}, ""),
			drop(),
			{op: "DELETE /network/v2.0/security-groups/$group"},
		}},
		{name: "volumes of servers", steps: []step{
			boot(nil),
			volume(),
			{
				op: "POST /servers/{server_id}/os-volume_attachments", of: "$server", versions: "-2.48", until: "volume in-use",
				body: object{"volumeAttachment": object{"volumeId": "$volume"}},
			},
			{
				op: "POST /servers/{server_id}/os-volume_attachments", of: "$server", versions: "2.49-", until: "volume in-use",
				body: object{"volumeAttachment": object{"volumeId": "$volume", "tag": "foo"}},
			},
			{op: "GET /servers/{server_id}/os-volume_attachments", of: "$server"},
			{op: "GET /servers/{server_id}/os-volume_attachments/{id}", of: "$server $volume", save: "device=volumeAttachment.device"},
			{
				op: "PUT /servers/{server_id}/os-volume_attachments/{id}", of: "$server $volume", versions: "2.85-",
				body: object{"volumeAttachment": object{
					"volumeId": "$volume", "delete_on_termination": true, "device": "$device", "tag": "foo", "id": "$volume", "serverId": "$server",
				}},
			},
			{op: "DELETE /servers/{server_id}/os-volume_attachments/{id}", of: "$server $volume", until: "volume available"},
			drop(),
			{op: "DELETE /volume/v3/$project/volumes/$volume"},
		}},
		{name: "volumes that are swapped", steps: []step{
			boot(nil),
			volume(),
			{op: "GET /volume/v3/$project/volumes/$volume", save: "second=volume.id"},
			volume(),
			attach(),
			{
				op: "PUT /servers/{server_id}/os-volume_attachments/{id}", of: "$server $volume",
				body: object{"volumeAttachment": object{"volumeId": "$second"}}, until: "volume available",
			},
			drop(),
		}},
		{name: "assisted snapshots", steps: []step{
			boot(nil),
			volume(),
			attach(),
			{op: "POST /os-assisted-volume-snapshots", body: object{"snapshot": object{"volume_id": "$volume", "create_info": object{
				"snapshot_id": "421752a6-acf6-4b2d-bc7a-119f9148cd8c", "type": "qcow2", "new_file": "new_file_name",
			}}}},
			{
				op: "DELETE /os-assisted-volume-snapshots/{id}", of: "421752a6-acf6-4b2d-bc7a-119f9148cd8c",
				query: "delete_info=%7B%22volume_id%22%3A%22$volume%22%7D",
			},
			drop(),
		}},
		{name: "shares", steps: []step{
			boot(nil),
			do("os-stop", nil, "SHUTOFF"),
			{
				op: "POST /servers/{server_id}/shares", of: "$server",
				body: object{"share": object{"share_id": "e8debdc0-447a-4376-a10a-4cd9122d7986", "tag": "walk"}},
			},
			{op: "GET /servers/{server_id}/shares", of: "$server"},
			{op: "GET /servers/{server_id}/shares/{id}", of: "$server e8debdc0-447a-4376-a10a-4cd9122d7986"},
			{op: "DELETE /servers/{server_id}/shares/{id}", of: "$server e8debdc0-447a-4376-a10a-4cd9122d7986"},
			drop(),
		}},
	}
}

// proxyWalks are what Nova passes on to its neighbours.
func proxyWalks() []walk {
	return []walk{
		{name: "images", steps: []step{
			{op: "POST /image/v2/images", body: object{"name": "walk-$n", "disk_format": "raw", "container_format": "bare"}, save: "made=id"},
			{op: "POST /images/{image_id}/metadata", of: "$made", body: object{"metadata": object{"auto_disk_config": "True", "b": "2"}}},
			{op: "GET /images"},
			{op: "GET /images/detail"},
			{op: "GET /images/{id}", of: "$made"},
			{op: "GET /images/{image_id}/metadata", of: "$made"},
			{op: "PUT /images/{image_id}/metadata/{id}", of: "$made auto_disk_config", body: object{"meta": object{"auto_disk_config": "False"}}},
			{op: "GET /images/{image_id}/metadata/{id}", of: "$made auto_disk_config"},
			{op: "DELETE /images/{image_id}/metadata/{id}", of: "$made auto_disk_config"},
			{op: "PUT /images/{image_id}/metadata", of: "$made", body: object{"metadata": object{"c": "4"}}},
			{op: "DELETE /images/{id}", of: "$made"},
		}},
		{name: "networks", steps: []step{
			{op: "GET /os-networks"},
			{op: "GET /os-networks/{id}", of: "$network"},
			{op: "GET /os-tenant-networks"},
			{op: "GET /os-tenant-networks/{id}", of: "$network"},
		}},
		{name: "floating IPs", steps: []step{
			{op: "GET /os-floating-ip-pools"},
			{op: "POST /os-floating-ips", body: object{"pool": "public"}, save: "fip=floating_ip.id"},
			{op: "GET /os-floating-ips"},
			{op: "GET /os-floating-ips/{id}", of: "$fip"},
			{op: "DELETE /os-floating-ips/{id}", of: "$fip"},
		}},
		{name: "security groups", steps: []step{
			{op: "POST /os-security-groups", body: object{"security_group": object{"name": "walk-$n", "description": "d"}}, save: "group=security_group.id"},
			{op: "GET /os-security-groups"},
			{op: "GET /os-security-groups/{id}", of: "$group"},
			{op: "PUT /os-security-groups/{id}", of: "$group", body: object{"security_group": object{"name": "walked-$n", "description": "e"}}},
			{op: "POST /os-security-group-rules", body: object{"security_group_rule": object{
				"parent_group_id": "$group", "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr": "10.0.0.0/24",
			}}, save: "rule=security_group_rule.id"},
			{op: "DELETE /os-security-group-rules/{id}", of: "$rule"},
			{op: "DELETE /os-security-groups/{id}", of: "$group"},
		}},
		{name: "volumes", steps: []step{
			{op: "POST /os-volumes", body: object{"volume": object{"size": 1, "display_name": "walk-$n"}}, save: "volume=volume.id", until: "volume available"},
			{op: "GET /os-volumes"},
			{op: "GET /os-volumes/detail"},
			{op: "GET /os-volumes/{id}", of: "$volume"},
			{op: "POST /os-snapshots", body: object{"snapshot": object{"volume_id": "$volume", "display_name": "walk-$n"}}, save: "snapshot=snapshot.id", until: "snapshot available"},
			{op: "GET /os-snapshots"},
			{op: "GET /os-snapshots/detail"},
			{op: "GET /os-snapshots/{id}", of: "$snapshot"},
			{op: "DELETE /os-snapshots/{id}", of: "$snapshot", until: "snapshot gone"},
			{op: "DELETE /os-volumes/{id}", of: "$volume"},
		}},
		{name: "servers that boot from volumes", steps: bootFromVolume()},
		{name: "bare metal", steps: []step{
			{op: "GET /os-baremetal-nodes"},
			{op: "POST /os-baremetal-nodes", body: object{"node": object{
				"uuid": enrolled, "service_host": "compute-1", "cpus": 8, "memory_mb": 8192, "local_gb": 128, "pm_address": "192.0.2.1",
			}}, refused: 400},
			{op: "POST /os-baremetal-nodes/{id}/action add_interface", of: enrolled, body: object{"address": "52:54:00:12:34:56"}, refused: 400},
			{op: "POST /os-baremetal-nodes/{id}/action remove_interface", of: enrolled, body: object{"address": "52:54:00:12:34:56"}, refused: 400},
			{op: "DELETE /os-baremetal-nodes/{id}", of: enrolled, refused: 400},
			{op: "GET /os-baremetal-nodes/{id}", of: "058d27fa-241b-445a-a386-08c04f96db43"}, // the one of Nova's samples
		}},
	}
}

// enrolled is a bare metal node that comes and goes.
const enrolled = "6f6a2f3e-7b0a-4d0b-8d43-0a2c5d9be1a7"

// bootFromVolume is the collection of servers under its other name, until 2.102.
func bootFromVolume() []step {
	const act = "POST /os-volumes_boot/{id}/action "
	do := func(action string, body any, until string) step {
		return step{op: act + action, of: "$server", body: body, until: until}
	}
	return []step{
		{op: "POST /os-volumes_boot", body: object{"server": object{
			"name": "walk-$n", "flavorRef": "$flavor", "networks": []object{{"uuid": "$network"}}, "block_device_mapping_v2": []object{{
				"boot_index": 0, "uuid": "$image", "source_type": "image", "destination_type": "volume", "volume_size": 1, "delete_on_termination": true,
			}},
		}}, save: "server=server.id", until: "ACTIVE"},
		{op: "GET /os-volumes_boot"},
		{op: "GET /os-volumes_boot/detail"},
		{op: "GET /os-volumes_boot/{id}", of: "$server"},
		{op: "PUT /os-volumes_boot/{id}", of: "$server", body: object{"server": object{"name": "renamed"}}},
		do("os-stop", nil, "SHUTOFF"),
		do("os-start", nil, "ACTIVE"),
		do("reboot", object{"type": "HARD"}, "ACTIVE"),
		do("trigger_crash_dump", nil, "ACTIVE"),
		do("createImage", object{"name": "image-$n"}, "ACTIVE"),
		{op: act + "rebuild", of: "$server", body: object{"imageRef": "$image"}, until: "ACTIVE"},
		do("resize", object{"flavorRef": "$bigger"}, "VERIFY_RESIZE"),
		do("revertResize", nil, "ACTIVE"),
		do("resize", object{"flavorRef": "$bigger"}, "VERIFY_RESIZE"),
		do("confirmResize", nil, "ACTIVE"),
		{op: "DELETE /os-volumes_boot/{id}", of: "$server", until: "SOFT_DELETED"},
		drop(),
	}
}
