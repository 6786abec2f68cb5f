// SPDX-License-Identifier: MPL-2.0

package driver

import "net/netip"

// Topology is all that a fabric must know of the networks beyond the ports plugged into it: who may send what to
// whom, and the ways out of a network (Neutron: security groups, routers, floating IPs). It is whole: what is not
// in it is no more.
type Topology struct {
	Security map[string]PortSecurity // by port id, of all ports; a port without an entry has port security and no group
	Groups   map[string][]Rule       // a security group's rules, by its id
	Routers  []Router
	Floating []FloatingIP
	// External are the subnets of the networks that lead out (router:external), by the network's id.
	External  map[string][]Subnet
	Trunks    []Trunk
	Zones     []Zone
	Sequence  uint64 // grows with each change; an older one than the fabric has is ignored
	Unlimited bool   // no security groups at all: everything passes (a fabric that was told nothing)
}

// Zone is a domain whose names the cloud's DNS tells guests, on all networks.
type Zone struct {
	Domain string // in lower case, without the root's dot
	// Names are the addresses of what the domain has, by what stands before it.
	Names map[string][]netip.Addr
	// Private: only the guests of Ports are told of it, and the guests of their networks have their names in it, too.
	Private bool
	Ports   map[string]bool // by id
}

// Trunk is a port whose machine has other ports, too, each behind a VLAN tag on the same NIC.
type Trunk struct {
	PortID   string // the parent
	SubPorts []SubPort
}

// SubPort is a port that a trunk carries. Its Host and Device are the parent's.
type SubPort struct {
	Port Port
	VLAN uint16
}

// PortSecurity is what a port's guest may send and be sent.
type PortSecurity struct {
	// Disabled: neither anti-spoofing nor groups (port_security_enabled is false).
	Disabled bool
	// Down: nothing passes (admin_state_up is false).
	Down bool
	// Groups are ids of security groups; all their rules are allowed together.
	Groups []string
	// Allowed are the pairs of addresses that it may use beside its own.
	Allowed []AddressPair
	// Addresses are the port's fixed addresses: members of its groups for rules that name a remote group. Ports that
	// are plugged nowhere count, too.
	Addresses []netip.Addr
}

// AddressPair is an allowed address pair. MAC "" is the port's own.
type AddressPair struct {
	MAC    string
	Prefix netip.Prefix
}

// Rule allows traffic (Neutron: security-group-rules).
type Rule struct {
	Egress bool // from the guest; otherwise to it
	IPv6   bool
	// Protocol is an IP protocol's number; -1 is any.
	Protocol int
	// First and Last are ports, or an ICMP type and code; -1 is any.
	First, Last int
	// RemotePrefix is whom it is about; invalid is anybody.
	RemotePrefix netip.Prefix
	// RemoteGroup is a security group whose members it is about; "" is anybody.
	RemoteGroup string
}

// Router joins networks.
type Router struct {
	ID      string
	Down    bool
	Inside  []RouterPort
	Outside RouterPort // the gateway; no network is none
	SNAT    bool       // enable_snat
	Routes  []Route
}

// RouterPort is where a router is on a network.
type RouterPort struct {
	PortID, NetworkID, MAC string
	MTU                    int // the network's
	Down                   bool
	Addresses              []Address
}

// FloatingIP leads from outside to a port's fixed address.
type FloatingIP struct {
	ID       string
	Address  netip.Addr
	RouterID string
	PortID   string
	Fixed    netip.Addr
}

// Doors is a fabric that listens on the host for floating addresses.
type Doors interface {
	Doors() []Door
}

// Door is where the host listens for one port of a floating address.
type Door struct {
	Address  netip.Addr // the floating one
	Protocol string     // "tcp" or "udp"
	Port     uint16
	Listens  netip.AddrPort // what to dial
	PortID   string
	Fixed    netip.Addr
}
