// SPDX-License-Identifier: MPL-2.0

package nova

// The rules of what Nova no longer has, by default check: as the last release that had them asked, which knew no
// readers. They read what has no password: who is told a console's can type there.
const (
	legacyReaderOrAdmin = `
		os-consoles:index
		os-fping os-virtual-interfaces
		os-certificates:show
	`
	legacyMemberOrAdmin = `
		os-consoles:create os-consoles:delete os-consoles:show os-floating-ip-dns
		os-tenant-networks
		os-certificates:create
	`
	legacyAdminOnly = `
		os-baremetal-nodes os-pci:detail os-pci:index os-pci:show
		os-floating-ip-dns:domain:delete os-floating-ip-dns:domain:update os-floating-ips-bulk
		os-security-group-default-rules
		os-admin-actions:reset_network os-fixed-ips os-fping:all_tenants os-networks os-networks-associate
		cells_scheduler_filter:DifferentCellFilter cells_scheduler_filter:TargetCellFilter
		os-agents:create os-agents:delete os-agents:list os-agents:update
		os-cells os-cells:create os-cells:delete os-cells:sync_instances os-cells:update os-cloudpipe
	`
)

// legacyRules are those of the names above.
func legacyRules() map[string]string {
	return map[string]string{
		"rule:project_reader_or_admin": legacyReaderOrAdmin,
		"rule:project_member_or_admin": legacyMemberOrAdmin,
		"rule:context_is_admin":        legacyAdminOnly,
	}
}
