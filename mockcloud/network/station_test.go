// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
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

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// patience is how long a test waits for what must come; nothing waits it out but a failure.
const patience = 20 * time.Second

// TestMain holds the package to its word: when all fabrics are closed, no goroutine of theirs or of
// their TCP/IP stacks is left.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := leftovers(); code == 0 && left != "" {
		fmt.Fprintln(os.Stderr, "goroutines left behind:\n"+left)
		code = 1
	}
	os.Exit(code)
}

// leftovers are the stacks of goroutines that should have ended, once they have had time to.
func leftovers() string {
	buf := make([]byte, 1<<20)
	for wait := time.Millisecond; ; wait *= 2 {
		var left []string
		for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if !strings.Contains(g, "TestMain") && (strings.Contains(g, "mockcloud/network") || strings.Contains(g, "gvisor.dev")) {
				left = append(left, g)
			}
		}
		if len(left) == 0 || wait > patience {
			return strings.Join(left, "\n\n")
		}
		<-time.After(wait)
	}
}

func newFabric(t testing.TB, o Options) *Fabric {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Dir == "" { // t.TempDir() is too long for sockets
		dir, err := os.MkdirTemp("", "net")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		o.Dir = dir
	}
	f, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func subnet(cidr string) driver.Subnet {
	p := netip.MustParsePrefix(cidr)
	return driver.Subnet{ID: "subnet-" + cidr, CIDR: p, Gateway: p.Addr().Next(), DHCP: true}
}

// testPort is port number n of a network: MAC address fa:16:3e:00:00:<n>, address <subnet>.<n>.
func testPort(network string, n byte, s driver.Subnet) driver.Port {
	ip := s.CIDR.Addr().As4()
	ip[3] = n
	return driver.Port{
		ID: fmt.Sprintf("%s-port-%d", network, n), NetworkID: network, Device: fmt.Sprintf("%s-server-%d", network, n),
		MAC: fmt.Sprintf("fa:16:3e:00:00:%02x", n), MTU: 1450, Hostname: fmt.Sprintf("vm-%d", n),
		Addresses: []driver.Address{{IP: netip.AddrFrom4(ip), Subnet: s}},
	}
}

func plug(t testing.TB, f *Fabric, p driver.Port) driver.NIC {
	t.Helper()
	nic, err := f.Plug(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return nic
}

// station is a NIC as QEMU has it: a bound datagram socket that sends to the switch's.
type station struct {
	t      testing.TB
	port   driver.Port
	nic    driver.NIC
	mac    mac
	ip     netip.Addr
	router mac
	conn   *net.UnixConn
	frames chan []byte
}

// newStation plugs the port and binds the guest's socket; its frames are read, unless it is idle.
func newStation(t testing.TB, f *Fabric, p driver.Port) *station {
	t.Helper()
	s := newIdleStation(t, f, p)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(s.frames)
		buf := make([]byte, 1<<16)
		for {
			n, err := s.conn.Read(buf)
			if err != nil {
				return
			}
			s.frames <- append([]byte(nil), buf[:n]...)
		}
	}()
	t.Cleanup(func() {
		_ = s.conn.Close()
		for range s.frames {
		}
		<-done
	})
	return s
}

func newIdleStation(t testing.TB, f *Fabric, p driver.Port) *station {
	t.Helper()
	s := &station{t: t, port: p, nic: plug(t, f, p), router: routerMAC(p.NetworkID), frames: make(chan []byte, 4096)}
	s.mac, _ = parseMAC(p.MAC)
	if len(p.Addresses) > 0 {
		s.ip = p.Addresses[0].IP
	}
	s.bind()
	return s
}

// bind takes the guest's path, as QEMU does: away with what was there.
func (s *station) bind() {
	s.t.Helper()
	_ = os.Remove(s.nic.Local)
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: s.nic.Local, Net: "unixgram"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.conn = conn
	s.t.Cleanup(func() { _ = conn.Close() })
}

func (s *station) send(frame []byte) {
	s.t.Helper()
	if _, err := s.conn.WriteTo(frame, &net.UnixAddr{Name: s.nic.Switch, Net: "unixgram"}); err != nil {
		s.t.Fatal(err)
	}
}

// next is the next frame that match likes; others are skipped.
func (s *station) next(what string, match func([]byte) bool) []byte {
	s.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case f, ok := <-s.frames:
			if !ok {
				s.t.Fatalf("socket closed while waiting for %s", what)
			}
			if match(f) {
				return f
			}
		case <-timeout:
			s.t.Fatalf("no %s", what)
		}
	}
}

// datagram is a UDP frame from the station, as its own unless h says otherwise.
func (s *station) datagram(to *station, payload string) []byte {
	return udpFrame(hop{
		fromMAC: s.mac, toMAC: to.mac,
		from: netip.AddrPortFrom(s.ip, 1000), to: netip.AddrPortFrom(to.ip, 2000),
	}, []byte(payload))
}

// outbound is a UDP frame through the router.
func (s *station) outbound(to netip.Addr, port uint16, payload string) []byte {
	return udpFrame(hop{
		fromMAC: s.mac, toMAC: s.router,
		from: netip.AddrPortFrom(s.ip, 1000), to: netip.AddrPortFrom(to, port),
	}, []byte(payload))
}

// payload is a UDP frame's; "" for other frames.
func payload(f []byte) string {
	if ip, ok := ipv4In(f); ok {
		if udp, ok := udpIn(ip); ok {
			return string(udp.Payload())
		}
	}
	return ""
}

func carrying(text string) func([]byte) bool {
	return func(f []byte) bool { return payload(f) == text }
}

// askDHCP sends a message and returns the answer to it.
func (s *station) askDHCP(m *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
	s.t.Helper()
	s.sendDHCP(m)
	var reply *dhcpv4.DHCPv4
	s.next("DHCP answer", func(f []byte) bool {
		var err error
		reply, err = dhcpv4.FromBytes([]byte(payload(f)))
		return err == nil && reply.TransactionID == m.TransactionID
	})
	return reply
}

func (s *station) sendDHCP(m *dhcpv4.DHCPv4) {
	s.t.Helper()
	h := hop{
		fromMAC: s.mac, toMAC: mac{255, 255, 255, 255, 255, 255},
		from: netip.AddrPortFrom(netip.IPv4Unspecified(), dhcpClientPort),
		to:   netip.AddrPortFrom(broadcast, dhcpServerPort),
	}
	if !m.ClientIPAddr.IsUnspecified() {
		from, _ := netip.AddrFromSlice(m.ClientIPAddr.To4())
		to, _ := netip.AddrFromSlice(m.ServerIdentifier().To4())
		h.from, h.toMAC = netip.AddrPortFrom(from, dhcpClientPort), s.router
		if to.IsValid() {
			h.to = netip.AddrPortFrom(to, dhcpServerPort)
		}
	}
	s.send(udpFrame(h, m.ToBytes()))
}

// lease goes through DISCOVER, OFFER, REQUEST and ACK.
func (s *station) lease() *dhcpv4.DHCPv4 {
	s.t.Helper()
	discover, err := dhcpv4.NewDiscovery(s.mac[:])
	if err != nil {
		s.t.Fatal(err)
	}
	offer := s.askDHCP(discover)
	if offer.MessageType() != dhcpv4.MessageTypeOffer {
		s.t.Fatalf("answer to DISCOVER: %s", offer.Summary())
	}
	request, err := dhcpv4.NewRequestFromOffer(offer)
	if err != nil {
		s.t.Fatal(err)
	}
	ack := s.askDHCP(request)
	if ack.MessageType() != dhcpv4.MessageTypeAck {
		s.t.Fatalf("answer to REQUEST: %s", ack.Summary())
	}
	return ack
}

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
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, arp.NewProtocol},
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
		NIC: nicID, Addr: tcpipAddr(to.Addr()), Port: to.Port(),
	}, ipv4.ProtocolNumber)
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
				defer context.AfterFunc(t.Context(), func() { _ = c.Close() })()
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

// echoRequest is an ICMP echo request through the router.
func (s *station) echoRequest(to netip.Addr) []byte {
	f := make([]byte, ethernetLen+header.IPv4MinimumSize+header.ICMPv4MinimumSize)
	putIPv4(f, hop{
		fromMAC: s.mac, toMAC: s.router,
		from: netip.AddrPortFrom(s.ip, 0), to: netip.AddrPortFrom(to, 0),
	}, header.ICMPv4ProtocolNumber)
	icmp := header.ICMPv4(f[ethernetLen+header.IPv4MinimumSize:])
	icmp.SetType(header.ICMPv4Echo)
	icmp.SetChecksum(header.ICMPv4Checksum(icmp, 0))
	return f
}

// icmpOf is a frame's ICMP message; nil for other frames.
func icmpOf(f []byte) header.ICMPv4 {
	if ip, ok := ipv4In(f); ok && ip.TransportProtocol() == header.ICMPv4ProtocolNumber {
		return header.ICMPv4(ip.Payload())
	}
	return nil
}
