// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"fmt"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Instance is a server as Nova records it. Deleted instances stay as rows: administrators see them
// with deleted=True, everybody with changes-since.
type Instance struct {
	ID     string // UUID
	Number int64  // counts up from 1; names the machine

	ProjectID, UserID string
	Name              string  // display_name
	Description       *string `json:",omitzero"`
	Hostname          string
	ReservationID     string // the same for all of one multi-create: "r-…"
	LaunchIndex       int    `json:",omitzero"`

	// ImageID is empty for a server that boots from a volume.
	ImageID         string
	ImageProperties map[string]string // the image's properties at creation (system_metadata image_*)
	ImageMinDisk    int               `json:",omitzero"` // GiB
	ImageMinRAM     int               `json:",omitzero"` // MiB
	Flavor          Flavor            // as it was then

	KeyPair      *KeyPair          `json:",omitzero"`
	UserData     string            `json:",omitzero"` // base64, as the user sent it
	ConfigDrive  bool              `json:",omitzero"`
	Metadata     map[string]string `json:",omitzero"`
	Tags         []string          `json:",omitzero"`
	DiskConfig   DiskConfig
	AccessIPv4   string   `json:",omitzero"`
	AccessIPv6   string   `json:",omitzero"`
	TrustedCerts []string `json:",omitzero"`

	// RequestedZone is the availability zone that the user asked for ("" if none; since 2.96
	// pinned_availability_zone); Zone is the one of the host.
	RequestedZone, Zone string
	SchedulerHints      map[string][]string `json:",omitzero"`
	// TargetCell and DifferentCells are the hints of those names, where the user's word about cells counts.
	TargetCell     string   `json:",omitzero"`
	DifferentCells []string `json:",omitzero"`
	Host, Node     string   // empty until scheduled, and after a failed build

	VMState   VMState
	TaskState TaskState `json:",omitzero"`
	// Operation is whose TaskState it is: the key of the instance action. "" with NoTask.
	Operation  string `json:",omitzero"`
	PowerState PowerState
	Progress   int    `json:",omitzero"`
	Fault      *Fault `json:",omitzero"` // the latest

	Locked       bool    `json:",omitzero"`
	LockedBy     string  `json:",omitzero"` // "owner" or "admin"
	LockedReason *string `json:",omitzero"`

	CreatedAt, UpdatedAt time.Time
	LaunchedAt           *time.Time
	TerminatedAt         *time.Time `json:",omitzero"`
	DeletedAt            *time.Time `json:",omitzero"` // set: the row is only history

	SecurityGroups    []string `json:",omitzero"` // names or ids as requested; what is in force is in the ports
	RequestedNetworks []RequestedNetwork
	VIFs              []VIF // network info cache
	// InterfaceChanges are the attaches and detaches of interfaces under way.
	InterfaceChanges []InterfaceChange `json:",omitzero"`
	RootDeviceName   string
	BlockDevices     []BlockDevice  `json:",omitzero"`
	Shares           []ShareMapping `json:",omitzero"`

	// OldVMState is what the server returns to: after a rescue, a resize or a restore.
	OldVMState VMState `json:",omitzero"`
	// OldFlavor and NewFlavor are those of a resize from when it begins until it is confirmed or
	// reverted; Flavor is the one in force.
	OldFlavor *Flavor `json:",omitzero"`
	NewFlavor *Flavor `json:",omitzero"`
	// ShelvedImageID is the snapshot of a shelved server, ShelvedAt when it was shelved.
	ShelvedImageID string     `json:",omitzero"`
	ShelvedAt      *time.Time `json:",omitzero"`
	// SnapshotImageID is the image that a snapshot under way is to be: whoever ends the snapshot early deletes it.
	SnapshotImageID string `json:",omitzero"`
	// SoftDeletedAt is when a soft-deleted server was.
	SoftDeletedAt *time.Time `json:",omitzero"`
	// EncryptedPassword is what the guest posted for os-server-password: base64.
	EncryptedPassword string `json:",omitzero"`
	// ServerGroupID is the server group that it was created in.
	ServerGroupID string `json:",omitzero"`
}

// Flavor is a flavor; an instance carries its own copy.
type Flavor struct {
	ID           string // flavorid: what the API calls id
	Number       int64  `json:",omitzero"` // counts up from 1: instance_type_id of migrations
	Name         string
	Description  *string
	VCPUs        int
	MemoryMiB    int
	RootGiB      int // 0 takes the image's size
	EphemeralGiB int
	SwapMiB      int
	RXTXFactor   float64
	Public       bool
	Disabled     bool
	ExtraSpecs   map[string]string
}

// KeyPair is the key given to a server at creation; a copy, like the flavor.
type KeyPair struct {
	Name      string
	Type      string // "ssh" or "x509"
	PublicKey string
}

// BlockDevice is a disk of an instance (Nova: block_device_mapping): a volume, or a local disk. The root
// disk on the image of Instance.ImageID has one, too, unless the request gave none.
type BlockDevice struct {
	ID           string // bdm_uuid
	Source       string // "image", "volume", "snapshot", "blank"
	Destination  string // "local" or "volume"
	ImageID      string `json:",omitzero"`
	SnapshotID   string `json:",omitzero"`
	VolumeID     string `json:",omitzero"` // "" until it is made
	AttachmentID string `json:",omitzero"` // Cinder's
	VolumeType   string `json:",omitzero"`
	GiB          int    `json:",omitzero"` // MiB of swap; 0: of the source
	BootIndex    int    // 0 is the root disk; -1: not booted from
	Device       string // "/dev/vdb"; "" until chosen
	DiskBus      string `json:",omitzero"`
	DeviceType   string `json:",omitzero"` // "disk", "cdrom", "lun"
	GuestFormat  string `json:",omitzero"` // "swap" or a file system's name
	Tag          string `json:",omitzero"`

	DeleteOnTermination bool `json:",omitzero"`
	// Change is what is under way on it, nil for nothing.
	Change *VolumeChange `json:",omitzero"`
}

// OnVolume tells that the disk is a volume's.
func (b *BlockDevice) OnVolume() bool { return b.Destination == ToVolume }

// DiskConfig is OS-DCF:diskConfig.
type DiskConfig string

// The disk configs.
const (
	DiskManual DiskConfig = "MANUAL"
	DiskAuto   DiskConfig = "AUTO"
)

// Fault is why an instance went to ERROR, or an action on it failed (Nova: instance_faults).
type Fault struct {
	Code    int // 500 unless the cause has one
	Message string
	Details string // the chain of causes; for administrators, and only with code 500
	Host    string
	Created time.Time
}

// MachineName is the name of the instance's machine: OS-EXT-SRV-ATTR:instance_name.
func (i *Instance) MachineName() string { return fmt.Sprintf("instance-%08x", i.Number) }

// Live tells that the instance has not been deleted.
func (i *Instance) Live() bool { return i.DeletedAt == nil }

// Status is the instance's status as the API gives it: "ACTIVE".
func (i *Instance) Status() string { return Status(i.VMState, i.TaskState) }

// Indexes of the instances. Deleted rows are kept out of the way of the others.
const (
	byProject     = "project"
	byAge         = "age" // see age.go
	byHost        = "host"
	byReservation = "reservation"
	bySoftDeleted = "soft-deleted"

	softDeletedMark = "yes" // the one value of bySoftDeleted
)

var instances = store.Table[Instance]{
	Name: "compute_instances",
	Key:  func(i *Instance) string { return i.ID },
	Indexes: []store.Index[Instance]{
		{Name: byAge, Of: func(i *Instance) []string { return []string{i.age(""), i.age(i.ProjectID)} }},
		{Name: byHost, Of: func(i *Instance) []string { return when(i.Live() && i.Host != "", i.Host) }},
		{Name: bySoftDeleted, Of: func(i *Instance) []string { return when(i.Live() && i.SoftDeletedAt != nil, softDeletedMark) }},
		{Name: byReservation, Of: func(i *Instance) []string { return []string{i.ReservationID} }},
		{Name: byTaskOnHost, Of: func(i *Instance) []string { return when(i.Live() && i.TaskState != NoTask && i.Host != "", i.Host) }},
		{Name: byServerGroup, Of: func(i *Instance) []string { return when(i.Live() && i.ServerGroupID != "", i.ServerGroupID) }},
	},
}

// when is an index's value for the rows to which it applies.
func when(applies bool, value string) []string {
	if !applies {
		return nil
	}
	return []string{value}
}

// hypervisorDisk is what the instance takes of its host's disk, in GiB.
func (f Flavor) hypervisorDisk() int {
	return f.RootGiB + f.EphemeralGiB + (f.SwapMiB+mibPerGiB-1)/mibPerGiB
}
