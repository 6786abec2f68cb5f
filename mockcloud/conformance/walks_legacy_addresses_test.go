// SPDX-License-Identifier: MPL-2.0

package conformance

// legacyAddressWalks are floating IPs as nova-network had them, their names, the rules that projects began with, and the
// consoles of Nova's other hypervisors.
func legacyAddressWalks() []walk {
	const domain, entry, defaults = "walk-$n.example", "/os-floating-ip-dns/{domain_id}/entries/{id}", "/os-security-group-default-rules"
	return []walk{
		{name: "names of floating IPs", steps: []step{
			{op: "PUT /os-floating-ip-dns/{id}", of: domain, body: object{"domain_entry": object{"scope": "public", "project": "$project"}}, versions: proxied},
			{op: "GET /os-floating-ip-dns", versions: proxied},
			{op: "PUT " + entry, of: domain + " www", body: object{"dns_entry": object{"ip": "192.0.2.53", "dns_type": "A"}}, versions: proxied},
			{op: "GET " + entry, of: domain + " www", versions: proxied},
			{op: "GET " + entry, of: domain + " 192.0.2.53", versions: proxied},
			{op: "DELETE " + entry, of: domain + " www", versions: proxied},
			{op: "DELETE /os-floating-ip-dns/{id}", of: domain, versions: proxied},
			{op: "DELETE /os-floating-ip-dns/{id}", of: domain, versions: proxied, undo: true},
		}},
		{name: "floating IPs in bulk", steps: []step{
			{op: "POST /os-floating-ips-bulk", body: object{"floating_ips_bulk_create": object{"ip_range": "$lan.0/29", "pool": "walk-$n"}}, versions: proxied},
			{op: "GET /os-floating-ips-bulk", versions: proxied},
			{op: "PUT /os-floating-ips-bulk/{id}", of: "delete", body: object{"ip_range": "$lan.0/29"}, versions: proxied},
			{op: "PUT /os-floating-ips-bulk/{id}", of: "delete", body: object{"ip_range": "$lan.0/29"}, versions: proxied, undo: true},
		}},
		{name: "floating IPs of a host", steps: []step{
			boot(nil),
			{op: "GET /servers/{id}", of: "$server", save: "at=server.OS-EXT-SRV-ATTR:host"},
			{op: "POST /network/v2.0/floatingips", body: object{"floatingip": object{"floating_network_id": "$public"}}, save: "floating=floatingip.floating_ip_address fip=floatingip.id"},
			do("addFloatingIp", object{"address": "$floating"}, "ACTIVE"),
			{op: "GET /os-floating-ips-bulk/{id}", of: "$at", versions: proxied},
			{op: "DELETE /network/v2.0/floatingips/$fip"},
			drop(),
		}},
		{name: "rules of default security groups", steps: []step{
			{op: "POST " + defaults, body: object{"security_group_default_rule": object{
				"ip_protocol": "TCP", "from_port": "80", "to_port": "80", "cidr": "$lan.0/24",
			}}, versions: proxied, save: "rule=security_group_default_rule.id"},
			{op: "GET " + defaults, versions: proxied},
			{op: "GET " + defaults + "/{id}", of: "$rule", versions: proxied},
			{op: "DELETE " + defaults + "/{id}", of: "$rule", versions: proxied},
			{op: "DELETE " + defaults + "/{id}", of: "$rule", versions: proxied, undo: true},
		}},
		{name: "old consoles", steps: []step{
			boot(nil),
			{op: "POST /servers/{server_id}/consoles", of: "$server"},
			{op: "GET /servers/{server_id}/consoles", of: "$server", save: "console=consoles.0.console.id"},
			{op: "GET /servers/{server_id}/consoles/{id}", of: "$server $console"},
			{op: "DELETE /servers/{server_id}/consoles/{id}", of: "$server $console"},
			{op: act + "os-getRDPConsole", of: "$server", body: object{"type": "rdp-html5"}, save: "token=console.url"},
			{
				op: "POST /servers/{server_id}/remote-consoles", of: "$server",
				body: object{"remote_console": object{"protocol": "rdp", "type": "rdp-html5"}}, save: "token=remote_console.url",
			},
			{op: "GET /os-console-auth-tokens/{id}", of: "$token"},
			drop(),
		}},
	}
}

func legacyAddressSamples() []sample {
	const entry, defaults = "/os-floating-ip-dns/{domain_id}/entries/{id}", "/os-security-group-default-rules"
	const dns, bulk, rules = "os-floating-ip-dns", "os-floating-ips-bulk", "os-security-group-default-rules"
	return []sample{
		{dns, "PUT /os-floating-ip-dns/{id}", "floating-ip-dns-create-or-update-req.json", "floating-ip-dns-create-or-update-resp.json", ""},
		{dns, "GET /os-floating-ip-dns", "", "floating-ip-dns-list-resp.json", ""},
		{dns, "PUT " + entry, "floating-ip-dns-create-or-update-entry-req.json", "floating-ip-dns-create-or-update-entry-resp.json", ""},
		{dns, "GET " + entry, "", "floating-ip-dns-entry-get-resp.json", ""},
		{dns, "GET " + entry, "", "floating-ip-dns-entry-list-resp.json", "of=walk-$n.example 192.0.2.53"},
		{bulk, "POST /os-floating-ips-bulk", "floating-ips-bulk-create-req.json", "floating-ips-bulk-create-resp.json", ""},
		{bulk, "GET /os-floating-ips-bulk", "", "floating-ips-bulk-list-resp.json", ""},
		{bulk, "GET /os-floating-ips-bulk/{id}", "", "floating-ips-bulk-list-by-host-resp.json", ""},
		{bulk, "PUT /os-floating-ips-bulk/{id}", "floating-ips-bulk-delete-req.json", "floating-ips-bulk-delete-resp.json", ""},
		{rules, "POST " + defaults, "security-group-default-rules-create-req.json", "security-group-default-rules-create-resp.json", ""},
		{rules, "GET " + defaults, "", "security-group-default-rules-list-resp.json", ""},
		{rules, "GET " + defaults + "/{id}", "", "security-group-default-rules-show-resp.json", ""},
		{"consoles", "GET /servers/{server_id}/consoles", "", "consoles-list-get-resp.json", ""},
		{"consoles", "GET /servers/{server_id}/consoles/{id}", "", "consoles-get-resp.json", ""},
		{"os-remote-consoles", act + "os-getRDPConsole", "get-rdp-console-post-req.json", "get-rdp-console-post-resp.json", ""},
		{"os-remote-consoles", "POST /servers/{server_id}/remote-consoles", "create-rdp-console-req.json", "", ""},
	}
}
