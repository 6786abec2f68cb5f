// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// overrun is the error of a netlink socket that lost messages: something happened, look again.
func overrun(err error) bool { return errors.Is(err, unix.ENOBUFS) }

// processes starts programs and reaps everything that ends, our own children and the orphans that
// PID 1 inherits. Since it waits for any child, nothing here may call exec.Cmd.Wait.
type processes struct {
	mu      sync.Mutex
	waiting map[int]chan<- syscall.WaitStatus
	empty   chan struct{} // closed when no child is left, if somebody asked
}

func newProcesses() *processes {
	return &processes{waiting: map[int]chan<- syscall.WaitStatus{}}
}

// reapForever serves SIGCHLD; it ends with ctx.
func (p *processes) reapForever(ctx context.Context) {
	died := make(chan os.Signal, 1)
	signal.Notify(died, unix.SIGCHLD)
	defer signal.Stop(died)
	for {
		p.reap()
		select {
		case <-died:
		case <-ctx.Done():
			return
		}
	}
}

// start starts a command whose standard files are *os.File (or nil) and returns its process id and
// a channel that gets its status. The lock keeps its end from being reaped before we wait for it.
func (p *processes) start(cmd *exec.Cmd) (int, <-chan syscall.WaitStatus, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return 0, nil, err
	}
	pid := cmd.Process.Pid
	done := make(chan syscall.WaitStatus, 1)
	p.waiting[pid] = done
	return pid, done, cmd.Process.Release()
}

// run is start and wait. When ctx ends first it kills the process and its group.
func (p *processes) run(ctx context.Context, cmd *exec.Cmd) (int, error) {
	pid, done, err := p.start(cmd)
	if err != nil {
		return 0, err
	}
	select {
	case status := <-done:
		return exitCode(status), nil
	case <-ctx.Done():
		_ = unix.Kill(-pid, unix.SIGKILL)
		_ = unix.Kill(pid, unix.SIGKILL)
		return exitCode(<-done), ctx.Err()
	}
}

// reap collects every child that has ended.
func (p *processes) reap() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.ECHILD):
			if p.empty != nil {
				close(p.empty)
				p.empty = nil
			}
			return
		case err != nil || pid <= 0:
			return
		}
		if done, ours := p.waiting[pid]; ours {
			done <- status
			delete(p.waiting, pid)
		}
	}
}

// allGone returns a channel that is closed once there is no child left.
func (p *processes) allGone() <-chan struct{} {
	gone := make(chan struct{})
	p.mu.Lock()
	p.empty = gone
	p.mu.Unlock()
	p.reap()
	return gone
}

// exitCode is the status as a shell shows it: 128 and the signal for a process that was killed.
func exitCode(status syscall.WaitStatus) int {
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}
