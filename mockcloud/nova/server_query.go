// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// ServerQuery are the parameters of the server lists. Nova's schemas allow each several times; where
// only one can mean something, the last counts.
type ServerQuery struct {
	api.Paging
	AllTenants       api.Opt[string] `json:"all_tenants"`
	Deleted          api.Opt[string] `json:"deleted"`
	ChangesSince     string          `json:"changes-since"  format:"date-time"`
	ChangesBefore    string          `json:"changes-before" nova:"2.66-" format:"date-time"`
	Status           []string        `json:"status"`
	ProjectID        string          `json:"project_id"`
	TenantID         string          `json:"tenant_id"`
	UserID           api.Opt[string] `json:"user_id"`
	UUID             api.Opt[string] `json:"uuid"`
	Name             api.Opt[string] `json:"name"           format:"regex"`
	DisplayName      api.Opt[string] `json:"display_name"   format:"regex"`
	Description      api.Opt[string] `json:"description"    format:"regex"`
	DisplayDesc      api.Opt[string] `json:"display_description" format:"regex"`
	Hostname         api.Opt[string] `json:"hostname"       format:"regex"`
	Host             api.Opt[string] `json:"host"`
	Node             api.Opt[string] `json:"node"           format:"regex"`
	Image            api.Opt[string] `json:"image"`
	ImageRef         api.Opt[string] `json:"image_ref"`
	Flavor           api.Opt[string] `json:"flavor"         format:"regex"`
	KeyName          api.Opt[string] `json:"key_name"       format:"regex"`
	IP               api.Opt[string] `json:"ip"             format:"regex"`
	IP6              api.Opt[string] `json:"ip6"            format:"regex"`
	FixedIP          api.Opt[string] `json:"fixed_ip"       nova:"-2.74"`
	AccessIPv4       api.Opt[string] `json:"access_ip_v4"   format:"regex"`
	AccessIPv6       api.Opt[string] `json:"access_ip_v6"   format:"regex"`
	AvailabilityZone api.Opt[string] `json:"availability_zone" format:"regex"`
	AutoDiskConfig   api.Opt[string] `json:"auto_disk_config" format:"regex"`
	ConfigDrive      api.Opt[string] `json:"config_drive"   format:"regex"`
	CreatedAt        api.Opt[string] `json:"created_at"     format:"regex"`
	LaunchedAt       api.Opt[string] `json:"launched_at"    format:"regex"`
	TerminatedAt     api.Opt[string] `json:"terminated_at"  format:"regex"`
	LaunchIndex      api.Opt[string] `json:"launch_index"`
	LockedBy         api.Opt[string] `json:"locked_by"      format:"regex"`
	Locked           api.Opt[string] `json:"locked"         nova:"2.73-"`
	PowerState       api.Opt[string] `json:"power_state"    format:"regex"`
	Progress         api.Opt[string] `json:"progress"       format:"regex"`
	TaskState        api.Opt[string] `json:"task_state"`
	VMState          api.Opt[string] `json:"vm_state"`
	ReservationID    api.Opt[string] `json:"reservation_id" format:"regex"`
	RootDeviceName   api.Opt[string] `json:"root_device_name" format:"regex"`
	KernelID         api.Opt[string] `json:"kernel_id"      format:"regex"`
	RamdiskID        api.Opt[string] `json:"ramdisk_id"     format:"regex"`
	SoftDeleted      string          `json:"soft_deleted"`
	Tags             api.Opt[string] `json:"tags"           nova:"2.26-" format:"regex"`
	TagsAny          api.Opt[string] `json:"tags-any"       nova:"2.26-" format:"regex"`
	NotTags          api.Opt[string] `json:"not-tags"       nova:"2.26-" format:"regex"`
	NotTagsAny       api.Opt[string] `json:"not-tags-any"   nova:"2.26-" format:"regex"`
	joinedTables
	OldSortKey []string `json:"sort_key" nova:"-2.72" oneof:"access_ip_v4 access_ip_v6 auto_disk_config availability_zone config_drive created_at display_description display_name host hostname image_ref instance_type_id kernel_id key_name launch_index launched_at locked_by node power_state progress project_id ramdisk_id root_device_name task_state terminated_at updated_at user_id uuid vm_state architecture cell_name cleaned default_ephemeral_device default_swap_device deleted deleted_at disable_terminate ephemeral_gb ephemeral_key_uuid id key_data launched_on locked memory_mb os_type reservation_id root_gb shutdown_terminate user_data vcpus vm_mode"`
	MidSortKey []string `json:"sort_key" nova:"2.73-2.74" oneof:"access_ip_v4 access_ip_v6 auto_disk_config availability_zone config_drive created_at display_description display_name host hostname image_ref instance_type_id kernel_id key_name launch_index launched_at locked locked_by node power_state progress project_id ramdisk_id root_device_name task_state terminated_at updated_at user_id uuid vm_state architecture cell_name cleaned default_ephemeral_device default_swap_device deleted deleted_at disable_terminate ephemeral_gb ephemeral_key_uuid id key_data launched_on memory_mb os_type reservation_id root_gb shutdown_terminate user_data vcpus vm_mode"`
	SortKey    []string `json:"sort_key" nova:"2.75-" oneof:"access_ip_v4 access_ip_v6 auto_disk_config availability_zone config_drive created_at display_description display_name host hostname image_ref instance_type_id kernel_id key_name launch_index launched_at locked locked_by node power_state progress project_id ramdisk_id root_device_name task_state terminated_at updated_at user_id uuid vm_state"`
	SortDir    []string `json:"sort_dir"`
}

// joinedTables are parameters that Nova's schema takes and its API then refuses.
type joinedTables struct {
	BlockDeviceMapping []string `json:"block_device_mapping"`
	Services           []string `json:"services"`
	Metadata           []string `json:"metadata"`
	SystemMetadata     []string `json:"system_metadata"`
	InfoCache          []string `json:"info_cache"`
	SecurityGroups     []string `json:"security_groups"`
	PCIDevices         []string `json:"pci_devices"`
}

// refused names the parameter that cannot be filtered by, or "".
func (j *joinedTables) refused() string {
	for _, p := range []struct {
		name   string
		values []string
	}{
		{"block_device_mapping", j.BlockDeviceMapping}, {"services", j.Services}, {"metadata", j.Metadata},
		{"system_metadata", j.SystemMetadata}, {"info_cache", j.InfoCache}, {"security_groups", j.SecurityGroups},
		{"pci_devices", j.PCIDevices},
	} {
		if p.values != nil {
			return p.name
		}
	}
	return ""
}
