// SPDX-License-Identifier: MPL-2.0

package driver

import (
	"context"
	"net"
	"net/http"
	"net/netip"
)

// Fabric is the data plane of machines' networks. compute plugs a machine's ports before it spawns
// or adopts the machine and unplugs them after it is destroyed. The user-space switch of real
// guests is in mockcloud/network; simulated machines need none (NoFabric).
type Fabric interface {
	// Plug connects a port on Port.Host; it is idempotent, so that ports are plugged again after a restart. A
	// port may be plugged on two hosts while its machine moves from one to the other: frames then go to where
	// the machine last sent one from.
	Plug(ctx context.Context, port Port) (NIC, error)
	// Unplug disconnects it on all hosts; nil when it is not plugged.
	Unplug(ctx context.Context, portID string) error
	// Leave disconnects it on one host alone; nil when it is not plugged there.
	Leave(ctx context.Context, portID, host string) error
	// Follow brings security, routers and floating addresses to what the topology says. What it does not
	// understand of it it leaves out, and a port whose rules that concerns is down until it does.
	Follow(ctx context.Context, t Topology) error
	// Dial opens a TCP connection to that TCP port of the guest behind a plugged port, on its
	// first fixed address, as from its network's router.
	Dial(ctx context.Context, portID string, tcpPort uint16) (net.Conn, error)
	// Serve answers guests' requests to 169.254.169.254:80: handler is called with the device
	// (server id) of the port that the request came from. Called once, before the first Plug.
	Serve(handler func(device string) http.Handler)
	Close() error
}

// PortMeter is a Fabric that counts what it carries.
type PortMeter interface {
	// PortUse is what the port has carried since it was plugged, as its guest sees it: received is what the guest
	// got.
	PortUse(portID string) (NICUse, error)
}

// Pinger is a Fabric that can ask guests whether they are there.
type Pinger interface {
	// Ping sends the guest behind a plugged port ICMP echo requests from its network's own services, whatever its
	// rules say, on its first fixed address, and tells whether it answers. Of one that is silent it knows within
	// seconds. An error is about the asking: the port is not plugged, ctx has ended.
	Ping(ctx context.Context, portID string) (bool, error)
}

// Port is one NIC's place on a network.
type Port struct {
	ID        string
	NetworkID string
	Device    string // the server's UUID
	Host      string // where the machine is, or arrives: each has sockets of its own
	MAC       string // "fa:16:3e:…"
	MTU       int
	Hostname  string // for DHCP and DNS
	Addresses []Address
	// DHCPOptions are told to this port's guest in place of the subnet's, or beside them (extra_dhcp_opts).
	DHCPOptions []DHCPOption
}

// DHCPOption is an option of DHCPv4 or DHCPv6 by its name ("mtu", "ntp-server") or its number.
type DHCPOption struct {
	Name, Value string
	IPv6        bool
}

// Address is a port's address on a subnet.
type Address struct {
	IP     netip.Addr
	Subnet Subnet
}

// Subnet is what a DHCP server and a router must know of it.
type Subnet struct {
	ID          string
	CIDR        netip.Prefix
	Gateway     netip.Addr // invalid: none
	DHCP        bool
	DHCPPort    netip.Addr // address of the network's DHCP port; invalid: none
	Nameservers []netip.Addr
	Routes      []Route
	// RAMode is what routers announce on an IPv6 subnet, AddressMode how its guests get addresses: "slaac",
	// "dhcpv6-stateful", "dhcpv6-stateless", or "" for nothing.
	RAMode, AddressMode string
}

// Route is a subnet's host route.
type Route struct {
	Destination netip.Prefix
	NextHop     netip.Addr
}

// NIC is how a driver attaches a machine to a plugged port. Frames travel as datagrams between two
// unix sockets, one frame each: the machine binds Local and sends to Switch.
type NIC struct {
	PortID string
	MAC    string
	MTU    int
	Local  string // path that the machine's side binds; the driver removes it with the machine
	Switch string // path that the fabric's side binds
}

// NoFabric is the fabric of simulated machines: ports are plugged into nothing.
type NoFabric struct{}

// Plug returns a NIC without sockets.
func (NoFabric) Plug(_ context.Context, p Port) (NIC, error) {
	return NIC{PortID: p.ID, MAC: p.MAC, MTU: p.MTU}, nil
}

// Unplug does nothing.
func (NoFabric) Unplug(context.Context, string) error { return nil }

// Leave does nothing.
func (NoFabric) Leave(context.Context, string, string) error { return nil }

// Follow does nothing.
func (NoFabric) Follow(context.Context, Topology) error { return nil }

// Dial fails: there is nobody there.
func (NoFabric) Dial(_ context.Context, port string, _ uint16) (net.Conn, error) {
	return nil, &net.AddrError{Err: "simulated servers have no network", Addr: port}
}

// Serve does nothing: nobody asks.
func (NoFabric) Serve(func(string) http.Handler) {}

// Close does nothing.
func (NoFabric) Close() error { return nil }
