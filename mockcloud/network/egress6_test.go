// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// village is redAndBlue with egress and IPv6 on red, where guests are on the same addresses as those of another router's
// network, green.
func village(t *testing.T, o Options) (f *Fabric, w *world, green, red *guest) {
	t.Helper()
	w, o.Egress = newWorld(t), true
	f = newFabric(t, o)
	f.dial = w.dial
	lan, told := subnet6("fd00:1::/64", slaac), redAndBlue()
	told.Routers[0].Inside[0] = leg("red", 1, redLan(), lan)
	told.Routers = append(told.Routers, driver.Router{
		ID: "s", Inside: []driver.RouterPort{leg("green", 3, redLan(), lan)}, Outside: outsideLeg("street", 10, street()), SNAT: true,
	})
	follow(t, f, told)
	settle := func(network string, leg byte) *guest {
		p := testPort(network, 5, redLan())
		p.Addresses = append(p.Addresses, driver.Address{IP: netip.MustParseAddr("fd00:1::5"), Subnet: lan})
		g := newGuest(t, f, p)
		g.join6(netip.MustParseAddr("fd00:1::5"), lan, mac{0xfa, 0x16, 0x3e, 0xff, 0, leg})
		return g
	}
	return f, w, settle("green", 3), settle("red", 1)
}

func TestEgressOverIPv6(t *testing.T) {
	t.Parallel()
	f, w, green, red := village(t, Options{Resolver: netip.MustParseAddrPort("192.0.2.53:53")})
	for _, g := range []*guest{green, red} {
		c, err := g.dial(patient(t), "tcp", "[2001:db8::1]:80")
		if err != nil {
			t.Fatalf("%s: %v", g.port.ID, err)
		}
		roundTrip(t, c, strings.Repeat("to the world ", 10_000))
		_ = c.Close()
	}
	if got := w.calls(); !slices.Equal(got, []string{"tcp6 [2001:db8::1]:80", "tcp6 [2001:db8::1]:80"}) {
		t.Errorf("dialled %s", got)
	}
	if c, err := red.dial(patient(t), "tcp", "[2001:db8::1]:1"); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a connection that the world refuses: %v, %v", c, err)
	}
	if c, err := red.dial(patient(t), "tcp", "198.51.100.1:80"); err != nil {
		t.Errorf("IPv4 beside it: %v", err)
	} else {
		roundTrip(t, c, "to the old world")
		_ = c.Close()
	}

	parted := redAndBlue()
	parted.Routers[0].Inside[0] = leg("red", 1, redLan(), subnet6("fd00:1::/64", slaac))
	parted.Routers[0].Outside = driver.RouterPort{}
	follow(t, f, parted)
	before := len(w.calls())
	if c, err := red.dial(patient(t), "tcp", "[2001:db8::1]:80"); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without a gateway: %v, %v", c, err)
	}
	if got := w.calls(); len(got) != before {
		t.Errorf("dialled %s", got[before:])
	}
}

// TestEgressOverIPv6Datagrams: UDP goes out as TCP does, and a guest without IPv4 has its names looked up.
func TestEgressOverIPv6Datagrams(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := newFabric(t, Options{Egress: true, Resolver: netip.MustParseAddrPort("192.0.2.53:53")})
	f.dial = w.dial
	red := subnet6("fd00:1::/64", slaac)
	told := redAndBlue()
	told.Routers[0].Inside[0] = leg("red", 1, red)
	follow(t, f, told)
	s := station6(t, f, "red", 5, red)
	send := func(to mac, ip netip.Addr, port uint16, text string) {
		s.send(udp6Frame(hop6{fromMAC: s.mac, toMAC: to, from: s.ip, to: ip, limit: 64}, 1000, port, []byte(text)))
	}
	expect := func(from netip.Addr, text string) {
		t.Helper()
		s.next(text, func(f []byte) bool {
			ip, ok := ipv6In(f)
			return ok && ip.TransportProtocol() == header.UDPProtocolNumber && addr6(ip.SourceAddress()) == from && string(ip.Payload()[udpLen:]) == text
		})
	}
	beyond := netip.MustParseAddr("2001:db8::2")
	send(mac{0xfa, 0x16, 0x3e, 0xff, 0, 1}, beyond, 123, "what time is it")
	expect(beyond, "what time is it")
	query := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: 2, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName("example.org."), Type: dnsmessage.TypeAAAA, Class: dnsmessage.ClassINET}},
	}
	packed, err := query.Pack()
	if err != nil {
		t.Fatal(err)
	}
	send(s.router, metadataAddr6, dnsPort, string(packed))
	expect(metadataAddr6, string(packed))
	if got := strings.Join(w.calls(), ", "); got != "udp6 [2001:db8::2]:123, udp4 192.0.2.53:53" {
		t.Errorf("dialled %s", got)
	}
}

// TestGuestIsTheIPv6Gateway: where a guest of the external network has the gateway's address, it is the way out.
func TestGuestIsTheIPv6Gateway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := newFabric(t, Options{Egress: true})
	f.dial = w.dial
	red, beyond, told := subnet6("fd00:1::/64", slaac), subnet6("fd00:9::/64", ""), redAndBlue()
	told.Routers[0].Inside[0] = leg("red", 1, red)
	told.Routers[0].Outside.Addresses = append(told.Routers[0].Outside.Addresses, driver.Address{IP: netip.MustParseAddr("fd00:9::9"), Subnet: beyond})
	told.External["street"] = append(told.External["street"], beyond)
	follow(t, f, told)
	p := testPort("street", 8, street())
	p.Addresses = []driver.Address{{IP: beyond.Gateway, Subnet: beyond}}
	s, gateway := station6(t, f, "red", 5, red), newStation(t, f, p)
	h := hop6{fromMAC: s.mac, toMAC: mac{0xfa, 0x16, 0x3e, 0xff, 0, 1}, from: s.ip, to: netip.MustParseAddr("2001:db8::1"), limit: 64}
	arrives := func(to *station, from netip.Addr, text string) {
		t.Helper()
		s.send(udp6Frame(h, 1000, 7, []byte(text)))
		to.next(text, func(f []byte) bool {
			ip, ok := ipv6In(f)
			return ok && ip.TransportProtocol() == header.UDPProtocolNumber && addr6(ip.SourceAddress()) == from && string(ip.Payload()[udpLen:]) == text
		})
	}
	arrives(gateway, s.ip, "by the guest")
	if got := w.calls(); len(got) > 0 {
		t.Errorf("dialled %s", got)
	}
	if err := f.Unplug(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	arrives(s, h.to, "and without it")
}

// TestEgressOverIPv6SparesTheHost holds IPv6 to what TestEgressSparesTheHost holds IPv4 to.
func TestEgressOverIPv6SparesTheHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := newFabric(t, Options{Egress: true})
	f.dial = w.dial
	red, told := subnet6("fd00:1::/64", slaac), redAndBlue()
	told.Routers[0].Inside[0] = leg("red", 1, red)
	follow(t, f, told)
	s := station6(t, f, "red", 5, red)
	hosts := []string{"::ffff:127.0.0.1", "::1", "::7f00:1", "64:ff9b::7f00:1", "2002:7f00:1::1", "2001::7f00:1", "100::1", "fec0::1", "fd00:ec2::254", "fd20:ce::254", "fd00:c1::a9fe:a9fe"}
	if own, err := net.InterfaceAddrs(); err == nil {
		for _, a := range own {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is6() && outside(p.Addr()) {
				hosts = append(hosts, p.Addr().String())
			}
		}
	}
	router := mac{0xfa, 0x16, 0x3e, 0xff, 0, 1}
	for _, host := range hosts {
		h := hop6{fromMAC: s.mac, toMAC: router, from: s.ip, to: netip.MustParseAddr(host), limit: 64}
		s.send(syn6Frame(h, 1000, 22))
		s.send(udp6Frame(h, 1000, 22, []byte("knock")))
		if h.to.Is4In6() {
			continue // is on no wire
		}
		refused := map[tcpip.TransportProtocolNumber]bool{}
		s.next("refusals of "+host, func(f []byte) bool {
			ip, ok := ipv6In(f)
			switch {
			case !ok:
			case ip.TransportProtocol() == header.TCPProtocolNumber && header.TCP(ip.Payload()).Flags().Contains(header.TCPFlagRst):
				refused[header.TCPProtocolNumber] = addr6(ip.SourceAddress()) == h.to
			case ip.TransportProtocol() == header.ICMPv6ProtocolNumber && header.ICMPv6(ip.Payload()).Type() == header.ICMPv6DstUnreachable:
				about := header.IPv6(ip.Payload()[header.ICMPv6MinimumSize:])
				refused[about.TransportProtocol()] = addr6(about.DestinationAddress()) == h.to
			}
			return refused[header.TCPProtocolNumber] && refused[header.UDPProtocolNumber]
		})
	}
	s.send(icmp6Frame(hop6{fromMAC: s.mac, toMAC: router, from: s.ip, to: netip.MustParseAddr("2001:db8::1"), limit: 64}, header.ICMPv6EchoRequest, 0, make([]byte, 4)))
	if m, _ := s.nextICMP6("answer to echo", header.ICMPv6DstUnreachable); m.Code() != header.ICMPv6Prohibited { // only TCP and UDP go out
		t.Errorf("echo is answered % x", []byte(m))
	}
	if got := w.calls(); len(got) > 0 {
		t.Errorf("dialled %s", got)
	}
}

// syn6Frame is what a TCP connection begins with.
func syn6Frame(h hop6, fromPort, toPort uint16) []byte {
	f := make([]byte, ethernetLen+ipv6Len+header.TCPMinimumSize)
	putIPv6(f, h, header.TCPProtocolNumber)
	syn := header.TCP(f[ethernetLen+ipv6Len:])
	syn.Encode(&header.TCPFields{SrcPort: fromPort, DstPort: toPort, SeqNum: 1, DataOffset: header.TCPMinimumSize, Flags: header.TCPFlagSyn, WindowSize: 1000})
	sum := header.PseudoHeaderChecksum(header.TCPProtocolNumber, tcpipAny(h.from), tcpipAny(h.to), uint16(len(syn)))
	syn.SetChecksum(^checksum.Checksum(syn, sum))
	return f
}
