// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"encoding/binary"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// The modes of IPv6 subnets (Neutron: ipv6_ra_mode, ipv6_address_mode).
const (
	slaac     = "slaac"
	stateful  = "dhcpv6-stateful"
	stateless = "dhcpv6-stateless"
)

const (
	raInterval = 200 * time.Second
	raLifetime = 30 * time.Minute // as a default router
	raValid    = 24 * time.Hour   // of prefixes
	raPrefer   = 4 * time.Hour
)

// advertise tells a guest, or with allNodes all of them, that the router is here and how addresses are had.
// On a network whose subnets have no ipv6_ra_mode it says nothing: somebody else's router is to do so.
func (p *routerPort) advertise(hw mac, to netip.Addr) {
	if to.IsUnspecified() || to == allNodes {
		hw, to = groupMAC(allNodes), allNodes
	}
	p.advertiseFor(raLifetime, hw, to)
}

// retire tells all guests that the router is none of theirs any more: they would send to it until its lifetime is
// over (RFC 4861, 6.2.5).
func (p *routerPort) retire() { p.advertiseFor(0, groupMAC(allNodes), allNodes) }

func (p *routerPort) advertiseFor(lifetime time.Duration, hw mac, to netip.Addr) {
	if body := p.advertisement(lifetime); body != nil {
		p.network.emit(p, icmp6Frame(hop6{fromMAC: p.mac, toMAC: hw, from: p.mac.linkLocal(), to: to, limit: 255},
			header.ICMPv6RouterAdvert, 0, body))
	}
}

// advertises tells whether guests have the router's address from its advertisements.
func (p *routerPort) advertises() bool { return p != nil && p.advertisement(raLifetime) != nil }

// advertisement is the message after its checksum (RFC 4861, 4.2), of a router and name servers that are there for a
// lifetime; nil when there is none.
func (p *routerPort) advertisement(lifetime time.Duration) []byte {
	if p == p.router.outside {
		return nil
	}
	var prefixes, servers []byte
	var flags byte
	for _, a := range p.addresses {
		mode := a.Subnet.RAMode
		if !a.IP.Is6() || mode == "" {
			continue
		}
		bits := byte(0x80) // on-link
		switch mode {
		case stateful:
			flags |= 0x80 // managed
		case stateless:
			flags |= 0x40 // other configuration
			bits |= 0x40  // autonomous
		default:
			bits |= 0x40
		}
		prefixes = append(prefixes, 3, 4, byte(a.Subnet.CIDR.Bits()), bits)
		prefixes = binary.BigEndian.AppendUint32(prefixes, uint32(raValid/time.Second))
		prefixes = binary.BigEndian.AppendUint32(prefixes, uint32(raPrefer/time.Second))
		prefixes = append(prefixes, 0, 0, 0, 0)
		prefixes = append(prefixes, a.Subnet.CIDR.Masked().Addr().AsSlice()...)
		for _, s := range a.Subnet.Nameservers {
			if s.Is6() {
				servers = append(servers, s.AsSlice()...)
			}
		}
	}
	if prefixes == nil {
		return nil
	}
	body := []byte{64, flags}
	body = binary.BigEndian.AppendUint16(body, uint16(lifetime/time.Second))
	body = append(body, 0, 0, 0, 0, 0, 0, 0, 0) // reachable and retransmission time: as the guest likes
	body = append(append(body, 1, 1), p.mac[:]...)
	body = binary.BigEndian.AppendUint32(append(body, 5, 1, 0, 0), uint32(p.mtu))
	body = append(body, prefixes...)
	if len(servers) > 0 { // RFC 8106
		body = append(body, 25, byte(1+len(servers)/8), 0, 0)
		body = binary.BigEndian.AppendUint32(body, uint32(lifetime/time.Second))
		body = append(body, servers...)
	}
	return body
}

// advertiseAll repeats all routers' advertisements until ctx ends.
func (f *Fabric) advertiseAll(ctx context.Context) {
	for f.options.Clock.Sleep(ctx, raInterval) == nil {
		f.mu.Lock()
		routers := f.routing.routers
		f.mu.Unlock()
		for _, r := range routers {
			for _, p := range r.ports {
				p.advertise(mac{}, allNodes)
			}
		}
	}
}
