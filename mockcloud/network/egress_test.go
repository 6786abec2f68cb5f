// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// world stands in for what lies beyond the host: every address is a server on loopback. The connections
// themselves are real.
type world struct {
	tcp, udp string
	tcp6     string // on ::1, where this machine has it
	mu       sync.Mutex
	dialled  []string
}

func (w *world) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	w.dialled = append(w.dialled, network+" "+address)
	w.mu.Unlock()
	here := map[string]string{"tcp4": w.tcp, "udp4": w.udp, "tcp6": w.tcp6, "udp6": w.udp}[network]
	if strings.HasSuffix(address, ":1") {
		return nil, errors.New("nobody there")
	}
	return (&net.Dialer{}).DialContext(ctx, network[:len("tcp")], here)
}

func (w *world) calls() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.dialled...)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveEcho(t, l)
	tcp6 := l.Addr().String()
	if l, err := net.Listen("tcp6", "[::1]:0"); err == nil {
		serveEcho(t, l)
		tcp6 = l.Addr().String()
	}
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1<<12)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = c.WriteTo(buf[:n], from)
		}
	}()
	t.Cleanup(func() {
		_ = c.Close()
		<-done
	})
	return &world{tcp: l.Addr().String(), tcp6: tcp6, udp: c.LocalAddr().String()}
}

func TestEgress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := newFabric(t, Options{Egress: true})
	f.dial = w.dial
	f.Serve(name)
	lan := subnet("10.0.0.0/24")
	follow(t, f, driver.Topology{External: map[string][]driver.Subnet{"net": {lan}}})
	g := newGuest(t, f, testPort("net", 5, lan))

	c, err := g.dial(patient(t), "tcp", "198.51.100.1:80")
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, c, strings.Repeat("to the world ", 10_000))
	_ = c.Close()

	s := newStation(t, f, testPort("net", 6, lan))
	for _, text := range []string{"first", "second"} {
		s.send(s.outbound(netip.MustParseAddr("198.51.100.2"), 123, text))
		reply := s.next("datagram", carrying(text))
		if ip, _ := ipv4In(reply); addr4(ip.SourceAddress()).String() != "198.51.100.2" {
			t.Errorf("%s came from %s", text, addr4(ip.SourceAddress()))
		}
	}
	if got := strings.Join(w.calls(), ", "); got != "tcp4 198.51.100.1:80, udp4 198.51.100.2:123" {
		t.Errorf("dialled %s", got)
	}
	// The router stays itself.
	if got, err := g.get(patient(t), "http://169.254.169.254/x"); err != nil || got != "net-server-5 /x" {
		t.Errorf("metadata: %q, %v", got, err)
	}
	// A guest is still reached under its own address, and answers no ARP for others'.
	s.send(arpFrame(s.mac, header.ARPRequest, s.mac, s.ip, netip.MustParseAddr("198.51.100.1")))
	s.send(s.echoRequest(lan.Gateway))
	s.next("echo reply", func(f []byte) bool {
		if etherType(f) == header.ARPProtocolNumber {
			t.Error("the router answered ARP for an address that is not its own")
		}
		return icmpOf(f) != nil
	})
}

// TestEgressForwardsDNS: queries about the network are answered by it, others by the host's resolver, which here
// echoes them.
func TestEgressForwardsDNS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := newFabric(t, Options{Egress: true, Resolver: netip.MustParseAddrPort("192.0.2.53:53")})
	f.dial = w.dial
	lan := subnet("10.0.0.0/24")
	follow(t, f, driver.Topology{External: map[string][]driver.Subnet{"net": {lan}}})
	inside := newStation(t, f, testPort("net", 5, lan))

	if got := inside.resolve(1, "vm-5.", dnsmessage.TypeA); got.RCode != dnsmessage.RCodeSuccess || len(w.calls()) != 0 {
		t.Errorf("a name of the network: %s, asked outside: %s", got.RCode, w.calls())
	}
	query := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: 2, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName("example.org."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}},
	}
	packed, err := query.Pack()
	if err != nil {
		t.Fatal(err)
	}
	inside.send(inside.outbound(lan.Gateway, dnsPort, string(packed)))
	inside.next("the resolver's answer", carrying(string(packed)))
	if got := strings.Join(w.calls(), ", "); got != "udp4 192.0.2.53:53" {
		t.Errorf("asked %s", got)
	}
}

func TestEgressSparesTheHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := newFabric(t, Options{Egress: true})
	f.dial = w.dial
	lan := subnet("10.0.0.0/24")
	follow(t, f, driver.Topology{External: map[string][]driver.Subnet{"net": {lan}}})
	g, s := newGuest(t, f, testPort("net", 5, lan)), newStation(t, f, testPort("net", 6, lan))
	hosts := []string{"169.254.0.1", "10.0.0.1", "169.254.169.254", "240.0.0.1"}
	raw := []string{"127.0.0.1", "127.1.2.3", "169.254.0.1", "0.0.0.1", "240.0.0.1", "10.0.0.1"}
	if own, err := net.InterfaceAddrs(); err == nil {
		for _, a := range own {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() && !p.Addr().IsLoopback() {
				hosts, raw = append(hosts, p.Addr().String()), append(raw, p.Addr().String())
				if p.Bits() < 31 {
					raw = append(raw, lastAddr(p).String(), p.Masked().Addr().String())
				}
			}
		}
	}
	for _, host := range hosts {
		if c, err := g.dial(patient(t), "tcp", host+":22"); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("TCP to %s: %v, %v", host, c, err)
		}
	}
	for _, host := range raw {
		s.send(s.outbound(netip.MustParseAddr(host), 22, "knock"))
		answer := icmpOf(s.next("answer about "+host, func(f []byte) bool { return icmpOf(f) != nil }))
		if answer.Type() != header.ICMPv4DstUnreachable {
			t.Errorf("UDP to %s: % x", host, []byte(answer))
		}
	}
	s.send(s.echoRequest(netip.MustParseAddr("198.51.100.1"))) // only TCP and UDP go out
	s.next("answer to echo", func(f []byte) bool {
		return icmpOf(f) != nil && icmpOf(f).Code() == header.ICMPv4AdminProhibited
	})
	if c, err := g.dial(patient(t), "tcp", "198.51.100.1:1"); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a connection that the world refuses: %v, %v", c, err)
	}
	if got := strings.Join(w.calls(), ", "); got != "tcp4 198.51.100.1:1" {
		t.Errorf("dialled %s", got)
	}
}

// TestWhatReachesTheHost: besides its own addresses those by which all of a subnet hear, and any of its routers.
func TestWhatReachesTheHost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		own  string
		to   []string
		none []string
	}{
		{"192.168.1.7/24", []string{"192.168.1.7", "192.168.1.255", "192.168.1.0"}, []string{"192.168.1.8", "192.168.0.255", "::c0a8:1ff"}},
		{"10.1.2.3/8", []string{"10.1.2.3", "10.255.255.255", "10.0.0.0"}, []string{"10.1.2.255", "10.1.2.0"}},
		{"10.0.0.1/31", []string{"10.0.0.1"}, []string{"10.0.0.0"}},
		{"10.0.0.5/32", []string{"10.0.0.5"}, []string{"10.0.0.4"}},
		{"2001:db8::5/64", []string{"2001:db8::5", "2001:db8::"}, []string{"2001:db8::6", "2001:db8::ffff:ffff:ffff:ffff", "32.1.13.184"}},
		{"2001:db8::1/127", []string{"2001:db8::1"}, []string{"2001:db8::"}},
		{"2001:db8::1/128", []string{"2001:db8::1"}, []string{"2001:db8::"}},
	} {
		for want, all := range map[bool][]string{true: c.to, false: c.none} {
			for _, a := range all {
				if got := reaches(netip.MustParsePrefix(c.own), netip.MustParseAddr(a)); got != want {
					t.Errorf("%s leads to %s: %t", a, c.own, got)
				}
			}
		}
	}
}

func TestIdleUDPFlowEnds(t *testing.T) {
	t.Parallel()
	w, hands := newWorld(t), clock.NewManual(time.Unix(0, 0))
	f := newFabric(t, Options{Egress: true, Clock: hands})
	f.dial = w.dial
	follow(t, f, driver.Topology{External: map[string][]driver.Subnet{"net": {subnet("10.0.0.0/24")}}})
	s := newStation(t, f, testPort("net", 5, subnet("10.0.0.0/24")))
	talk := func() {
		s.send(s.outbound(netip.MustParseAddr("198.51.100.2"), 123, "text"))
		s.next("datagram", carrying("text"))
	}
	talk()
	for range 2 { // in the first minute there was a datagram, in the second none
		if err := hands.BlockUntil(patient(t), 1); err != nil {
			t.Fatal(err)
		}
		hands.Advance(udpIdle)
	}
	f.port(s.port.ID).network.services.egress.wait()
	talk()
	if got := len(w.calls()); got != 2 {
		t.Errorf("dialled %d times, want once for each flow", got)
	}
}

func TestCloseEndsFlows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := newFabric(t, Options{Egress: true})
	f.dial = w.dial
	follow(t, f, driver.Topology{External: map[string][]driver.Subnet{"net": {subnet("10.0.0.0/24")}}})
	g := newGuest(t, f, testPort("net", 5, subnet("10.0.0.0/24")))
	g.echo(22)
	out, err := g.dial(patient(t), "tcp", "198.51.100.1:80")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	roundTrip(t, out, "open")
	in, err := f.Dial(patient(t), g.port.ID, 22)
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, in, "open")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Read(make([]byte, 1)); err == nil {
		t.Error("a dialled connection outlives the fabric")
	}
}

// TestGuestThatIsGone: the connections of a guest that vanished do not stay until there are no more to be had.
func TestGuestThatIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := newFabric(t, Options{Egress: true})
	f.dial = w.dial
	follow(t, f, redAndBlue())
	e := f.networks["street"].services.egress
	e.idleTCP, e.pauseTCP = time.Millisecond, 600*time.Millisecond
	g := newGuest(t, f, testPort("red", 5, redLan()))
	c, err := g.dial(patient(t), "tcp", "198.51.100.1:80")
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, c, "anybody there?")
	<-time.After(e.pauseTCP) // it says nothing, but it answers
	roundTrip(t, c, "still there?")
	<-time.After(e.pauseTCP) // nothing is left to be acknowledged
	if err := f.Unplug(t.Context(), g.port.ID); err != nil {
		t.Fatal(err)
	}
	e.wait() // until no flow is left
}
