// SPDX-License-Identifier: MPL-2.0

package network

import (
	"encoding/binary"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// piece says how much of an IP packet there is.
type piece uint8

const (
	whole piece = iota
	first       // the first fragment, with all headers up to the transport protocol's (RFC 7112)
	later       // a fragment without them
)

// packet is a frame, as guard and filter see it. It is read once, on its way into the switch.
type packet struct {
	frame    []byte
	sound    bool // not one that no station sends: cut short, or with a header that contradicts itself
	ether    tcpip.NetworkProtocolNumber
	src, dst netip.Addr // of IP; invalid otherwise
	protocol uint8      // of transport, behind IPv6's extension headers
	body     []byte     // from the transport header on; nil of later fragments
	sport    uint16     // with kind, code: which of them there are depends on the protocol
	dport    uint16
	kind     uint8 // of ICMP
	code     uint8
	piece    piece
	offset   int    // of the fragment, in bytes
	extent   int    // of the fragment, in bytes
	fragment uint32 // what the packet's fragments have in common
	came     time.Duration
}

// readPacket reads a frame. Other protocols than IP are not looked into.
func readPacket(f []byte) packet {
	p := packet{frame: f}
	if len(f) < ethernetLen {
		return p
	}
	switch p.ether = etherType(f); p.ether {
	case header.IPv4ProtocolNumber:
		p.sound = p.readIPv4(f[ethernetLen:])
	case header.IPv6ProtocolNumber:
		p.sound = p.readIPv6(f[ethernetLen:])
	default:
		p.sound = true
	}
	return p
}

func (p *packet) readIPv4(b []byte) bool {
	ip := header.IPv4(b)
	if !ip.IsValid(len(ip)) || int(ip.TotalLength()) < int(ip.HeaderLength()) {
		return false
	}
	p.src, p.dst, p.protocol = addr4(ip.SourceAddress()), addr4(ip.DestinationAddress()), ip.Protocol()
	switch p.offset = int(ip.FragmentOffset()); {
	case p.offset > 0:
		p.piece = later
	case ip.More():
		p.piece = first
	}
	p.fragment, p.extent = uint32(ip.ID()), int(ip.TotalLength())-int(ip.HeaderLength())
	return p.readTransport(b[ip.HeaderLength():ip.TotalLength()])
}

func (p *packet) readIPv6(b []byte) bool {
	ip := header.IPv6(b)
	if len(ip) < ipv6Len || ip[0]>>4 != header.IPv6Version || int(ip.PayloadLength()) > len(ip)-ipv6Len {
		return false
	}
	p.src, p.dst = netip.AddrFrom16(ip.SourceAddress().As16()), netip.AddrFrom16(ip.DestinationAddress().As16())
	if p.src.Is4In6() || p.dst.Is4In6() {
		return false // never on a wire (RFC 4291, 2.5.5.2)
	}
	p.protocol = ip.NextHeader()
	body, ok := p.readExtensions(b[ipv6Len : ipv6Len+int(ip.PayloadLength())])
	return ok && p.readTransport(body)
}

// IPv6's extension headers, as next headers.
const (
	extensionHopByHop    = 0
	extensionRouting     = 43
	extensionFragment    = 44
	extensionAuth        = 51
	extensionDestination = 60
)

// readExtensions follows the extension headers to the transport protocol's; of a later fragment there is
// nothing behind the fragment header to follow.
func (p *packet) readExtensions(b []byte) (body []byte, ok bool) {
	for p.piece != later {
		if !isExtension(p.protocol) {
			return b, true
		}
		if len(b) < 8 {
			return nil, false
		}
		length := (int(b[1]) + 1) * 8
		switch p.protocol {
		case extensionAuth:
			length = (int(b[1]) + 2) * 4
		case extensionFragment:
			length = 8
			p.fragment = binary.BigEndian.Uint32(b[4:])
			at := binary.BigEndian.Uint16(b[2:])
			p.offset, p.extent = int(at&^7), len(b)-length
			if p.offset > 0 {
				p.piece = later
			} else if at&1 != 0 {
				p.piece = first
			}
		}
		if length > len(b) {
			return nil, false
		}
		p.protocol, b = b[0], b[length:]
	}
	return b, true
}

func isExtension(protocol uint8) bool {
	switch protocol {
	case extensionHopByHop, extensionRouting, extensionFragment, extensionAuth, extensionDestination:
		return true
	default:
		return false
	}
}

// readTransport reads the transport header, which the first piece has whole.
func (p *packet) readTransport(b []byte) bool {
	if p.piece == later {
		// A fragment must not replace what was looked into (RFC 3128).
		return p.protocol != protocolTCP || p.offset >= header.TCPMinimumSize
	}
	if len(b) < leastTransport(p.protocol) {
		return false
	}
	p.readPorts(b)
	return true
}

// leastTransport is how much of a transport header must be there.
func leastTransport(protocol uint8) int {
	switch protocol {
	case protocolTCP:
		return header.TCPMinimumSize
	case protocolUDP, protocolUDPLite, protocolSCTP, protocolDCCP, protocolICMP, protocolICMPv6:
		return udpLen // ICMP's is as long
	default:
		return 0
	}
}

// readPorts reads ports, or type and code.
func (p *packet) readPorts(b []byte) {
	p.body = b
	switch p.protocol {
	case protocolTCP, protocolUDP, protocolUDPLite, protocolSCTP, protocolDCCP:
		p.sport, p.dport = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	case protocolICMP, protocolICMPv6:
		p.kind, p.code = b[0], b[1]
	}
}

// tcpFlags are those of a TCP packet that is no later fragment.
func (p *packet) tcpFlags() header.TCPFlags { return header.TCPFlags(p.body[header.TCPFlagsOffset]) }

// is tells a transport protocol of an IP version.
func (p *packet) is(protocol uint8, v6 bool) bool {
	return p.protocol == protocol && p.src.IsValid() && p.src.Is6() == v6
}
