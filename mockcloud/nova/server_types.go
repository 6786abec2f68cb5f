// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// serverBrief is a server in GET /servers.
type serverBrief struct {
	ID    string     `json:"id"`
	Name  string     `json:"name"`
	Links []api.Link `json:"links"`
	stub  *serverBriefStub
}

// At implements api.Shape.
func (b serverBrief) At(api.Version) any {
	if b.stub != nil {
		return b.stub
	}
	type whole serverBrief // without this method
	return whole(b)
}

// serverCore is what every answer with a whole server has.
type serverCore struct {
	ID           string                     `json:"id"`
	Name         string                     `json:"name"`
	Status       string                     `json:"status"`
	TenantID     string                     `json:"tenant_id"`
	UserID       string                     `json:"user_id"`
	Metadata     map[string]string          `json:"metadata"`
	HostID       string                     `json:"hostId"`
	Image        ServerImage                `json:"image"`
	OldFlavor    FlavorLink                 `json:"flavor"                    nova:"-2.46"`
	Flavor       ServerFlavor               `json:"flavor"                    nova:"2.47-"`
	Created      api.Time                   `json:"created"`
	Updated      api.Time                   `json:"updated"`
	Addresses    map[string][]ServerAddress `json:"addresses"`
	AccessIPv4   string                     `json:"accessIPv4"`
	AccessIPv6   string                     `json:"accessIPv6"`
	Links        []api.Link                 `json:"links"`
	DiskConfig   string                     `json:"OS-DCF:diskConfig"`
	Progress     *int                       `json:"progress,omitempty"`
	Fault        *ServerFault               `json:"fault,omitempty"`
	Locked       bool                       `json:"locked"                    nova:"2.9-"`
	Description  *string                    `json:"description"               nova:"2.19-"`
	Tags         []string                   `json:"tags"                      nova:"2.26-"`
	TrustedCerts *[]string                  `json:"trusted_image_certificates" nova:"2.63-"`
	LockedReason *string                    `json:"locked_reason"             nova:"2.73-"`
}

// serverMore is what showing adds, and since 2.75 also updating.
type serverMore struct {
	Zone           string              `json:"OS-EXT-AZ:availability_zone"`
	ConfigDrive    string              `json:"config_drive"` // "True" or ""
	KeyName        *string             `json:"key_name"`
	LaunchedAt     api.Micros          `json:"OS-SRV-USG:launched_at"`
	TerminatedAt   api.Micros          `json:"OS-SRV-USG:terminated_at"`
	SecurityGroups []namedGroup        `json:"security_groups,omitempty"`
	TaskState      *string             `json:"OS-EXT-STS:task_state"`
	VMState        string              `json:"OS-EXT-STS:vm_state"`
	PowerState     int                 `json:"OS-EXT-STS:power_state"`
	Volumes        []serverVolume      `json:"os-extended-volumes:volumes_attached"`
	HostStatus     api.Opt[string]     `json:"host_status,omitempty"             nova:"2.16-"`
	PinnedZone     *string             `json:"pinned_availability_zone"          nova:"2.96-"`
	SchedulerHints map[string][]string `json:"scheduler_hints"                   nova:"2.100-"`
	Host           api.Opt[*string]    `json:"OS-EXT-SRV-ATTR:host,omitempty"`
	Node           api.Opt[*string]    `json:"OS-EXT-SRV-ATTR:hypervisor_hostname,omitempty"`
	InstanceName   string              `json:"OS-EXT-SRV-ATTR:instance_name,omitempty"`
	Hostname       string              `json:"OS-EXT-SRV-ATTR:hostname,omitempty" nova:"2.3-"` // to all since 2.90
	extendedServer `nova:"2.3-"`
}

// extendedServer is what administrators see since 2.3.
type extendedServer struct {
	KernelID       api.Opt[*string] `json:"OS-EXT-SRV-ATTR:kernel_id,omitempty"`
	RamdiskID      api.Opt[*string] `json:"OS-EXT-SRV-ATTR:ramdisk_id,omitempty"`
	LaunchIndex    api.Opt[int]     `json:"OS-EXT-SRV-ATTR:launch_index,omitempty"`
	ReservationID  api.Opt[string]  `json:"OS-EXT-SRV-ATTR:reservation_id,omitempty"`
	RootDeviceName api.Opt[*string] `json:"OS-EXT-SRV-ATTR:root_device_name,omitempty"`
	UserData       api.Opt[*string] `json:"OS-EXT-SRV-ATTR:user_data,omitempty"`
}

// serverGroups is what showing and updating one server adds since 2.71.
type serverGroups struct {
	Groups []string `json:"server_groups" nova:"2.71-"`
}

// serverDetail is a server in GET /servers/detail.
type serverDetail struct {
	serverCore
	serverMore
	stub *serverDetailStub
}

// At implements api.Shape.
func (d serverDetail) At(api.Version) any {
	if d.stub != nil {
		return d.stub
	}
	type whole serverDetail // without this method
	return whole(d)
}

// Server is a server as GET /servers/{id} shows it.
type Server struct {
	serverCore
	serverMore
	serverGroups
	stub *serverStub
}

// At implements api.Shape.
func (s Server) At(api.Version) any {
	if s.stub != nil {
		return s.stub
	}
	type whole Server // without this method
	return whole(s)
}

// serverUpdated is the answer of PUT /servers/{id}.
type serverUpdated struct {
	serverCore
	serverMore `nova:"2.75-"`
	serverGroups
}

// FlavorLink is a server's flavor up to 2.46.
type FlavorLink struct {
	ID    string     `json:"id"`
	Links []api.Link `json:"links"`
}

// ServerFlavor is a server's flavor since 2.47: a copy from when the server was made.
type ServerFlavor struct {
	VCPUs        int         `json:"vcpus"`
	RAM          int         `json:"ram"`
	Disk         int         `json:"disk"`
	Ephemeral    int         `json:"ephemeral"`
	Swap         int         `json:"swap"`
	OriginalName string      `json:"original_name"`
	ExtraSpecs   *extraSpecs `json:"extra_specs,omitempty"`
}

// ServerImage is a server's image: "" for a server without one.
type ServerImage struct {
	ID         string            `json:"id"`
	Links      []api.Link        `json:"links"`
	Properties map[string]string `json:"properties" nova:"2.98-"`
}

// At implements api.Shape.
func (i ServerImage) At(api.Version) any {
	if i.ID == "" {
		return ""
	}
	type whole ServerImage // without this method
	return whole(i)
}

// ServerAddress is an address of a server.
type ServerAddress struct {
	Version int    `json:"version"`
	Addr    string `json:"addr"`
	Type    string `json:"OS-EXT-IPS:type,omitempty"`
	MAC     string `json:"OS-EXT-IPS-MAC:mac_addr,omitempty"`
}

// ServerFault is why a server is in ERROR.
type ServerFault struct {
	Code    int      `json:"code"`
	Created api.Time `json:"created"`
	Message string   `json:"message"`
	Details string   `json:"details,omitempty"`
}

type serverVolume struct {
	ID                  string `json:"id"`
	DeleteOnTermination bool   `json:"delete_on_termination" nova:"2.3-"`
}

type namedGroup struct {
	Name name `json:"name" len:"1-255"`
}
