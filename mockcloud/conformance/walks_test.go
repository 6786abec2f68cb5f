// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"maps"
	"slices"
)

// walks are all: a file of tables per part of Nova. To reach an operation, add a step where it belongs. Those that take hosts
// out of service come last.
func walks() []walk {
	return slices.Concat(
		documentWalks(), flavorWalks(), serverWalks(), actionWalks(), moveWalks(), deviceWalks(), proxyWalks(),
		legacyCellWalks(), legacyNetworkWalks(), legacyAddressWalks(), hostWalks(),
	)
}

const act = "POST /servers/{id}/action "

// do is an action of $server, which has the status afterwards.
func do(action string, body any, until string) step {
	return step{op: act + action, of: "$server", body: body, until: until}
}

// boot makes $server and waits for it; more is what its body has besides.
func boot(more object) step {
	server := object{"name": "walk-$n", "imageRef": "$image", "flavorRef": "$flavor", "networks": []object{{"uuid": "$network"}}}
	maps.Copy(server, more)
	return step{op: "POST /servers", body: object{"server": server}, save: "server=server.id", until: "ACTIVE"}
}

// drop deletes $server, for good: the cloud would keep it for a while.
func drop() step { return do("forceDelete", nil, "gone") }

// volume makes $volume in Cinder.
func volume() step {
	return step{
		op: "POST /volume/v3/$project/volumes", body: object{"volume": object{"size": 1, "name": "walk-$n"}},
		save: "volume=volume.id", until: "volume available",
	}
}

// attach plugs $volume into $server.
func attach() step {
	return step{
		op: "POST /servers/{server_id}/os-volume_attachments", of: "$server", body: object{"volumeAttachment": object{"volumeId": "$volume"}},
		until: "volume in-use",
	}
}

func documentWalks() []walk {
	return []walk{
		{name: "documents", every: true, steps: []step{
			{op: "GET /"},
			{op: "GET /versions/{id}", of: "v2.1"},
			{op: "GET /extensions"},
			{op: "GET /extensions/{id}", of: "os-aggregates"},
			{op: "GET /limits"},
			{op: "GET /os-availability-zone"},
			{op: "GET /os-availability-zone/detail"},
		}},
		{name: "keypairs", every: true, steps: []step{
			{op: "POST /os-keypairs", body: object{"keypair": object{"name": "made-$n"}}, versions: "-2.91"},
			{op: "DELETE /os-keypairs/{id}", of: "made-$n", versions: "-2.91"},
			{op: "POST /os-keypairs", body: object{"keypair": object{"name": "key-$n", "public_key": "$key"}}},
			{op: "GET /os-keypairs"},
			{op: "GET /os-keypairs/{id}", of: "key-$n"},
			{op: "DELETE /os-keypairs/{id}", of: "key-$n"},
		}},
		{name: "quotas", every: true, steps: []step{
			{op: "GET /os-quota-sets/{id}", of: "$project"},
			{op: "GET /os-quota-sets/{id}/defaults", of: "$project"},
			{op: "GET /os-quota-sets/{id}/detail", of: "$project"},
			{op: "PUT /os-quota-sets/{id}", of: "$spare", body: object{"quota_set": object{"cores": 77, "force": true}}},
			{op: "DELETE /os-quota-sets/{id}", of: "$spare"},
			{op: "GET /os-quota-class-sets/{id}", of: "walks"},
			{op: "PUT /os-quota-class-sets/{id}", of: "walks", body: object{"quota_class_set": object{"metadata_items": 128}}},
		}},
		{name: "usages", every: true, steps: []step{
			{op: "GET /os-simple-tenant-usage", query: "detailed=1&start=2026-01-01T00:00:00"},
			{op: "GET /os-simple-tenant-usage/{id}", of: "$project", query: "start=2026-01-01T00:00:00"},
			{op: "GET /os-instance_usage_audit_log"},
			{op: "GET /os-instance_usage_audit_log/{id}", of: "2026-01-02%2003:00:00"},
		}},
		{name: "server groups", every: true, steps: []step{
			{
				op: "POST /os-server-groups", body: object{"server_group": object{"name": "group-$n", "policies": []string{"affinity"}}},
				versions: "-2.63", save: "group=server_group.id",
			},
			{op: "POST /os-server-groups", body: object{"server_group": object{
				"name": "group-$n", "policy": "anti-affinity", "rules": object{"max_server_per_host": 2},
			}}, versions: "2.64-", save: "group=server_group.id"},
			{op: "GET /os-server-groups"},
			{op: "GET /os-server-groups/{id}", of: "$group"},
			{op: "DELETE /os-server-groups/{id}", of: "$group"},
		}},
	}
}

func flavorWalks() []walk {
	return []walk{{name: "flavors", every: true, steps: []step{
		{op: "POST /flavors", body: object{"flavor": object{
			"name": "walk-$n", "ram": 64, "vcpus": 1, "disk": 1, "os-flavor-access:is_public": false,
		}}, save: "made=flavor.id"},
		{op: "POST /flavors/{id}/action addTenantAccess", of: "$made", body: object{"tenant": "$project"}},
		{op: "GET /flavors"},
		{op: "GET /flavors/detail", query: "is_public=none"},
		{op: "GET /flavors/{id}", of: "$made"},
		{op: "PUT /flavors/{id}", of: "$made", body: object{"flavor": object{"description": "walked"}}},
		{op: "POST /flavors/{flavor_id}/os-extra_specs", of: "$made", body: object{"extra_specs": object{"hw:numa_nodes": "1"}}},
		{op: "GET /flavors/{flavor_id}/os-extra_specs", of: "$made"},
		{op: "GET /flavors/{flavor_id}/os-extra_specs/{id}", of: "$made hw:numa_nodes"},
		{op: "PUT /flavors/{flavor_id}/os-extra_specs/{id}", of: "$made hw:numa_nodes", body: object{"hw:numa_nodes": "2"}},
		{op: "DELETE /flavors/{flavor_id}/os-extra_specs/{id}", of: "$made hw:numa_nodes"},
		{op: "GET /flavors/{flavor_id}/os-flavor-access", of: "$made"},
		{op: "POST /flavors/{id}/action removeTenantAccess", of: "$made", body: object{"tenant": "$project"}},
		{op: "DELETE /flavors/{id}", of: "$made"},
	}}}
}
