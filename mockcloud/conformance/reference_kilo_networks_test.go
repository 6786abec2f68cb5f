// SPDX-License-Identifier: MPL-2.0

package conformance

// kiloNetworks is what nova-network did, and then Neutron.
func kiloNetworks() []scene {
	return []scene{
		{"networks of the project", acts( // one after the other: a VPN's server is on all that there are
			does("Create cloudpipe", "").with(object{"cloudpipe": object{"project_id": "$project"}}).saving("server=instance_id").until("ACTIVE"),
			does("Update cloudpipe", ""),
			does("List cloudpipes", ""),
			does("Create network", "").saving("made=network.id"),
			step{op: "POST /os-networks", body: object{"network": object{
				"label": "mynet-$n", "cidr": "10.0.0.0/29", "bridge": "br100", "bridge_interface": "eth0", "vlan": 100,
			}}, save: "mine=network.id"},
			does("Add network", "").with(object{"id": "$mine"}),
			does("Associate host", "$mine").with(object{"associate_host": "compute-16"}),
			does("Update cloudpipe", ""),
			does("List networks", ""),
			does("Show network information", "$mine"),
			does("Disassociate host", "$mine"),
			does("Disassociate project", "$mine"),
			does("Disassociate network", "$mine"),
			does("Delete network", "$made"),
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
			on("compute-19"),
			step{op: "POST /network/v2.0/floatingips", body: object{"floatingip": object{"floating_network_id": "$public"}}, save: "floating=floatingip.floating_ip_address"},
			do("addFloatingIp", object{"address": "$floating"}, "ACTIVE"),
			does("List floating IPs by host", "compute-19"),
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
