// SPDX-License-Identifier: MPL-2.0

package cinder

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// readerRules, memberRules and adminRules are Cinder's default policy by who satisfies it. Administrators
// satisfy all of them.
var (
	readerRules = []string{
		"volume:get", "volume:get_all", "volume:get_volume_metadata", "volume:get_snapshot", "volume:get_all_snapshots",
		"volume:get_snapshot_metadata", "message:get", "message:get_all", "volume:get_transfer", "volume:get_all_transfers",
		"volume_extension:volume_tenant_attribute", "volume_extension:volume_encryption_metadata",
		"volume_extension:volume_image_metadata:show", "volume_extension:extended_snapshot_attributes",
		"volume_extension:type_get", "volume_extension:type_get_all", "volume_extension:access_types_extra_specs",
		"volume_extension:types_extra_specs:index", "volume_extension:types_extra_specs:show",
		"volume_extension:quotas:show", "limits_extension:used_limits",
	}
	memberRules = []string{
		"volume:create", "volume:create_from_image", "volume:update", "volume:delete", "volume:multiattach",
		"volume:extend", "volume:extend_attached_volume", "volume:revert_to_snapshot", "volume:retype",
		"volume:update_readonly_flag", "volume:reimage", "volume:reimage_reserved",
		"volume_extension:volume_actions:upload_image", "volume_extension:volume_actions:initialize_connection",
		"volume_extension:volume_actions:terminate_connection", "volume_extension:volume_actions:roll_detaching",
		"volume_extension:volume_actions:reserve", "volume_extension:volume_actions:unreserve",
		"volume_extension:volume_actions:begin_detaching", "volume_extension:volume_actions:attach",
		"volume_extension:volume_actions:detach",
		"volume:create_snapshot", "volume:update_snapshot", "volume:delete_snapshot",
		"volume:update_snapshot_metadata", "volume:delete_snapshot_metadata",
		"snapshot_extension:snapshot_actions:update_snapshot_status",
		"volume:attachment_create", "volume:attachment_update", "volume:attachment_delete", "volume:attachment_complete",
		"volume:multiattach_bootable_volume",
		"volume:create_volume_metadata", "volume:update_volume_metadata", "volume:delete_volume_metadata",
		"volume_extension:volume_image_metadata:set", "volume_extension:volume_image_metadata:remove",
		"message:delete", "volume:create_transfer", "volume:accept_transfer", "volume:delete_transfer",
		"volume_extension:volume_type_access",
	}
	adminRules = []string{
		"volume:force_delete", "volume_extension:volume_host_attribute", "volume_extension:volume_mig_status_attribute",
		"volume_extension:volume_admin_actions:reset_status", "volume_extension:volume_admin_actions:force_delete",
		"volume_extension:volume_admin_actions:force_detach", "volume_extension:volume_admin_actions:migrate_volume_completion",
		"volume_extension:volume_actions:upload_public", "volume:extend_volume_completion",
		"volume_extension:snapshot_admin_actions:reset_status", "volume_extension:snapshot_admin_actions:force_delete",
		"volume_extension:type_create", "volume_extension:type_update", "volume_extension:type_delete",
		"volume_extension:access_types_qos_specs_id",
		"volume_extension:types_extra_specs:create", "volume_extension:types_extra_specs:update",
		"volume_extension:types_extra_specs:delete", "volume_extension:types_extra_specs:read_sensitive",
		"volume_extension:volume_type_encryption:create", "volume_extension:volume_type_encryption:get",
		"volume_extension:volume_type_encryption:update", "volume_extension:volume_type_encryption:delete",
		"volume_extension:volume_type_access:addProjectAccess", "volume_extension:volume_type_access:removeProjectAccess",
		"volume_extension:volume_type_access:get_all_for_type",
		"volume_extension:qos_specs_manage:create", "volume_extension:qos_specs_manage:get", "volume_extension:qos_specs_manage:get_all",
		"volume_extension:qos_specs_manage:update", "volume_extension:qos_specs_manage:delete",
		"volume_extension:default_set_or_update", "volume_extension:default_get", "volume_extension:default_get_all",
		"volume_extension:default_unset",
		"volume_extension:quotas:update", "volume_extension:quotas:delete",
		"volume_extension:quota_classes:get", "volume_extension:quota_classes:update",
		"volume_extension:services:index", "volume_extension:services:update", "volume:freeze_host", "volume:thaw_host",
		"scheduler_extension:scheduler_stats:get_pools", "volume_extension:capabilities", "volume_extension:hosts",
	}
)

func policy() api.Policy {
	admin := api.Role("admin")
	rules := api.Policy{}
	for _, level := range []struct {
		names []string
		check api.Check
	}{
		{readerRules, api.Any(admin, api.RoleInProject("reader"), api.RoleInProject("member"))},
		{memberRules, api.Any(admin, api.RoleInProject("member"))},
		{adminRules, admin},
	} {
		for _, name := range level.names {
			rules[name] = level.check
		}
	}
	return rules
}
