// SPDX-License-Identifier: MPL-2.0

// Package network is the data plane of real guests: Ethernet, routers, DHCP, DNS and the metadata service, in
// the process and without privileges. It implements driver.Fabric.
//
// # What a guest reaches
//
//   - The other guests of its network, by ARP, neighbour discovery, IPv4 and IPv6.
//   - DHCPv4, which leases each port its fixed address, DHCPv6 where the subnet's ipv6_address_mode says so, and DNS
//     for the names on the network and in the domains that Follow brings: all at the subnet's DHCP port.
//   - The metadata service at 169.254.169.254:80 and [fe80::a9fe:a9fe]:80, which knows the asking server by its
//     port, so that networks with the same subnets do not meet.
//   - What the routers of its network lead to, if there are any: the networks that they are on, their extra routes,
//     floating addresses. Without a router nothing answers at the gateway's address (but where a subnet has no
//     DHCP port: then the services are there, and nothing beyond).
//
// # Routers
//
// A router answers ARP, neighbour discovery and echo at its addresses, counts hops down and sends the ICMP errors
// that traceroute and path MTU discovery want; it does not fragment. On IPv6 subnets with an ipv6_ra_mode it
// announces itself. Guests' addresses it knows from Plug, those of allowed address pairs it asks for. Routers are
// made anew with each topology (Follow) and swapped at once; the flows that they translate and the neighbours that
// they have found stay (routing.go). Overlapping networks that no router joins never meet.
//
// What leaves by a router's gateway comes from its floating address, one to one, or with enable_snat from the
// router's own, by port (nat.go; no fragments there). What comes to a floating address from inside turns back at
// the router. Of an external network the fabric is the world beyond: its gateway's address is the services', which
// refuse everything with "administratively prohibited". With Options.Egress they make TCP and UDP connections
// onward in the guest's stead, for guests behind a router with a gateway and for those on the external network
// itself. IPv6, which has no NAT, goes out where the guest is: the services of its network make the connection, if
// its router has a gateway, of whatever IP version. Loopback, link-local, multicast and reserved addresses stay
// refused, those of IPv6 that wrap IPv4's, too, and so do the host's own, its subnets' broadcast, and the IPv6 addresses
// at which public clouds tell their machines secrets. Echo does not go out. Queries about names of the world go to
// Options.Resolver, the host's, by IPv4.
//
// # What reaches a guest from the host
//
// A floating address of 127.0.0.0/8 is the host's own on Linux. While it leads to a port, the process listens on it,
// on the TCP and UDP ports that the port's security groups open (of ranges of more than 64 ports the usual ones, see
// Options.FloatingPorts), and calls the guest at that address from outside, 192.0.2.1: router and rules do what
// they do. Where a subnet or an extra route of the router takes that address it is 198.51.100.1, 203.0.113.1 or
// 198.18.0.1; where they take all of these nobody listens, and the log says so. Ports below 1024 that cannot be had are
// at 10000 more: 22 at 10022 (Doors tells).
//
// A guest that refuses TCP is a connection that is reset; one that refuses UDP is not heard of. Each client of a UDP port
// is another port of the caller's to the guest, until both are silent for a minute; at most 256 are at a time, and a new
// one takes the place of who was silent for longest.
//
// Guests themselves do not reach addresses of 127.0.0.0/8, which are their own loopback, too. They reach each other, and
// themselves, by floating addresses of any other range (mockcloud serve --floating-range, or another external network
// and subnet), which turn back at the router; those are reached from guests alone. With 127.0.0.0/8 they use fixed
// addresses and names.
//
// Fabric.Dial calls a guest from its network's own services, whatever its rules say: it is for who owns the cloud,
// whose SOCKS5 door, mockcloud connect and mockcloud ssh are on it. Fabric.Ping asks it from there whether it is there.
//
// # What a guest may send
//
// As with Neutron's port security: frames from the port's own MAC address; IPv4 and ARP from its fixed
// addresses; IPv6 from those and from the link-local address made of the MAC address; both from its allowed
// address pairs, too; no DHCP or router announcements; no other protocols. VLAN tags are for the sub-ports of a
// trunk, which have rules and addresses of their own, and mean nothing elsewhere. A port without port security
// sends and is sent anything; one that is down, nothing.
//
// # Security groups
//
// Follow brings the rules, and they hold at both ends: a packet must be let out by its sender's groups and in by
// its receiver's. A port without groups is in nobody's; one with a group that cannot be read is down, and the log says
// which group. What needs no rule is what Neutron's firewalls let
// through: ARP, neighbour discovery and multicast listeners' reports, DHCP; and the network's own services:
// metadata and DNS, so that guests can be set up, and Dial, for whoever may call it owns the cloud. What comes
// from other networks and from floating addresses is held against the rules as from where it comes.
//
// The filter is stateful: what belongs to a flow that was let through passes, and ICMP errors about it do
// (conntrack.go). A change of rules holds from the next frame on. Flows that the new rules would not let
// begin are dropped both ways, even where a rule for the other direction would let one begin, and go on if the rule
// comes back. Each port tracks at most 4096 flows, with Linux's timeouts, and forgets the oldest of those first that
// nobody has answered. Of a packet in fragments the first decides, and must come first. Multicast and broadcast are
// filtered as everything else is: Neutron's Open vSwitch driver lets them in, its others do not.
//
// The table of flows does not outlive the process. For a minute after a port was plugged for a guest that was
// there before, TCP connections that its groups would have let it begin are found again by what comes in; later,
// and always for those that came in, by what goes on.
//
// # How frames travel
//
// On each host that it is bound to a port has a pair of unix datagram sockets, a frame to a datagram: the machine
// binds NIC.Local and sends to NIC.Switch. Either side may restart and bind its path again. A binding has a
// goroutine that reads and one that writes, with a bounded queue between the switch and the writer; a guest
// that does not read fills its queue, loses what comes after, and delays nobody. Frames go to the binding from
// which the machine was heard last, so that a migration has happened when QEMU announces it.
//
// The switch has no need to learn who is where but for the MAC addresses of address pairs and of ports without port
// security: it knows from Plug. Its tables are replaced as a whole and read without locks; what a port's flows are
// is locked for that port alone, for one look-up.
//
//	guest - NIC.Switch - read - guard, rules out - switch - rules in - queue - write - NIC.Local - guest
//	                                            |        \
//	                                            DHCP      services: ARP, echo, DNS, metadata, egress, Dial
//
// Routers take frames at their MAC addresses and give them to the switch of another network. Without a DHCP port
// services are at the gateway's address if no router has it, otherwise at 169.254.169.254, to which the lease has
// a route on the link (via 0.0.0.0).
//
// # Limits
//
// A network has at most 1024 outbound flows at a time, 256 of them one guest's, a router 16384 that it translates. DNS
// is UDP only, and knows the names of one network's guests. Frames that the kernel's socket queue (net.unix.max_dgram_qlen) and ours cannot hold are lost,
// as on a wire.
package network
