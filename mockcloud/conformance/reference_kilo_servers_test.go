// SPDX-License-Identifier: MPL-2.0

package conformance

// apache is the server of the document's samples.
func apache() step { return boot(object{"metadata": object{"My Server Name": "Apache1"}}) }

// on makes $server on a host.
func on(host string) step { return boot(object{"availability_zone": "nova:" + host}) }

// kiloServers is what is told of servers, and what they are plugged into.
func kiloServers() []scene {
	oneNetwork := object{"server": object{"networks": []object{{"uuid": "$network"}}}} // other scenes make more
	return []scene{
		{"multiple create", acts(
			does("Create multiple servers", "").with(oneNetwork).saving("server=server.id").until("ACTIVE"),
			does("Create multiple servers", "").with(oneNetwork).nth(1),
		)},
		{"scheduler hints", acts(
			does("Create server with scheduler hints", "").with(object{
				"server": object{
					"security_groups": []object{{"name": "default"}}, "user_data": "c3RhcnQ=", "networks": []object{{"uuid": "$network"}}, "availability_zone": "nova",
					"metadata": object{"a": "b"}, "personality": []object{{"path": "/etc/motd", "contents": "aGVsbG8="}},
				},
				"os:scheduler_hints": object{"same_host": "$mate"},
			}).saving("server=server.id").until("ACTIVE"),
		)},
		{"servers", acts(
			apache(),
			does("List servers with details", "").asking("name=walk-$n&sort_key=created_at&sort_dir=asc"),
			does("List servers with configuration drive", "").asking("name=walk-$n"),
			does("Show server details", "$server"),
			does("Show server details with configuration drive", "$server"),
			does("Get server diagnostics", "$server"),
			does("Get server password", "$server"),
			does("List IPs", "$server"),
			does("Show IP details", "$server private"),
			does("List virtual interfaces", "$server").at(12),
			does("List security groups by server", "$server"),
			does("Ping instances", "").asking("include=$server&exclude=$mate&all_tenants=0"),
			does("Ping an instance", "$server"),
			does("List actions for server", "$server").saving("request=serverActions.0.request_id"),
			does("Show server action details", "$server $request"),
		)},
		{"metadata", acts(
			apache(),
			does("Create or replace metadata items", "$server"),
			does("List all metadata", "$server"),
			does("Update metadata items", "$server"),
			does("Show metadata item details", "$server foo"),
			does("Create or update metadata item", "$server foo"),
			does("Delete metadata item", "$server foo"),
		)},
		{"interfaces", acts(
			boot(nil),
			step{op: "POST /network/v2.0/ports", body: object{"port": object{"network_id": "$network", "fixed_ips": []object{{"ip_address": "$ip"}}}}, save: "free=port.id"},
			does("Create interface", "$server").with(object{"interfaceAttachment": object{"port_id": "$free"}}).
				saving("port=interfaceAttachment.port_id").until("ACTIVE"),
			does("Create interface", "$server").with(object{"interfaceAttachment": object{
				"port_id": gone, "net_id": "$network", "fixed_ips": []object{{"ip_address": "10.77.127.77"}},
			}}).until("ACTIVE"),
			does("List interfaces", "$server"),
			does("Show port interface information", "$server $port"),
			does("Detach interface", "$server $port").until("ACTIVE"),
			does("Add IP to instance", "$server").with(object{"addFixedIp": object{"networkId": "$network"}}).until("ACTIVE"),
			step{op: "GET /servers/{id}", of: "$server", save: "address=server.addresses.private.0.addr"},
			does("Remove IP from instance", "$server").with(object{"removeFixedIp": object{"address": "$address"}}).until("ACTIVE"),
		)},
		{"volumes", acts(
			boot(nil), volume(),
			does("Attach volume", "$server").with(object{"attach": object{"volume_id": "$volume"}}).until("volume in-use"),
		)},
		{"external events", acts(
			boot(nil),
			does("Create events", "").with(object{"events": []object{{
				"name": "network-changed", "tag": "foo", "status": "completed", "server_uuid": "$server",
			}}}),
		)},
		{"server groups", acts(
			does("Create server group", "").saving("group=server_group.id"),
			does("List server groups", ""),
			does("Show server group details", "$group"),
			does("Delete server group", "$group"),
		)},
	}
}

// kiloActions is what is done to servers.
func kiloActions() []scene {
	return []scene{
		{"power", acts(
			boot(nil),
			does("Reboot server", "$server").until("ACTIVE"),
			does("Stop server", "$server").until("SHUTOFF"),
			does("Start server", "$server").until("ACTIVE"),
			does("Pause server", "$server").until("PAUSED"),
			does("Unpause server", "$server").until("ACTIVE"),
			does("Suspend server", "$server").until("SUSPENDED"),
			does("Resume server", "$server").until("ACTIVE"),
			does("Lock server", "$server"),
			does("Unlock server", "$server"),
			does("Reset server state", "$server").until("ACTIVE"),
		)},
		{"guests", acts(
			boot(nil),
			does("Change admin password", "$server").until("ACTIVE"),
			does("Change admin password #2", "$server").until("ACTIVE"),
			does("Inject network information", "$server").until("ACTIVE"),
			does("Reset server networking", "$server").until("ACTIVE"),
			does("Get console output for an instance", "$server"),
			does("Get output for spice", "$server"),
			does("Get console output", "$server"),
		)},
		{"disks", acts(
			boot(nil),
			does("Rebuild server", "$server").until("ACTIVE"),
			does("Rebuild server with preserve ephemeral", "$server").until("ACTIVE"),
			does("Create image", "$server").until("ACTIVE"),
			does("Back up server", "$server").until("ACTIVE"),
			does("Rescue server", "$server").until("RESCUE"),
		)},
		{"shelve", acts(
			boot(nil),
			does("Shelve server", "$server").until("SHELVED"),
			does("Restore shelved server", "$server").until("ACTIVE"),
			do("shelve", nil, "SHELVED"),
			does("Remove shelved instance", "$server").until("SHELVED_OFFLOADED"),
		)},
		{"delete", acts(
			boot(nil),
			step{op: "DELETE /servers/{id}", of: "$server", until: "SOFT_DELETED"},
			does("Restore soft-deleted instance", "$server").until("ACTIVE"),
			does("Force delete instance", "$server").until("gone"),
		)},
		{"resize", acts(
			boot(nil),
			does("Resize server", "$server").with(object{"resize": object{"flavorRef": "$bigger"}}).until("VERIFY_RESIZE"),
			does("Confirm resized server", "$server").until("ACTIVE"),
			do("resize", object{"flavorRef": "$flavor"}, "VERIFY_RESIZE"),
			does("Revert resized server", "$server").until("ACTIVE"),
		)},
		{"move", acts(
			on("compute-11"),
			does("Live migrate to new host", "$server").with(object{"os-migrateLive": object{"host": "compute-12"}}).until("ACTIVE"),
			does("Migrate server", "$server").until("VERIFY_RESIZE"),
			does("List migrations", "").asking("migration_type=migration"),
		)},
		{"a host that fails", acts(
			on("compute-13"),
			step{op: "GET /os-services", query: "host=compute-13&binary=nova-compute", save: "service=services.0.id", by: 53},
			step{op: "PUT /os-services/{id}", of: "$service", body: object{"forced_down": true}, by: 53},
			does("Evacuate server", "$server").with(object{"evacuate": object{
				"host": "compute-14", "on_shared_storage": gone, "onSharedStorage": "False", "admin_password": gone, "adminPass": "MySecretPass",
			}}).until("ACTIVE"),
			does("List usage audits for an instance", ""),
			does("List usage audits before specified time", "2012-07-05%2008:00:00"),
		)},
	}
}

func kiloFlavors() []scene {
	return []scene{
		{"flavors", acts(
			does("List flavors", ""),
			does("Show flavor details", "$flavor"),
			does("List flavors with details", ""),
			does("Create flavor", ""),
			does("List flavors with details #2", ""),
			does("Show flavor details #2", "100"),
			does("Create or update flavor extra specs", "100"),
			does("Show flavor extra specs", "100"),
			does("Show flavor extra specs #2", "100 key1"),
			does("Update flavor extra spec", "100 key1"),
		)},
		{"flavor access", acts(
			does("Create flavor with access list", ""),
			does("Add flavor access to tenant", "10").with(object{"addTenantAccess": object{"tenant": "$project"}}),
			does("List flavors with access list", ""),
			does("Show flavor details with access list", "10"),
			does("List flavors with details and access list", ""),
			does("Remove flavor access from tenant", "10").with(object{"removeTenantAccess": object{"tenant": "$project"}}),
			step{op: "DELETE /flavors/{id}", of: "10"},
			does("Create flavor #2", ""),
			does("Delete flavor", "10"),
		)},
	}
}
