// SPDX-License-Identifier: MPL-2.0

// Package network is the data plane of real guests: Ethernet, DHCP, DNS, a router hop and the metadata
// service, in the process and without privileges. It implements driver.Fabric.
//
// # What a guest reaches
//
//   - The other guests of its network, by ARP, IPv4 and IPv6; those on another IPv4 subnet of the same
//     network through the router.
//   - The gateway addresses of its subnets: ARP and echo. TCP is reset there.
//   - DHCPv4, which leases each port its fixed address, and DNS at the gateway for the hostnames of the
//     network.
//   - The metadata service at 169.254.169.254:80, which knows the asking server by its port, so that
//     networks with the same subnets do not meet.
//
// Everything else is refused at once, TCP, UDP and echo alike, with the ICMP error "administratively
// prohibited". Nothing leads to the host or beyond it: the router's TCP/IP stack is not even shown
// packets to other addresses than its own.
//
// With Options.Egress TCP and UDP to elsewhere end at the router, and the process makes the connection
// onward in the guest's stead, with its own address. Loopback, link-local, multicast and reserved
// addresses stay refused, and so do the host's own. Echo does not go out, and names are not resolved:
// give the subnet name servers.
//
// The host reaches guests by Fabric.Dial, which calls from the gateway's address. Nothing listens on
// the host.
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
// its receiver's. A port without groups is in nobody's. What needs no rule is what Neutron's firewalls let
// through: ARP, neighbour discovery and multicast listeners' reports, DHCP; and the network's own services:
// metadata and DNS, so that guests can be set up, and Dial, for whoever may call it owns the cloud. What comes
// from other networks, from floating addresses and SOCKS is held against the rules as from where it comes.
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
// Without a gateway, metadata, DHCP and DNS are at the subnet's DHCP port if it has one; otherwise all
// three are at 169.254.169.254, to which the lease has a route on the link (via 0.0.0.0).
//
// # Limits
//
// Networks are not joined by Neutron routers, and floating addresses lead nowhere. IPv6 passes between
// guests, but there is no router, RA, DHCPv6 or metadata over it. A gateway address is always the
// router's: a guest cannot be the gateway. A network has at most 1024 outbound flows at a time. Frames
// that the kernel's socket queue (net.unix.max_dgram_qlen) and ours cannot hold are lost, as on a wire.
package network
