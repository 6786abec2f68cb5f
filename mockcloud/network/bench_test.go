// SPDX-License-Identifier: MPL-2.0

package network

import (
	"fmt"
	"net"
	"net/netip"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// filtered has the fabric follow as many rules as Neutron gives a project by default (ten groups), the last of
// which lets the guests' frames through.
func filtered(b *testing.B, f *Fabric, stations ...*station) {
	b.Helper()
	told := driver.Topology{Sequence: 1, Security: map[string]driver.PortSecurity{}, Groups: map[string][]driver.Rule{}}
	var groups []string
	for i := range 10 {
		id := fmt.Sprint(i)
		for port := range 10 {
			told.Groups[id] = append(told.Groups[id], in(protocolTCP, 100*i+port, 100*i+port))
		}
		groups = append(groups, id)
	}
	told.Groups["9"] = append(told.Groups["9"], anything(true, false), in(protocolUDP, -1, -1))
	for _, s := range stations {
		told.Security[s.port.ID] = driver.PortSecurity{Groups: groups, Addresses: []netip.Addr{s.ip}}
	}
	if err := f.Follow(b.Context(), told); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkFilter is what a frame of a known flow, and the first of a new one, cost at both ports; no frame
// travels.
func BenchmarkFilter(b *testing.B) {
	f := newFabric(b, Options{})
	lan := subnet("10.0.0.0/24")
	from, to := newIdleStation(b, f, testPort("net", 5, lan)), newIdleStation(b, f, testPort("net", 6, lan))
	filtered(b, f, from, to)
	sender, receiver := f.port(from.port.ID), f.port(to.port.ID)
	frame := from.datagram(to, string(make([]byte, 1400)))
	for _, c := range []struct {
		name  string
		fresh bool
	}{{"known", false}, {"new", true}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if c.fresh {
					frame[34], frame[35] = byte(i>>8)|4, byte(i) // not from port 67
				}
				p := readPacket(frame)
				if !sender.lets(sender.policy.Load(), &p, false) || !receiver.takes(&p, false) {
					b.Fatal("refused")
				}
			}
		})
	}
}

// BenchmarkSwitch is guest to guest: two sockets in, two out, a full frame at a time. Frames that the
// bounded queue drops are counted beside it.
func BenchmarkSwitch(b *testing.B) {
	b.Run("open", func(b *testing.B) { benchmarkSwitch(b, func(*testing.B, *Fabric, ...*station) {}) })
	b.Run("filtered", func(b *testing.B) { benchmarkSwitch(b, filtered) })
}

func benchmarkSwitch(b *testing.B, prepare func(*testing.B, *Fabric, ...*station)) {
	f := newFabric(b, Options{})
	lan := subnet("10.0.0.0/24")
	from, to := newIdleStation(b, f, testPort("net", 5, lan)), newIdleStation(b, f, testPort("net", 6, lan))
	prepare(b, f, from, to)
	frame := from.datagram(to, string(make([]byte, 1400)))
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	received := make(chan int)
	go func() {
		n, buf := 0, make([]byte, 1<<12)
		for {
			size, err := to.conn.Read(buf)
			if err != nil || size < 100 && payload(buf[:size]) == "end" {
				received <- n
				return
			}
			n++
		}
	}()
	address := &net.UnixAddr{Name: from.nic.Switch, Net: "unixgram"}
	for b.Loop() {
		if _, err := from.conn.WriteTo(frame, address); err != nil {
			b.Fatal(err)
		}
	}
	end, n := from.datagram(to, "end"), 0
	if err := waitUntil(b, func() bool { // the queue may be full: try until it is through
		_, _ = from.conn.WriteTo(end, address)
		select {
		case n = <-received:
			return true
		default:
			return false
		}
	}); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(100*(1-float64(n)/float64(b.N)), "%dropped")
}

// BenchmarkPingPong is the latency that the switch adds: a frame there and one back.
func BenchmarkPingPong(b *testing.B) {
	f := newFabric(b, Options{})
	lan := subnet("10.0.0.0/24")
	from, to := newIdleStation(b, f, testPort("net", 5, lan)), newIdleStation(b, f, testPort("net", 6, lan))
	ping, pong := from.datagram(to, "ping"), to.datagram(from, "pong")
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1<<12)
		for {
			if _, err := to.conn.Read(buf); err != nil {
				return
			}
			to.send(pong)
		}
	}()
	buf := make([]byte, 1<<12)
	for b.Loop() {
		from.send(ping)
		if _, err := from.conn.Read(buf); err != nil {
			b.Fatal(err)
		}
	}
	_ = to.conn.Close()
	<-done
}

// BenchmarkPlug is what a server's first port costs: sockets, a switch and a router, there and away.
func BenchmarkPlug(b *testing.B) {
	f := newFabric(b, Options{})
	p := testPort("net", 5, subnet("10.0.0.0/24"))
	for b.Loop() {
		plug(b, f, p)
		if err := f.Unplug(b.Context(), p.ID); err != nil {
			b.Fatal(err)
		}
	}
}
