// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// town is a network whose guests, a, b and c, are under security groups.
type town struct {
	t       *testing.T
	fabric  *Fabric
	clock   *clock.Manual
	a, b, c *station
	told    driver.Topology
}

const guestV6 = "fd00::"

// newTown has a and c in group "all", which lets everything out and in, and b in group "b".
func newTown(t *testing.T, rules ...driver.Rule) *town {
	t.Helper()
	return newTownWith(t, Options{}, rules...)
}

func newTownWith(t *testing.T, o Options, rules ...driver.Rule) *town {
	t.Helper()
	w := &town{t: t, clock: clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))}
	o.Clock = w.clock
	w.fabric = newFabric(t, o)
	lan, lan6 := subnet("10.0.0.0/24"), driver.Subnet{ID: "v6", CIDR: netip.MustParsePrefix(guestV6 + "/64")}
	for n, s := range map[byte]**station{5: &w.a, 6: &w.b, 7: &w.c} {
		p := testPort("net", n, lan)
		p.Addresses = append(p.Addresses, driver.Address{IP: v6(n), Subnet: lan6})
		*s = newStation(t, w.fabric, p)
	}
	w.told = driver.Topology{Security: map[string]driver.PortSecurity{}, Groups: map[string][]driver.Rule{
		"all": {anything(true, false), anything(true, true), anything(false, false), anything(false, true)}, "b": rules, "others": nil,
	}}
	for s, group := range map[*station]string{w.a: "all", w.b: "b", w.c: "all"} {
		w.told.Security[s.port.ID] = driver.PortSecurity{Groups: []string{group}, Addresses: []netip.Addr{s.ip, s.v6()}}
	}
	w.follow()
	return w
}

// rules replaces those of group "b".
func (w *town) rules(rules ...driver.Rule) {
	w.t.Helper()
	w.told.Groups["b"] = rules
	w.follow()
}

// secure changes a port's security.
func (w *town) secure(s *station, change func(*driver.PortSecurity)) {
	w.t.Helper()
	p := w.told.Security[s.port.ID]
	change(&p)
	w.told.Security[s.port.ID] = p
	w.follow()
}

func (w *town) follow() {
	w.t.Helper()
	w.told.Sequence++
	told := w.told // what Follow has been told does not change after
	told.Security, told.Groups = map[string]driver.PortSecurity{}, map[string][]driver.Rule{}
	for id, p := range w.told.Security {
		told.Security[id] = p
	}
	for id, g := range w.told.Groups {
		told.Groups[id] = g
	}
	if err := w.fabric.Follow(w.t.Context(), told); err != nil {
		w.t.Fatal(err)
	}
}

// passes tells whether a frame from one guest arrives at another. The ARP request that is sent after it
// needs no rule, and one guest's frames to another keep their order.
func (w *town) passes(from, to *station, frame []byte) bool {
	w.t.Helper()
	from.send(frame)
	last := arpFrame(from.mac, header.ARPRequest, from.mac, from.ip, to.ip)
	copy(last, to.mac[:])
	from.send(last)
	arrived := 0
	to.next("ARP request", func(f []byte) bool {
		if string(f) == string(frame) {
			arrived++
		}
		return string(f) == string(last)
	})
	if arrived > 1 {
		w.t.Errorf("a frame arrived %d times", arrived)
	}
	return arrived > 0
}

func v6(n byte) netip.Addr {
	b := netip.MustParseAddr(guestV6).As16()
	b[15] = n
	return netip.AddrFrom16(b)
}

func (s *station) v6() netip.Addr { return v6(s.ip.As4()[3]) }

// anything is a rule that allows all.
func anything(egress, ipv6 bool) driver.Rule {
	return driver.Rule{Egress: egress, IPv6: ipv6, Protocol: -1, First: -1, Last: -1}
}

// in is a rule for what comes in.
func in(protocol uint8, low, high int) driver.Rule {
	return driver.Rule{Protocol: int(protocol), First: low, Last: high}
}

func out(r driver.Rule) driver.Rule {
	r.Egress = true
	return r
}

func from(r driver.Rule, prefix string) driver.Rule {
	r.RemotePrefix = netip.MustParsePrefix(prefix)
	r.IPv6 = r.RemotePrefix.Addr().Is6()
	return r
}

func ofGroup(r driver.Rule, group string) driver.Rule {
	r.RemoteGroup = group
	return r
}

// Frames.

// packet is an IPv4 packet from s to another station.
func (s *station) packet(to *station, protocol uint8, body []byte) []byte {
	return s.packetTo(to.mac, to.ip, protocol, body)
}

func (s *station) packetTo(hw mac, to netip.Addr, protocol uint8, body []byte) []byte {
	f := make([]byte, ethernetLen+header.IPv4MinimumSize, ethernetLen+header.IPv4MinimumSize+len(body))
	f = append(f, body...)
	putIPv4(f, hop{
		fromMAC: s.mac, toMAC: hw, from: netip.AddrPortFrom(s.ip, 0), to: netip.AddrPortFrom(to, 0),
	}, tcpip.TransportProtocolNumber(protocol))
	if protocol == protocolTCP {
		sum := header.PseudoHeaderChecksum(header.TCPProtocolNumber, tcpipAddr(s.ip), tcpipAddr(to), uint16(len(body)))
		segment := header.TCP(f[ethernetLen+header.IPv4MinimumSize:])
		segment.SetChecksum(^segment.CalculateChecksum(sum))
	}
	return f
}

// packet6 is the same of IPv6.
func (s *station) packet6(to *station, protocol uint8, body []byte) []byte {
	f := ipv6Frame(s.mac, s.v6().String(), tcpip.TransportProtocolNumber(protocol), body)
	copy(f, to.mac[:])
	header.IPv6(f[ethernetLen:]).SetDestinationAddress(tcpip.AddrFrom16(to.v6().As16()))
	return f
}

// segment is a TCP header.
func segment(sport, dport uint16, flags header.TCPFlags) []byte {
	b := make([]byte, header.TCPMinimumSize)
	header.TCP(b).Encode(&header.TCPFields{SrcPort: sport, DstPort: dport, Flags: flags, DataOffset: header.TCPMinimumSize})
	return b
}

// ports is what all other protocols with ports begin with.
func ports(sport, dport uint16) []byte {
	return append([]byte{byte(sport >> 8), byte(sport), byte(dport >> 8), byte(dport)}, 0, 12, 0, 0, 't', 'e', 'x', 't')
}

// echo is an ICMP message with an identifier.
func echo(kind, code uint8, id uint16) []byte {
	return []byte{kind, code, 0, 0, byte(id >> 8), byte(id), 0, 1}
}

const (
	syn    = header.TCPFlagSyn
	ack    = header.TCPFlagAck
	synAck = syn | ack
	fin    = header.TCPFlagFin | ack
	rst    = header.TCPFlagRst
)
