// SPDX-License-Identifier: MPL-2.0

package network

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
)

// queueLen bounds the frames that wait for one guest: 512 full frames are 6 ms of a gigabit.
const queueLen = 512

// binding is a port on one host (Neutron: port binding): a pair of sockets, the goroutine that reads the
// guest's frames and the one that writes frames to the guest. While a machine moves, its port has two.
type binding struct {
	port    *port
	host    string
	local   string // the guest's socket
	bound   string // our socket
	conn    *net.UnixConn
	queue   chan []byte
	closing chan struct{}
	done    sync.WaitGroup

	mu  sync.Mutex
	out *net.UnixConn // connected to local; nil: not yet, or no longer
}

// newBinding binds our socket. A socket file left by an earlier process is replaced: the guest sends to
// the path, so it finds the new socket.
func newBinding(p *port, dir, host string) (*binding, error) {
	local, bound := socketPaths(dir, p.settings.Load().ID, host)
	if err := os.Remove(bound); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: bound, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	return &binding{
		port: p, host: host, local: local, bound: bound, conn: conn,
		queue: make(chan []byte, queueLen), closing: make(chan struct{}),
	}, nil
}

// start begins to read and write; the network must know the port.
func (b *binding) start() {
	b.done.Go(b.read)
	b.done.Go(b.write)
}

// close ends the goroutines and removes our socket; wait returns when they are gone.
func (b *binding) close() {
	close(b.closing)
	_ = b.conn.Close()
	_ = os.Remove(b.bound)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.disconnect()
}

func (b *binding) closed() bool {
	select {
	case <-b.closing:
		return true
	default:
		return false
	}
}

func (b *binding) wait() { b.done.Wait() }

// read takes the guest's frames. Whatever the guest sends, it is here that it sends it: after a migration
// QEMU announces the machine by RARP for no other purpose.
func (b *binding) read() {
	buf := make([]byte, maxMTU+ethernetLen+vlanTagLen)
	for {
		n, err := b.conn.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // one datagram is lost; the socket is not
		}
		if b.port.active.Load() != b {
			b.port.moveTo(b)
		}
		if !b.port.carry(buf[:n]) {
			b.port.network.receive(b.port, buf[:n])
		}
	}
}

// send queues a copy of a port's frame for the guest, and drops it when the guest lags too far behind: nobody
// ever waits for a guest.
func (b *binding) send(p *port, frame []byte) {
	f := b.copy(frame, p.vlan)
	select {
	case b.queue <- f:
	default:
		b.port.counters.rxDropped.Add(1)
		b.release(f)
	}
}

func (b *binding) copy(frame []byte, vlan uint16) []byte {
	switch {
	case len(frame) > bufferSize-vlanTagLen && vlan != 0:
		return tag(nil, frame, vlan)
	case len(frame) > bufferSize:
		return slices.Clone(frame)
	}
	buf := b.port.buffers.Get().(*[bufferSize]byte)
	if vlan != 0 {
		return tag(buf[:0], frame, vlan)
	}
	return buf[:copy(buf[:], frame)]
}

func (b *binding) release(f []byte) {
	if cap(f) == bufferSize {
		b.port.buffers.Put((*[bufferSize]byte)(f[:bufferSize]))
	}
}

func (b *binding) write() {
	counters := &b.port.counters
	for {
		select {
		case f := <-b.queue:
			if b.deliver(f) {
				counters.rxFrames.Add(1)
				counters.rxBytes.Add(uint64(len(f)))
			} else {
				counters.rxDropped.Add(1)
			}
			b.release(f)
		case <-b.closing:
			return
		}
	}
}

// deliver waits until the guest takes the frame; false when there is no guest, or no longer. The
// sending socket is a connected one because only those wake a writer when the peer's queue has room,
// and not the bound one because a connected socket hears its peer alone, which a new QEMU is not.
func (b *binding) deliver(f []byte) bool {
	for range 2 { // the second time over a new connection: the first had gone stale
		out := b.connection()
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
		b.mu.Lock()
		b.disconnect()
		b.mu.Unlock()
	}
	return false
}

func (b *binding) connection() *net.UnixConn {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed() {
		return nil
	}
	if b.out == nil {
		// Connecting a datagram socket never waits.
		if out, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: b.local, Net: "unixgram"}); err == nil {
			b.out = out
		}
	}
	return b.out
}

// disconnect is called with mu held.
func (b *binding) disconnect() {
	if b.out != nil {
		_ = b.out.Close()
		b.out = nil
	}
}
