// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv6"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// subnet6 is a /64 with the gateway ::1 and both modes the same.
func subnet6(cidr, mode string) driver.Subnet {
	s := subnet(cidr)
	s.RAMode, s.AddressMode = mode, mode
	return s
}

// station6 is port number n of a network, with the address that its MAC makes of the subnet.
func station6(t *testing.T, f *Fabric, network string, n byte, s driver.Subnet) *station {
	t.Helper()
	p := testPort(network, n, subnet("10.0.0.0/24"))
	hw, _ := parseMAC(p.MAC)
	ip, prefix := hw.linkLocal().As16(), s.CIDR.Addr().As16()
	copy(ip[:8], prefix[:8])
	p.Addresses = []driver.Address{{IP: netip.AddrFrom16(ip), Subnet: s}}
	return newStation(t, f, p)
}

// icmp6Of is a frame's ICMPv6 message and who sent it; nil for other frames.
func icmp6Of(f []byte) (header.ICMPv6, netip.Addr) {
	if ip, ok := ipv6In(f); ok && ip.TransportProtocol() == header.ICMPv6ProtocolNumber {
		return header.ICMPv6(ip.Payload()), addr6(ip.SourceAddress())
	}
	return nil, netip.Addr{}
}

func (s *station) nextICMP6(what string, kind header.ICMPv6Type) (header.ICMPv6, netip.Addr) {
	s.t.Helper()
	return icmp6Of(s.next(what, func(f []byte) bool { m, _ := icmp6Of(f); return m != nil && m.Type() == kind }))
}

func TestIPv6Router(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	red, blue := subnet6("fd00:1::/64", slaac), subnet6("fd00:2::/64", stateful)
	told := driver.Topology{Routers: []driver.Router{{ID: "r", Inside: []driver.RouterPort{leg("red", 1, red), leg("blue", 2, blue)}}}}
	a, b := station6(t, f, "red", 5, red), station6(t, f, "blue", 6, blue)
	follow(t, f, told)
	if got, by := a.nextICMP6("unsolicited advertisement", header.ICMPv6RouterAdvert); by != (mac{0xfa, 0x16, 0x3e, 0xff, 0, 1}).linkLocal() {
		t.Errorf("% x by %s", []byte(got), by)
	}
	solicit := func(s *station) header.NDPRouterAdvert {
		s.send(icmp6Frame(hop6{fromMAC: s.mac, toMAC: groupMAC(allRouters), from: s.mac.linkLocal(), to: allRouters, limit: 255},
			header.ICMPv6RouterSolicit, 0, make([]byte, 4)))
		m, _ := s.nextICMP6("advertisement", header.ICMPv6RouterAdvert)
		return header.NDPRouterAdvert(m.MessageBody())
	}
	for _, c := range []struct {
		s       *station
		managed bool
	}{{a, false}, {b, true}} {
		ra := solicit(c.s)
		if ra.ManagedAddrConfFlag() != c.managed || ra.RouterLifetime() != raLifetime {
			t.Errorf("%s: % x", c.s.port.ID, []byte(ra))
		}
		options, err := ra.Options().Iter(true)
		if err != nil {
			t.Fatal(err)
		}
		for {
			o, done, err := options.Next()
			if err != nil {
				t.Fatal(err)
			}
			if done {
				break
			}
			if prefix, is := o.(header.NDPPrefixInformation); is &&
				(prefix.AutonomousAddressConfigurationFlag() == c.managed || prefix.PrefixLength() != 64 || !prefix.OnLinkFlag()) {
				t.Errorf("%s: %s", c.s.port.ID, prefix)
			}
		}
	}
	gateway := mac{0xfa, 0x16, 0x3e, 0xff, 0, 1}
	a.send(icmp6Frame(hop6{fromMAC: a.mac, toMAC: groupMAC(solicitedNode(red.Gateway)), from: a.ip, to: solicitedNode(red.Gateway), limit: 255},
		header.ICMPv6NeighborSolicit, 0, append(make([]byte, 4), red.Gateway.AsSlice()...)))
	if got, by := a.nextICMP6("neighbour", header.ICMPv6NeighborAdvert); by != red.Gateway || string(got[26:32]) != string(gateway[:]) {
		t.Errorf("% x by %s", []byte(got), by)
	}
	echo := func(to netip.Addr, limit uint8) {
		a.send(icmp6Frame(hop6{fromMAC: a.mac, toMAC: gateway, from: a.ip, to: to, limit: limit}, header.ICMPv6EchoRequest, 0, []byte{0, 1, 0, 1, 'h', 'i'}))
	}
	echo(b.ip, 64)
	if _, by := b.nextICMP6("echo", header.ICMPv6EchoRequest); by != a.ip {
		t.Errorf("echo from %s", by)
	}
	echo(blue.Gateway, 64)
	if got, by := a.nextICMP6("echo of the router", header.ICMPv6EchoReply); by != blue.Gateway || string(got[8:]) != "hi" {
		t.Errorf("% x by %s", []byte(got), by)
	}
	echo(b.ip, 1)
	if _, by := a.nextICMP6("end of the way", header.ICMPv6TimeExceeded); by != red.Gateway {
		t.Errorf("by %s", by)
	}
	echo(netip.MustParseAddr("2001:db8::1"), 64)
	a.nextICMP6("no route", header.ICMPv6DstUnreachable)
}

// TestRouterRetires: guests of a network that a router leaves keep no route through it until its lifetime is over.
func TestRouterRetires(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	red, blue := subnet6("fd00:1::/64", slaac), subnet6("fd00:2::/64", stateful)
	a, b := station6(t, f, "red", 5, red), station6(t, f, "blue", 6, blue)
	hears := func(s *station, n byte, lifetime time.Duration) {
		t.Helper()
		m, by := s.nextICMP6("advertisement", header.ICMPv6RouterAdvert)
		if got := header.NDPRouterAdvert(m.MessageBody()).RouterLifetime(); got != lifetime || by != (mac{0xfa, 0x16, 0x3e, 0xff, 0, n}).linkLocal() {
			t.Errorf("%s: lifetime %s by %s, want %s", s.port.ID, got, by, lifetime)
		}
	}
	told := func(down bool, legs ...driver.RouterPort) {
		t.Helper()
		follow(t, f, driver.Topology{Routers: []driver.Router{{ID: "r", Down: down, Inside: legs}}})
	}
	onRed, onBlue := leg("red", 1, red), leg("blue", 2, blue)
	told(false, onRed, onBlue)
	hears(a, 1, raLifetime)
	hears(b, 2, raLifetime)
	told(false, onRed)
	hears(b, 2, 0)
	told(true, onRed)
	hears(a, 1, 0)
	told(false, onRed)
	hears(a, 1, raLifetime)
}

func TestDHCPv6(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{Domain: "cloud.example"})
	lan := subnet6("fd00:1::/64", stateful)
	lan.Nameservers = []netip.Addr{netip.MustParseAddr("fd00::53")}
	ask := func(s *station, m *dhcpv6.Message) *dhcpv6.Message {
		t.Helper()
		all := netip.MustParseAddr("ff02::1:2")
		s.send(udp6Frame(hop6{fromMAC: s.mac, toMAC: groupMAC(all), from: s.mac.linkLocal(), to: all, limit: 1}, dhcpv6ClientPort, dhcpv6ServerPort, m.ToBytes()))
		var reply *dhcpv6.Message
		s.next("answer", func(f []byte) bool {
			ip, ok := ipv6In(f)
			if !ok || ip.TransportProtocol() != header.UDPProtocolNumber {
				return false
			}
			got, err := dhcpv6.FromBytes(ip.Payload()[udpLen:])
			reply, _ = got.(*dhcpv6.Message)
			return err == nil && reply != nil && reply.TransactionID == m.TransactionID
		})
		return reply
	}
	s := station6(t, f, "red", 5, lan)
	solicit, err := dhcpv6.NewSolicit(net.HardwareAddr(s.mac[:]))
	if err != nil {
		t.Fatal(err)
	}
	offer := ask(s, solicit)
	request, err := dhcpv6.NewRequestFromAdvertise(offer)
	if err != nil {
		t.Fatal(err)
	}
	got := ask(s, request)
	if a := got.Options.OneIANA().Options.OneAddress(); a == nil || a.IPv6Addr.String() != s.ip.String() || a.ValidLifetime != leaseTime {
		t.Errorf("leased %v, not %s", a, s.ip)
	}
	if dns := got.Options.DNS(); len(dns) != 1 || dns[0].String() != "fd00::53" || got.Options.DomainSearchList().Labels[0] != "cloud.example" {
		t.Errorf("%s", got.Summary())
	}
	request.MessageType = dhcpv6.MessageTypeRenew
	if renewed := ask(s, request); renewed.Options.OneIANA().Options.OneAddress() == nil {
		t.Errorf("renewed: %s", renewed.Summary())
	}

	quiet := station6(t, f, "blue", 5, subnet6("fd00:1::/64", stateless))
	inform := &dhcpv6.Message{MessageType: dhcpv6.MessageTypeInformationRequest, TransactionID: dhcpv6.TransactionID{1, 2, 3}}
	if got := ask(quiet, inform); got.Type() != dhcpv6.MessageTypeReply || got.Options.OneIANA() != nil {
		t.Errorf("%s", got.Summary())
	}
	if none := ask(quiet, solicit); none.Options.OneIANA().Options.Status() == nil {
		t.Errorf("an address without state: %s", none.Summary())
	}
}
