// SPDX-License-Identifier: MPL-2.0

package conformance

// kiloNetworks is what nova-network did, and then Neutron.
func kiloNetworks() []scene {
	return []scene{
		{"networks", acts(
			does("Create network", "").saving("made=network.id"),
			does("List networks", ""),
			does("Show network information", "$made"),
			does("Associate host", "$made").with(object{"associate_host": "compute-16"}),
			does("Disassociate host", "$made"),
			does("Add network", "").with(object{"id": "$made"}),
			does("Disassociate project", "$made"),
			does("Disassociate network", "$made"),
			does("Delete network", "$made"),
		)},
		{"project networks", acts(
			does("Create project network", "").saving("made=network.id"),
			does("List project networks", ""),
			does("Show project network information", "$made"),
			does("Delete project network", "$made"),
		)},
		{"fixed IPs", acts(
			boot(nil),
			step{op: "GET /servers/{id}", of: "$server", save: "address=server.addresses.private.0.addr"},
			does("Show fixed IP information", "$address"),
			does("Reserve or release a fixed IP", "$ip"),
			does("Reserve or release a fixed IP", "$ip").with(object{"reserve": gone, "unreserve": nil}),
		)},
		{"floating IPs", acts(
			does("List floating IP pools", ""),
			does("Allocate floating IP", "").with(object{"pool": "public"}).saving("fip=floating_ip.id"),
			does("List floating IPs", ""),
			does("Deallocate floating IP", "$fip"),
		)},
		{"DNS", acts(
			does("Create or update DNS domain", "domain1.example.org").with(object{"domain_entry": object{"project": "$project"}}),
			does("List DNS domains", ""),
			does("Create or update DNS entry", "domain1.example.org instance1"),
			does("Find unique DNS entry", "domain1.example.org instance1"),
			does("List DNS entries", "domain1.example.org 192.168.53.11"),
			does("Delete DNS entry", "domain1.example.org instance1"),
			does("Delete DNS domain", "domain1.example.org"),
		)},
		{"floating IPs in bulk", acts(
			does("Create floating IPs", ""),
			does("List floating IPs #2", ""),
			does("List floating IPs by host", "compute-1"),
			does("Bulk-delete floating IPs", ""),
		)},
		{"security groups", acts(
			does("Create security group", "").saving("group=security_group.id"),
			does("List security groups", ""),
			does("Show security group information", "$group"),
			does("Create security group rule", "").with(object{"security_group_rule": object{"parent_group_id": "$group"}}).
				saving("rule=security_group_rule.id"),
			does("Delete security group rule", "$rule"),
			does("Update security group", "$group"),
			does("Delete security group", "$group"),
		)},
		{"default rules", acts(
			does("Create default security group rule", "").saving("rule=security_group_default_rule.id"),
			does("List default security group rules", ""),
			does("Show default security group rule information", "$rule"),
			does("Delete default security group rule", "$rule"),
		)},
	}
}
