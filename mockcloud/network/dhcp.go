// SPDX-License-Identifier: MPL-2.0

package network

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// leaseTime is Neutron's default. A lease never really ends: the address is the port's.
const leaseTime = 24 * time.Hour

// msClasslessRoutes is option 249, the number by which Windows asks for option 121.
const msClasslessRoutes = dhcpv4.GenericOptionCode(249)

var (
	metadataAddr  = netip.AddrFrom4([4]byte{169, 254, 169, 254})
	metadataAddr6 = netip.MustParseAddr("fe80::a9fe:a9fe")
	broadcast     = netip.AddrFrom4([4]byte{255, 255, 255, 255})
)

// lease is the answer that a port gets from DHCP, always the same one.
type lease struct {
	client  mac
	ip      netip.Addr
	server  netip.Addr
	options dhcpv4.Options // but for type, times and option 249
}

// newLease is for the port's first IPv4 address on a subnet with DHCP; nil when there is none.
func newLease(s *settings, domain string) *lease {
	for _, a := range s.Addresses {
		if !a.IP.Is4() || !a.Subnet.DHCP {
			continue
		}
		l := &lease{client: s.guard.mac, ip: a.IP, server: serviceAddr(a.Subnet)}
		nameservers := ips(a.Subnet.Nameservers)
		if len(nameservers) == 0 {
			nameservers = []net.IP{l.server.AsSlice()}
		}
		mask := net.CIDRMask(a.Subnet.CIDR.Bits(), 32)
		l.options = dhcpv4.OptionsFromList(
			dhcpv4.OptServerIdentifier(l.server.AsSlice()),
			dhcpv4.OptSubnetMask(mask),
			dhcpv4.OptBroadcastAddress(lastAddr(a.Subnet.CIDR).AsSlice()),
			dhcpv4.OptDNS(nameservers...),
			dhcpv4.OptHostName(s.Hostname),
			dhcpv4.OptDomainName(domain),
			dhcpv4.OptGeneric(dhcpv4.OptionInterfaceMTU, binary.BigEndian.AppendUint16(nil, uint16(s.MTU))),
			dhcpv4.OptClasslessStaticRoute(routes(a.Subnet)...),
		)
		if a.Subnet.Gateway.Is4() {
			l.options.Update(dhcpv4.OptRouter(a.Subnet.Gateway.AsSlice()))
		}
		for _, extra := range s.DHCPOptions {
			if o, ok := extraOption(extra); ok && !extra.IPv6 {
				l.options.Update(o)
			}
		}
		return l
	}
	return nil
}

// serviceAddr is where a subnet's DHCP and DNS are: its DHCP port, else its gateway, else the metadata
// service's own address.
func serviceAddr(s driver.Subnet) netip.Addr {
	for _, a := range []netip.Addr{s.DHCPPort, s.Gateway} {
		if a.Is4() {
			return a
		}
	}
	return metadataAddr
}

// routes are a subnet's routes for option 121, which makes clients ignore the router option (RFC 3442):
// the default route is among them. A route via 0.0.0.0 is on the link.
func routes(s driver.Subnet) []*dhcpv4.Route {
	var list []*dhcpv4.Route
	add := func(to netip.Prefix, via netip.Addr) {
		list = append(list, &dhcpv4.Route{
			Dest:   &net.IPNet{IP: to.Addr().AsSlice(), Mask: net.CIDRMask(to.Bits(), 32)},
			Router: via.AsSlice(),
		})
	}
	for _, r := range s.Routes {
		if r.Destination.Addr().Is4() && r.NextHop.Is4() {
			add(r.Destination.Masked(), r.NextHop)
		}
	}
	via := serviceAddr(s)
	if via == metadataAddr {
		via = netip.IPv4Unspecified()
	}
	add(netip.PrefixFrom(metadataAddr, 32), via)
	if s.Gateway.Is4() {
		add(netip.PrefixFrom(netip.IPv4Unspecified(), 0), s.Gateway)
	}
	return list
}

// answerDHCP is the frame that answers a DHCP message of the port's guest; nil when none is due.
func (s *settings) answerDHCP(router mac, message []byte) []byte {
	if s.lease == nil {
		return nil
	}
	m, err := dhcpv4.FromBytes(message)
	if err != nil || m.OpCode != dhcpv4.OpcodeBootRequest || !bytes.Equal(m.ClientHWAddr, s.lease.client[:]) {
		return nil
	}
	kind := s.lease.decide(m)
	if kind == dhcpv4.MessageTypeNone {
		return nil
	}
	reply, err := s.lease.reply(m, kind)
	if err != nil {
		return nil
	}
	h := hop{
		fromMAC: router, toMAC: s.lease.client,
		from: netip.AddrPortFrom(s.lease.server, dhcpServerPort),
		to:   netip.AddrPortFrom(s.lease.ip, dhcpClientPort),
	}
	if kind == dhcpv4.MessageTypeNak || m.IsBroadcast() && m.ClientIPAddr.IsUnspecified() {
		h.toMAC, h.to = mac{255, 255, 255, 255, 255, 255}, netip.AddrPortFrom(broadcast, dhcpClientPort)
	}
	return udpFrame(h, reply.ToBytes())
}

// decide is the type of the answer to m (RFC 2131, 4.3); MessageTypeNone is silence.
func (l *lease) decide(m *dhcpv4.DHCPv4) dhcpv4.MessageType {
	if chosen := m.ServerIdentifier(); chosen != nil && !chosen.Equal(l.server.AsSlice()) {
		return dhcpv4.MessageTypeNone // meant for a server that is not there
	}
	switch m.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		return dhcpv4.MessageTypeOffer
	case dhcpv4.MessageTypeRequest:
		wanted := m.RequestedIPAddress()
		if wanted == nil {
			wanted = m.ClientIPAddr // renewing or rebinding
		}
		if wanted.Equal(l.ip.AsSlice()) {
			return dhcpv4.MessageTypeAck
		}
		return dhcpv4.MessageTypeNak
	case dhcpv4.MessageTypeInform:
		return dhcpv4.MessageTypeAck
	default: // DECLINE and RELEASE change nothing: the address stays the port's
		return dhcpv4.MessageTypeNone
	}
}

func (l *lease) reply(m *dhcpv4.DHCPv4, kind dhcpv4.MessageType) (*dhcpv4.DHCPv4, error) {
	r, err := dhcpv4.NewReplyFromRequest(m, dhcpv4.WithMessageType(kind))
	if err != nil {
		return nil, err
	}
	if kind == dhcpv4.MessageTypeNak {
		r.UpdateOption(dhcpv4.OptServerIdentifier(l.server.AsSlice()))
		return r, nil
	}
	for code, value := range l.options {
		r.Options[code] = value
	}
	if m.IsOptionRequested(msClasslessRoutes) {
		r.UpdateOption(dhcpv4.OptGeneric(msClasslessRoutes, l.options.Get(dhcpv4.OptionClasslessStaticRoute)))
	}
	if m.MessageType() == dhcpv4.MessageTypeInform {
		r.ClientIPAddr = m.ClientIPAddr
		return r, nil
	}
	r.YourIPAddr = l.ip.AsSlice()
	if l.options.Get(dhcpv4.OptionIPAddressLeaseTime) != nil { // the port's own, and with it the others' defaults
		return r, nil
	}
	r.UpdateOption(dhcpv4.OptIPAddressLeaseTime(leaseTime))
	r.UpdateOption(dhcpv4.OptRenewTimeValue(leaseTime / 2))
	r.UpdateOption(dhcpv4.OptRebindingTimeValue(leaseTime * 7 / 8))
	return r, nil
}

// defaultHostname is Neutron's for a port without a name: host-10-0-0-5.
func defaultHostname(addrs []driver.Address) string {
	if len(addrs) == 0 {
		return "host"
	}
	return "host-" + strings.NewReplacer(".", "-", ":", "-").Replace(addrs[0].IP.String())
}

// lastAddr is the broadcast address of an IPv4 prefix.
func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Addr().As4()
	n := binary.BigEndian.Uint32(b[:]) | uint32(uint64(1)<<(32-p.Bits())-1)
	binary.BigEndian.PutUint32(b[:], n)
	return netip.AddrFrom4(b)
}

// ips are the IPv4 addresses of list.
func ips(list []netip.Addr) []net.IP {
	var out []net.IP
	for _, a := range list {
		if a.Is4() {
			out = append(out, a.AsSlice())
		}
	}
	return out
}
