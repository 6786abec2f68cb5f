// SPDX-License-Identifier: MPL-2.0

package network

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

func TestGuestsTalk(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	lan := subnet("10.0.0.0/24")
	a, b := newGuest(t, f, testPort("net", 5, lan)), newGuest(t, f, testPort("net", 6, lan))
	b.echo(7)
	c, err := a.dial(patient(t), "tcp", "10.0.0.6:7")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	roundTrip(t, c, strings.Repeat("guest to guest ", 10_000))
	stats, err := f.PortStats(a.port.ID)
	if err != nil || stats.TxBytes < 150_000 || stats.RxBytes < 150_000 || stats.TxDropped != 0 {
		t.Errorf("stats %+v, %v", stats, err)
	}
}

func TestNetworksDoNotMeet(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	lan := subnet("10.0.0.0/24")
	a := newStation(t, f, testPort("red", 5, lan))
	other := newStation(t, f, testPort("blue", 6, lan))
	friend := newStation(t, f, testPort("red", 7, lan))
	a.send(a.datagram(other, "to the other network")) // a MAC and an address that red does not have
	toAll := a.datagram(friend, "to all")
	copy(toAll, []byte{255, 255, 255, 255, 255, 255})
	a.send(toAll)
	friend.next("broadcast", carrying("to all"))
	if stats, err := f.PortStats(other.port.ID); err != nil || stats.RxFrames+stats.RxDropped != 0 {
		t.Errorf("blue heard red: %+v, %v", stats, err)
	}
}

// name answers with the device that the fabric says is asking.
func name(device string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(device + " " + r.URL.Path))
	})
}

func (g *guest) get(ctx context.Context, url string) (string, error) {
	client := http.Client{Transport: &http.Transport{DialContext: g.dial, DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	var body bytes.Buffer
	_, err = body.ReadFrom(response.Body)
	return body.String(), err
}

func TestStalledGuestDelaysNobody(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	lan := subnet("10.0.0.0/24")
	a, b := newStation(t, f, testPort("net", 5, lan)), newStation(t, f, testPort("net", 6, lan))
	stalled := newIdleStation(t, f, testPort("net", 7, lan)) // bound, and never read
	flood := a.datagram(b, "to all")
	copy(flood, []byte{255, 255, 255, 255, 255, 255})
	for range 3 * queueLen {
		a.send(flood)
		b.next("broadcast", carrying("to all"))
	}
	a.send(a.datagram(b, "after"))
	b.next("frame", carrying("after"))
	stats, err := f.PortStats(stalled.port.ID)
	if err != nil || stats.RxDropped < queueLen {
		t.Errorf("the stalled guest lost %d frames (%v), want those beyond its queue", stats.RxDropped, err)
	}
	// Once it reads again, it hears what waited and then what is new.
	go func() {
		defer close(stalled.frames)
		buf := make([]byte, 1<<12)
		for {
			n, err := stalled.conn.Read(buf)
			if err != nil {
				return
			}
			stalled.frames <- bytes.Clone(buf[:n])
		}
	}()
	stalled.next("first frame of the queue", carrying("to all"))
	if err := waitUntil(t, func() bool {
		a.send(a.datagram(stalled, "awake"))
		select {
		case f := <-stalled.frames:
			return payload(f) == "awake"
		default:
			return false
		}
	}); err != nil {
		t.Error(err)
	}
	_ = stalled.conn.Close()
}

// waitUntil tries until done, yielding between.
func waitUntil(t testing.TB, done func() bool) error {
	ctx := patient(t)
	for !done() {
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func TestRouterAnswers(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	s := newStation(t, f, testPort("net", 5, subnet("10.0.0.0/24")))
	for _, own := range []string{"10.0.0.1", "169.254.169.254"} {
		ip := netip.MustParseAddr(own)
		s.send(arpFrame(s.mac, header.ARPRequest, s.mac, s.ip, ip))
		s.next("ARP reply of "+own, func(f []byte) bool {
			reply := header.ARP(f[ethernetLen:])
			return etherType(f) == header.ARPProtocolNumber && reply.Op() == header.ARPReply &&
				mac(reply.HardwareAddressSender()) == s.router && bytes.Equal(reply.ProtocolAddressSender(), ip.AsSlice())
		})
		s.send(s.echoRequest(ip))
		s.next("echo reply of "+own, func(f []byte) bool {
			return icmpOf(f) != nil && icmpOf(f).Type() == header.ICMPv4EchoReply
		})
	}
	// It answers for nobody else: the next ARP reply after these two is the second's.
	s.send(arpFrame(s.mac, header.ARPRequest, s.mac, s.ip, netip.MustParseAddr("10.0.0.99")))
	s.send(arpFrame(s.mac, header.ARPRequest, s.mac, s.ip, netip.MustParseAddr("10.0.0.1")))
	reply := header.ARP(s.next("ARP reply", func(f []byte) bool { return etherType(f) == header.ARPProtocolNumber })[ethernetLen:])
	if got := netip.AddrFrom4([4]byte(reply.ProtocolAddressSender())); got.String() != "10.0.0.1" {
		t.Errorf("the router answered for %s", got)
	}
}

func TestSubnetsOfANetworkAreRouted(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	follow(t, f, driver.Topology{Routers: []driver.Router{{ID: "r", Inside: []driver.RouterPort{
		leg("net", 1, subnet("10.0.0.0/24")), leg("net", 2, subnet("10.9.0.0/24")),
	}}}})
	a := newGuest(t, f, testPort("net", 5, subnet("10.0.0.0/24")))
	b := newGuest(t, f, testPort("net", 6, subnet("10.9.0.0/24")))
	b.echo(7)
	c, err := a.dial(patient(t), "tcp", "10.9.0.6:7")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	roundTrip(t, c, "across the router")
}

func TestClosedCloudRefusesAtOnce(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	g := newGuest(t, f, testPort("net", 5, subnet("10.0.0.0/24")))
	for _, address := range []string{
		"10.0.0.1:22", "169.254.169.254:443", // the router itself: reset
		"192.0.2.1:80", "169.254.0.1:80", // beyond: administratively prohibited
	} {
		c, err := g.dial(patient(t), "tcp", address)
		if err == nil {
			_ = c.Close()
		}
		if err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("connecting to %s: %v", address, err)
		}
	}
	s := newStation(t, f, testPort("net", 6, subnet("10.0.0.0/24")))
	for _, to := range []string{"192.0.2.1", "127.0.0.1", "169.254.0.1", "10.0.0.99"} {
		beyond := netip.MustParseAddr(to)
		for what, f := range map[string][]byte{"UDP": s.outbound(beyond, 123, "time?"), "echo": s.echoRequest(beyond)} {
			s.send(f)
			answer := icmpOf(s.next("answer to "+what, func(f []byte) bool { return icmpOf(f) != nil }))
			if answer.Type() != header.ICMPv4DstUnreachable || answer.Code() != header.ICMPv4AdminProhibited ||
				!bytes.Equal(answer[header.ICMPv4MinimumSize:], f[ethernetLen:ethernetLen+28]) ||
				header.ICMPv4Checksum(answer, 0) != answer.Checksum() {
				t.Errorf("answer to %s to %s: % x", what, to, []byte(answer))
			}
		}
	}
}

func TestDial(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	g := newGuest(t, f, testPort("net", 5, subnet("10.0.0.0/24")))
	g.echo(22)
	c, err := f.Dial(patient(t), g.port.ID, 22)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if got := c.LocalAddr().(*net.TCPAddr).IP.String(); got != "10.0.0.1" {
		t.Errorf("the guest is called from %s", got)
	}
	roundTrip(t, c, strings.Repeat("host to guest ", 10_000))

	if _, err := f.Dial(patient(t), g.port.ID, 23); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("dialling a closed port: %v", err)
	}
	if _, err := f.Dial(patient(t), "nowhere", 22); !errors.Is(err, ErrNotPlugged) {
		t.Errorf("dialling an unknown port: %v", err)
	}
	silent := plug(t, f, testPort("net", 6, subnet("10.0.0.0/24")))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Dial(ctx, silent.PortID, 22); !errors.Is(err, context.Canceled) {
		t.Errorf("dialling with an ended context: %v", err)
	}
}

func TestGuestsOutliveTheFabric(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "net")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	lan := subnet("10.0.0.0/24")
	first := newFabric(t, Options{Dir: dir})
	a, b := newGuest(t, first, testPort("net", 5, lan)), newGuest(t, first, testPort("net", 6, lan))
	b.echo(7)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	// A process that was killed leaves its sockets' files.
	if err := os.WriteFile(a.nic.Switch, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	second := newFabric(t, Options{Dir: dir})
	second.Serve(name)
	for _, g := range []*guest{a, b} {
		if nic := plug(t, second, g.port); nic != g.nic {
			t.Fatalf("plugged again as %+v, was %+v", nic, g.nic)
		}
	}
	c, err := a.dial(patient(t), "tcp", "10.0.0.6:7")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	roundTrip(t, c, "after the restart")
	if got, err := a.get(patient(t), "http://169.254.169.254/"); err != nil || got != "net-server-5 /" {
		t.Errorf("metadata after the restart: %q, %v", got, err)
	}
}

func TestMachineComesBack(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	lan := subnet("10.0.0.0/24")
	a := newStation(t, f, testPort("net", 5, lan))
	b := newIdleStation(t, f, testPort("net", 6, lan))
	a.send(a.datagram(b, "one"))
	buf := make([]byte, 1<<12)
	if n, err := b.conn.Read(buf); err != nil || payload(buf[:n]) != "one" {
		t.Fatalf("read % x, %v", buf[:n], err)
	}
	_ = b.conn.Close() // QEMU ends ...
	b.bind()           // ... and another one starts
	a.send(a.datagram(b, "two"))
	if n, err := b.conn.Read(buf); err != nil || payload(buf[:n]) != "two" {
		t.Errorf("read % x, %v", buf[:n], err)
	}
}

func TestPlugIsIdempotent(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	p := testPort("net", 5, subnet("10.0.0.0/24"))
	s := newStation(t, f, p)
	if again := plug(t, f, p); again != s.nic {
		t.Errorf("plugged as %+v, then as %+v", s.nic, again)
	}
	p.Addresses[0].IP = netip.MustParseAddr("10.0.0.50")
	plug(t, f, p)
	if got := s.lease().YourIPAddr.String(); got != "10.0.0.50" {
		t.Errorf("after its address changed the port leases %s", got)
	}
	p.NetworkID = "other"
	if moved := plug(t, f, p); moved != s.nic {
		t.Errorf("on another network the sockets are %+v, were %+v", moved, s.nic)
	}
	if f.port(p.ID).network.id != "other" || f.networks["net"] != nil {
		t.Error("the port did not move")
	}
}

func TestPlugRefuses(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	lan := subnet("10.0.0.0/24")
	plug(t, f, testPort("net", 5, lan))
	for what, change := range map[string]func(*driver.Port){
		"no MAC":            func(p *driver.Port) { p.MAC = "" },
		"a group's MAC":     func(p *driver.Port) { p.MAC = "01:00:5e:00:00:01" },
		"a taken MAC":       func(p *driver.Port) { p.MAC = "fa:16:3e:00:00:05" },
		"the router's MAC":  func(p *driver.Port) { p.MAC = serviceMAC("net").String() },
		"a taken address":   func(p *driver.Port) { p.Addresses[0].IP = netip.MustParseAddr("10.0.0.5") },
		"the gateway":       func(p *driver.Port) { p.Addresses[0].IP = lan.Gateway },
		"a foreign address": func(p *driver.Port) { p.Addresses[0].IP = netip.MustParseAddr("10.1.0.6") },
		"no address":        func(p *driver.Port) { p.Addresses[0].IP = netip.Addr{} },
		"a tiny MTU":        func(p *driver.Port) { p.MTU = 100 },
		"a vast MTU":        func(p *driver.Port) { p.MTU = 70_000 },
		"no network":        func(p *driver.Port) { p.NetworkID = "" },
		"no id":             func(p *driver.Port) { p.ID = "" },
	} {
		p := testPort("net", 6, lan)
		change(&p)
		if nic, err := f.Plug(t.Context(), p); err == nil {
			t.Errorf("a port with %s was plugged: %+v", what, nic)
		}
		if len(f.ports) != 1 {
			t.Errorf("a port with %s was kept", what)
		}
	}
}

func TestUnplugRemovesSockets(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	s := newStation(t, f, testPort("net", 5, subnet("10.0.0.0/24")))
	for range 2 {
		if err := f.Unplug(t.Context(), s.port.ID); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{s.nic.Local, s.nic.Switch} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if len(f.networks) != 0 {
		t.Error("the network outlives its last port")
	}
}

func TestClosedFabricPlugsNothing(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Plug(t.Context(), testPort("net", 5, subnet("10.0.0.0/24"))); !errors.Is(err, net.ErrClosed) {
		t.Errorf("plugged after Close: %v", err)
	}
}
