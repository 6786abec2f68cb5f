// SPDX-License-Identifier: MPL-2.0

package network

import (
	"encoding/binary"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// guestAsks is set in the key of an echo that the guest asks for: what others ask with the same identifier is
// another flow.
const guestAsks = 1 << 15

// flowKey is the key of the flow that p belongs to, seen from the guest.
func (p *packet) flowKey(egress bool) flowKey {
	k := flowKey{local: p.dst, remote: p.src, localPort: p.dport, remotePort: p.sport, protocol: p.protocol}
	if egress {
		k.local, k.remote, k.localPort, k.remotePort = p.src, p.dst, p.sport, p.dport
	}
	if p.isICMP() {
		request, _ := p.echo()
		k.localPort, k.remotePort = binary.BigEndian.Uint16(p.body[4:]), uint16(request)
		if (p.kind == request) == egress {
			k.remotePort |= guestAsks
		}
	}
	return k
}

func (p *packet) fragmentKey(egress bool) flowKey {
	k := flowKey{local: p.dst, remote: p.src, fragment: fragmentKey{is: true, egress: egress, id: p.fragment}}
	if p.src.Is4() {
		k.protocol = p.protocol
	}
	return k
}

// opening is what rules are asked about p.
func (p *packet) opening(egress bool) opening {
	o := opening{
		egress: egress, remote: p.src, protocol: p.protocol, icmp: p.isICMP(), kind: p.kind, code: p.code, port: p.dport,
	}
	if egress {
		o.remote = p.dst
	}
	return o
}

// turned is the opening of a flow that p, which comes in, answers.
func (p *packet) turned() opening {
	return opening{egress: true, remote: p.src, protocol: p.protocol, port: p.sport}
}

func (p *packet) isICMP() bool { return p.is(protocolICMP, false) || p.is(protocolICMPv6, true) }

// echo tells what type of request a packet of ICMP makes or answers.
func (p *packet) echo() (request uint8, is bool) {
	if p.src.Is6() {
		switch header.ICMPv6Type(p.kind) {
		case header.ICMPv6EchoRequest, header.ICMPv6EchoReply:
			return uint8(header.ICMPv6EchoRequest), true
		}
		return 0, false
	}
	switch header.ICMPv4Type(p.kind) {
	case header.ICMPv4Echo, header.ICMPv4EchoReply:
		return uint8(header.ICMPv4Echo), true
	case header.ICMPv4Timestamp, header.ICMPv4TimestampReply:
		return uint8(header.ICMPv4Timestamp), true
	}
	return 0, false
}

// onlyByRule tells packets that are no flow's: ICMP that neither asks nor answers.
func (p *packet) onlyByRule() bool {
	_, echo := p.echo()
	return p.isICMP() && !echo
}

// isError tells whether p is an ICMP error.
func (p *packet) isError() bool {
	if p.is(protocolICMPv6, true) {
		return p.kind < 128
	}
	if !p.is(protocolICMP, false) {
		return false
	}
	switch header.ICMPv4Type(p.kind) {
	case header.ICMPv4DstUnreachable, header.ICMPv4SrcQuench, header.ICMPv4Redirect, header.ICMPv4TimeExceeded, header.ICMPv4ParamProblem:
		return true
	}
	return false
}

// quoted is the packet that an ICMP error is about, as far as it is there.
func (p *packet) quoted() (inner packet, ok bool) {
	b := p.body[header.ICMPv4MinimumSize:]
	if p.src.Is6() {
		if len(b) < ipv6Len || b[0]>>4 != header.IPv6Version {
			return inner, false
		}
		ip := header.IPv6(b)
		inner.src, inner.dst = netip.AddrFrom16(ip.SourceAddress().As16()), netip.AddrFrom16(ip.DestinationAddress().As16())
		inner.protocol = ip.NextHeader()
		b, ok = inner.readExtensions(b[ipv6Len:])
	} else {
		ip := header.IPv4(b)
		if len(b) < header.IPv4MinimumSize || ip[0]>>4 != header.IPv4Version || len(b) < int(ip.HeaderLength()) || ip.FragmentOffset() != 0 {
			return inner, false
		}
		inner.src, inner.dst, inner.protocol = addr4(ip.SourceAddress()), addr4(ip.DestinationAddress()), ip.Protocol()
		b, ok = b[ip.HeaderLength():], ip.HeaderLength() >= header.IPv4MinimumSize
	}
	if !ok || inner.piece == later || len(b) < 8 {
		return inner, false
	}
	inner.readPorts(b)
	return inner, !inner.isError()
}
