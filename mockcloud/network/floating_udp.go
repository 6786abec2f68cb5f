// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

const doorTalks = 256 // clients of one door of UDP at a time; another one ends the talk that has been silent for longest

// talks are what clients say to the guest through a door of UDP, by who they are.
type talks struct {
	door *door
	near *net.UDPConn
	said atomic.Uint64 // datagrams so far, both ways
	open sync.WaitGroup

	mu sync.Mutex
	by map[netip.AddrPort]*talk
}

// talk is one client's. The guest sees it come from a port of its own, so that it has answers of its own.
type talk struct {
	client netip.AddrPort
	far    *gonet.UDPConn
	stop   context.CancelFunc
	last   atomic.Uint64 // the latest of talks.said that was one of this talk's
}

func newTalks(d *door, near *net.UDPConn) *talks {
	return &talks{door: d, near: near, by: make(map[netip.AddrPort]*talk)}
}

// serve takes the clients' datagrams to the guest.
func (k *talks) serve(ctx context.Context, c clock.Clock) {
	defer k.open.Wait()
	buf := make([]byte, udpBuffer)
	for {
		n, client, err := k.near.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			if c.Sleep(ctx, time.Second) != nil {
				return
			}
			continue
		}
		k.pass(ctx, c, client, buf[:n])
	}
}

// pass sends a client's datagram to the guest. A talk that has ended meanwhile, or whose last datagram the guest has
// refused, is begun anew: the client cannot be told. What cannot be sent is lost, as datagrams are.
func (k *talks) pass(ctx context.Context, c clock.Clock, client netip.AddrPort, datagram []byte) {
	for range 2 {
		t, err := k.with(ctx, c, client)
		if err != nil {
			return
		}
		t.last.Store(k.said.Add(1))
		if _, err := t.far.Write(datagram); err == nil {
			return
		}
		k.forget(t)
	}
}

// with is a client's talk, which begins if there is none.
func (k *talks) with(ctx context.Context, c clock.Clock, client netip.AddrPort) (*talk, error) {
	k.mu.Lock()
	t, full := k.by[client], len(k.by) >= doorTalks
	k.mu.Unlock()
	if t != nil {
		return t, nil
	}
	d := k.door
	far, err := d.beyond.Load().services.connectUDP(d.caller, netip.AddrPortFrom(d.Address, d.Port))
	if err != nil {
		return nil, err
	}
	if full {
		k.forget(k.silent())
	}
	talking, stop := context.WithCancel(ctx)
	t = &talk{client: client, far: far, stop: stop}
	k.mu.Lock()
	k.by[client] = t
	k.mu.Unlock()
	k.open.Go(func() {
		defer k.forget(t)
		k.listen(talking, c, t)
	})
	return t, nil
}

// silent is the talk in which neither side has said anything for longest.
func (k *talks) silent() (silent *talk) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, t := range k.by {
		if silent == nil || t.last.Load() < silent.last.Load() {
			silent = t
		}
	}
	return silent
}

// forget ends a talk; nil is none.
func (k *talks) forget(t *talk) {
	if t == nil {
		return
	}
	t.stop()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.by[t.client] == t {
		delete(k.by, t.client)
	}
}

// listen brings the guest's answers to the client until both are silent for a minute.
func (k *talks) listen(ctx context.Context, c clock.Clock, t *talk) {
	var answers sync.WaitGroup
	answers.Go(func() {
		defer t.stop()
		buf := make([]byte, udpBuffer)
		for {
			n, err := t.far.Read(buf)
			if err != nil {
				return
			}
			t.last.Store(k.said.Add(1))
			if _, err := k.near.WriteToUDPAddrPort(buf[:n], t.client); errors.Is(err, net.ErrClosed) {
				return
			}
		}
	})
	whileUsed(ctx, c, &t.last)
	_ = t.far.Close()
	answers.Wait()
}

// whileUsed returns when no datagram has changed a count for a minute, or ctx has ended.
func whileUsed(ctx context.Context, c clock.Clock, count *atomic.Uint64) {
	for seen := uint64(0); c.Sleep(ctx, udpIdle) == nil; {
		now := count.Load()
		if now == seen {
			return
		}
		seen = now
	}
}
