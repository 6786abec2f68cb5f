// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// process is a QEMU, our child or an adopted one. It is held by a pidfd, which cannot come to mean
// another process as a pid can. Linux 5.10 or newer.
type process struct {
	pid   int
	start uint64 // clock ticks since boot: with pid, the process's identity in /proc
	fd    *os.File
}

// launch runs cmd in a session of its own, so that it outlives us and hears none of our signals.
func launch(cmd *exec.Cmd) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	// Until wait reaps it the pid is its own, dead or not.
	p, err := openProcess(cmd.Process.Pid)
	if err != nil {
		_ = cmd.Process.Kill() // what cannot be watched must not run
		_ = cmd.Wait()
		return nil, err
	}
	_ = cmd.Process.Release() // process.wait reaps it
	return p, nil
}

// openProcess takes hold of a running process.
func openProcess(pid int) (*process, error) {
	fd, err := unix.PidfdOpen(pid, unix.PIDFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("pidfd_open(%d): %w", pid, err)
	}
	// Read after pidfd_open: if pid changed hands before, this is the new owner's, as the fd is.
	start, _, err := procStat(pid)
	if err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return &process{pid: pid, start: start, fd: os.NewFile(uintptr(fd), "pidfd")}, nil
}

// wait returns once the process has ended, with words for how when it was our child, or with
// os.ErrClosed once release was called.
func (p *process) wait() (how string, err error) {
	conn, err := p.fd.SyscallConn()
	if err != nil {
		return "", err
	}
	child := false
	err = conn.Read(func(fd uintptr) bool {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if n, err := unix.Poll(poll, 0); n == 0 || err != nil {
			return false
		}
		// An adopted process is its parent's to reap, and we learn no status.
		var info unix.Siginfo
		child = unix.Waitid(unix.P_PIDFD, int(fd), &info, unix.WEXITED|unix.WNOWAIT, nil) == nil
		return true
	})
	if err != nil || !child {
		return "", err
	}
	var status unix.WaitStatus
	if _, err := unix.Wait4(p.pid, &status, 0, nil); err != nil {
		return "", nil //nolint:nilerr // it has ended all the same
	}
	return exitWords(status), nil
}

// ends tells whether the process ends within limit.
func (p *process) ends(limit time.Duration) (ended bool) {
	conn, err := p.fd.SyscallConn()
	if err != nil {
		return false
	}
	err = conn.Control(func(fd uintptr) {
		const steps = 20 // a signal cuts one short
		for n := 0; n < steps && !ended; n++ {
			poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
			ready, err := unix.Poll(poll, int(limit.Milliseconds()/steps))
			ended = ready > 0 && err == nil
		}
	})
	return ended && err == nil
}

// exitWords is empty for a normal exit.
func exitWords(status unix.WaitStatus) string {
	switch {
	case status.Signaled():
		return fmt.Sprintf("was killed by signal %d (%s)", status.Signal(), status.Signal())
	case status.ExitStatus() != 0:
		return fmt.Sprintf("exited with status %d", status.ExitStatus())
	default:
		return ""
	}
}

// kill ends the process at once; nil when it has ended already.
func (p *process) kill() error {
	conn, err := p.fd.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	if err := conn.Control(func(fd uintptr) {
		sent = unix.PidfdSendSignal(int(fd), unix.SIGKILL, nil, 0)
	}); err != nil {
		return err
	}
	if errors.Is(sent, unix.ESRCH) {
		return nil
	}
	return sent
}

// release lets go of the process, which runs on.
func (p *process) release() { _ = p.fd.Close() }

// cpuTicks is the processor time used so far, in 1/100 s.
func (p *process) cpuTicks() (uint64, error) {
	start, ticks, err := procStat(p.pid)
	if err == nil && start != p.start {
		err = os.ErrProcessDone
	}
	return ticks, err
}

// procStat reads a process's start time and its used processor time (utime + stime).
func procStat(pid int) (start, ticks uint64, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, err
	}
	// The name, in parentheses, may contain anything; fields are counted from behind it.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	const utime, stime, starttime = 11, 12, 19
	if len(fields) <= starttime {
		return 0, 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	var values [3]uint64
	for i, at := range [3]int{starttime, utime, stime} {
		if values[i], err = strconv.ParseUint(fields[at], 10, 64); err != nil {
			return 0, 0, fmt.Errorf("/proc/%d/stat: %w", pid, err)
		}
	}
	return values[0], values[1] + values[2], nil
}

// findProcesses tells which running processes have one of the wanted arguments in their command
// line, by that argument.
func findProcesses(wanted func(arg string) bool) (map[string][]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	found := map[string][]int{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		for _, arg := range arguments(pid) {
			if wanted(arg) {
				found[arg] = append(found[arg], pid)
				break
			}
		}
	}
	return found, nil
}

// arguments is a process's command line; none if it has ended or is another user's, who may say there what he likes.
func arguments(pid int) []string {
	var owner unix.Stat_t
	if err := unix.Stat(fmt.Sprintf("/proc/%d", pid), &owner); err != nil || int(owner.Uid) != os.Getuid() {
		return nil
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(b), "\x00"), "\x00")
}
