// SPDX-License-Identifier: MPL-2.0

package network

import (
	"io"
	"net"
	"net/netip"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// BenchmarkRouterPingPong is the latency of a frame through a router, there and back, beside
// BenchmarkPingPong.
func BenchmarkRouterPingPong(b *testing.B) {
	f := newFabric(b, Options{})
	follow(b, f, redAndBlue())
	from, to := newIdleStation(b, f, testPort("red", 5, redLan())), newIdleStation(b, f, testPort("blue", 6, blueLan()))
	ping, pong := from.through(1, to.ip, 64), to.through(2, from.ip, 64)
	done := make(chan struct{})
	next := func(s *station, buf []byte) error {
		for {
			n, err := s.conn.Read(buf)
			if err != nil || payload(buf[:n]) == "probe" {
				return err
			}
		}
	}
	go func() {
		defer close(done)
		buf := make([]byte, 1<<12)
		for next(to, buf) == nil {
			to.send(pong)
		}
	}()
	buf := make([]byte, 1<<12)
	for b.Loop() {
		from.send(ping)
		if err := next(from, buf); err != nil {
			b.Fatal(err)
		}
	}
	_ = to.conn.Close()
	<-done
}

// BenchmarkRouterForward is what passing a full frame on costs the router.
func BenchmarkRouterForward(b *testing.B) {
	f := newFabric(b, Options{})
	follow(b, f, redAndBlue())
	from := newIdleStation(b, f, testPort("red", 5, redLan()))
	to := newIdleStation(b, f, testPort("blue", 6, blueLan()))
	frame := udpFrame(hop{
		fromMAC: from.mac, toMAC: mac{0xfa, 0x16, 0x3e, 0xff, 0, 1},
		from: netip.AddrPortFrom(from.ip, 1), to: netip.AddrPortFrom(to.ip, 2),
	}, make([]byte, 1400))
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	n, p := f.port(from.port.ID).network, f.port(from.port.ID)
	for b.Loop() {
		n.receive(p, frame)
	}
}

// BenchmarkFloating is TCP from the host through a floating address to a guest.
func BenchmarkFloating(b *testing.B) {
	f := newFabric(b, Options{FloatingPorts: []uint16{9999}})
	told := redAndBlue()
	lo := subnet("127.64.0.0/16")
	told.Routers[0].Outside, told.External = outsideLeg("street", 9, lo), map[string][]driver.Subnet{"street": {lo}}
	told.Floating = []driver.FloatingIP{{
		ID: "f", Address: netip.MustParseAddr("127.64.92.5"), RouterID: "r", PortID: "red-port-5", Fixed: netip.MustParseAddr("10.0.0.5"),
	}}
	follow(b, f, told)
	g := newGuest(b, f, testPort("red", 5, redLan()))
	l, err := gonet.ListenTCP(g.stack, tcpip.FullAddress{NIC: nicID, Port: 9999}, ipv4.ProtocolNumber)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	got := make(chan int64, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		n, _ := io.Copy(io.Discard, c)
		_ = c.Close()
		got <- n
	}()
	c, err := net.Dial("tcp4", "127.64.92.5:9999")
	if err != nil {
		b.Fatal(err)
	}
	block := make([]byte, 64<<10)
	b.SetBytes(int64(len(block)))
	sent := int64(0)
	for b.Loop() {
		n, err := c.Write(block)
		if err != nil {
			b.Fatal(err)
		}
		sent += int64(n)
	}
	_ = c.Close()
	if n := <-got; n != sent {
		b.Errorf("%d of %d bytes arrived", n, sent)
	}
}
