// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/link/ethernet"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
)

const (
	nicID        = 1
	serviceQueue = 1024 // packets between the router's stack and the switch
)

// router is the hop at a network's gateway addresses and at 169.254.169.254: a TCP/IP stack of its own
// for ARP, echo, the metadata service and calls from the host. The stack sees nothing but packets to
// the router's own addresses, and with egress the TCP and UDP that goes out.
type services struct {
	mac      mac
	network  *network
	domain   string
	stack    *stack.Stack
	link     *channel.Endpoint
	metadata *metadataServer
	egress   *egress // nil: guests do not get out
	stop     context.CancelFunc
	done     sync.WaitGroup
	current  *table // what the stack has been told
}

// serviceMAC is the same each time a network comes up: guests remember it.
func serviceMAC(networkID string) mac {
	sum := sha256.Sum256([]byte(networkID))
	return mac{0x02, sum[0], sum[1], sum[2], sum[3], sum[4]} // locally administered
}

func newServices(n *network, o Options, serve deviceHandler, dial dialer) (*services, error) {
	ctx, stop := context.WithCancel(context.Background())
	hw := serviceMAC(n.id)
	r := &services{
		mac: hw, network: n, domain: o.Domain, stop: stop, current: newTable(map[string]*port{}),
		stack: stack.New(stack.Options{
			NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, arp.NewProtocol},
			TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol, icmp.NewProtocol4},
		}),
		link: channel.New(serviceQueue, defaultMTU+ethernetLen, hw.link()),
	}
	err := r.configure(ctx, o, dial)
	if err == nil {
		r.metadata, err = serveMetadata(r.stack, n, serve, o.Log)
	}
	if err != nil {
		r.close()
		return nil, err
	}
	r.done.Go(func() { r.pump(ctx) })
	return r, nil
}

func (r *services) configure(ctx context.Context, o Options, dial dialer) error {
	sack := tcpip.TCPSACKEnabled(true)
	problems := []tcpip.Error{
		r.stack.SetTransportProtocolOption(tcp.ProtocolNumber, &sack),
		r.stack.CreateNICWithOptions(nicID, ethernet.New(r.link), stack.NICOptions{}),
		r.addAddress(metadataAddr, 32),
	}
	if o.Egress {
		r.egress = newEgress(ctx, r, o, dial)
		problems = append(problems,
			r.stack.SetPromiscuousMode(nicID, true), // take packets to any address ...
			r.stack.SetSpoofing(nicID, true),        // ... and answer from it
		)
	}
	for _, problem := range problems {
		if problem != nil {
			return errors.New(problem.String())
		}
	}
	return nil
}

// close ends the router and every connection through it; no frame may arrive any more.
func (r *services) close() {
	r.stop()
	if r.metadata != nil {
		r.metadata.close()
	}
	if r.egress != nil {
		r.egress.wait()
	}
	r.link.Close()
	r.stack.Destroy()
	r.done.Wait()
}

// pump carries what the stack sends to the switch.
func (r *services) pump(ctx context.Context) {
	for {
		packet := r.link.ReadContext(ctx)
		if packet == nil {
			return
		}
		view := packet.ToView()
		r.network.forward(nil, view.AsSlice())
		view.Release()
		packet.DecRef()
	}
}

func (r *services) inject(f []byte) {
	packet := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(f)})
	r.link.InjectInbound(0, packet)
	packet.DecRef()
}

// receiveARP takes requests for the router's addresses. It needs no replies: it knows every neighbour.
func (r *services) receiveARP(f []byte) {
	request := header.ARP(f[ethernetLen:])
	target := netip.AddrFrom4([4]byte(request.ProtocolAddressTarget()))
	if request.Op() == header.ARPRequest && r.network.table.Load().owns(target) {
		r.inject(f)
	}
}

// receive takes a frame that a guest sent to the router's MAC address.
func (r *services) receive(t *table, from *port, f []byte) {
	if etherType(f) == header.ARPProtocolNumber {
		r.receiveARP(f)
		return
	}
	ip, ok := ipv4In(f)
	if !ok {
		return
	}
	to := addr4(ip.DestinationAddress())
	switch neighbour := t.ip[to]; {
	case t.owns(to):
		if !r.receiveDNS(t, from, ip) {
			r.inject(f)
		}
	case neighbour != nil:
		r.relay(neighbour, f)
	case r.egress != nil && r.egress.carries(ip):
		r.inject(f)
	default:
		r.prohibit(from, ip)
	}
}

// receiveDNS answers a packet that is a DNS query.
func (r *services) receiveDNS(t *table, from *port, ip header.IPv4) bool {
	query, ok := udpIn(ip)
	if !ok || query.DestinationPort() != dnsPort {
		return false
	}
	if reply := t.answerDNS(r.domain, query.Payload()); reply != nil {
		from.send(udpFrame(hop{
			fromMAC: r.mac, toMAC: from.settings.Load().guard.mac,
			from: netip.AddrPortFrom(addr4(ip.DestinationAddress()), dnsPort),
			to:   netip.AddrPortFrom(addr4(ip.SourceAddress()), query.SourcePort()),
		}, reply))
	}
	return true
}

// relay passes a packet on between two subnets of the network.
func (r *services) relay(to *port, f []byte) {
	ip := header.IPv4(f[ethernetLen:])
	if ip.TTL() <= 1 {
		return
	}
	f = slices.Clone(f)
	ip = header.IPv4(f[ethernetLen:])
	ip.SetTTL(ip.TTL() - 1)
	ip.SetChecksum(0)
	ip.SetChecksum(^ip.CalculateChecksum())
	copy(f[0:6], to.settings.Load().guard.mac[:])
	copy(f[6:12], r.mac[:])
	to.send(f)
}

// prohibit tells a guest that it cannot get where it wants to; never about an error, a later fragment
// or a group (RFC 1122, 3.2.2).
func (r *services) prohibit(from *port, ip header.IPv4) {
	to := addr4(ip.DestinationAddress())
	if ip.FragmentOffset() != 0 || to.IsMulticast() || to == broadcast {
		return
	}
	if ip.TransportProtocol() == header.ICMPv4ProtocolNumber {
		body := header.ICMPv4(ip.Payload())
		if len(body) < header.ICMPv4MinimumSize || body.Type() != header.ICMPv4Echo {
			return
		}
	}
	s, sender := from.settings.Load(), addr4(ip.SourceAddress())
	from.send(prohibitedFrame(hop{
		fromMAC: r.mac, toMAC: s.guard.mac,
		from: netip.AddrPortFrom(s.serviceFor(sender), 0),
		to:   netip.AddrPortFrom(sender, 0),
	}, ip))
}

// serviceFor is the address that the router has for one of the port's addresses.
func (s *settings) serviceFor(ip netip.Addr) netip.Addr {
	for _, a := range s.Addresses {
		if a.IP == ip && a.Subnet.Gateway.Is4() {
			return a.Subnet.Gateway
		}
		if a.IP == ip {
			return serviceAddr(a.Subnet)
		}
	}
	return metadataAddr
}

// dial opens a connection to a port's guest, as from its gateway.
func (r *services) dial(ctx context.Context, s *settings, tcpPort uint16) (net.Conn, error) {
	for _, a := range s.Addresses {
		if !a.IP.Is4() {
			continue
		}
		return gonet.DialTCPWithBind(ctx, r.stack,
			tcpip.FullAddress{NIC: nicID, Addr: tcpipAddr(s.serviceFor(a.IP))},
			tcpip.FullAddress{NIC: nicID, Addr: tcpipAddr(a.IP), Port: tcpPort},
			ipv4.ProtocolNumber)
	}
	return nil, fmt.Errorf("port %s has no IPv4 address", s.ID)
}

func (r *services) addAddress(a netip.Addr, bits int) tcpip.Error {
	return r.stack.AddProtocolAddress(nicID, tcpip.ProtocolAddress{
		Protocol:          ipv4.ProtocolNumber,
		AddressWithPrefix: tcpip.AddressWithPrefix{Address: tcpipAddr(a), PrefixLen: bits},
	}, stack.AddressProperties{})
}
