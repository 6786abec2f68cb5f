// SPDX-License-Identifier: MPL-2.0

package conformance

// serverWalks are what is about a server without changing its state.
func serverWalks() []walk {
	return []walk{
		{name: "servers", every: true, steps: []step{
			boot(object{"metadata": object{"walk": "on"}}),
			{op: "GET /servers"},
			{op: "GET /servers", query: "limit=1&sort_key=created_at"},
			{op: "GET /servers/detail"},
			{op: "GET /servers/detail", query: "name=walk&status=ACTIVE&all_tenants=1"},
			{op: "GET /servers/{id}", of: "$server"},
			{op: "PUT /servers/{id}", of: "$server", body: object{"server": object{"name": "renamed"}}},
			{op: "GET /servers/{server_id}/ips", of: "$server"},
			{op: "GET /servers/{server_id}/ips/{id}", of: "$server private"},
			{op: "POST /servers/{server_id}/metadata", of: "$server", body: object{"metadata": object{"foo": "1", "b": "2"}}},
			{op: "GET /servers/{server_id}/metadata", of: "$server"},
			{op: "PUT /servers/{server_id}/metadata/{id}", of: "$server foo", body: object{"meta": object{"foo": "3"}}},
			{op: "GET /servers/{server_id}/metadata/{id}", of: "$server foo"},
			{op: "DELETE /servers/{server_id}/metadata/{id}", of: "$server foo"},
			{op: "PUT /servers/{server_id}/metadata", of: "$server", body: object{"metadata": object{"c": "4"}}},
			{op: "PUT /servers/{server_id}/tags", of: "$server", body: object{"tags": []string{"x", "y"}}},
			{op: "GET /servers/{server_id}/tags", of: "$server"},
			{op: "GET /servers/{server_id}/tags/{id}", of: "$server x"},
			{op: "PUT /servers/{server_id}/tags/{id}", of: "$server z"},
			{op: "PUT /servers/{server_id}/tags/{id}", of: "$server z"},
			{op: "DELETE /servers/{server_id}/tags/{id}", of: "$server x"},
			{op: "DELETE /servers/{server_id}/tags", of: "$server"},
			{op: "GET /servers/{server_id}/os-security-groups", of: "$server"},
			{op: "GET /servers/{server_id}/os-server-password", of: "$server"},
			{op: "DELETE /servers/{server_id}/os-server-password", of: "$server"},
			{op: "GET /servers/{server_id}/diagnostics", of: "$server"},
			{op: "GET /servers/{server_id}/topology", of: "$server"},
			{op: "GET /servers/{server_id}/os-instance-actions", of: "$server", save: "request=instanceActions.0.request_id"},
			{op: "GET /servers/{server_id}/os-instance-actions/{id}", of: "$server $request"},
			do("os-getConsoleOutput", object{"length": 10}, ""),
			do("lock", nil, ""),
			do("unlock", nil, ""),
			{op: "DELETE /servers/{id}", of: "$server", until: "SOFT_DELETED"},
			drop(),
		}},
		{name: "consoles", steps: []step{
			boot(nil),
			do("os-getVNCConsole", object{"type": "novnc"}, ""),
			do("os-getSPICEConsole", object{"type": "spice-html5"}, ""),
			do("os-getSerialConsole", object{"type": "serial"}, ""),
			{
				op: "POST /servers/{server_id}/remote-consoles", of: "$server",
				body: object{"remote_console": object{"protocol": "vnc", "type": "novnc"}}, save: "token=remote_console.url",
			},
			{
				op: "POST /servers/{server_id}/remote-consoles", of: "$server",
				body: object{"remote_console": object{"protocol": "spice", "type": "spice-direct"}}, versions: "2.99-",
				save: "token=remote_console.url",
			},
			{op: "GET /os-console-auth-tokens/{id}", of: "$token", versions: "2.31-"},
			drop(),
		}},
		{name: "external events", steps: []step{
			boot(nil),
			{op: "POST /os-server-external-events", body: object{"events": []object{{
				"name": "network-changed", "server_uuid": "$server", "tag": "foo", "status": "completed",
			}}}},
			drop(),
		}},
	}
}

// actionWalks are what changes a server where it is.
func actionWalks() []walk {
	return []walk{
		{name: "power", steps: []step{
			boot(nil),
			do("os-stop", nil, "SHUTOFF"),
			do("os-start", nil, "ACTIVE"),
			do("reboot", object{"type": "SOFT"}, "ACTIVE"),
			do("reboot", object{"type": "HARD"}, "ACTIVE"),
			do("pause", nil, "PAUSED"),
			do("unpause", nil, "ACTIVE"),
			do("suspend", nil, "SUSPENDED"),
			do("resume", nil, "ACTIVE"),
			do("rescue", object{"adminPass": "secret"}, "RESCUE"),
			do("unrescue", nil, "ACTIVE"),
			do("changePassword", object{"adminPass": "secret"}, "ACTIVE"),
			do("trigger_crash_dump", nil, "ACTIVE"),
			do("injectNetworkInfo", nil, "ACTIVE"),
			do("os-resetState", object{"state": "error"}, "ERROR"),
			do("os-resetState", object{"state": "active"}, "ACTIVE"),
			do("forceDelete", nil, "gone"),
		}},
		{name: "rescued", needs: act + "rescue", steps: []step{
			boot(nil),
			do("rescue", nil, "RESCUE"),
			{op: "GET /servers/{id}", of: "$server"},
			do("unrescue", nil, "ACTIVE"),
			drop(),
		}},
		{name: "images of servers", steps: []step{
			boot(nil),
			do("createImage", object{"name": "image-$n"}, "ACTIVE"),
			do("createBackup", object{"name": "backup-$n", "backup_type": "daily", "rotation": 1}, "ACTIVE"),
			do("rebuild", object{"imageRef": "$image"}, "ACTIVE"),
			drop(),
		}},
		{name: "shelve", steps: []step{
			boot(nil),
			do("shelve", nil, "SHELVED"),
			do("unshelve", nil, "ACTIVE"),
			do("shelve", nil, "SHELVED"),
			do("shelveOffload", nil, "SHELVED_OFFLOADED"),
			{op: act + "unshelve", of: "$server", body: object{"availability_zone": "nova"}, versions: "2.77-", until: "ACTIVE"},
			drop(),
		}},
		{name: "offloaded", needs: act + "shelveOffload", steps: []step{
			boot(nil),
			do("shelve", nil, "SHELVED"),
			do("shelveOffload", nil, "SHELVED_OFFLOADED"),
			{op: act + "unshelve", of: "$server", body: object{"availability_zone": "nova"}, versions: "2.77-", until: "ACTIVE"},
			drop(),
		}},
		{name: "reclaim", needs: act + "restore", steps: []step{
			boot(nil),
			{op: "DELETE /servers/{id}", of: "$server", until: "SOFT_DELETED"},
			do("restore", nil, "ACTIVE"),
			do("forceDelete", nil, "gone"),
		}},
	}
}

// moveWalks are what gives a server another size or host.
func moveWalks() []walk {
	return []walk{
		{name: "resize", steps: []step{
			boot(nil),
			do("resize", object{"flavorRef": "$bigger"}, "VERIFY_RESIZE"),
			do("revertResize", nil, "ACTIVE"),
			do("resize", object{"flavorRef": "$bigger"}, "VERIFY_RESIZE"),
			do("confirmResize", nil, "ACTIVE"),
			drop(),
		}},
		{name: "migrate", steps: []step{
			boot(nil),
			do("migrate", nil, "VERIFY_RESIZE"),
			do("confirmResize", nil, "ACTIVE"),
			{op: act + "os-migrateLive", of: "$server", versions: "-2.24", body: object{
				"host": nil, "block_migration": false, "disk_over_commit": false,
			}, until: "ACTIVE"},
			{op: act + "os-migrateLive", of: "$server", versions: "2.25-", body: object{"host": nil, "block_migration": "auto"}, until: "ACTIVE"},
			{op: "GET /os-migrations", query: "instance_uuid=$server", versions: "-2.79"},
			{op: "GET /os-migrations", query: "instance_uuid=$server&project_id=$project", versions: "2.80-"},
			drop(),
		}},
		{name: "migrations under way", needs: "DELETE /servers/{server_id}/migrations/{id}", steps: []step{
			boot(nil),
			{op: act + "os-migrateLive", of: "$server", body: object{"host": nil, "block_migration": "auto"}, by: 30, versions: "2.22-"},
			{op: "GET /servers/{server_id}/migrations", of: "$server", by: 23, versions: "2.22", save: "state=migrations.0.status~running migration=migrations.0.id"},
			{op: "GET /servers/{server_id}/migrations", of: "$server", save: "state=migrations.0.status~running migration=migrations.0.id"},
			{op: "GET /servers/{server_id}/migrations/{id}", of: "$server $migration"},
			{op: "POST /servers/{server_id}/migrations/{id}/action force_complete", of: "$server $migration", until: "ACTIVE"},
			{op: act + "os-migrateLive", of: "$server", body: object{"host": nil, "block_migration": "auto"}, by: 30, versions: "2.24-"},
			{op: "GET /servers/{server_id}/migrations", of: "$server", save: "state=migrations.0.status~running migration=migrations.0.id", versions: "2.24-"},
			{op: "DELETE /servers/{server_id}/migrations/{id}", of: "$server $migration", until: "ACTIVE"},
			drop(),
		}},
	}
}
