// SPDX-License-Identifier: MPL-2.0

package network

import (
	"bytes"
	"net"
	"net/netip"

	"github.com/insomniacslk/dhcp/dhcpv6"
	"github.com/insomniacslk/dhcp/iana"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// lease6 is what a port gets from DHCPv6 on its subnets that have it: addresses where these are stateful, and
// name servers where that is all that it gives (stateless).
type lease6 struct {
	server  dhcpv6.DUID
	ips     []netip.Addr
	options []dhcpv6.Modifier
}

// newLease6 is nil for a port that has no subnet with DHCPv6.
func newLease6(s *settings, domain string) *lease6 {
	var l *lease6
	var servers []net.IP
	for _, a := range s.Addresses {
		mode := a.Subnet.AddressMode
		if !a.IP.Is6() || !a.Subnet.DHCP || mode != stateful && mode != stateless {
			continue
		}
		if l == nil {
			hw := serviceMAC(s.NetworkID)
			l = &lease6{server: &dhcpv6.DUIDLL{HWType: iana.HWTypeEthernet, LinkLayerAddr: hw[:]}}
		}
		if mode == stateful {
			l.ips = append(l.ips, a.IP)
		}
		for _, server := range a.Subnet.Nameservers {
			if server.Is6() {
				servers = append(servers, server.AsSlice())
			}
		}
		if len(servers) == 0 && a.Subnet.DHCPPort.Is6() {
			servers = append(servers, a.Subnet.DHCPPort.AsSlice())
		}
	}
	if l == nil {
		return nil
	}
	l.options = []dhcpv6.Modifier{dhcpv6.WithServerID(l.server), dhcpv6.WithDomainSearchList(domain)}
	if len(servers) > 0 {
		l.options = append(l.options, dhcpv6.WithDNS(servers...))
	}
	return l
}

// answerDHCP6 takes what is DHCPv6's, from guests of ports that have it: it ends here.
func (n *network) answerDHCP6(p *port, pk *packet) bool {
	s := p.settings.Load()
	if s.lease6 == nil || !pk.is(protocolUDP, true) || pk.piece != whole || pk.dport != dhcpv6ServerPort {
		return false
	}
	ip, ok := ipv6In(pk.frame)
	if !ok {
		return true
	}
	_, body, _ := ipv6Body(ip)
	if length := int(header.UDP(body).Length()); length >= udpLen && length <= len(body) {
		if reply := s.lease6.answer(body[udpLen:length]); reply != nil {
			h := hop6{fromMAC: n.services.mac, toMAC: source(pk.frame), from: metadataAddr6, to: pk.src, limit: 255}
			p.send(udp6Frame(h, dhcpv6ServerPort, dhcpv6ClientPort, reply))
		}
	}
	return true
}

// answer is the answer to a message; nil when none is due (RFC 8415, 18.3).
func (l *lease6) answer(message []byte) []byte {
	parsed, err := dhcpv6.FromBytes(message)
	if err != nil {
		return nil
	}
	m, ok := parsed.(*dhcpv6.Message) // nobody relays
	if !ok {
		return nil
	}
	if id := m.Options.ServerID(); id != nil && !bytes.Equal(id.ToBytes(), l.server.ToBytes()) {
		return nil
	}
	var reply *dhcpv6.Message
	switch {
	case m.Type() == dhcpv6.MessageTypeSolicit && m.GetOneOption(dhcpv6.OptionRapidCommit) == nil:
		reply, err = dhcpv6.NewAdvertiseFromSolicit(m, l.options...)
	case m.Type() == dhcpv6.MessageTypeInformationRequest && m.Options.ClientID() == nil: // it may stay unnamed
		reply = &dhcpv6.Message{MessageType: dhcpv6.MessageTypeReply, TransactionID: m.TransactionID}
		for _, option := range l.options {
			option(reply)
		}
	default:
		reply, err = dhcpv6.NewReplyFromMessage(m, l.options...)
	}
	if err != nil {
		return nil
	}
	switch m.Type() {
	case dhcpv6.MessageTypeSolicit, dhcpv6.MessageTypeRequest, dhcpv6.MessageTypeRenew, dhcpv6.MessageTypeRebind:
		l.assign(m, reply)
	case dhcpv6.MessageTypeConfirm, dhcpv6.MessageTypeRelease: // the address stays the port's
		reply.AddOption(&dhcpv6.OptStatusCode{StatusCode: iana.StatusSuccess})
	}
	return reply.ToBytes()
}

// assign gives the first association that is asked for the port's addresses, and the others none.
func (l *lease6) assign(m, reply *dhcpv6.Message) {
	for i, asked := range m.Options.IANA() {
		given := &dhcpv6.OptIANA{IaId: asked.IaId, T1: leaseTime / 2, T2: leaseTime * 7 / 8}
		if i > 0 || len(l.ips) == 0 {
			given.Options.Add(&dhcpv6.OptStatusCode{StatusCode: iana.StatusNoAddrsAvail, StatusMessage: "the port has no other address"})
		} else {
			for _, ip := range l.ips {
				given.Options.Add(&dhcpv6.OptIAAddress{IPv6Addr: ip.AsSlice(), PreferredLifetime: leaseTime, ValidLifetime: leaseTime})
			}
		}
		reply.AddOption(given)
	}
}
