// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

// instance is a machine that is on: a QEMU and our connection to it.
type instance struct {
	proc   *process
	mon    *qmp.Client
	events <-chan qmp.Event
	gone   chan struct{}      // closed once the process has ended and its machine knows
	reset  chan struct{}      // has a token when the guest has reset itself
	asks   chan chan struct{} // see noted
	wanted atomic.Bool        // its guest was asked for a device that it has kept so far

	// Of supervise alone:
	shutdown string // SHUTDOWN's reason, once it has come
}

// boot powers the machine on and returns when its guest runs. What a suspended one had in memory is lost.
func (h *Host) boot(ctx context.Context, m *machine) error {
	if err := m.forgetMemory(); err != nil {
		return err
	}
	if err := m.change(func(s *spec) { s.Ports = s.ports() }); err != nil {
		return err
	}
	if err := h.takeSlot(ctx); err != nil {
		return err
	}
	q, err := h.launch(ctx, m, nil)
	if err != nil {
		h.freeSlot()
		return err
	}
	h.tasks.Go(func() {
		defer h.freeSlot()
		h.settle(q)
	})
	if err := h.turn(ctx, m, q, "cont"); err != nil {
		return errors.Join(err, h.end(m, m.ask()))
	}
	return nil
}

// incoming is a guest that a QEMU takes over from another one, or from a file, instead of booting it.
type incoming struct {
	uri  string   // of -incoming
	file *os.File // inherited as incomingFD, unless nil; the caller closes it
}

// incomingFD is the descriptor of incoming.file in QEMU.
const incomingFD = 5

// launch runs QEMU with its guest stopped; in is nil for one that boots. On error nothing is left: ErrNoResources
// where this machine has not the memory.
func (h *Host) launch(ctx context.Context, m *machine, in *incoming) (*instance, error) {
	if h.ctx.Err() != nil {
		return nil, fmt.Errorf("host %s is closed", h.opts.Name)
	}
	if err := h.memory(m.spec().MemoryMiB); err != nil {
		return nil, err
	}
	q, err := h.exec(ctx, m, in)
	if err != nil {
		return nil, err
	}
	m.turnOn(q, driver.Paused)
	h.tasks.Go(func() { h.supervise(m, q) })
	return q, nil
}

// exec starts QEMU with its guest stopped and negotiates QMP. On error no process is left.
func (h *Host) exec(ctx context.Context, m *machine, in *incoming) (*instance, error) {
	cmd, tidy, err := h.command(m, in)
	defer tidy()
	if err != nil {
		return nil, err
	}
	proc, err := launch(cmd)
	if err != nil {
		return nil, fmt.Errorf("starting QEMU: %w", err)
	}
	tidy() // from here on the sockets are QEMU's alone, and end with it
	err = writeJSON(m.pid(), pidRecord{PID: proc.pid, Start: proc.start})
	if err == nil {
		var q *instance
		if q, err = h.connect(ctx, proc, m.qmp(), handshakeLimit); err == nil {
			return q, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("starting QEMU: %w%s", err, complaint(m.qemuLog())), end(proc))
}

// connect makes an instance of a process by way of one of its QMP sockets. Without an error it
// owns the process.
func (h *Host) connect(ctx context.Context, proc *process, socket string, limit time.Duration) (*instance, error) {
	mon := qmp.New(socket, qmp.Options{Timeout: callLimit, Log: h.opts.Log})
	// Before the first command, so that nothing is missed; it ends with the connection.
	events, err := mon.Events(context.Background())
	if err != nil {
		return nil, err
	}
	ctx, cancel := clock.WithTimeout(ctx, clock.Wall(), limit)
	defer cancel()
	q := &instance{proc: proc, mon: mon, events: events, gone: make(chan struct{}), reset: make(chan struct{}, 1), asks: make(chan chan struct{})}
	return q, mon.Dial(ctx)
}

// command is QEMU's, with what it inherits; tidy closes our side of that and may be called twice.
func (h *Host) command(m *machine, in *incoming) (cmd *exec.Cmd, tidy func(), err error) {
	var closers []interface{ Close() error }
	tidy = func() {
		for _, c := range closers {
			_ = c.Close()
		}
		closers = nil
	}
	stale := []string{m.qmp(), m.qmp2(), m.serial(), m.vnc(), m.spice(), m.agent()}
	for _, nic := range m.spec().NICs {
		stale = append(stale, nic.Local)
	}
	for _, path := range stale {
		if err := removeFile(path); err != nil {
			return nil, tidy, err
		}
	}
	if err := ownDir(m.files.run); err != nil { // temporary directories are emptied at boot
		return nil, tidy, err
	}
	open := func(path string, flag int) (*os.File, error) {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND|flag, 0o600)
		if err == nil {
			closers = append(closers, f)
		}
		return f, err
	}
	if _, err := open(m.console(), 0); err != nil { // with our mode rather than QEMU's
		return nil, tidy, err
	}
	log, err := open(m.qemuLog(), os.O_TRUNC)
	if err != nil {
		return nil, tidy, err
	}
	cmd = &exec.Cmd{Path: h.opts.QEMU, Args: append([]string{h.opts.QEMU}, h.arguments(m, in)...), Dir: m.dir, Env: environment(), Stdout: log, Stderr: log}
	for _, path := range []string{m.qmp(), m.qmp2()} { // qmpFD, qmp2FD
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			return nil, tidy, err
		}
		l.SetUnlinkOnClose(false)
		closers = append(closers, l)
		f, err := l.File()
		if err != nil {
			return nil, tidy, err
		}
		closers = append(closers, f)
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	if in != nil && in.file != nil { // incomingFD
		cmd.ExtraFiles = append(cmd.ExtraFiles, in.file)
	}
	return cmd, tidy, nil
}

// complaint is what QEMU last said on standard error, to follow an error.
func complaint(log string) string {
	b, err := os.ReadFile(log)
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if last := lines[len(lines)-1]; err == nil && last != "" {
		return fmt.Sprintf(" (%.300s)", last)
	}
	return ""
}

// end kills a process that has no supervisor and waits for its end.
func end(p *process) error {
	defer p.release()
	if err := p.kill(); err != nil {
		return fmt.Errorf("killing QEMU %d: %w", p.pid, err)
	}
	ended := make(chan struct{})
	go func() { // ends with the process or with release
		defer close(ended)
		_, _ = p.wait()
	}()
	timer := clock.Wall().Timer(killLimit)
	defer timer.Stop()
	select {
	case <-ended:
		return nil
	case <-timer.C():
		return fmt.Errorf("QEMU %d does not die", p.pid)
	}
}

// run executes a QMP command on the machine and logs what goes wrong.
func (h *Host) run(ctx context.Context, m *machine, q *instance, command string, args, reply any) error {
	err := q.mon.Execute(ctx, command, args, reply)
	if err != nil {
		h.opts.Log.Warn("QMP command failed", "machine", m.id, "pid", q.proc.pid, "command", command, "error", err)
	}
	return err
}

// takeSlot waits until one more guest may boot.
func (h *Host) takeSlot(ctx context.Context) error {
	if h.opts.Boots == nil {
		return nil
	}
	return h.opts.Boots.Acquire(ctx, 1)
}

func (h *Host) freeSlot() {
	if h.opts.Boots != nil {
		h.opts.Boots.Release(1)
	}
}

// settle returns when the guest has grown quiet (see Options.Boots).
func (h *Host) settle(q *instance) {
	const perSecond = 100 // processor ticks of /proc: USER_HZ
	for range bootLimit / time.Second {
		before, err := q.proc.cpuTicks()
		if err != nil {
			return
		}
		timer := clock.Wall().Timer(time.Second)
		select {
		case <-timer.C():
		case <-q.gone:
			timer.Stop()
			return
		case <-h.ctx.Done():
			timer.Stop()
			return
		}
		if after, err := q.proc.cpuTicks(); err != nil || after-before < perSecond/2 {
			return
		}
	}
}
