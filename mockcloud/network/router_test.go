// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// follow tells the fabric of routers, with no security groups at all.
func follow(t testing.TB, f *Fabric, told driver.Topology) {
	t.Helper()
	told.Unlimited = true
	if err := f.Follow(t.Context(), told); err != nil {
		t.Fatal(err)
	}
}

// leg is a router's place on a network, at the gateway addresses of the subnets: MAC address
// fa:16:3e:ff:00:<n>.
func leg(network string, n byte, subnets ...driver.Subnet) driver.RouterPort {
	p := driver.RouterPort{PortID: fmt.Sprintf("%s-leg-%d", network, n), NetworkID: network, MAC: fmt.Sprintf("fa:16:3e:ff:00:%02x", n), MTU: 1450}
	for _, s := range subnets {
		p.Addresses = append(p.Addresses, driver.Address{IP: s.Gateway, Subnet: s})
	}
	return p
}

// outsideLeg is a router's place on an external network: address <subnet>.<n>.
func outsideLeg(network string, n byte, s driver.Subnet) driver.RouterPort {
	p := leg(network, n)
	ip := s.CIDR.Addr().As4()
	ip[3] = n
	p.Addresses = []driver.Address{{IP: netip.AddrFrom4(ip), Subnet: s}}
	return p
}

func redLan() driver.Subnet  { return subnet("10.0.0.0/24") }
func blueLan() driver.Subnet { return subnet("10.1.0.0/24") }
func street() driver.Subnet  { return subnet("203.0.113.0/24") }

// redAndBlue are two networks that a router joins, with a way out to the network "street".
func redAndBlue() driver.Topology {
	return driver.Topology{
		Routers: []driver.Router{{
			ID: "r", Inside: []driver.RouterPort{leg("red", 1, redLan()), leg("blue", 2, blueLan())},
			Outside: outsideLeg("street", 9, street()), SNAT: true,
		}},
		External: map[string][]driver.Subnet{"street": {street()}},
	}
}

func TestRouterJoinsNetworks(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	f.Serve(name)
	b := newGuest(t, f, testPort("blue", 6, blueLan()))
	b.echo(7)
	unreachable := func(when string) {
		t.Helper()
		a := newGuest(t, f, testPort("red", 4, redLan())) // gVisor's stack is one of those that heed no announcement
		defer func() { _ = f.Unplug(t.Context(), a.port.ID) }()
		if c, err := a.dial(patient(t), "tcp", "10.1.0.6:7"); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v, %v", when, c, err)
		}
	}
	unreachable("without a router")
	follow(t, f, redAndBlue())
	a := newGuest(t, f, testPort("red", 5, redLan()))
	c, err := a.dial(patient(t), "tcp", "10.1.0.6:7")
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, c, strings.Repeat("from red to blue ", 10_000))
	_ = c.Close()
	if got, err := a.get(patient(t), "http://169.254.169.254/x"); err != nil || got != "red-server-5 /x" {
		t.Errorf("metadata behind a router: %q, %v", got, err)
	}
	parted := redAndBlue()
	parted.Routers[0].Inside = parted.Routers[0].Inside[:1]
	follow(t, f, parted)
	unreachable("with the interface removed")
	down := redAndBlue()
	down.Routers[0].Down = true
	follow(t, f, down)
	s := newStation(t, f, testPort("red", 9, redLan()))
	s.send(arpFrame(s.mac, header.ARPRequest, s.mac, s.ip, blueLan().Gateway))
	follow(t, f, redAndBlue())
	s.send(arpFrame(s.mac, header.ARPRequest, s.mac, s.ip, redLan().Gateway))
	reply := s.next("answer of the router", func(f []byte) bool {
		return etherType(f) == header.ARPProtocolNumber && header.ARP(f[ethernetLen:]).Op() == header.ARPReply
	})
	if got := header.ARP(reply[ethernetLen:]); addrOf(got) != redLan().Gateway || mac(got.HardwareAddressSender()).String() != "fa:16:3e:ff:00:01" {
		t.Errorf("% x", reply)
	}
}

func addrOf(a header.ARP) netip.Addr { return netip.AddrFrom4([4]byte(a.ProtocolAddressSender())) }

// through is a UDP frame to the router's leg n.
func (s *station) through(n byte, to netip.Addr, ttl uint8) []byte {
	f := udpFrame(hop{
		fromMAC: s.mac, toMAC: mac{0xfa, 0x16, 0x3e, 0xff, 0, n},
		from: netip.AddrPortFrom(s.ip, 33434), to: netip.AddrPortFrom(to, 33434),
	}, []byte("probe"))
	ip := header.IPv4(f[ethernetLen:])
	ip.SetTTL(ttl)
	ip.SetChecksum(0)
	ip.SetChecksum(^ip.CalculateChecksum())
	return f
}

func TestTracerouteSeesTheHops(t *testing.T) {
	t.Parallel()
	hands := clock.NewManual(time.Unix(0, 0))
	f := newFabric(t, Options{Clock: hands})
	follow(t, f, redAndBlue())
	a, b := newStation(t, f, testPort("red", 5, redLan())), newStation(t, f, testPort("blue", 6, blueLan()))
	errorOf := func(what string) (header.ICMPv4, netip.Addr) {
		answer := a.next(what, func(f []byte) bool { return icmpOf(f) != nil })
		ip, _ := ipv4In(answer)
		return icmpOf(answer), addr4(ip.SourceAddress())
	}
	a.send(a.through(1, b.ip, 1))
	if got, by := errorOf("the first hop"); got.Type() != header.ICMPv4TimeExceeded || by != redLan().Gateway {
		t.Errorf("%v by %s", got.Type(), by)
	}
	a.send(a.through(1, b.ip, 2))
	arrived, _ := ipv4In(b.next("probe", carrying("probe")))
	if arrived.TTL() != 1 || !arrived.IsChecksumValid() {
		t.Errorf("arrived with TTL %d", arrived.TTL())
	}
	a.send(a.through(1, blueLan().Gateway, 64)) // the router itself
	if got, by := errorOf("the router"); got.Type() != header.ICMPv4DstUnreachable || got.Code() != header.ICMPv4PortUnreachable {
		t.Errorf("%v by %s", got, by)
	}
	a.send(a.through(1, netip.MustParseAddr("10.1.0.77"), 64)) // nobody: only after asking in vain
	b.next("question", func(f []byte) bool { return etherType(f) == header.ARPProtocolNumber })
	hands.Advance(neighbourWait)
	a.send(a.through(1, netip.MustParseAddr("10.1.0.77"), 64))
	if got, by := errorOf("nobody"); got.Code() != header.ICMPv4HostUnreachable {
		t.Errorf("%v by %s", got, by)
	}
	big := a.through(1, b.ip, 64)
	small := redAndBlue()
	small.Routers[0].Inside[1].MTU = 30
	follow(t, f, small)
	a.send(big)
	if got, _ := errorOf("too big"); got.Code() != header.ICMPv4FragmentationNeeded || got.MTU() != 30 {
		t.Errorf("too big: %v %d", got.Code(), got.MTU())
	}
}

func TestRouterWithoutAWayOut(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	closed := redAndBlue()
	closed.Routers[0].Outside = driver.RouterPort{}
	closed.Routers[0].Routes = []driver.Route{{Destination: netip.MustParsePrefix("10.7.0.0/16"), NextHop: netip.MustParseAddr("10.1.0.6")}}
	follow(t, f, closed)
	a, b := newStation(t, f, testPort("red", 5, redLan())), newStation(t, f, testPort("blue", 6, blueLan()))
	a.send(a.through(1, netip.MustParseAddr("198.51.100.1"), 64))
	if got := icmpOf(a.next("refusal", func(f []byte) bool { return icmpOf(f) != nil })); got.Code() != header.ICMPv4NetUnreachable {
		t.Errorf("%v", got.Code())
	}
	a.send(a.through(1, netip.MustParseAddr("10.7.1.2"), 64)) // an extra route leads to the guest that is its next hop
	b.next("what is routed", carrying("probe"))
}

func TestEgressThroughARouter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := newFabric(t, Options{Egress: true})
	f.dial = w.dial
	follow(t, f, redAndBlue())
	a, b := newGuest(t, f, testPort("red", 5, redLan())), newGuest(t, f, testPort("blue", 5, blueLan()))
	for _, g := range []*guest{a, b} {
		c, err := g.dial(patient(t), "tcp", "198.51.100.1:80")
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, c, strings.Repeat("to the world ", 10_000))
		_ = c.Close()
	}
	s := newStation(t, f, testPort("red", 6, redLan()))
	s.send(s.through(1, netip.MustParseAddr("198.51.100.2"), 64))
	s.next("datagram", carrying("probe"))
	none := redAndBlue()
	none.Routers[0].SNAT = false
	none.Routers[0].Inside = none.Routers[0].Inside[:1]
	follow(t, f, none)
	s.send(s.through(1, netip.MustParseAddr("127.0.0.1"), 64)) // the answer finds no way back
	if got := len(w.calls()); got != 3 {
		t.Errorf("dialled %v", w.calls())
	}
}

// TestRefusedBeyondARouter: the error about a packet that was translated is, too.
func TestRefusedBeyondARouter(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	told := redAndBlue()
	told.Floating = []driver.FloatingIP{{ID: "f", Address: netip.MustParseAddr("203.0.113.50"), RouterID: "r", PortID: "red-port-6", Fixed: netip.MustParseAddr("10.0.0.6")}}
	follow(t, f, told)
	for n := range byte(2) {
		s := newStation(t, f, testPort("red", 5+n, redLan()))
		sent := s.through(1, netip.MustParseAddr("198.51.100.1"), 64)
		s.send(sent)
		answer := icmpOf(s.next("refusal", func(f []byte) bool { return icmpOf(f) != nil }))
		inner := header.IPv4(answer[header.ICMPv4MinimumSize:])
		if answer.Code() != header.ICMPv4AdminProhibited || addr4(inner.SourceAddress()) != s.ip ||
			header.UDP(inner[header.IPv4MinimumSize:]).SourcePort() != 33434 || header.ICMPv4Checksum(answer, 0) != answer.Checksum() {
			t.Errorf("%s was told % x", s.ip, []byte(answer))
		}
	}
}

// TestSilentMove: an address that no record says may go to another guest without a word; the router asks again.
func TestSilentMove(t *testing.T) {
	t.Parallel()
	hands := clock.NewManual(time.Unix(0, 0))
	f := newFabric(t, Options{Clock: hands})
	virtual := netip.MustParseAddr("10.1.0.200")
	told := redAndBlue()
	pair := driver.PortSecurity{Allowed: []driver.AddressPair{{Prefix: netip.PrefixFrom(virtual, 32)}}}
	told.Security = map[string]driver.PortSecurity{"blue-port-6": pair, "blue-port-7": pair}
	follow(t, f, told)
	a := newStation(t, f, testPort("red", 5, redLan()))
	question := func(f []byte) bool {
		return etherType(f) == header.ARPProtocolNumber && header.ARP(f[ethernetLen:]).Op() == header.ARPRequest &&
			netip.AddrFrom4([4]byte(header.ARP(f[ethernetLen:]).ProtocolAddressTarget())) == virtual
	}
	answer := func(s *station) {
		asked := header.ARP(s.next("question", question)[ethernetLen:])
		reply := arpPacket(mac(asked.HardwareAddressSender()), header.ARPReply, s.mac, virtual, mac(asked.HardwareAddressSender()), addrOf(asked))
		s.send(reply)
	}
	b := newStation(t, f, testPort("blue", 6, blueLan()))
	a.send(a.through(1, virtual, 64))
	answer(b)
	b.next("what has waited", carrying("probe"))
	hands.Advance(neighbourFresh)
	a.send(a.through(1, virtual, 64))
	answer(b) // it is still there
	b.next("what did not wait", carrying("probe"))
	b.send(b.through(2, blueLan().Gateway, 64)) // which the router hears after the answer
	b.next("refusal", func(f []byte) bool { return icmpOf(f) != nil })
	if err := f.Unplug(t.Context(), b.port.ID); err != nil {
		t.Fatal(err)
	}
	c := newStation(t, f, testPort("blue", 7, blueLan()))
	hands.Advance(neighbourFresh)
	a.send(a.through(1, virtual, 64)) // nobody answers for b
	c.next("question", question)
	hands.Advance(neighbourWait)
	a.send(a.through(1, virtual, 64))
	answer(c)
	c.next("what comes to the new one", carrying("probe"))
}
