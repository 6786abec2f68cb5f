// SPDX-License-Identifier: MPL-2.0

package network

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

const (
	// queueLen bounds the frames that wait for one guest: 512 full frames are 6 ms of a gigabit.
	queueLen   = 512
	defaultMTU = 1500
	minMTU     = 576
	maxMTU     = 65000
	bufferSize = 2048 // of a pooled frame: everything but jumbo frames
)

// settings are what Plug asked for, read once.
type settings struct {
	driver.Port
	guard guard
	lease *lease // nil: no DHCP on the port's subnets
}

func readSettings(p driver.Port, domain string) (*settings, error) {
	hw, err := parseMAC(p.MAC)
	if err != nil {
		return nil, err
	}
	if p.ID == "" || p.NetworkID == "" {
		return nil, errors.New("a port needs an id and a network")
	}
	if p.MTU == 0 {
		p.MTU = defaultMTU
	}
	if p.MTU < minMTU || p.MTU > maxMTU {
		return nil, fmt.Errorf("MTU %d is not within %d-%d", p.MTU, minMTU, maxMTU)
	}
	p.Addresses = slices.Clone(p.Addresses)
	ips := map[netip.Addr]bool{hw.linkLocal(): true}
	for i, a := range p.Addresses {
		if !a.IP.IsValid() || a.IP.Unmap() != a.IP || !a.Subnet.CIDR.Contains(a.IP) {
			return nil, fmt.Errorf("address %s is not in subnet %s", a.IP, a.Subnet.CIDR)
		}
		p.Addresses[i].Subnet.CIDR = a.Subnet.CIDR.Masked()
		ips[a.IP] = true
	}
	if p.Hostname == "" {
		p.Hostname = defaultHostname(p.Addresses)
	}
	s := &settings{Port: p, guard: guard{mac: hw, ips: ips, size: p.MTU + ethernetLen}}
	s.lease = newLease(s, domain)
	return s, nil
}

// Stats counts a port's frames since it was plugged, as its guest sees them.
type Stats struct {
	TxFrames, TxBytes uint64 // sent by the guest
	RxFrames, RxBytes uint64 // delivered to the guest
	TxDropped         uint64 // refused: spoofed, malformed or too long
	RxDropped         uint64 // lost: the guest did not read, or is not there
}

type counters struct {
	txFrames, txBytes, rxFrames, rxBytes, txDropped, rxDropped atomic.Uint64
}

// port is a plugged port: a pair of sockets, the goroutine that reads the guest's frames and the one
// that writes frames to the guest.
type port struct {
	settings atomic.Pointer[settings]
	network  *network
	local    string // the guest's socket
	bound    string // our socket
	conn     *net.UnixConn
	buffers  *sync.Pool
	queue    chan []byte
	closing  chan struct{}
	done     sync.WaitGroup
	counters counters
	metadata atomic.Int32 // connections to the metadata service

	mu  sync.Mutex
	out *net.UnixConn // connected to local; nil: not yet, or no longer
}

// newPort binds the port's socket. A socket file left by an earlier process is replaced: the guest
// sends to the path, so it finds the new socket.
func newPort(n *network, s *settings, local, bound string, buffers *sync.Pool) (*port, error) {
	if err := os.Remove(bound); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: bound, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	p := &port{
		network: n, local: local, bound: bound, conn: conn, buffers: buffers,
		queue: make(chan []byte, queueLen), closing: make(chan struct{}),
	}
	p.settings.Store(s)
	return p, nil
}

// start begins to read and write; n must know the port.
func (p *port) start() {
	p.done.Go(p.read)
	p.done.Go(p.write)
}

// close ends the goroutines and removes our socket; wait returns when they are gone.
func (p *port) close() {
	close(p.closing)
	_ = p.conn.Close()
	_ = os.Remove(p.bound)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.disconnect()
}

func (p *port) closed() bool {
	select {
	case <-p.closing:
		return true
	default:
		return false
	}
}

func (p *port) wait() { p.done.Wait() }

func (p *port) read() {
	buf := make([]byte, maxMTU+ethernetLen)
	for {
		n, err := p.conn.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // one datagram is lost; the socket is not
		}
		p.network.receive(p, buf[:n])
	}
}

// send queues a copy of frame for the guest, and drops it when the guest lags too far behind: nobody
// ever waits for a guest.
func (p *port) send(frame []byte) {
	f := p.copy(frame)
	select {
	case p.queue <- f:
	default:
		p.counters.rxDropped.Add(1)
		p.release(f)
	}
}

func (p *port) copy(frame []byte) []byte {
	if len(frame) > bufferSize {
		return slices.Clone(frame)
	}
	buf := p.buffers.Get().(*[bufferSize]byte)
	return buf[:copy(buf[:], frame)]
}

func (p *port) release(f []byte) {
	if cap(f) == bufferSize {
		p.buffers.Put((*[bufferSize]byte)(f[:bufferSize]))
	}
}

func (p *port) write() {
	for {
		select {
		case f := <-p.queue:
			if p.deliver(f) {
				p.counters.rxFrames.Add(1)
				p.counters.rxBytes.Add(uint64(len(f)))
			} else {
				p.counters.rxDropped.Add(1)
			}
			p.release(f)
		case <-p.closing:
			return
		}
	}
}

// deliver waits until the guest takes the frame; false when there is no guest, or no longer. The
// sending socket is a connected one because only those wake a writer when the peer's queue has room,
// and not the bound one because a connected socket hears its peer alone, which a new QEMU is not.
func (p *port) deliver(f []byte) bool {
	for range 2 { // the second time over a new connection: the first had gone stale
		out := p.connection()
		if out == nil {
			return false
		}
		_, err := out.Write(f)
		if err == nil {
			return true
		}
		if errors.Is(err, syscall.EMSGSIZE) {
			return false
		}
		p.mu.Lock()
		p.disconnect()
		p.mu.Unlock()
	}
	return false
}

func (p *port) connection() *net.UnixConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed() {
		return nil
	}
	if p.out == nil {
		// Connecting a datagram socket never waits.
		if out, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: p.local, Net: "unixgram"}); err == nil {
			p.out = out
		}
	}
	return p.out
}

// disconnect is called with mu held.
func (p *port) disconnect() {
	if p.out != nil {
		_ = p.out.Close()
		p.out = nil
	}
}

func (p *port) stats() Stats {
	c := &p.counters
	return Stats{
		TxFrames: c.txFrames.Load(), TxBytes: c.txBytes.Load(), TxDropped: c.txDropped.Load(),
		RxFrames: c.rxFrames.Load(), RxBytes: c.rxBytes.Load(), RxDropped: c.rxDropped.Load(),
	}
}

// nic is what the machine's driver must know.
func (p *port) nic() driver.NIC {
	s := p.settings.Load()
	return driver.NIC{PortID: s.ID, MAC: s.MAC, MTU: s.MTU, Local: p.local, Switch: p.bound}
}
