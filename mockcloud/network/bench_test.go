// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net"
	"testing"
)

// BenchmarkSwitch is guest to guest: two sockets in, two out, a full frame at a time. Frames that the
// bounded queue drops are counted beside it.
func BenchmarkSwitch(b *testing.B) {
	f := newFabric(b, Options{})
	lan := subnet("10.0.0.0/24")
	from, to := newIdleStation(b, f, testPort("net", 5, lan)), newIdleStation(b, f, testPort("net", 6, lan))
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
