// SPDX-License-Identifier: MPL-2.0

package conformance

// legacyCellWalks are agents, cells, certificates and cloudpipes, as older releases had them at each microversion that
// they knew.
func legacyCellWalks() []walk {
	return []walk{
		{name: "agents", every: true, steps: []step{
			{op: "POST /os-agents", body: object{"agent": object{
				"hypervisor": "xen-$n", "os": "os", "architecture": "x86", "version": "8.0",
				"md5hash": "add6bb58e139be103324d04d82d8f545", "url": "http://example.com/path/to/resource",
			}}, save: "agent=agent.agent_id"},
			{op: "GET /os-agents", query: "hypervisor=xen-$n"},
			{op: "PUT /os-agents/{id}", of: "$agent", body: object{"para": object{
				"url": "http://example.com/path/to/resource", "md5hash": "add6bb58e139be103324d04d82d8f545", "version": "7.0",
			}}},
			{op: "DELETE /os-agents/{id}", of: "$agent"},
			{op: "DELETE /os-agents/{id}", of: "$agent", undo: true},
		}},
		{name: "cells", every: true, steps: []step{
			{op: "POST /os-cells", body: object{"cell": object{
				"name": "cell-$n", "type": "child", "username": "username3", "password": "secret", "rpc_host": "$host", "rpc_port": 5672,
			}}, save: "cell=cell.name"},
			{op: "GET /os-cells", query: "limit=1"},
			{op: "GET /os-cells/detail", query: "limit=1"},
			{op: "GET /os-cells/info"},
			{op: "GET /os-cells/capacities"},
			{op: "GET /os-cells/{id}", of: "$cell"},
			{op: "GET /os-cells/{id}/capacities", of: "$cell"},
			{op: "POST /os-cells/sync_instances", body: object{"project_id": "$spare", "deleted": true, "updated_since": "2026-01-01T00:00:00Z"}},
			{op: "PUT /os-cells/{id}", of: "$cell", body: object{"cell": object{"username": "username4"}}},
			{op: "DELETE /os-cells/{id}", of: "$cell"},
			{op: "DELETE /os-cells/{id}", of: "$cell", undo: true},
		}},
		{name: "a server in a cell", steps: []step{
			{op: "POST /os-cells", body: object{"cell": object{"name": "place-$n", "rpc_host": "$other"}}, save: "cell=cell.name"},
			{op: "POST /servers", body: object{
				"server":             object{"name": "walk-$n", "imageRef": "$image", "flavorRef": "$flavor", "networks": []object{{"uuid": "$network"}}},
				"os:scheduler_hints": object{"target_cell": "nova!$cell"},
				// Since 2.100 Nova shows each hint as a list, of which its own schema of the answer does not know.
			}, versions: "-2.99", save: "server=server.id", until: "ACTIVE"},
			{op: "GET /servers/{id}", of: "$server", save: "where=server.OS-EXT-SRV-ATTR:host~compute-2"},
			drop(),
			{op: "DELETE /os-cells/{id}", of: "$cell", undo: true},
		}},
		{name: "certificates", steps: []step{
			{op: "POST /os-certificates"},
			{op: "GET /os-certificates/{id}", of: "root"},
		}},
		{name: "cloudpipes", steps: []step{
			{op: "POST /os-cloudpipe", body: object{"cloudpipe": object{"project_id": "$project"}}, save: "server=instance_id", until: "ACTIVE"},
			{op: "PUT /os-cloudpipe/{id}", of: "configure-project", body: object{"configure_project": object{"vpn_ip": "192.168.1.1", "vpn_port": "2000"}}},
			{op: "GET /os-cloudpipe"},
			drop(),
		}},
	}
}

func legacyCellSamples() []sample {
	return []sample{
		{"os-agents", "POST /os-agents", "agent-post-req.json", "agent-post-resp.json", ""},
		{"os-agents", "PUT /os-agents/{id}", "agent-update-put-req.json", "agent-update-put-resp.json", ""},
		{"os-agents", "GET /os-agents", "", "agents-get-resp.json", "limit=1"},
		{"os-cells", "GET /os-cells", "", "cells-list-resp.json", "limit=1"},
		{"os-cells", "GET /os-cells/{id}", "", "cells-get-resp.json", ""},
		{"os-cells", "GET /os-cells/{id}/capacities", "", "cells-capacities-resp.json", ""},
		{"os-certificates", "POST /os-certificates", "", "certificate-create-resp.json", ""},
		{"os-certificates", "GET /os-certificates/{id}", "", "certificate-get-root-resp.json", ""},
		{"os-cloudpipe", "POST /os-cloudpipe", "cloud-pipe-create-req.json", "cloud-pipe-create-resp.json", ""},
		{"os-cloudpipe", "GET /os-cloudpipe", "", "cloud-pipe-get-resp.json", ""},
		{"os-cloudpipe", "PUT /os-cloudpipe/{id}", "cloud-pipe-update-req.json", "", ""},
	}
}
