// SPDX-License-Identifier: MPL-2.0

package network

import (
	"errors"
	"net/netip"
	"slices"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// rarpProtocol is the one by which QEMU announces a machine that has migrated (RFC 903).
const rarpProtocol = tcpip.NetworkProtocolNumber(0x8035)

// guard is whom a port may say that it is: Neutron's anti-spoofing rules.
type guard struct {
	mac   mac
	ips   map[netip.Addr]bool // the port's fixed addresses and its IPv6 link-local address
	pairs []pair              // allowed beside these
	size  int                 // longest frame
}

// pair is an allowed address pair.
type pair struct {
	mac    mac
	prefix netip.Prefix
}

// readPairs reads the pairs of a port whose own MAC address is own. Each MAC address among them has its own
// link-local address, too, if it may speak IPv6 at all.
func readPairs(told []driver.AddressPair, own mac) (pairs []pair, err error) {
	for _, t := range told {
		if !t.Prefix.IsValid() {
			return nil, errors.New("an allowed address pair has no address")
		}
		p := pair{mac: own, prefix: t.Prefix.Masked()}
		if t.MAC != "" {
			if p.mac, err = parseMAC(t.MAC); err != nil {
				return nil, err
			}
		}
		pairs = append(pairs, p)
		if p.prefix.Addr().Is6() && p.mac != own {
			pairs = append(pairs, pair{p.mac, netip.PrefixFrom(p.mac.linkLocal(), 128)})
		}
	}
	return pairs, nil
}

// announces tells whether f is QEMU's announcement of the port's machine.
func (g *guard) announces(f []byte) bool {
	return len(f) >= ethernetLen && etherType(f) == rarpProtocol && source(f) == g.mac
}

// speaksFor tells whether the port may use a MAC address.
func (g *guard) speaksFor(m mac) bool {
	return m == g.mac || slices.ContainsFunc(g.pairs, func(p pair) bool { return p.mac == m })
}

// permits tells whether the port may use an IP address behind a MAC address.
func (g *guard) permits(m mac, ip netip.Addr) bool {
	return m == g.mac && g.ips[ip] ||
		slices.ContainsFunc(g.pairs, func(p pair) bool { return p.mac == m && p.prefix.Contains(ip) })
}

// admits tells whether the port may have sent p. Only ARP, IPv4 and IPv6 pass, without VLAN tags, from the
// port's own addresses, and nothing that only routers and DHCP servers say.
func (g *guard) admits(p *packet) bool {
	if len(p.frame) > g.size {
		return false
	}
	switch p.ether {
	case header.ARPProtocolNumber:
		return g.admitsARP(header.ARP(p.frame[ethernetLen:]), source(p.frame))
	case header.IPv4ProtocolNumber:
		return g.admitsIPv4(p)
	case header.IPv6ProtocolNumber:
		return g.admitsIPv6(p)
	default:
		return false
	}
}

func (g *guard) admitsARP(arp header.ARP, from mac) bool {
	if !arp.IsValid() || mac(arp.HardwareAddressSender()) != from {
		return false
	}
	sender := netip.AddrFrom4([4]byte(arp.ProtocolAddressSender()))
	probe := arp.Op() == header.ARPRequest && sender.IsUnspecified() // RFC 5227
	return probe && g.speaksFor(from) || g.permits(from, sender)
}

// admitsIPv4: of later fragments there is only the address to see, but without the first one they are
// nothing.
func (g *guard) admitsIPv4(p *packet) bool {
	udp := p.protocol == protocolUDP && p.piece != later
	if udp && p.sport == dhcpServerPort {
		return false
	}
	if p.src.IsUnspecified() {
		return udp && p.sport == dhcpClientPort && p.dport == dhcpServerPort && g.speaksFor(source(p.frame))
	}
	return g.permits(source(p.frame), p.src)
}

func (g *guard) admitsIPv6(p *packet) bool {
	from, icmp := source(p.frame), p.protocol == protocolICMPv6
	if p.src.IsUnspecified() { // duplicate address detection and multicast reports
		return icmp && p.piece == whole && p.dst.IsMulticast() && g.speaksFor(from) && g.admitsICMPv6(p)
	}
	switch {
	case !g.permits(from, p.src):
		return false
	case p.piece == later:
		return true
	case icmp:
		return g.admitsICMPv6(p)
	default:
		return p.protocol != protocolUDP || p.sport != dhcpv6ServerPort
	}
}

// admitsICMPv6 refuses what only routers say, and neighbour advertisements of others' addresses. Neighbour
// discovery never travels in fragments (RFC 6980).
func (g *guard) admitsICMPv6(p *packet) bool {
	switch kind := header.ICMPv6Type(p.kind); kind {
	case header.ICMPv6RouterAdvert, header.ICMPv6RedirectMsg:
		return false
	case header.ICMPv6RouterSolicit, header.ICMPv6NeighborSolicit:
		return p.piece == whole
	case header.ICMPv6NeighborAdvert:
		return p.piece == whole && len(p.body) >= 24 && g.permits(source(p.frame), netip.AddrFrom16([16]byte(p.body[8:24])))
	default:
		return true
	}
}
