// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Extension is a part of the API that an older Nova could be without. Every part is there, and the list is
// the same at every version.
type Extension struct {
	Alias       string     `json:"alias"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Namespace   string     `json:"namespace"`
	Updated     string     `json:"updated"`
	Links       []api.Link `json:"links"`
}

// What Nova says of every extension alike.
const (
	extensionNamespace = "http://docs.openstack.org/compute/ext/fake_xml"
	extensionUpdated   = "2014-12-03T00:00:00Z"
)

// legacyExtension is one that the legacy API lists besides.
const legacyExtension = "OS-EXT-VIF-NET ExtendedVIFNet"

func (s *Service) extensionRoutes() []api.Route {
	ask := api.QueryOf[noQuery]()
	return []api.Route{
		api.Get("/extensions", "extensions", s.listExtensions).AskedBy(ask).Loose("-2.101").Policy(rule("extensions")),
		api.Get("/extensions/{alias}", "extension", s.showExtension).AskedBy(ask).Loose("-2.101").Policy(rule("extensions")),
	}
}

func (s *Service) listExtensions(c *api.Call) ([]Extension, error) {
	if c.Legacy() && s.Release.before(kilo+1) {
		return kiloLegacyExtensions(), nil
	}
	names := strings.Split(strings.TrimSpace(extensionNames), "\n")
	if c.Legacy() {
		names = append(names, legacyExtension)
		slices.Sort(names)
	}
	all := make([]Extension, 0, len(names))
	for _, line := range names {
		alias, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		all = append(all, Extension{
			Alias: alias, Name: name, Description: extensionDescription(name), Namespace: extensionNamespace,
			Updated: extensionUpdated, Links: []api.Link{},
		})
	}
	return all, nil
}

func (s *Service) showExtension(c *api.Call) (Extension, error) {
	all, err := s.listExtensions(c)
	at := slices.IndexFunc(all, func(e Extension) bool { return e.Alias == c.Var("alias") })
	if err != nil || at < 0 {
		return Extension{}, api.NotFound("The resource could not be found.")
	}
	return all[at], nil
}

// describedExtensions are the extensions of which an API reference shows the description.
var describedExtensions = map[string]string{
	"CreateBackup": "Create a backup of a server.",
	"DiskConfig":   "Disk Management Extension.",
}

// extensionDescription is what is said of an extension of that name.
func extensionDescription(name string) string {
	return cmp.Or(describedExtensions[name], words(name)+" support.")
}

// words are those of a name in camel case.
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) && !unicode.IsUpper(rune(name[i-1])) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// extensionNames are the aliases and names of Nova's extensions, in the order of aliases.
const extensionNames = `
	NMN Multinic
	OS-DCF DiskConfig
	OS-EXT-AZ ExtendedAvailabilityZone
	OS-EXT-IMG-SIZE ImageSize
	OS-EXT-IPS ExtendedIps
	OS-EXT-IPS-MAC ExtendedIpsMac
	OS-EXT-SRV-ATTR ExtendedServerAttributes
	OS-EXT-STS ExtendedStatus
	OS-FLV-DISABLED FlavorDisabled
	OS-FLV-EXT-DATA FlavorExtraData
	OS-SCH-HNT SchedulerHints
	OS-SRV-USG ServerUsage
	os-access-ips AccessIPs
	os-admin-actions AdminActions
	os-admin-password AdminPassword
	os-agents Agents
	os-aggregates Aggregates
	os-assisted-volume-snapshots AssistedVolumeSnapshots
	os-attach-interfaces AttachInterfaces
	os-availability-zone AvailabilityZone
	os-baremetal-ext-status BareMetalExtStatus
	os-baremetal-nodes BareMetalNodes
	os-block-device-mapping BlockDeviceMapping
	os-block-device-mapping-v2-boot BlockDeviceMappingV2Boot
	os-cell-capacities CellCapacities
	os-cells Cells
	os-certificates Certificates
	os-cloudpipe Cloudpipe
	os-cloudpipe-update CloudpipeUpdate
	os-config-drive ConfigDrive
	os-console-auth-tokens ConsoleAuthTokens
	os-console-output ConsoleOutput
	os-consoles Consoles
	os-create-backup CreateBackup
	os-create-server-ext Createserverext
	os-deferred-delete DeferredDelete
	os-evacuate Evacuate
	os-extended-evacuate-find-host ExtendedEvacuateFindHost
	os-extended-floating-ips ExtendedFloatingIps
	os-extended-hypervisors ExtendedHypervisors
	os-extended-networks ExtendedNetworks
	os-extended-quotas ExtendedQuotas
	os-extended-rescue-with-image ExtendedRescueWithImage
	os-extended-services ExtendedServices
	os-extended-services-delete ExtendedServicesDelete
	os-extended-status ExtendedStatus
	os-extended-volumes ExtendedVolumes
	os-fixed-ips FixedIPs
	os-flavor-access FlavorAccess
	os-flavor-extra-specs FlavorExtraSpecs
	os-flavor-manage FlavorManage
	os-flavor-rxtx FlavorRxtx
	os-flavor-swap FlavorSwap
	os-floating-ip-dns FloatingIpDns
	os-floating-ip-pools FloatingIpPools
	os-floating-ips FloatingIps
	os-floating-ips-bulk FloatingIpsBulk
	os-fping Fping
	os-hide-server-addresses HideServerAddresses
	os-hosts Hosts
	os-hypervisor-status HypervisorStatus
	os-hypervisors Hypervisors
	os-instance-actions InstanceActions
	os-instance_usage_audit_log OSInstanceUsageAuditLog
	os-keypairs Keypairs
	os-lock-server LockServer
	os-migrate-server MigrateServer
	os-migrations Migrations
	os-multiple-create MultipleCreate
	os-networks Networks
	os-networks-associate NetworkAssociationSupport
	os-pause-server PauseServer
	os-personality Personality
	os-preserve-ephemeral-rebuild PreserveEphemeralOnRebuild
	os-quota-class-sets QuotaClasses
	os-quota-sets Quotas
	os-rescue Rescue
	os-security-group-default-rules SecurityGroupDefaultRules
	os-security-groups SecurityGroups
	os-server-diagnostics ServerDiagnostics
	os-server-external-events ServerExternalEvents
	os-server-group-quotas ServerGroupQuotas
	os-server-groups ServerGroups
	os-server-list-multi-status ServerListMultiStatus
	os-server-password ServerPassword
	os-server-sort-keys ServerSortKeys
	os-server-start-stop ServerStartStop
	os-services Services
	os-shelve Shelve
	os-simple-tenant-usage SimpleTenantUsage
	os-suspend-server SuspendServer
	os-tenant-networks OSTenantNetworks
	os-used-limits UsedLimits
	os-used-limits-for-admin UsedLimitsForAdmin
	os-user-data UserData
	os-user-quotas UserQuotas
	os-virtual-interfaces VirtualInterfaces
	os-volume-attachment-update VolumeAttachmentUpdate
	os-volumes Volumes
`
