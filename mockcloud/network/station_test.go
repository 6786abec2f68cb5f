// SPDX-License-Identifier: MPL-2.0

package network

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// patience is how long a test waits for what must come; nothing waits it out but a failure.
const patience = time.Minute

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
	s := &station{t: t, port: p, nic: plug(t, f, p), router: serviceMAC(p.NetworkID), frames: make(chan []byte, 4096)}
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
