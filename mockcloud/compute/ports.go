// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"io"
	"net/netip"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// Caller is who asks. Operations act in its name and record it.
type Caller struct {
	RequestID   string // "req-…"
	UserID      string
	ProjectID   string
	UserName    string
	ProjectName string
	Admin       bool // sees every project, and locks do not hold it
}

// Images is where images are (Glance).
type Images interface {
	// Image returns the image if the caller may see it. An error of kind NotFound otherwise.
	Image(ctx context.Context, caller Caller, id string) (*Image, error)
	// Find returns the images with those properties that the caller may see, newest first.
	Find(ctx context.Context, caller Caller, properties map[string]string) ([]*Image, error)
	// Create makes an image of the caller's without content: it is queued, unless it shall have none. Quota
	// errors are of kind Forbidden.
	Create(ctx context.Context, caller Caller, image NewImage) (id string, err error)
	// Upload gives a queued image its content: it is saving, then active. When write fails, the image
	// is deleted, and write's error returned. An error of kind NotFound when there is no such image any more.
	Upload(ctx context.Context, caller Caller, id string, write func(io.Writer) error) error
	// Delete deletes an image of the caller's; nil when there is none.
	Delete(ctx context.Context, caller Caller, id string) error
}

// NewImage is an image to make (createImage, createBackup, shelve).
type NewImage struct {
	Name            string
	DiskFormat      string // "" of a volume-backed server's
	ContainerFormat string
	MinDisk, MinRAM int // GiB, MiB
	Properties      map[string]string
	// SharedWith is a project that may see the image, too; "" for none.
	SharedWith string
	// Empty is the image of a volume-backed server: it is active at once, and its properties are all it has.
	Empty bool
}

// Image is an image as far as a server needs it.
type Image struct {
	ID         string
	Name       string
	Status     string // "active"
	DiskFormat string // "qcow2", "raw"
	Checksum   string // identifies the content: "sha512:…"
	Size       int64  // bytes
	// VirtualSize in bytes; 0 if unknown.
	VirtualSize int64
	MinDisk     int // GiB
	MinRAM      int // MiB
	Properties  map[string]string
	// Open reads the content.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// Networks is where ports are (Neutron).
type Networks interface {
	// Resolve checks what the caller asks for, for count servers, before anything is created:
	// networks and ports that exist and are the caller's, ports not in use, addresses that are in a
	// subnet, a choice of network that is not ambiguous, port quota. It returns the request with
	// every choice made (never Auto where there is only one network). Errors carry a Kind.
	Resolve(ctx context.Context, caller Caller, want []RequestedNetwork, securityGroups []string,
		count int) ([]RequestedNetwork, error)
	// Allocate gives the instance its VIFs, in the order of inst.RequestedNetworks: ports are
	// created (device owner "compute:ZONE", device id, security groups, DNS name from the
	// hostname) or, where requested, taken, and bound to inst.Host. On error nothing is left.
	Allocate(ctx context.Context, caller Caller, inst *Instance) ([]VIF, error)
	// Deallocate deletes the ports that Allocate created and releases those that it took. It goes
	// by the ports' device id, so it also clears up after an Allocate that was cut short. Nil when
	// there is none.
	Deallocate(ctx context.Context, inst *Instance) error
	// VIFs tells the VIFs of an instance as they are now.
	VIFs(ctx context.Context, instanceID string) ([]VIF, error)
	// Attach gives an instance one more VIF, as Allocate does.
	Attach(ctx context.Context, caller Caller, inst *Instance, want RequestedNetwork) (VIF, error)
	// Detach deletes or releases one port of the instance. An error of kind NotFound when it has no such
	// port.
	Detach(ctx context.Context, inst *Instance, portID string) error
	// Bind binds the instance's ports to another host (migration, evacuation, unshelve), and to none
	// with "" (shelve offload).
	Bind(ctx context.Context, inst *Instance, host string) error
	// AddFixedIP gives the instance's port on a network one more address, RemoveFixedIP takes one from the
	// port that has it. An error of kind NotFound when there is no such port, or no address left.
	AddFixedIP(ctx context.Context, inst *Instance, networkID string) error
	RemoveFixedIP(ctx context.Context, inst *Instance, address netip.Addr) error
}

// Volumes is where volumes are (Cinder).
type Volumes interface {
	// Volume returns the volume if the caller may see it. An error of kind NotFound otherwise.
	Volume(ctx context.Context, caller Caller, id string) (*Volume, error)
	// Snapshot is a snapshot of a volume, likewise.
	Snapshot(ctx context.Context, caller Caller, id string) (*VolumeSnapshot, error)
	// HasType tells whether there is a volume type of that name or id for the caller.
	HasType(ctx context.Context, caller Caller, nameOrID string) (bool, error)
	// Create begins to make a volume of the caller's: its status is creating, then available or error.
	// Quota errors are of kind Forbidden, with Cinder's words.
	Create(ctx context.Context, caller Caller, volume NewVolume) (*Volume, error)
	// Await returns the volume once it is in none of the transient statuses creating, downloading,
	// attaching, detaching.
	Await(ctx context.Context, id string) (*Volume, error)
	// Delete begins to delete a volume; nil when there is none.
	Delete(ctx context.Context, caller Caller, id string) error
	// CreateSnapshot begins to make a snapshot, of a volume in use, too. Quota errors are of kind Forbidden.
	CreateSnapshot(ctx context.Context, caller Caller, volumeID, name, description string) (*VolumeSnapshot, error)
	// AwaitSnapshot returns once a snapshot is made, or has failed. An error of kind NotFound when there is none.
	AwaitSnapshot(ctx context.Context, id string) error
	// DeleteSnapshot begins to delete a snapshot; nil when there is none.
	DeleteSnapshot(ctx context.Context, caller Caller, id string) error
	// Reimage begins to replace the content of a volume that is available or reserved by an image's: it is
	// downloading, then what it was, or error.
	Reimage(ctx context.Context, caller Caller, volumeID, imageID string) error

	// Reserve makes an attachment of the volume to an instance: the volume is reserved. An error of
	// kind Conflict or BadRequest when it cannot be attached (again).
	Reserve(ctx context.Context, caller Caller, volumeID, instanceID string) (attachmentID string, err error)
	// Connect tells the host of an attachment, the first one or another: the volume is attaching. The
	// connection is where its content is.
	Connect(ctx context.Context, attachmentID, host, device string) (Connection, error)
	// Complete says that the attachment is made: the volume is in use. It may be said again.
	Complete(ctx context.Context, attachmentID string) error
	// Disconnect takes the host from an attachment (shelve offload): the volume is reserved.
	Disconnect(ctx context.Context, attachmentID string) error
	// Detach deletes an attachment: the volume is available, unless it has others. Nil when there is none.
	Detach(ctx context.Context, attachmentID string) error
	// BeginDetaching sets a volume in use to detaching; RollDetaching takes that back.
	BeginDetaching(ctx context.Context, caller Caller, volumeID string) error
	RollDetaching(ctx context.Context, volumeID string) error
	// FinishSwap tells that the first volume's content is in the second now, which has its place
	// (migrate_volume_completion); failed, that it is not. It returns the id of the volume that is attached.
	FinishSwap(ctx context.Context, volumeID, newVolumeID string, failed bool) (string, error)
	// AttachmentsOf tells the ids of all attachments to an instance, for clearing up.
	AttachmentsOf(ctx context.Context, instanceID string) ([]string, error)
}

// Shares is where shared file systems are (Manila).
type Shares interface {
	// Share returns the share if the caller may see it. An error of kind NotFound otherwise.
	Share(ctx context.Context, caller Caller, id string) (*Share, error)
}

// Share is a shared file system.
type Share struct {
	ID             string
	ProjectID      string // "" lets every project mount it
	Status         string // "available"
	Protocol       string // "NFS" or "CEPHFS"
	ExportLocation string // "10.0.0.50:/mnt/foo"; "" while it has none
}

// Volume is a volume as far as a server needs it.
type Volume struct {
	ID          string
	Name        string
	ProjectID   string
	Status      string // "available", "in-use", "reserved" …
	GiB         int
	Type        string
	Zone        string
	Description string
	Bootable    bool
	Multiattach bool
	// MigrationStatus is migration_status, "" for none: "migrating" while Cinder moves the volume.
	MigrationStatus string
	// ImageMetadata is volume_image_metadata: the properties of the image that it was made of.
	ImageMetadata map[string]string
	// AttachedTo are the instances that it is attached to.
	AttachedTo []string
}

// VolumeSnapshot is a snapshot of a volume.
type VolumeSnapshot struct {
	ID       string
	VolumeID string
	Status   string
	GiB      int
}

// NewVolume is a volume to make: blank, or of one of the sources.
type NewVolume struct {
	// ID is the UUID that it is to have, so that what made it can clear it up after a crash at any moment.
	ID         string
	Name       string
	GiB        int
	Type       string
	Zone       string
	ImageID    string
	SnapshotID string
}

// Connection is how a host gets at a volume.
type Connection struct {
	Path   string // raw file on this machine; "" where volumes are simulated
	Size   int64  // bytes
	Shared bool   // other servers may have it at the same time
}

// RequestedNetwork is one NIC as the user asked for it. A request without any asks for the
// project's only network, and for none if there is none.
type RequestedNetwork struct {
	NetworkID string
	PortID    string // an existing port: it is not deleted with the server
	FixedIP   string
	Tag       string // device tag, since 2.32
	// Auto and None stand alone in a request: "auto" and "none", since 2.37.
	Auto, None bool
}

// VIF is a virtual interface of an instance, as the network info cache has it.
type VIF struct {
	PortID       string
	NetworkID    string
	NetworkLabel string // the network's name: the key in addresses
	MAC          string
	MTU          int
	VNICType     string // "normal"
	Tag          string
	// PreserveOnDelete: the user made the port; it outlives the server.
	PreserveOnDelete bool
	Hostname         string // DNS name of the port
	Addresses        []VIFAddress
	DHCPOptions      []driver.DHCPOption `json:",omitempty"`
}

// The types of a VIF's addresses.
const (
	FixedAddress    = "fixed"
	FloatingAddress = "floating"
)

// VIFAddress is an address of a VIF.
type VIFAddress struct {
	IP      netip.Addr
	Type    string        // FixedAddress or FloatingAddress
	FixedIP netip.Addr    // of a floating address: the fixed one behind it
	Subnet  driver.Subnet // of a fixed address
}

// ConfigDrive makes the files of an instance's config drive: path in it to content.
type ConfigDrive func(ctx context.Context, inst *Instance, once BootData) (map[string][]byte, error)

// BootData is given to a server when it is built, and never stored.
type BootData struct {
	AdminPassword string
	Files         map[string][]byte // injected files (personality): path to content
}
