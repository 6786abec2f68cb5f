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
// addresses; IPv6 from those and from the link-local address made of the MAC address; no DHCP or router
// announcements; no VLAN tags and no other protocols. Security group rules are not applied.
//
// # How frames travel
//
// Each port is a pair of unix datagram sockets, a frame to a datagram: the machine binds NIC.Local and
// sends to NIC.Switch. Either side may restart and bind its path again. A port has a goroutine that
// reads and one that writes, with a bounded queue between the switch and the writer; a guest that does
// not read fills its queue, loses what comes after, and delays nobody. The switch learns nothing: who
// is where is known from Plug, kept in a table that is replaced as a whole, and read without locks.
//
//	guest - NIC.Switch - read - guard - forward - queue - write - NIC.Local - guest
//	                                   |        \
//	                                   DHCP      router: ARP, echo, DNS, metadata, egress, Dial
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
