// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// rewrite changes a packet's addresses, and the checksums that cover them; an invalid address stays.
func rewrite(ip header.IPv4, from, to netip.Addr) {
	transport := transportOf(ip)
	change := func(old tcpip.Address, changed netip.Addr, set func(tcpip.Address)) {
		if !changed.IsValid() {
			return
		}
		set(tcpipAddr(changed))
		if transport != nil {
			transport.UpdateChecksumPseudoHeaderAddress(old, tcpipAddr(changed), true)
		}
	}
	change(ip.SourceAddress(), from, ip.SetSourceAddressWithChecksumUpdate)
	change(ip.DestinationAddress(), to, ip.SetDestinationAddressWithChecksumUpdate)
}

// transportOf is what of a packet has a checksum over its addresses; nil for later fragments, and for UDP
// that goes without.
func transportOf(ip header.IPv4) header.ChecksummableTransport {
	if ip.FragmentOffset() != 0 {
		return nil
	}
	body := ip.Payload()
	switch ip.TransportProtocol() {
	case header.TCPProtocolNumber:
		if len(body) >= header.TCPMinimumSize {
			return header.TCP(body)
		}
	case header.UDPProtocolNumber:
		if len(body) >= udpLen && header.UDP(body).Checksum() != 0 {
			return header.UDP(body)
		}
	}
	return nil
}

// setPort changes the source port of a packet, or its destination port; of an ICMP echo the identifier.
func setPort(ip header.IPv4, port uint16, source bool) {
	body := ip.Payload()
	switch ip.TransportProtocol() {
	case header.ICMPv4ProtocolNumber:
		header.ICMPv4(body).SetIdentWithChecksumUpdate(port)
		return
	case header.UDPProtocolNumber:
		if udp := header.UDP(body); udp.Checksum() == 0 {
			if source {
				udp.SetSourcePort(port)
			} else {
				udp.SetDestinationPort(port)
			}
			return
		}
	case header.TCPProtocolNumber:
		if len(body) < header.TCPMinimumSize {
			return
		}
	}
	transport := transportOf(ip)
	switch {
	case transport == nil:
	case source:
		transport.SetSourcePortWithChecksumUpdate(port)
	default:
		transport.SetDestinationPortWithChecksumUpdate(port)
	}
}

// rewriteQuoted changes the address in the packet that an ICMP error quotes, wherever it is there, and unless
// it is 0 the quoted source port.
func rewriteQuoted(ip header.IPv4, old, changed netip.Addr, port uint16) {
	if !isError(ip) || ip.FragmentOffset() != 0 || len(ip.Payload()) < header.ICMPv4MinimumSize+header.IPv4MinimumSize {
		return
	}
	icmp := header.ICMPv4(ip.Payload())
	quoted := header.IPv4(icmp[header.ICMPv4MinimumSize:])
	if addr4(quoted.SourceAddress()) == old {
		quoted.SetSourceAddressWithChecksumUpdate(tcpipAddr(changed))
	}
	if addr4(quoted.DestinationAddress()) == old {
		quoted.SetDestinationAddressWithChecksumUpdate(tcpipAddr(changed))
	}
	if at := int(quoted.HeaderLength()); port != 0 && len(quoted) >= at+8 {
		if quoted.TransportProtocol() == header.ICMPv4ProtocolNumber {
			header.ICMPv4(quoted[at:]).SetIdent(port)
		} else {
			header.UDP(quoted[at:]).SetSourcePort(port)
		}
	}
	icmp.SetChecksum(0)
	icmp.SetChecksum(header.ICMPv4Checksum(icmp, 0))
}
