// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/link/ethernet"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
)

const (
	nicID        = 1
	serviceQueue = 1024 // packets between the stack and the switch
)

// services are what a network has without any router, where Neutron has its DHCP agent: DHCP, DNS, the metadata
// service and the host's own door. On an external network they are the world beyond it, too: its gateway, and
// with egress the way out. A TCP/IP stack of their own does ARP, echo, metadata and calls from the host; it
// sees nothing but packets to the services' own addresses, and with egress the TCP and UDP that goes out.
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
	closed   atomic.Bool
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
	s := &services{
		mac: hw, network: n, domain: o.Domain, stop: stop, current: newTable(map[string]*port{}, newJoined()),
		stack: stack.New(stack.Options{
			NetworkProtocols: []stack.NetworkProtocolFactory{
				// Floating addresses are loopback ones, so that they are the host's, too.
				ipv4.NewProtocolWithOptions(ipv4.Options{AllowExternalLoopbackTraffic: true}), arp.NewProtocol, ipv6.NewProtocol,
			},
			TransportProtocols: []stack.TransportProtocolFactory{
				tcp.NewProtocol, udp.NewProtocol, icmp.NewProtocol4, icmp.NewProtocol6,
			},
		}),
		link: channel.New(serviceQueue, defaultMTU+ethernetLen, hw.link()),
	}
	err := s.configure(ctx, o, dial)
	if err == nil {
		s.metadata, err = serveMetadata(s.stack, n, serve, o.Log)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	s.done.Go(func() { s.pump(ctx) })
	return s, nil
}

func (s *services) configure(ctx context.Context, o Options, dial dialer) error {
	sack := tcpip.TCPSACKEnabled(true)
	problems := []tcpip.Error{
		s.stack.SetTransportProtocolOption(tcp.ProtocolNumber, &sack),
		s.stack.CreateNICWithOptions(nicID, ethernet.New(s.link), stack.NICOptions{}),
		s.addAddress(metadataAddr, 32),
		s.addAddress(metadataAddr6, 128),
	}
	if o.Egress {
		s.egress = newEgress(ctx, s, o, dial)
		problems = append(problems,
			s.stack.SetPromiscuousMode(nicID, true), // take packets to any address ...
			s.stack.SetSpoofing(nicID, true),        // ... and answer from it
		)
	}
	for _, problem := range problems {
		if problem != nil {
			return errors.New(problem.String())
		}
	}
	return nil
}

// close ends the services and every connection through them.
func (s *services) close() {
	s.closed.Store(true)
	s.stop()
	if s.metadata != nil {
		s.metadata.close()
	}
	if s.egress != nil {
		s.egress.wait()
	}
	s.link.Close()
	s.stack.Destroy()
	s.done.Wait()
}

// pump carries what the stack sends to the switch.
func (s *services) pump(ctx context.Context) {
	for {
		packet := s.link.ReadContext(ctx)
		if packet == nil {
			return
		}
		view := packet.ToView()
		s.network.emit(nil, view.AsSlice())
		view.Release()
		packet.DecRef()
	}
}

func (s *services) inject(f []byte) {
	if s.closed.Load() {
		return
	}
	packet := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(f)})
	s.link.InjectInbound(0, packet)
	packet.DecRef()
}
