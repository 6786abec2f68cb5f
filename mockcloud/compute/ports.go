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
