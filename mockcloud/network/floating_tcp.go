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

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/splice"
)

const (
	doorDial    = 15 * time.Second
	doorCallers = 512 // connections through one door at a time
)

// calls are the connections through a door of TCP.
type calls struct {
	door     *door
	listener net.Listener
	open     atomic.Int32
}

// serve connects who calls with the guest.
func (k *calls) serve(ctx context.Context, c clock.Clock) {
	var open sync.WaitGroup
	defer open.Wait()
	for {
		near, err := k.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of descriptors
			if c.Sleep(ctx, time.Second) != nil {
				return
			}
			continue
		}
		if k.open.Add(1) > doorCallers {
			k.open.Add(-1)
			refuse(near)
			continue
		}
		open.Go(func() {
			defer k.open.Add(-1)
			k.connect(ctx, c, near)
		})
	}
}

// connect calls the guest at its floating address from outside of its network, so that router and security
// groups do what they do. A guest that refuses, or does not answer, is a connection that is reset.
func (k *calls) connect(ctx context.Context, c clock.Clock, near net.Conn) {
	d := k.door
	asking, cancel := clock.WithTimeout(ctx, c, doorDial)
	far, err := d.beyond.Load().services.connect(asking, d.caller, netip.AddrPortFrom(d.Address, d.Port))
	cancel()
	if err != nil {
		refuse(near)
		return
	}
	splice.Conns(ctx, near, far)
}

// refuse resets a connection that has been accepted.
func refuse(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}
