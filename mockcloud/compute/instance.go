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
	Name              string // display_name
	Description       *string
	Hostname          string
	ReservationID     string // the same for all of one multi-create: "r-…"
	LaunchIndex       int

	// ImageID is empty for a server that boots from a volume.
	ImageID         string
	ImageProperties map[string]string // the image's properties at creation (system_metadata image_*)
	ImageMinDisk    int               // GiB
	ImageMinRAM     int               // MiB
	Flavor          Flavor            // as it was then

	KeyPair      *KeyPair
	UserData     string // base64, as the user sent it
	ConfigDrive  bool
	Metadata     map[string]string
	Tags         []string
	DiskConfig   DiskConfig
	AccessIPv4   string
	AccessIPv6   string
	TrustedCerts []string

	// RequestedZone is the availability zone that the user asked for ("" if none; since 2.96
	// pinned_availability_zone); Zone is the one of the host.
	RequestedZone, Zone string
	SchedulerHints      map[string][]string
	Host, Node          string // empty until scheduled, and after a failed build

	VMState   VMState
	TaskState TaskState
	// Operation is whose TaskState it is: the key of the instance action. "" with NoTask.
	Operation  string
	PowerState PowerState
	Progress   int
	Fault      *Fault // the latest

	Locked       bool
	LockedBy     string // "owner" or "admin"
	LockedReason *string

	CreatedAt, UpdatedAt     time.Time
	LaunchedAt, TerminatedAt *time.Time
	DeletedAt                *time.Time // set: the row is only history

	SecurityGroups    []string // names or ids as requested; what is in force is in the ports
	RequestedNetworks []RequestedNetwork
	VIFs              []VIF // network info cache
	RootDeviceName    string
	Volumes           []Volume
}

// Flavor is a flavor; an instance carries its own copy.
type Flavor struct {
	ID           string // flavorid: what the API calls id
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

// Volume is a volume attached to an instance.
type Volume struct {
	VolumeID            string
	AttachmentID        string
	Device              string // "/dev/vdb"
	Tag                 string
	DeleteOnTermination bool
}

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
	byProject        = "project"
	byDeletedProject = "deleted_project"
	byLife           = "life"
	byHost           = "host"
	byReservation    = "reservation"
)

const (
	liveRows    = "live"
	deletedRows = "deleted"
)

var instances = store.Table[Instance]{
	Name: "compute_instances",
	Key:  func(i *Instance) string { return i.ID },
	Indexes: []store.Index[Instance]{
		{Name: byProject, Of: func(i *Instance) []string { return when(i.Live(), i.ProjectID) }},
		{Name: byDeletedProject, Of: func(i *Instance) []string { return when(!i.Live(), i.ProjectID) }},
		{Name: byHost, Of: func(i *Instance) []string { return when(i.Live() && i.Host != "", i.Host) }},
		{Name: byReservation, Of: func(i *Instance) []string { return []string{i.ReservationID} }},
		{Name: byLife, Of: func(i *Instance) []string {
			if i.Live() {
				return []string{liveRows}
			}
			return []string{deletedRows}
		}},
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
	const mibPerGiB = 1024
	return f.RootGiB + f.EphemeralGiB + (f.SwapMiB+mibPerGiB-1)/mibPerGiB
}
