// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// kilo is the Compute API v2.1 as of Kilo: every operation of that time.
func kilo() reference {
	return reference{
		file: "compute-api-v2.1-kilo.txt", read: readKilo, deviations: kiloDeviations,
		cloud: kiloCloud,
		scenes: func(testing.TB) []scene {
			return slices.Concat(kiloDocuments(), kiloServers(), kiloActions(), kiloFlavors(), kiloHosts(), kiloNetworks())
		},
	}
}

// kiloCloud has PCI devices on its first host.
func kiloCloud(o *mockcloud.Options) {
	for n := range 3 {
		o.Hosts[0].Devices = append(o.Hosts[0].Devices, compute.PCIDevice{
			Address: fmt.Sprintf("0000:04:10.%d", n), VendorID: "8086", ProductID: "1520", Alias: "vf", Type: "type-VF",
		})
	}
}

// kiloDeviations are the operations that today's contract has too, and otherwise.
func kiloDeviations() map[string]deviation {
	const (
		name    = "a misprint: the name that Nova had before, and has again"
		never   = "Nova has never answered so"
		neutron = "Neutron's ids are UUIDs"
		tags    = "placeholders for what a deployment marks its devices by"
	)
	okay := deviation{code: http.StatusOK, why: "200 in the contract, as in the Nova of that time"}
	pools := func(where string) []string {
		return []string{where + "/os-pci:pci_stats/0/key1", where + "/os-pci:pci_stats/0/keya"}
	}
	sizes := func(where string) []string { return []string{where + "/OS-EXT-IMG-SIZE:size"} }
	return map[string]deviation{
		"List extensions":                         {differs: []string{"extension"}, why: "a sample of one: a list has extensions"},
		"Create server with scheduler hints":      {code: http.StatusAccepted, why: never, unasked: []string{"security_group"}},
		"Rescue server":                           {code: http.StatusOK, differs: []string{"server"}, why: "it answers with the password"},
		"Evacuate server":                         {code: http.StatusOK, differs: []string{"admin_password"}, unasked: []string{"admin_password", "on_shared_storage"}, why: name},
		"Create agent build":                      okay,
		"Delete agent build":                      {op: "DELETE /os-agents/{id}", code: okay.code, why: "a misprint: the path has lost its id; and " + okay.why},
		"Create certificate":                      okay,
		"Create network":                          okay,
		"Create project network":                  okay,
		"List virtual interfaces":                 okay,
		"Create aggregate":                        {code: http.StatusOK, why: never},
		"Add host":                                {code: http.StatusOK, why: never},
		"Remove host":                             {code: http.StatusOK, why: never},
		"Update aggregate":                        {op: "PUT /os-aggregates/{id}", why: "a misprint: GET shows it"},
		"Allocate floating IP":                    {differs: []string{"floating_ip/id"}, why: neutron},
		"List floating IPs":                       {differs: []string{"floating_ips/0/id"}, why: neutron},
		"List images details":                     {differs: sizes("images/0"), why: "a number"},
		"Get image details":                       {differs: sizes("image"), why: "a number"},
		"Show image metadata item details":        {differs: []string{"metadata"}, why: "the sample of all the metadata: an item is a meta"},
		"Create or update image metadata item":    {differs: []string{"metadata"}, why: "the sample of all the metadata: an item is a meta"},
		"List usage audits before specified time": {unasked: []string{"before_timestamp"}, why: "the last segment of its path"},
		"Create default security group rule":      {unasked: []string{"id"}, why: "of its answer"},
		"Create security group rule":              {unasked: []string{"group_id"}, why: "instead of a CIDR"},
		"List hypervisors with PCI statistics":    {differs: pools("hypervisors/0"), why: tags},
		"Show hypervisor with PCI statistics":     {differs: pools("hypervisor"), why: tags},
		"Get server diagnostics":                  {differs: kiloDevices(), why: "named as the hypervisor names them"},
	}
}

// kiloDevices is what the document's sample tells of a network device.
func kiloDevices() []string {
	var all []string
	for _, direction := range []string{"rx", "tx"} {
		for _, of := range []string{"", "_drop", "_errors", "_packets"} {
			all = append(all, "vnet1_"+direction+of)
		}
	}
	return all
}

func kiloDocuments() []scene {
	return []scene{
		{"documents", acts(
			does("List API versions", ""),
			does("List extensions", ""),
			does("Get extension", "OS-DCF"),
			does("Show global and rate limits", ""),
			does("Get availability zone information", ""),
			does("Get detailed availability zone information", ""),
		)},
		{"keypairs", acts(
			does("Create or import keypair", "").with(object{"keypair": object{"user_id": "$user"}}).at(10).saving("made=keypair.name"),
			does("List keypairs", "").asking("user_id=$user").at(10),
			does("Show keypair information", "$made").asking("user_id=$user").at(10),
			does("Delete keypair", "$made").asking("user_id=$user").at(10),
		)},
		{"quotas", acts(
			does("Show quota", "test_class"),
			does("Update quota", "test_class"),
			does("Force-update quota", ""),
			does("Update quota #2", ""),
			does("Show default quotas", ""),
			does("Show quotas (detailed)", ""),
			does("Update quota for user", "").asking("user_id=$user"),
			does("Delete quota for user", "").asking("user_id=$user"),
			does("Delete quota for tenant", ""),
		)},
		{"images", acts(
			boot(nil),
			do("createImage", object{"name": "snap-$n"}, "ACTIVE"),
			step{op: "GET /images/detail", query: "name=snap-$n", save: "made=images.0.id state=images.0.status~ACTIVE"},
			does("List images", "").asking("limit=1"),
			does("List images", "").asking("changes-since=2011-01-24T17:08:00Z&server=$server&name=snap-$n&status=ACTIVE&type=snapshot"),
			does("List images", "").asking("marker=$made"),
			does("List images details", "").asking("limit=1"),
			does("List images details", "").asking("changes-since=2011-01-24T17:08:00Z&server=$server&name=snap-$n&status=ACTIVE&type=snapshot"),
			does("List images details", "").asking("marker=$made"),
			does("Get image details", "$made"),
			does("Create or replace image metadata", "$made"),
			does("Show image metadata", "$made"),
			does("Update image metadata items", "$made"),
			does("Show image metadata item details", "$made Label"),
			does("Create or update image metadata item", "$made auto_disk_config").with(object{
				"metadata": gone, "meta": object{"auto_disk_config": "True"},
			}),
			does("Delete image metadata item", "$made auto_disk_config"),
			does("Delete image", "$made"),
		)},
		{"usage", acts(
			boot(nil),
			does("List tenant usage for all tenants", "").asking("start=2026-01-01T00:00:00"),
			does("Show usage details for tenant", "$project").asking("start=2026-01-01T00:00:00"),
		)},
		{"agents", acts(
			does("Create agent build", "").saving("agent=agent.agent_id"),
			does("List agent builds", ""),
			does("Update agent build", "$agent"),
			does("Delete agent build", "$agent"),
		)},
		{"certificates", acts(
			does("Create certificate", ""),
			does("Show certificate details", "root"),
		)},
	}
}
