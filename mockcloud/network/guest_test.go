// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/link/ethernet"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// guest is a station with a TCP/IP stack, configured by DHCP.
type guest struct {
	*station
	stack *stack.Stack
}

func newGuest(t testing.TB, f *Fabric, p driver.Port) *guest {
	t.Helper()
	s := newStation(t, f, p)
	ack := s.lease()
	link := channel.New(1024, uint32(p.MTU+ethernetLen), s.mac.link())
	g := &guest{station: s, stack: stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, arp.NewProtocol, ipv6.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol, icmp.NewProtocol4},
	})}
	if err := g.stack.CreateNIC(nicID, ethernet.New(link)); err != nil {
		t.Fatal(err)
	}
	bits, _ := ack.SubnetMask().Size()
	if err := g.stack.AddProtocolAddress(nicID, tcpip.ProtocolAddress{
		Protocol: ipv4.ProtocolNumber,
		AddressWithPrefix: tcpip.AddressWithPrefix{
			Address: tcpip.AddrFrom4Slice(ack.YourIPAddr.To4()), PrefixLen: bits,
		},
	}, stack.AddressProperties{}); err != nil {
		t.Fatal(err)
	}
	g.stack.SetRouteTable(routesOf(ack, g.ip, bits))
	ctx, stop := context.WithCancel(context.Background())
	sent, received := make(chan struct{}), make(chan struct{})
	go g.transmit(ctx, link, sent)
	go g.receive(ctx, link, received)
	t.Cleanup(func() {
		stop()
		<-sent
		<-received
		link.Close()
		g.stack.Destroy()
	})
	return g
}

// routesOf are the subnet and the routes of option 121, which goes before option 3.
func routesOf(ack *dhcpv4.DHCPv4, ip netip.Addr, bits int) []tcpip.Route {
	network := tcpip.AddressWithPrefix{Address: tcpipAddr(ip), PrefixLen: bits}
	list := []tcpip.Route{{Destination: network.Subnet(), NIC: nicID}}
	for _, r := range ack.ClasslessStaticRoute() {
		ones, _ := r.Dest.Mask.Size()
		to := tcpip.AddressWithPrefix{Address: tcpip.AddrFrom4Slice(r.Dest.IP.To4()), PrefixLen: ones}
		route := tcpip.Route{Destination: to.Subnet(), NIC: nicID}
		if !r.Router.IsUnspecified() {
			route.Gateway = tcpip.AddrFrom4Slice(r.Router.To4())
		}
		list = append(list, route)
	}
	return list
}

func (g *guest) transmit(ctx context.Context, link *channel.Endpoint, done chan<- struct{}) {
	defer close(done)
	for {
		p := link.ReadContext(ctx)
		if p == nil {
			return
		}
		// A switch that restarts loses frames, as QEMU's guests see it too.
		_, err := g.conn.WriteTo(p.ToView().AsSlice(), &net.UnixAddr{Name: g.nic.Switch, Net: "unixgram"})
		p.DecRef()
		if errors.Is(err, net.ErrClosed) {
			return
		}
	}
}

func (g *guest) receive(ctx context.Context, link *channel.Endpoint, done chan<- struct{}) {
	defer close(done)
	for {
		select {
		case f, ok := <-g.frames:
			if !ok {
				return
			}
			p := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(f)})
			link.InjectInbound(0, p)
			p.DecRef()
		case <-ctx.Done():
			return
		}
	}
}

func (g *guest) dial(ctx context.Context, _, address string) (net.Conn, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	return gonet.DialContextTCP(ctx, g.stack, tcpip.FullAddress{
		NIC: nicID, Addr: tcpipAny(to.Addr()), Port: to.Port(),
	}, protocolOf(to.Addr()))
}

// join6 gives the guest an address on an IPv6 subnet, which its port must have, and the router as the way to everything.
func (g *guest) join6(ip netip.Addr, s driver.Subnet, router mac) {
	g.t.Helper()
	own := tcpip.AddressWithPrefix{Address: tcpipAny(ip), PrefixLen: s.CIDR.Bits()}
	if err := g.stack.AddProtocolAddress(nicID, tcpip.ProtocolAddress{Protocol: ipv6.ProtocolNumber, AddressWithPrefix: own}, stack.AddressProperties{}); err != nil {
		g.t.Fatal(err)
	}
	g.stack.SetRouteTable(append(g.stack.GetRouteTable(),
		tcpip.Route{Destination: own.Subnet(), NIC: nicID},
		tcpip.Route{Destination: header.IPv6EmptySubnet, NIC: nicID, Gateway: tcpipAny(router.linkLocal())}))
}

// echo accepts connections on a port of the guest and sends back what it hears.
func (g *guest) echo(port uint16) {
	g.t.Helper()
	l, err := gonet.ListenTCP(g.stack, tcpip.FullAddress{NIC: nicID, Port: port}, ipv4.ProtocolNumber)
	if err != nil {
		g.t.Fatal(err)
	}
	serveEcho(g.t, l)
}

// serveEcho sends back what it hears, until the test ends.
func serveEcho(t testing.TB, l net.Listener) {
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer func() { _ = c.Close() }()
				stop := context.AfterFunc(t.Context(), func() { _ = c.Close() })
				defer stop()
				_, _ = io.Copy(c, c)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		open.Wait()
	})
}

// roundTrip sends text over c and expects it back.
func roundTrip(t testing.TB, c net.Conn, text string) {
	t.Helper()
	if err := c.SetDeadline(clock.Wall().Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, len(text))
	for n := 0; n < len(buf); {
		m, err := c.Read(buf[n:])
		if err != nil {
			t.Fatalf("after %d bytes: %v", n, err)
		}
		n += m
	}
	if string(buf) != text {
		t.Fatalf("%d bytes did not come back as they were sent", len(text))
	}
}

func patient(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}
