// SPDX-License-Identifier: MPL-2.0

package conformance

// removedRule is a rule of Nova's that decided about operations which today's Nova no longer has.
type removedRule struct {
	name       string // without "os_compute_api:"
	check      string
	operations []string // shapes
}

// The defaults, in today's words. What was "rule:admin_or_owner" in the last release that had it became, in all that is still
// there, readers' where it shows something, and members' where it changes it.
const (
	administrators = "rule:context_is_admin"
	readers        = "rule:project_reader_or_admin"
	members        = "rule:project_member_or_admin"
)

// removedRules are those that policies.json, which is of today's Nova, does not have: of nova/policies in Newton (certificates,
// cloudpipe), Pike (cells, networks, floating IPs, consoles) and Victoria (agents).
func removedRules() []removedRule {
	return []removedRule{
		{"os-agents:list", administrators, []string{"GET /os-agents"}},
		{"os-agents:create", administrators, []string{"POST /os-agents"}},
		{"os-agents:update", administrators, []string{"PUT /os-agents/{}"}},
		{"os-agents:delete", administrators, []string{"DELETE /os-agents/{}"}},
		{"os-cells", administrators, []string{
			"GET /os-cells", "GET /os-cells/detail", "GET /os-cells/info", "GET /os-cells/capacities", "GET /os-cells/{}",
			"GET /os-cells/{}/capacities",
		}},
		{"os-cells:create", administrators, []string{"POST /os-cells"}},
		{"os-cells:update", administrators, []string{"PUT /os-cells/{}"}},
		{"os-cells:delete", administrators, []string{"DELETE /os-cells/{}"}},
		{"os-cells:sync_instances", administrators, []string{"POST /os-cells/sync_instances"}},
		{"os-certificates:create", members, []string{"POST /os-certificates"}},
		{"os-certificates:show", readers, []string{"GET /os-certificates/{}"}},
		{"os-cloudpipe", administrators, []string{"GET /os-cloudpipe", "POST /os-cloudpipe", "PUT /os-cloudpipe/{}"}},
		{"os-consoles:index", readers, []string{"GET /servers/{}/consoles"}},
		{"os-consoles:show", members, []string{"GET /servers/{}/consoles/{}"}},
		{"os-consoles:create", members, []string{"POST /servers/{}/consoles"}},
		{"os-consoles:delete", members, []string{"DELETE /servers/{}/consoles/{}"}},
		{"os-fixed-ips", administrators, []string{
			"GET /os-fixed-ips/{}", "POST /os-fixed-ips/{}/action reserve", "POST /os-fixed-ips/{}/action unreserve",
		}},
		{"os-floating-ip-dns", members, []string{
			"GET /os-floating-ip-dns", "GET /os-floating-ip-dns/{}/entries/{}", "PUT /os-floating-ip-dns/{}/entries/{}",
			"DELETE /os-floating-ip-dns/{}/entries/{}",
		}},
		{"os-floating-ip-dns:domain:update", administrators, []string{"PUT /os-floating-ip-dns/{}"}},
		{"os-floating-ip-dns:domain:delete", administrators, []string{"DELETE /os-floating-ip-dns/{}"}},
		{"os-floating-ips-bulk", administrators, []string{
			"GET /os-floating-ips-bulk", "GET /os-floating-ips-bulk/{}", "POST /os-floating-ips-bulk", "PUT /os-floating-ips-bulk/{}",
		}},
		{"os-fping", readers, []string{"GET /os-fping", "GET /os-fping/{}"}},
		{"os-networks", administrators, []string{
			"POST /os-networks", "POST /os-networks/add", "DELETE /os-networks/{}", "POST /os-networks/{}/action disassociate",
		}},
		{"os-networks-associate", administrators, []string{
			"POST /os-networks/{}/action associate_host", "POST /os-networks/{}/action disassociate_host",
			"POST /os-networks/{}/action disassociate_project",
		}},
		{"os-security-group-default-rules", administrators, []string{
			"GET /os-security-group-default-rules", "GET /os-security-group-default-rules/{}", "POST /os-security-group-default-rules",
			"DELETE /os-security-group-default-rules/{}",
		}},
		{"os-tenant-networks", members, []string{"POST /os-tenant-networks", "DELETE /os-tenant-networks/{}"}},
		{"os-virtual-interfaces", readers, []string{"GET /servers/{}/os-virtual-interfaces"}},
		{"os-remote-consoles", "", []string{"POST /servers/{}/action os-getRDPConsole"}}, // which is still there, of the other consoles
		{"os-admin-actions:reset_network", administrators, []string{"POST /servers/{}/action resetNetwork"}},
	}
}
