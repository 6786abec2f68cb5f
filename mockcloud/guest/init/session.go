// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/gliderlabs/ssh"
	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// drainTime is how long the last output of a shell may take once the shell has ended, when something
// in its background keeps the terminal open.
const drainTime = 500 * time.Millisecond

// runPiped runs a command without a terminal. Its output ends when nobody holds it open any more, as
// with OpenSSH.
func (s *sshServer) runPiped(cmd *exec.Cmd, session ssh.Session) (int, error) {
	var ours, theirs []*os.File
	defer func() { closeAll(ours); closeAll(theirs) }()
	pipe := func() (r, w *os.File, err error) { return os.Pipe() }

	stdin, input, err := pipe()
	if err != nil {
		return 0, err
	}
	ours, theirs = append(ours, input), append(theirs, stdin)
	output, stdout, err := pipe()
	if err != nil {
		return 0, err
	}
	ours, theirs = append(ours, output), append(theirs, stdout)
	errput, stderr, err := pipe()
	if err != nil {
		return 0, err
	}
	ours, theirs = append(ours, errput), append(theirs, stderr)

	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	pid, done, err := s.m.procs.start(cmd)
	if err != nil {
		return 0, err
	}
	closeAll(theirs)
	theirs = nil
	stop := s.relay(session, pid, nil)
	defer stop()

	go func() {
		_, _ = io.Copy(input, session)
		input.Close()
	}()
	copied := make(chan struct{}, 2)
	go copyOut(session, output, copied)
	go copyOut(session.Stderr(), errput, copied)
	status := <-done
	for range 2 {
		select {
		case <-copied:
		case <-session.Context().Done():
			return exitCode(status), nil
		}
	}
	return exitCode(status), nil
}

// runOnPTY runs a command on a terminal of its own, with the client's size.
func (s *sshServer) runOnPTY(cmd *exec.Cmd, session ssh.Session, size ssh.Window, resized <-chan ssh.Window) (int, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return 0, err
	}
	defer master.Close()
	resize := func(w ssh.Window) {
		_ = pty.Setsize(master, &pty.Winsize{Rows: uint16(w.Height), Cols: uint16(w.Width)})
	}
	resize(size)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr.Setctty = true
	pid, done, err := s.m.procs.start(cmd)
	slave.Close()
	if err != nil {
		return 0, err
	}
	stop := s.relay(session, pid, func(ctx context.Context) {
		for {
			select {
			case w, open := <-resized:
				if !open {
					return
				}
				resize(w)
			case <-ctx.Done():
				return
			}
		}
	})
	defer stop()

	go func() { _, _ = io.Copy(master, session) }()
	copied := make(chan struct{}, 1)
	go copyOut(session, master, copied)
	status := <-done
	ctx, cancel := clock.WithTimeout(session.Context(), s.m.clock, drainTime)
	defer cancel()
	select {
	case <-copied:
	case <-ctx.Done():
	}
	return exitCode(status), nil
}

// relay passes the client's signals to the process, hangs up when the client is gone, and runs also,
// if given. stop ends all of it; the process must not be signalled once it is reaped, as its id may
// then be another's.
func (s *sshServer) relay(session ssh.Session, pid int, also func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(session.Context())
	signals := make(chan ssh.Signal, 1)
	session.Signals(signals)
	if also != nil {
		go also(ctx)
	}
	go func() {
		for {
			select {
			case name := <-signals:
				if number, known := sshSignals[name]; known {
					_ = unix.Kill(-pid, number)
				}
			case <-ctx.Done():
				if session.Context().Err() != nil {
					_ = unix.Kill(-pid, unix.SIGHUP)
				}
				return
			}
		}
	}()
	return func() {
		session.Signals(nil)
		cancel()
	}
}

// sshSignals are those of RFC 4254 section 6.10.
var sshSignals = map[ssh.Signal]syscall.Signal{
	ssh.SIGABRT: unix.SIGABRT, ssh.SIGALRM: unix.SIGALRM, ssh.SIGFPE: unix.SIGFPE, ssh.SIGHUP: unix.SIGHUP,
	ssh.SIGILL: unix.SIGILL, ssh.SIGINT: unix.SIGINT, ssh.SIGKILL: unix.SIGKILL, ssh.SIGPIPE: unix.SIGPIPE,
	ssh.SIGQUIT: unix.SIGQUIT, ssh.SIGSEGV: unix.SIGSEGV, ssh.SIGTERM: unix.SIGTERM,
	ssh.SIGUSR1: unix.SIGUSR1, ssh.SIGUSR2: unix.SIGUSR2,
}

func copyOut(to io.Writer, from io.Reader, done chan<- struct{}) {
	_, _ = io.Copy(to, from)
	done <- struct{}{}
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
