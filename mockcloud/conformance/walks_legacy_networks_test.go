// SPDX-License-Identifier: MPL-2.0

package conformance

// legacyNetworkWalks is nova-network's part of the older releases. What its networks are like is not asked for here:
// the contract of today's os-networks knows strings where they have booleans, for it has only seen null. Those that
// give the project a network are alone: servers that name none would have to choose.
func legacyNetworkWalks() []walk {
	// remove takes back what $made is a network of, whatever step came last.
	remove := []step{
		{op: "POST /os-networks/{id}/action disassociate", of: "$made", versions: proxied, undo: true},
		{op: "DELETE /os-networks/{id}", of: "$made", versions: proxied, undo: true},
	}
	associate := func(action string) string { return "POST /os-networks/{id}/action " + action }
	return []walk{
		{name: "old networks", alone: true, steps: append([]step{
			{op: "POST /os-networks", body: object{"network": object{"label": "walk-$n", "cidr": "$lan.0/24", "allowed_start": "$lan.10", "allowed_end": "$lan.200", "dhcp_server": "$lan.2"}}, versions: proxied, save: "made=network.id"},
			{op: "POST /os-networks/add", body: object{"id": "$made"}, versions: proxied},
			{op: associate("associate_host"), of: "$made", body: "$host", versions: proxied},
			{op: associate("disassociate_host"), of: "$made", versions: proxied},
			{op: associate("disassociate_project"), of: "$made", versions: proxied},
			{op: associate("disassociate"), of: "$made", versions: proxied},
			{op: "DELETE /os-networks/{id}", of: "$made", versions: proxied},
		}, remove...)},
		{name: "tenant networks", alone: true, steps: []step{
			{op: "POST /os-tenant-networks", body: object{"network": object{"label": "walk-$n", "cidr": "$lan.0/24"}}, versions: proxied, save: "made=network.id"},
			{op: "GET /os-tenant-networks/{id}", of: "$made", versions: proxied},
			{op: "DELETE /os-tenant-networks/{id}", of: "$made", versions: proxied},
			{op: "DELETE /os-tenant-networks/{id}", of: "$made", versions: proxied, undo: true},
		}},
		{name: "fixed IPs", steps: []step{
			{op: "POST /network/v2.0/ports", body: object{"port": object{"network_id": "$network"}}, save: "address=port.fixed_ips.0.ip_address held=port.id"},
			{op: "GET /os-fixed-ips/{id}", of: "$address", versions: "-2.3"},
			{op: "GET /os-fixed-ips/{id}", of: "$address", versions: "2.4-2.35"},
			{op: "POST /os-fixed-ips/{id}/action reserve", of: "$address", versions: "-2.3"},
			{op: "POST /os-fixed-ips/{id}/action reserve", of: "$address", versions: "2.4-2.35"},
			{op: "POST /os-fixed-ips/{id}/action unreserve", of: "$address", versions: proxied},
			{op: "DELETE /network/v2.0/ports/$held"},
		}},
		{name: "what the network says of servers", steps: []step{
			boot(nil),
			{op: "GET /os-fping", query: "include=$server", versions: proxied},
			{op: "GET /os-fping/{id}", of: "$server", versions: proxied},
			{op: "GET /servers/{server_id}/os-virtual-interfaces", of: "$server", versions: "-2.11"},
			{op: "GET /servers/{server_id}/os-virtual-interfaces", of: "$server", versions: "2.12-2.43"},
			do("resetNetwork", nil, "ACTIVE"),
			drop(),
		}},
	}
}

// proxied are the versions that have nova-network's operations.
const proxied = "-2.35"

func legacyNetworkSamples() []sample {
	associate := func(action string) string { return "POST /os-networks/{id}/action " + action }
	const fixed = "os-fixed-ips"
	return []sample{
		{"os-networks", "POST /os-networks", "network-create-req.json", "network-create-resp.json", ""},
		{"os-networks", "POST /os-networks/add", "network-add-req.json", "", ""},
		{"os-networks-associate", associate("associate_host"), "network-associate-host-req.json", "", ""},
		{"os-networks-associate", associate("disassociate_host"), "network-disassociate-host-req.json", "", ""},
		{"os-networks-associate", associate("disassociate_project"), "network-disassociate-project-req.json", "", ""},
		{"os-networks-associate", associate("disassociate"), "network-disassociate-req.json", "", ""},
		{"os-tenant-networks", "POST /os-tenant-networks", "networks-post-req.json", "networks-post-res.json", ""},
		{fixed, "GET /os-fixed-ips/{id}", "", "fixedips-get-resp.json", ""},
		{fixed, "POST /os-fixed-ips/{id}/action reserve", "fixedip-post-req.json", "", ""},
		{"os-fping", "GET /os-fping", "", "fping-get-resp.json", ""},
		{"os-fping", "GET /os-fping/{id}", "", "fping-get-details-resp.json", ""},
		{"os-virtual-interfaces", "GET /servers/{server_id}/os-virtual-interfaces", "", "vifs-list-resp.json", ""},
		{"os-admin-actions", act + "resetNetwork", "admin-actions-reset-network.json", "", ""},
	}
}
