// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"net"
	"sync"
)

// serialBacklog is how much output a viewer may be behind before it is let go: the guest never waits for one.
const serialBacklog = 1 << 20

// serialLine is a machine's serial port shared out. QEMU's socket has one client: us, from the first time that
// somebody wants the port until QEMU ends or we do. QEMU writes the log whether we are there or not.
type serialLine struct {
	mu    sync.Mutex
	party *party // nil while nobody has asked
}

// party are those who share a serial port. What the guest says goes to all, what any of them types to the guest.
type party struct {
	listener *net.UnixListener
	typed    chan []byte

	mu      sync.Mutex
	viewers map[*viewer]bool
}

// shareSerial listens at viewers for as long as q runs and the host is open.
func (h *Host) shareSerial(m *machine, q *instance) error {
	m.line.mu.Lock()
	defer m.line.mu.Unlock()
	if m.line.party != nil {
		return nil
	}
	if err := removeFile(m.viewers()); err != nil { // of a process that was killed
		return err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: m.viewers(), Net: "unix"})
	if err != nil {
		return err
	}
	p := &party{listener: listener, typed: make(chan []byte), viewers: map[*viewer]bool{}}
	m.line.party = p
	h.tasks.Go(func() {
		ctx, cancel := context.WithCancel(h.ctx)
		defer cancel()
		if err := p.serve(ctx, m.serial()); err != nil && ctx.Err() == nil {
			h.opts.Log.Warn("serial port not shared", "machine", m.id, "pid", q.proc.pid, "error", err)
		}
		m.line.mu.Lock()
		defer m.line.mu.Unlock()
		m.line.party = nil // the socket is gone by now
	})
	return nil
}

// serve connects to the port and carries until it hangs up or ctx ends.
func (p *party) serve(ctx context.Context, port string) error {
	defer p.listener.Close() // which removes the socket
	line, err := new(net.Dialer).DialContext(ctx, "unix", port)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	context.AfterFunc(ctx, func() {
		_ = p.listener.Close()
		_ = line.Close()
	})
	var tasks sync.WaitGroup
	tasks.Go(func() { p.admit(ctx, &tasks) })
	tasks.Go(func() { p.write(ctx, line) })
	p.spread(line)
	cancel()
	tasks.Wait()
	return nil
}

// spread hands what the guest says to all viewers.
func (p *party) spread(line net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := line.Read(buffer)
		p.mu.Lock()
		for v := range p.viewers {
			v.add(buffer[:n])
		}
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// write sends what is typed. A guest that does not read holds up those who type, and nobody else.
func (p *party) write(ctx context.Context, line net.Conn) {
	for {
		select {
		case b := <-p.typed:
			if _, err := line.Write(b); err != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// admit takes viewers in.
func (p *party) admit(ctx context.Context, tasks *sync.WaitGroup) {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		v := &viewer{conn: conn, wake: make(chan struct{}, 1)}
		p.mu.Lock()
		p.viewers[v] = true
		p.mu.Unlock()
		tasks.Go(func() {
			p.attend(ctx, v)
			p.mu.Lock()
			defer p.mu.Unlock()
			delete(p.viewers, v)
		})
	}
}

// attend serves a viewer until it hangs up, falls behind, or ctx ends.
func (p *party) attend(ctx context.Context, v *viewer) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(ctx, func() { _ = v.conn.Close() })
	defer stop()
	var shows sync.WaitGroup
	shows.Go(func() {
		defer cancel()
		v.show(ctx)
	})
	for {
		b := make([]byte, 1<<10) // handed over
		n, err := v.conn.Read(b)
		if err != nil {
			break
		}
		select {
		case p.typed <- b[:n]:
		case <-ctx.Done():
		}
	}
	cancel()
	shows.Wait()
}

// viewer is one of those on a serial port.
type viewer struct {
	conn net.Conn
	wake chan struct{}

	mu     sync.Mutex
	behind []byte // what it has yet to be shown
	lost   bool   // it is too far behind
}

func (v *viewer) add(b []byte) {
	if len(b) == 0 {
		return
	}
	v.mu.Lock()
	if v.lost = v.lost || len(v.behind)+len(b) > serialBacklog; !v.lost {
		v.behind = append(v.behind, b...)
	}
	v.mu.Unlock()
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

func (v *viewer) take() (b []byte, lost bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	b, v.behind = v.behind, nil
	return b, v.lost
}

// show writes what there is to be shown, until it cannot.
func (v *viewer) show(ctx context.Context) {
	for {
		select {
		case <-v.wake:
		case <-ctx.Done():
			return
		}
		b, lost := v.take()
		if _, err := v.conn.Write(b); err != nil || lost {
			return
		}
	}
}
