// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

const (
	adoptLimit  = 5 * time.Second // for one QMP socket: its QEMU has been up for long
	endingLimit = time.Second     // for the end of a QEMU that has closed both
)

// recover makes the host's machines from what the last process left.
func (h *Host) recover(ctx context.Context) error {
	running, err := findQEMUs(h.runDir)
	if err != nil {
		return err
	}
	if err := h.loadAside(); err != nil {
		return err
	}
	dirs, err := os.ReadDir(filepath.Join(h.opts.Dir, "machines"))
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		if !goodID.MatchString(dir.Name()) {
			continue // nothing of ours
		}
		m := h.machine(dir.Name())
		arg := agentChardev(m.agent())
		if err := h.load(ctx, m, dir.Name(), arg, running[arg]); err != nil {
			return fmt.Errorf("machine %s: %w", dir.Name(), err)
		}
		delete(running, arg)
	}
	for arg, pids := range running {
		for _, pid := range pids {
			if err := h.endStray(pid, arg); err != nil {
				return err
			}
		}
	}
	return h.clearRun()
}

// load makes one machine from its directory and the processes that have its socket.
func (h *Host) load(ctx context.Context, m *machine, id, arg string, pids []int) error {
	err := m.read()
	arrived := false
	if err == nil {
		arrived, err = m.shape.hasArrived()
	}
	m.shape.ID = id
	m.state = driver.Shutdown
	unreadable := false
	switch {
	case errors.Is(err, fs.ErrNotExist): // of a Destroy or a Spawn that had just ended or begun
		m.shape.Complete = false
	case err != nil:
		// Its files, and its QEMU, are left for whoever can read them. What we half understand decides nothing.
		unreadable, m.err, m.state = true, err, driver.NoState
		m.shape.Leaving, m.shape.Arriving = nil, nil
		h.opts.Log.Error("machine is unreadable", "machine", id, "error", err)
	case !m.shape.Complete:
		m.err, m.state = driver.ErrInterrupted, driver.NoState
	}
	if m.shape.Leaving != nil || m.shape.Arriving != nil {
		if gone, err := h.settlePassage(ctx, m, arrived, arg, pids); gone || err != nil {
			return err
		}
	}
	stopped := false
	if m.err == nil && m.shape.Complete {
		if stopped, err = h.settleFiles(m); err != nil {
			return err
		}
		m.state = m.offState()
	}
	runs := unreadable || m.err == nil && m.shape.Complete && !m.shape.Suspended
	for _, pid := range pids {
		if runs && m.on == nil && h.adopt(ctx, m, pid, arg) {
			h.settleGuest(ctx, m, stopped)
			continue
		}
		if err := h.endStray(pid, arg); err != nil {
			return err
		}
	}
	if m.err == nil && !m.shape.Complete {
		return m.remove(nil)
	}
	if err := h.settleGuestOf(ctx, m); err != nil {
		h.opts.Log.Error("guest not as it should be", "machine", id, "error", err)
	}
	return h.add(m)
}

// read reads what the machine is, after a rebuild that was cut off has been finished. That is not begun on a machine
// whose record cannot be read.
func (m *machine) read() error {
	var s spec
	err := readJSON(m.record(), &s)
	if err == nil {
		err = m.finishRebuild()
	}
	if err != nil {
		return err
	}
	return readJSON(m.record(), &m.shape)
}

// adopt takes hold of the process if it is the one that the machine's last boot recorded, and that
// boot was completed. That of a machine which cannot be read has its socket, and that is all we know.
func (h *Host) adopt(ctx context.Context, m *machine, pid int, arg string) bool {
	var record pidRecord
	recorded := readJSON(m.pid(), &record) == nil
	if m.err == nil && !recorded || recorded && record.PID != pid {
		return false // the host's process ended before it wrote the record: QEMU is still stopped
	}
	proc, err := openProcess(pid)
	if err != nil {
		return false
	}
	if recorded && proc.start != record.Start || !slices.Contains(arguments(pid), arg) {
		proc.release()
		return false
	}
	q, state := h.reconnect(ctx, m, proc)
	if q == nil {
		proc.release()
		return false
	}
	if m.err == nil { // else nobody knows which volumes are the machine's
		settling, cancel := clock.WithTimeout(ctx, clock.Wall(), adoptLimit)
		defer cancel()
		if err := h.settleVolumes(settling, m, q); err != nil {
			h.opts.Log.Error("volumes not settled", "machine", m.id, "pid", pid, "error", err)
		}
	}
	h.opts.Log.Info("machine adopted", "machine", m.id, "pid", pid, "state", state)
	m.turnOn(q, state)
	h.tasks.Go(func() { h.supervise(m, q) })
	return true
}

// reconnect speaks QMP to a running QEMU: on its second socket, should the first be taken. A QEMU
// that answers on neither runs all the same, and can be killed; only one whose guest was never let
// go is none.
func (h *Host) reconnect(ctx context.Context, m *machine, proc *process) (*instance, driver.State) {
	var q *instance
	for _, socket := range []string{m.qmp(), m.qmp2()} {
		if q != nil { // its first socket is given up, with all that listens there
			_ = q.mon.Disconnect()
		}
		var err error
		if q, err = h.connect(ctx, proc, socket, adoptLimit); err != nil {
			h.opts.Log.Error("QEMU does not answer", "machine", m.id, "pid", proc.pid, "socket", socket, "error", err)
			continue
		}
		var reply struct{ Status string }
		if err := h.run(ctx, m, q, "query-status", nil, &reply); err != nil {
			continue
		}
		switch reply.Status {
		case "prelaunch":
			_ = q.mon.Disconnect()
			return nil, driver.NoState
		case "paused", "io-error", "postmigrate", "finish-migrate":
			return q, driver.Paused
		case "suspended":
			return q, driver.Suspended
		case "guest-panicked", "internal-error":
			q.shutdown = "guest-panic" // it ends so; see settleGuest
			return q, driver.Crashed
		default:
			return q, driver.Running
		}
	}
	if proc.ends(endingLimit) { // it had been told to, or was killed
		_ = q.mon.Disconnect()
		return nil, driver.NoState
	}
	return q, driver.Running
}

// endStray kills a QEMU that no machine has, after making sure that pid is still that QEMU.
func (h *Host) endStray(pid int, arg string) error {
	proc, err := openProcess(pid)
	if err != nil {
		return nil //nolint:nilerr // it has ended
	}
	if !slices.Contains(arguments(pid), arg) {
		proc.release()
		return nil
	}
	h.opts.Log.Warn("ending a QEMU that belongs to no machine", "pid", pid)
	return end(proc)
}

// clearRun removes the sockets of machines that are no more.
func (h *Host) clearRun() error {
	entries, err := os.ReadDir(h.runDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if _, err := h.find(e.Name()); err != nil {
			if err := os.RemoveAll(filepath.Join(h.runDir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
