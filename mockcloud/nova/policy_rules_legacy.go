// SPDX-License-Identifier: MPL-2.0

package nova

// The rules of what Nova no longer has, by default check: as the last release that had them asked.
const (
	legacyReaderOrAdmin = ``
	legacyMemberOrAdmin = ``
	legacyAdminOnly     = `
		os-baremetal-nodes os-pci:detail os-pci:index os-pci:show
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
