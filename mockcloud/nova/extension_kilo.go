// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// extensionDocuments is below where the namespaces of extensions were, most of them at compute/ext.
const extensionDocuments = "http://docs.openstack.org/"

// kiloLegacyExtensions are what the Compute API v2 of Kilo listed, the last with extensions of its own: each with its
// namespace and the day when it was last changed. The list of 2.1 has not changed since.
func kiloLegacyExtensions() []Extension {
	var all []Extension
	for line := range strings.Lines(strings.TrimSpace(kiloExtensionTable)) {
		fields := strings.Fields(line)
		updated, namespace := fields[2], fields[3]
		if !strings.Contains(updated, "T") {
			updated += "T00:00:00Z"
		}
		if !strings.HasPrefix(namespace, "ext/") {
			namespace = "compute/ext/" + namespace
		}
		all = append(all, Extension{
			Alias: fields[0], Name: fields[1], Description: extensionDescription(fields[1]), Namespace: extensionDocuments + namespace,
			Updated: updated, Links: []api.Link{},
		})
	}
	return all
}

// kiloExtensionTable is aliases, names, days (or moments, where midnight would be wrong) and namespaces.
const kiloExtensionTable = `
	NMN Multinic 2011-06-09 multinic/api/v1.1
	OS-DCF DiskConfig 2011-09-27 disk_config/api/v1.1
	OS-EXT-AZ ExtendedAvailabilityZone 2013-01-30 extended_availability_zone/api/v2
	OS-EXT-IMG-SIZE ImageSize 2013-02-19 image_size/api/v1.1
	OS-EXT-IPS ExtendedIps 2013-01-06 extended_ips/api/v1.1
	OS-EXT-IPS-MAC ExtendedIpsMac 2013-03-07 extended_ips_mac/api/v1.1
	OS-EXT-SRV-ATTR ExtendedServerAttributes 2011-11-03 extended_status/api/v1.1
	OS-EXT-STS ExtendedStatus 2011-11-03 extended_status/api/v1.1
	OS-EXT-VIF-NET ExtendedVIFNet 2013-03-07 extended-virtual-interfaces-net/api/v1.1
	OS-FLV-DISABLED FlavorDisabled 2012-08-29 flavor_disabled/api/v1.1
	OS-FLV-EXT-DATA FlavorExtraData 2011-09-14 flavor_extra_data/api/v1.1
	OS-SCH-HNT SchedulerHints 2011-07-19 scheduler-hints/api/v2
	OS-SRV-USG ServerUsage 2013-04-29 server_usage/api/v1.1
	os-admin-actions AdminActions 2011-09-20 admin-actions/api/v1.1
	os-agents Agents 2012-10-28 agents/api/v2
	os-aggregates Aggregates 2012-01-12 aggregates/api/v1.1
	os-assisted-volume-snapshots AssistedVolumeSnapshots 2013-08-29 assisted-volume-snapshots/api/v2
	os-attach-interfaces AttachInterfaces 2012-07-22 interfaces/api/v1.1
	os-availability-zone AvailabilityZone 2012-12-21 availabilityzone/api/v1.1
	os-baremetal-ext-status BareMetalExtStatus 2013-08-27 baremetal_ext_status/api/v2
	os-baremetal-nodes BareMetalNodes 2013-01-04 baremetal_nodes/api/v2
	os-block-device-mapping-v2-boot BlockDeviceMappingV2Boot 2013-07-08 block_device_mapping_v2_boot/api/v2
	os-cell-capacities CellCapacities 2013-05-27 cell_capacities/api/v1.1
	os-cells Cells 2013-05-14 cells/api/v1.1
	os-certificates Certificates 2012-01-19 certificates/api/v1.1
	os-cloudpipe Cloudpipe 2011-12-16 cloudpipe/api/v1.1
	os-cloudpipe-update CloudpipeUpdate 2012-11-14 cloudpipe-update/api/v2
	os-config-drive ConfigDrive 2012-07-16 config_drive/api/v1.1
	os-console-auth-tokens ConsoleAuthTokens 2013-08-13 consoles-auth-tokens/api/v2
	os-console-output ConsoleOutput 2011-12-08 os-console-output/api/v2
	os-consoles Consoles 2011-12-23 os-consoles/api/v2
	os-create-server-ext Createserverext 2011-07-19 createserverext/api/v1.1
	os-deferred-delete DeferredDelete 2011-09-01 deferred-delete/api/v1.1
	os-evacuate Evacuate 2013-01-06 evacuate/api/v2
	os-extended-evacuate-find-host ExtendedEvacuateFindHost 2014-02-12 extended_evacuate_find_host/api/v2
	os-extended-floating-ips ExtendedFloatingIps 2013-04-19 extended_floating_ips/api/v2
	os-extended-hypervisors ExtendedHypervisors 2014-01-04 extended_hypervisors/api/v1.1
	os-extended-networks ExtendedNetworks 2014-05-09 extended_networks/api/v2
	os-extended-quotas ExtendedQuotas 2013-06-09 extended_quotas/api/v1.1
	os-extended-rescue-with-image ExtendedRescueWithImage 2014-01-04 extended_rescue_with_image/api/v2
	os-extended-services ExtendedServices 2013-05-17 extended_services/api/v2
	os-extended-services-delete ExtendedServicesDelete 2013-12-10 extended_services_delete/api/v2
	os-extended-volumes ExtendedVolumes 2013-06-07 extended_volumes/api/v1.1
	os-fixed-ips FixedIPs 2012-10-18T19:25:27Z fixed_ips/api/v2
	os-flavor-access FlavorAccess 2012-08-01 flavor_access/api/v2
	os-flavor-extra-specs FlavorExtraSpecs 2011-06-23 flavor_extra_specs/api/v1.1
	os-flavor-manage FlavorManage 2012-01-19 flavor_manage/api/v1.1
	os-flavor-rxtx FlavorRxtx 2012-08-29 flavor_rxtx/api/v1.1
	os-flavor-swap FlavorSwap 2012-08-29 flavor_swap/api/v1.1
	os-floating-ip-dns FloatingIpDns 2011-12-23 ext/floating_ip_dns/api/v1.1
	os-floating-ip-pools FloatingIpPools 2012-01-04 floating_ip_pools/api/v1.1
	os-floating-ips FloatingIps 2011-06-16 floating_ips/api/v1.1
	os-floating-ips-bulk FloatingIpsBulk 2012-10-29T19:25:27Z floating_ips_bulk/api/v2
	os-fping Fping 2012-07-06 fping/api/v1.1
	os-hide-server-addresses HideServerAddresses 2012-12-11 hide_server_addresses/api/v1.1
	os-hosts Hosts 2011-06-29 hosts/api/v1.1
	os-hypervisor-status HypervisorStatus 2014-04-17 hypervisor_status/api/v1.1
	os-hypervisors Hypervisors 2012-06-21 hypervisors/api/v1.1
	os-instance-actions InstanceActions 2013-02-08 instance-actions/api/v1.1
	os-instance_usage_audit_log OSInstanceUsageAuditLog 2012-07-06T01:00:00Z ext/services/api/v1.1
	os-keypairs Keypairs 2011-08-08 keypairs/api/v1.1
	os-migrations Migrations 2013-05-30 migrations/api/v2.0
	os-multiple-create MultipleCreate 2012-08-07 multiplecreate/api/v1.1
	os-networks Networks 2011-12-23 os-networks/api/v1.1
	os-networks-associate NetworkAssociationSupport 2012-11-19 networks_associate/api/v2
	os-preserve-ephemeral-rebuild PreserveEphemeralOnRebuild 2013-12-17 preserve_ephemeral_rebuild/api/v2
	os-quota-class-sets QuotaClasses 2012-03-12 quota-classes-sets/api/v1.1
	os-quota-sets Quotas 2011-08-08 quotas-sets/api/v1.1
	os-rescue Rescue 2011-08-18 rescue/api/v1.1
	os-security-group-default-rules SecurityGroupDefaultRules 2013-02-05 securitygroupdefaultrules/api/v1.1
	os-security-groups SecurityGroups 2013-05-28 securitygroups/api/v1.1
	os-server-diagnostics ServerDiagnostics 2011-12-21 server-diagnostics/api/v1.1
	os-server-external-events ServerExternalEvents 2014-02-18 server-external-events/api/v2
	os-server-group-quotas ServerGroupQuotas 2014-07-25 server-group-quotas/api/v2
	os-server-groups ServerGroups 2013-06-20 servergroups/api/v2
	os-server-list-multi-status ServerListMultiStatus 2014-05-11 os-server-list-multi-status/api/v2
	os-server-password ServerPassword 2012-11-29 server-password/api/v2
	os-server-sort-keys ServerSortKeys 2014-05-22 server_sort_keys/api/v2
	os-server-start-stop ServerStartStop 2012-01-23 servers/api/v1.1
	os-services Services 2012-10-28 services/api/v2
	os-shelve Shelve 2013-04-06 shelve/api/v1.1
	os-simple-tenant-usage SimpleTenantUsage 2011-08-19 os-simple-tenant-usage/api/v1.1
	os-tenant-networks OSTenantNetworks 2012-03-07T14:46:43Z os-tenant-networks/api/v2
	os-used-limits UsedLimits 2012-07-13 used_limits/api/v1.1
	os-used-limits-for-admin UsedLimitsForAdmin 2013-05-02 used_limits_for_admin/api/v1.1
	os-user-data UserData 2012-08-07 userdata/api/v1.1
	os-user-quotas UserQuotas 2013-07-18 user_quotas/api/v1.1
	os-virtual-interfaces VirtualInterfaces 2011-08-17 virtual_interfaces/api/v1.1
	os-volume-attachment-update VolumeAttachmentUpdate 2013-06-20 os-volume-attachment-update/api/v2
	os-volumes Volumes 2011-03-25 volumes/api/v1.1
`
