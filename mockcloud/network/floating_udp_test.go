// SPDX-License-Identifier: MPL-2.0

package network

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

func udpRule(first, last int) driver.Rule { return driver.Rule{Protocol: 17, First: first, Last: last} }

// echoUDP answers datagrams to a port of the guest with where they come from, and what they are. The socket may say more.
func (g *guest) echoUDP(port uint16) *gonet.UDPConn {
	g.t.Helper()
	c, err := gonet.DialUDP(g.stack, &tcpip.FullAddress{NIC: nicID, Port: port}, nil, ipv4.ProtocolNumber)
	if err != nil {
		g.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, udpBuffer)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = c.WriteTo(append([]byte(from.String()+" "), buf[:n]...), from)
		}
	}()
	g.t.Cleanup(func() {
		_ = c.Close()
		<-done
	})
	return c
}

// client is a socket of the host that talks to a floating address.
func client(t testing.TB, to string) net.Conn {
	t.Helper()
	c, err := net.Dial("udp4", to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// ask sends text until it is answered, as datagrams may be lost, and tells from where the guest has heard it.
func ask(t testing.TB, c net.Conn, text string) netip.AddrPort {
	t.Helper()
	return hear(t, c, text, func() error {
		_, err := c.Write([]byte(text))
		return err
	})
}

// hear has text said until the client is told it, and tells of whom it is said to be.
func hear(t testing.TB, c net.Conn, text string, say func() error) netip.AddrPort {
	t.Helper()
	buf := make([]byte, udpBuffer)
	for end := clock.Wall().Now().Add(patience); clock.Wall().Now().Before(end); {
		if err := say(); err != nil {
			t.Fatal(err)
		}
		_ = c.SetReadDeadline(clock.Wall().Now().Add(5 * time.Second))
		for {
			n, err := c.Read(buf)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			from, said, _ := strings.Cut(string(buf[:n]), " ")
			if said == text {
				return netip.MustParseAddrPort(from)
			}
		}
	}
	t.Fatalf("%.20s: no answer", text)
	return netip.AddrPort{}
}

// tellAll follows a topology with security groups.
func tellAll(t testing.TB, f *Fabric, told driver.Topology) {
	t.Helper()
	if err := f.Follow(t.Context(), told); err != nil {
		t.Fatal(err)
	}
}

func TestFloatingAddressByUDP(t *testing.T) {
	t.Parallel()
	at := hostAddress(7) + ":8053"
	f := newFabric(t, Options{})
	open := loopbackTown(t, hostAddress(7), udpRule(8053, 8053), tcpRule(8022, 8022))
	tellAll(t, f, open)
	g := newGuest(t, f, testPort("red", 5, redLan()))
	g.echoUDP(8053)
	if got := doorsOf(f); got != "tcp 8022@8022 udp 8053@8053" {
		t.Fatalf("doors: %s", got)
	}
	first, second := client(t, at), client(t, at)
	one, other := ask(t, first, "one"), ask(t, second, "other")
	if one == other || one.Addr() != callers[0] || other.Addr() != callers[0] {
		t.Errorf("the guest hears %s and %s", one, other)
	}
	if again := ask(t, first, strings.Repeat("in fragments ", 400)); again != one {
		t.Errorf("a client that was %s is %s", one, again)
	}

	free := func(when string) {
		t.Helper()
		c, err := net.ListenPacket("udp4", at)
		if err != nil {
			t.Errorf("%s: %v", when, err)
			return
		}
		_ = c.Close()
	}
	tellAll(t, f, loopbackTown(t, hostAddress(7), from(udpRule(8053, 8053), "10.0.0.0/8")))
	if got := doorsOf(f); got != "" {
		t.Errorf("doors that no rule opens to the host: %s", got)
	}
	free("without a rule")
	tellAll(t, f, open)
	ask(t, first, "here again")
	open.Floating = nil
	tellAll(t, f, open)
	free("without the floating address")
}

// TestTalksEnd: what a client says takes something of the host until both are silent for a minute, and only so many
// clients do at a time.
func TestTalksEnd(t *testing.T) {
	t.Parallel()
	hands := clock.NewManual(time.Unix(0, 0))
	f := newFabric(t, Options{Clock: hands})
	tellAll(t, f, loopbackTown(t, hostAddress(8), udpRule(8053, 8054)))
	g := newGuest(t, f, testPort("red", 5, redLan()))
	g.echoUDP(8053)
	sockets := func() int { return len(f.networks["street"].services.stack.RegisteredEndpoints()) }
	idle, others := hands.Waiters(), sockets()
	are := func(what string, talks int) {
		t.Helper()
		if err := waitUntil(t, func() bool { return hands.Waiters() == idle+talks && sockets() == others+talks }); err != nil {
			t.Fatalf("%s: %d sockets and %d timers, not %d", what, sockets()-others, hands.Waiters()-idle, talks)
		}
	}
	c := client(t, hostAddress(8)+":8053")
	ask(t, c, "hello")
	are("after a word", 1)
	hands.Advance(udpIdle)
	ask(t, c, "still there")
	are("after a minute", 1)
	hands.Advance(udpIdle)
	are("after another, in which there was a word", 1)
	hands.Advance(udpIdle)
	are("after a silent minute", 0)
	ask(t, c, "back again")
	are("with a word after it", 1)
	hands.Advance(udpIdle)
	are("in the minute after it", 1)
	hands.Advance(udpIdle)
	are("when that is over", 0)

	early := client(t, hostAddress(8)+":8054")
	before, err := f.PortStats(g.port.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := early.Write([]byte("nobody listens here")); err != nil {
		t.Fatal(err)
	}
	if err := waitUntil(t, func() bool {
		stats, err := f.PortStats(g.port.ID)
		return err == nil && stats.TxFrames > before.TxFrames
	}); err != nil {
		t.Fatal("the guest does not refuse")
	}
	g.echoUDP(8054)
	ask(t, early, "now somebody does")
	are("with one that was refused", 1)
	hands.Advance(udpIdle)
	are("in its first minute", 1)
	hands.Advance(udpIdle)
	are("after it", 0)

	all := make([]net.Conn, doorTalks+1)
	for i := range all {
		all[i] = client(t, hostAddress(8)+":8053")
		ask(t, all[i], fmt.Sprint("client ", i))
	}
	are("with one client too many", doorTalks)
	ask(t, all[0], "who was the first is heard again")
	are("with one more again", doorTalks)
}

// TestTalkThatIsHeardStays: a client that only listens is not silent while the guest has something to say to it.
func TestTalkThatIsHeardStays(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	tellAll(t, f, loopbackTown(t, hostAddress(11), udpRule(8053, 8053)))
	said := newGuest(t, f, testPort("red", 5, redLan())).echoUDP(8053)
	listener := client(t, hostAddress(11)+":8053")
	place := ask(t, listener, "I am all ears")
	for i := range doorTalks - 1 {
		ask(t, client(t, hostAddress(11)+":8053"), fmt.Sprint("client ", i))
	}
	hear(t, listener, "news", func() error {
		_, err := said.WriteTo([]byte(place.String()+" news"), net.UDPAddrFromAddrPort(place))
		return err
	})
	ask(t, client(t, hostAddress(11)+":8053"), "one client too many")
	if now := ask(t, listener, "am I still here"); now != place {
		t.Errorf("who was told news last is %s, and was %s", now, place)
	}
}

// TestPrivilegedDatagrams: a port below 1024 that is somebody else's, or root's, is at 10000 more, as TCP's are.
func TestPrivilegedDatagrams(t *testing.T) {
	t.Parallel()
	if c, err := net.ListenPacket("udp4", hostAddress(9)+":53"); err == nil {
		defer c.Close()
	}
	f := newFabric(t, Options{})
	tellAll(t, f, loopbackTown(t, hostAddress(9), udpRule(53, 53)))
	g := newGuest(t, f, testPort("red", 5, redLan()))
	g.echoUDP(53)
	if got := doorsOf(f); got != "udp 53@10053" {
		t.Fatalf("doors: %s", got)
	}
	ask(t, client(t, hostAddress(9)+":10053"), "a query")
}

// TestCallersAreNobodys: a guest on the addresses that the host calls from as a rule is called from others, and from none
// where they all are taken.
func TestCallersAreNobodys(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	f := newFabric(t, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	lan := subnet("192.0.2.0/24")
	told := func(more ...driver.RouterPort) driver.Topology {
		town := loopbackTown(t, hostAddress(10), udpRule(8053, 8053))
		town.Floating[0].Fixed = netip.MustParseAddr("192.0.2.5")
		town.Security = map[string]driver.PortSecurity{"red-port-5": {Groups: []string{"g"}, Addresses: []netip.Addr{town.Floating[0].Fixed}}}
		town.Routers[0].Inside = append([]driver.RouterPort{leg("red", 1, lan)}, more...)
		return town
	}
	tellAll(t, f, told())
	newGuest(t, f, testPort("red", 5, lan)).echoUDP(8053)
	c := client(t, hostAddress(10)+":8053")
	if got := ask(t, c, "from where"); got.Addr() != callers[1] {
		t.Errorf("a guest on %s is called from %s", lan.CIDR, got)
	}
	blue := subnet("198.51.0.0/16")
	tellAll(t, f, told(leg("blue", 2, blue)))
	if got := ask(t, c, "and now"); got.Addr() != callers[2] {
		t.Errorf("behind a router to %s it is called from %s", blue.CIDR, got)
	}
	all := told(leg("blue", 2, blue))
	all.Routers[0].Routes = []driver.Route{{Destination: netip.MustParsePrefix("203.0.0.0/16"), NextHop: netip.MustParseAddr("192.0.2.9")}}
	green := subnet("10.3.0.0/24")
	green.Routes = []driver.Route{{Destination: netip.MustParsePrefix("0.0.0.0/0")}, {Destination: netip.MustParsePrefix("198.16.0.0/12")}}
	all.Routers[0].Inside = append(all.Routers[0].Inside, leg("green", 3, green))
	for range 2 {
		tellAll(t, f, all)
		if got := doorsOf(f); got != "" {
			t.Errorf("doors that the guest's answers do not come back to: %s", got)
		}
	}
	if said := log.String(); strings.Count(said, "left out") != 1 || !strings.Contains(said, "id=r ") {
		t.Errorf("the log says %s", said)
	}
	tellAll(t, f, told())
	if got := ask(t, c, "at last"); got.Addr() != callers[1] {
		t.Errorf("it is called from %s again", got)
	}
}
