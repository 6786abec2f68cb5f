// SPDX-License-Identifier: MPL-2.0

package regression

import (
	"log/slog"
	"net"
	"net/netip"
	"os"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/network"
)

// With egress a guest ended the whole process by a packet over IPv6 to a port of the metadata service's address that
// nobody listens on: where the packet was to go was read as an address of four bytes.
func TestEgressSurvivesIPv6(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "net") // t.TempDir() is too long for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	fabric, err := network.New(network.Options{Dir: dir, Egress: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fabric.Close() })
	send, next := socket(t, fabric, 5)
	g := neighbour{mac: net.HardwareAddr{0xfa, 0x16, 0x3e, 0, 0, 5}, ip: netip.MustParseAddr("fe80::f816:3eff:fe00:5")}
	metadata := neighbour{mac: net.HardwareAddr{0x33, 0x33, 0xff, 0xfe, 0xa9, 0xfe}, ip: netip.MustParseAddr("fe80::a9fe:a9fe")}

	solicited := netip.MustParseAddr("ff02::1:fffe:a9fe")
	send(g.solicit(neighbour{metadata.mac, solicited}, metadata.ip))
	for f := range frames(next) {
		if m := icmp6(f); m != nil && m.Type() == header.ICMPv6NeighborAdvert {
			metadata.mac = net.HardwareAddr(f[6:12])
			break
		}
	}
	for _, protocol := range []tcpip.TransportProtocolNumber{header.UDPProtocolNumber, header.TCPProtocolNumber} {
		send(g.knock(metadata, protocol))
		for f := range frames(next) {
			ip := header.IPv6(f[header.EthernetMinimumSize:])
			if m := icmp6(f); m != nil && m.Type() == header.ICMPv6DstUnreachable || ip.TransportProtocol() == header.TCPProtocolNumber {
				break // refused, by a cloud that is there to do so
			}
		}
	}
}

// frames are those that come in.
func frames(next func() []byte) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for yield(next()) {
		}
	}
}

// icmp6 is the ICMPv6 message in a frame; nil if it is none.
func icmp6(f []byte) header.ICMPv6 {
	if header.Ethernet(f).Type() != header.IPv6ProtocolNumber || header.IPv6(f[header.EthernetMinimumSize:]).TransportProtocol() != header.ICMPv6ProtocolNumber {
		return nil
	}
	return header.ICMPv6(header.IPv6(f[header.EthernetMinimumSize:]).Payload())
}

// neighbour is a station on the link.
type neighbour struct {
	mac net.HardwareAddr
	ip  netip.Addr
}

// frame is an IPv6 packet from n with that much payload.
func (n neighbour) frame(to neighbour, protocol tcpip.TransportProtocolNumber, length int) (f, payload []byte) {
	f = make([]byte, header.EthernetMinimumSize+header.IPv6MinimumSize+length)
	header.Ethernet(f).Encode(&header.EthernetFields{SrcAddr: tcpip.LinkAddress(n.mac), DstAddr: tcpip.LinkAddress(to.mac), Type: header.IPv6ProtocolNumber})
	header.IPv6(f[header.EthernetMinimumSize:]).Encode(&header.IPv6Fields{
		PayloadLength: uint16(length), TransportProtocol: protocol, HopLimit: 255, SrcAddr: tcpip.AddrFrom16(n.ip.As16()), DstAddr: tcpip.AddrFrom16(to.ip.As16()),
	})
	return f, f[header.EthernetMinimumSize+header.IPv6MinimumSize:]
}

// solicit asks the group to for an address.
func (n neighbour) solicit(to neighbour, target netip.Addr) []byte {
	f, payload := n.frame(to, header.ICMPv6ProtocolNumber, 32)
	icmp := header.ICMPv6(payload)
	icmp.SetType(header.ICMPv6NeighborSolicit)
	copy(icmp[8:], target.AsSlice())
	copy(icmp[24:], append([]byte{1, 1}, n.mac...))
	icmp.SetChecksum(header.ICMPv6Checksum(header.ICMPv6ChecksumParams{Header: icmp, Src: tcpip.AddrFrom16(n.ip.As16()), Dst: tcpip.AddrFrom16(to.ip.As16())}))
	return f
}

// knock is a packet to port 9: a datagram, or what a connection begins with.
func (n neighbour) knock(to neighbour, protocol tcpip.TransportProtocolNumber) []byte {
	sum := func(length int) uint16 {
		return header.PseudoHeaderChecksum(protocol, tcpip.AddrFrom16(n.ip.As16()), tcpip.AddrFrom16(to.ip.As16()), uint16(length))
	}
	if protocol == header.UDPProtocolNumber {
		f, payload := n.frame(to, protocol, header.UDPMinimumSize)
		udp := header.UDP(payload)
		udp.Encode(&header.UDPFields{SrcPort: 1000, DstPort: 9, Length: uint16(len(udp))})
		udp.SetChecksum(^udp.CalculateChecksum(sum(len(udp))))
		return f
	}
	f, payload := n.frame(to, protocol, header.TCPMinimumSize)
	tcp := header.TCP(payload)
	tcp.Encode(&header.TCPFields{SrcPort: 1000, DstPort: 9, SeqNum: 1, DataOffset: header.TCPMinimumSize, Flags: header.TCPFlagSyn, WindowSize: 1000})
	tcp.SetChecksum(^checksum.Checksum(tcp, sum(len(tcp))))
	return f
}
