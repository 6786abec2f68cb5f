// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// policy is Nova's default policy, as far as the operations here ask for it. A test holds it against
// Nova's own list.
func policy() api.Policy {
	admin := api.Role("admin")
	reader := api.Any(api.RoleInProject("reader"), admin)
	member := api.Any(api.RoleInProject("member"), admin)
	ownUser := api.Any(admin, api.OwnUser)
	rules := api.Policy{}
	for check, names := range map[*api.Check][]string{
		&admin: {
			"os-availability-zone:detail", "os-extended-server-attributes",
			"os-flavor-access", "os-flavor-access:add_tenant_access", "os-flavor-access:remove_tenant_access",
			"os-flavor-extra-specs:create", "os-flavor-extra-specs:update", "os-flavor-extra-specs:delete",
			"os-flavor-manage:create", "os-flavor-manage:update", "os-flavor-manage:delete",
			"os-instance-actions:events", "os-instance-actions:events:details",
			"limits:other_project", "os-lock-server:unlock:unlock_override",
			"servers:index:get_all_tenants", "servers:detail:get_all_tenants", "servers:allow_all_filters",
			"servers:show:host_status", "servers:show:host_status:unknown-only",
			"servers:create:forced_host", "servers:create:zero_disk_flavor",
		},
		&reader: {
			"os-flavor-extra-specs:index", "os-flavor-extra-specs:show",
			"os-instance-actions:list", "os-instance-actions:show", "ips:index", "ips:show",
			"server-metadata:index", "server-metadata:show", "os-server-tags:index", "os-server-tags:show",
			"servers:index", "servers:detail", "servers:show", "servers:show:flavor-extra-specs",
		},
		&member: {
			"os-console-output", "os-lock-server:lock", "os-lock-server:unlock",
			"server-metadata:create", "server-metadata:update", "server-metadata:update_all", "server-metadata:delete",
			"os-server-tags:update", "os-server-tags:update_all", "os-server-tags:delete", "os-server-tags:delete_all",
			"servers:create", "servers:create:attach_network", "servers:create:attach_volume", "servers:create:trusted_certs",
			"servers:delete", "servers:update", "servers:reboot", "servers:start", "servers:stop",
		},
		&ownUser: {"os-keypairs:index", "os-keypairs:create", "os-keypairs:delete", "os-keypairs:show"},
	} {
		for _, name := range names {
			rules[policyPrefix+name] = *check
		}
	}
	rules[policyPrefix+"limits"] = api.Anyone
	rules[policyPrefix+"os-availability-zone:list"] = api.Anyone
	rules["compute:servers:create:requested_destination"] = admin
	return rules
}

const policyPrefix = "os_compute_api:"

// rule is the whole name of a rule.
func rule(name string) string { return policyPrefix + name }
