// SPDX-License-Identifier: MPL-2.0

package metadata

import (
	"encoding/json"
	"fmt"
	"net/netip"
)

// Instance is what metadata tells of a server.
type Instance struct {
	UUID             string
	Name             string // display name
	Hostname         string // as the guest is to call itself, with the cloud's DHCP domain if it has one
	ProjectID        string
	AvailabilityZone string
	LaunchIndex      int
	Key              Key               // zero: none
	Meta             map[string]string // the server's metadata
	UserData         []byte            // decoded; nil: none, which differs from empty
	DedicatedCPUs    []int             // pinned host CPUs
	Devices          []Device          // tagged devices
	VIFs             []VIF             // in the order of the guest's NICs; nil: network_data.json is {}

	// RandomSeed seeds the guest's random numbers. Nova draws 512 fresh bytes for each answer; so does
	// this package when it is nil.
	RandomSeed []byte

	// VendorData is the cloud's static vendor data, a JSON object; nil is {}. DynamicVendorData is what
	// the cloud's vendor data services answered, by their names (vendor_data2.json alone shows it).
	VendorData        json.RawMessage
	DynamicVendorData map[string]json.RawMessage

	// AdminPass and Files (personality) are on the config drive only: Nova does not store them.
	AdminPass string
	Files     []File

	// Password is what the guest itself posted to /openstack/latest/password, encrypted with its key.
	Password string

	EC2 EC2
}

// Key is the server's key pair.
type Key struct {
	Name      string
	Type      string // "ssh" or "x509"
	PublicKey string
}

// File is a personality file.
type File struct {
	Path    string
	Content []byte
}

// Device is a device that the user tagged, or that differs from its like, as the hypervisor shows it
// to the guest.
type Device struct {
	Type    string // "nic", "disk" or "share"
	Bus     string // "pci", "usb", "scsi", "ide", "xen"; empty: none
	Address string // on the bus: "0000:00:02.0"; empty: none
	Tags    []string

	MAC       string // of a nic
	VLAN      *int   // of a nic, since 2017-02-22
	VFTrusted bool   // of a nic, since 2018-08-27

	Serial string // of a disk: a volume's id
	Path   string // of a disk: "/dev/vda"

	ShareID string // of a share, since 2025-04-04
	Tag     string // of a share
}

// VIF is a NIC and its network.
type VIF struct {
	ID        string // the port's
	DevName   string // "tap" and the first 11 characters of ID; empty: interface<N>
	Type      string // Neutron's binding:vif_type: "ovs"
	MAC       string
	NetworkID string
	MTU       int // 0: unknown
	Subnets   []Subnet
}

// Subnet is a subnet of a VIF's network. Guests are shown the first IPv4 and the first IPv6 one.
type Subnet struct {
	CIDR      netip.Prefix
	Addresses []netip.Addr // the VIF's on this subnet
	Gateway   netip.Addr   // invalid: none
	DNS       []netip.Addr
	Routes    []Route
	DHCP      bool // Neutron's enable_dhcp
	// DHCPServer is the address of the network's DHCP port; invalid: none (OVN has none).
	DHCPServer netip.Addr
	// IPv6AddressMode is Neutron's ipv6_address_mode: "slaac", "dhcpv6-stateful", ...; empty: none.
	IPv6AddressMode string
}

// Route is a subnet's host route.
type Route struct {
	Destination netip.Prefix
	NextHop     netip.Addr
}

// EC2 is what only the EC2 form tells.
type EC2 struct {
	InstanceID     string // EC2ID("i", n)
	ImageID        string // EC2ID("ami", n)
	KernelID       string // EC2ID("aki", n); empty: none
	RamdiskID      string // EC2ID("ari", n); empty: none
	ReservationID  string // "r-" and 8 characters
	FlavorName     string
	SecurityGroups []string   // names
	FixedIP        netip.Addr // the first IPv4 one; invalid: none
	FloatingIP     netip.Addr // the first one; invalid: none

	// RootDevice is the root disk's name ("/dev/vda"); empty shows the mapping that Nova assumes.
	RootDevice string
	Ephemerals []string // device names
	Swap       string   // device name; empty: none
	Volumes    []string // device names
}

// EC2ID is the EC2 form of the number that a cloud gives to an instance or image: EC2ID("i", 26) is
// "i-0000001a".
func EC2ID(kind string, n int) string { return fmt.Sprintf("%s-%08x", kind, n) }
