// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
	"gvisor.dev/gvisor/pkg/waiter"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/splice"
)

const (
	maxFlows    = 1024         // TCP connections and UDP flows of one network at a time
	maxShare    = maxFlows / 4 // of these one guest's
	dialTimeout = 30 * time.Second
	udpIdle     = time.Minute
	udpBuffer   = 64 << 10
	tcpIdle     = 5 * time.Minute // before a guest is asked whether it still has a connection
	tcpPause    = time.Minute     // between such questions: stacks answer at most two a second
	tcpAsked    = 5               // without an answer, and it has not
)

// dialer is net.Dialer's DialContext.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// egress carries guests' TCP and UDP out: it ends each connection in the router's stack and makes
// another from the host's process.
type egress struct {
	ctx      context.Context //nolint:containedctx // ends the flows that packets begin
	services *services
	clock    clock.Clock
	dial     dialer
	resolver netip.AddrPort // of the host, for DNS queries about what is outside; may be none
	idleTCP  time.Duration  // tcpIdle
	pauseTCP time.Duration  // tcpPause

	share int // maxShare

	mu     sync.Mutex
	flows  int
	shares map[string]int // flows by sender
	idle   *sync.Cond     // flows became 0
}

func newEgress(ctx context.Context, r *services, o Options, dial dialer) *egress {
	e := &egress{
		ctx: ctx, services: r, clock: o.Clock, dial: dial, resolver: o.Resolver,
		idleTCP: tcpIdle, pauseTCP: tcpPause, share: maxShare, shares: make(map[string]int),
	}
	e.idle = sync.NewCond(&e.mu)
	r.stack.SetTransportProtocolHandler(tcp.ProtocolNumber, tcp.NewForwarder(r.stack, 0, maxFlows, e.forwardTCP).HandlePacket)
	flows := udp.NewForwarder(r.stack, e.forwardUDP)
	r.stack.SetTransportProtocolHandler(udp.ProtocolNumber, func(id stack.TransportEndpointID, p *stack.PacketBuffer) bool {
		// Not handled is answered "port unreachable".
		_, permitted := e.destination(id)
		return permitted && flows.HandlePacket(id, p)
	})
	return e
}

// What guests reach of IPv6 are unique local and global addresses, but for those that wrap one of IPv4, which might be
// the host's: Teredo's and 6to4's.
var (
	outside6 = []netip.Prefix{netip.MustParsePrefix("2000::/3"), netip.MustParsePrefix("fc00::/7")}
	wrapped4 = []netip.Prefix{netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("2002::/16")}
	// hostClouds6 are the metadata services of the clouds that the host itself may be a machine of, which tell its secrets to
	// whoever asks from there: those of AWS, Google and Oracle. That of IPv4 is link-local.
	hostClouds6 = []netip.Prefix{
		netip.MustParsePrefix("fd00:ec2::/32"), netip.MustParsePrefix("fd20:ce::/32"), netip.MustParsePrefix("fd00:c1::/32"),
	}
)

// outside tells addresses that guests may reach with egress: none of the host's or link's own.
func outside(a netip.Addr) bool {
	if a.Is6() {
		has := func(p netip.Prefix) bool { return p.Contains(a) }
		return slices.ContainsFunc(outside6, has) && !slices.ContainsFunc(wrapped4, has) && !slices.ContainsFunc(hostClouds6, has)
	}
	b := a.As4()
	return a.IsGlobalUnicast() && b[0] != 0 && b[0] < 240 // 0/8 is "this host", 240/4 reserved
}

// carries tells whether a packet may go out at all; permits looks closer, once a flow.
func (e *egress) carries(p tcpip.TransportProtocolNumber, to netip.Addr) bool {
	return (p == header.TCPProtocolNumber || p == header.UDPProtocolNumber) && outside(to)
}

func (e *egress) permits(to netip.Addr) bool {
	return outside(to) && !e.services.network.table.Load().owns(to) && !ofHost(to)
}

// destination is where a flow goes to. One of DNS to the services themselves goes to the host's resolver.
func (e *egress) destination(id stack.TransportEndpointID) (to netip.AddrPort, permitted bool) {
	to = netip.AddrPortFrom(addrAny(id.LocalAddress), id.LocalPort)
	if to.Port() == dnsPort && e.services.forwardsDNS() && e.services.network.table.Load().owns(to.Addr()) {
		return e.resolver, true
	}
	return to, e.permits(to.Addr())
}

// over is a transport protocol's name for net.Dial, on the IP version of who is called.
func over(protocol string, to netip.AddrPort) string {
	if to.Addr().Is6() {
		return protocol + "6"
	}
	return protocol + "4"
}

// ofHost tells the addresses of the host's own interfaces: a service that listens on them trusts, as
// often as not, whoever is on the host.
func ofHost(a netip.Addr) bool {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, i := range addrs {
		if p, err := netip.ParsePrefix(i.String()); err == nil && reaches(p, a) {
			return true
		}
	}
	return false
}

// reaches tells whether an address leads to the interface that has that one and its subnet: as its own, by broadcast (the
// subnet's last address, and of old its first), or as any router of an IPv6 subnet (RFC 4291, 2.6.1). A subnet of two has
// none of these.
func reaches(own netip.Prefix, a netip.Addr) bool {
	if own.Bits() >= own.Addr().BitLen()-1 {
		return a == own.Addr()
	}
	return a == own.Addr() || a == own.Masked().Addr() || a.Is4() && own.Addr().Is4() && a == lastAddr(own)
}

// forwardTCP connects first and shakes hands with the guest after, so that a guest sees a refused
// connection as one. It runs in a goroutine of the stack's, one a connection attempt.
func (e *egress) forwardTCP(r *tcp.ForwarderRequest) {
	to, permitted := e.destination(r.ID())
	sender := e.services.network.sender(tcp.ProtocolNumber, r.ID())
	if !permitted || !e.begin(sender) {
		r.Complete(true)
		return
	}
	defer e.end(sender)
	ctx, cancel := clock.WithTimeout(e.ctx, e.clock, dialTimeout)
	far, err := e.dial(ctx, over("tcp", to), to.String())
	cancel()
	if err != nil {
		r.Complete(true)
		return
	}
	var queue waiter.Queue
	endpoint, problem := r.CreateEndpoint(&queue)
	r.Complete(problem != nil)
	if problem != nil {
		_ = far.Close()
		return
	}
	e.watch(endpoint)
	splice.Conns(e.ctx, gonet.NewTCPConn(&queue, endpoint), far)
}

// watch ends the connections of a guest that is gone without a word: who is at the other end may wait for ever. The
// host's own socket watches that end.
func (e *egress) watch(guest tcpip.Endpoint) {
	idle, interval := tcpip.KeepaliveIdleOption(e.idleTCP), tcpip.KeepaliveIntervalOption(e.pauseTCP)
	_ = guest.SetSockOpt(&idle)
	_ = guest.SetSockOpt(&interval)
	_ = guest.SetSockOptInt(tcpip.KeepaliveCountOption, tcpAsked)
	guest.SocketOptions().SetKeepAlive(true)
}

// forwardUDP is called with the first packet of a flow.
func (e *egress) forwardUDP(r *udp.ForwarderRequest) {
	sender := e.services.network.sender(udp.ProtocolNumber, r.ID())
	if !e.begin(sender) {
		return
	}
	to, _ := e.destination(r.ID())
	far, err := e.dial(e.ctx, over("udp", to), to.String()) // a UDP socket connects without waiting
	if err != nil {
		e.end(sender)
		return
	}
	var queue waiter.Queue
	endpoint, problem := r.CreateEndpoint(&queue)
	if problem != nil {
		_ = far.Close()
		e.end(sender)
		return
	}
	go func() {
		defer e.end(sender)
		e.relayUDP(gonet.NewUDPConn(&queue, endpoint), far)
	}()
}

// relayUDP carries datagrams both ways until a minute passes without any.
func (e *egress) relayUDP(near, far net.Conn) {
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	var datagrams atomic.Uint64
	var all sync.WaitGroup
	copyAll := func(to, from net.Conn) {
		defer cancel()
		buf := make([]byte, udpBuffer)
		for {
			n, err := from.Read(buf)
			if err != nil {
				return
			}
			datagrams.Add(1)
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
	}
	all.Go(func() { copyAll(far, near) })
	all.Go(func() { copyAll(near, far) })
	whileUsed(ctx, e.clock, &datagrams)
	_ = near.Close()
	_ = far.Close()
	all.Wait()
}
