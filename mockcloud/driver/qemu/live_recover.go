// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// settlePassage finds out whose a machine is that a live migration was taking away, or here, when the last process
// ended. The QEMUs may have gone on by themselves; the guest runs in one of them alone, or in none yet. gone: it is
// not this host's, and nothing of it is left here. Both hosts come to the same, in whichever order they are opened.
func (h *Host) settlePassage(ctx context.Context, m *machine, arrived bool, arg string, pids []int) (gone bool, err error) {
	s := &m.shape
	switch {
	case arrived:
		for _, pid := range pids {
			h.outlastPostCopy(ctx, m, pid)
		}
	case s.Leaving != nil: // so that this one can have its disks back
		return false, h.endAll(s.Leaving.Agent)
	case s.Complete:
		return false, nil
	}
	for _, pid := range pids {
		if err := h.endStray(pid, arg); err != nil {
			return false, err
		}
	}
	return true, m.remove(s.NICs)
}

// hasArrived tells whether the machine is the destination's by now. An error when the record there cannot be read: then
// neither QEMU is to be touched, since the guest is in either.
func (s *spec) hasArrived() (bool, error) {
	if s.Leaving == nil {
		return false, nil
	}
	var there spec
	err := readJSON(s.Leaving.Record, &there)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return there.Complete, err
}

// endAll ends the QEMUs that have that agent socket.
func (h *Host) endAll(agent string) error {
	arg := agentChardev(agent)
	found, err := findProcesses(func(a string) bool { return a == arg })
	if err != nil {
		return err
	}
	for _, pid := range found[arg] {
		if err := h.endStray(pid, arg); err != nil {
			return err
		}
	}
	return nil
}

// outlastPostCopy waits until the guest, which runs at the destination, needs this QEMU no more.
func (h *Host) outlastPostCopy(ctx context.Context, m *machine, pid int) {
	proc, err := openProcess(pid)
	if err != nil {
		return // it has ended
	}
	defer proc.release()
	q, _ := h.reconnect(ctx, m, proc)
	if q == nil {
		return
	}
	defer func() { _ = q.mon.Disconnect() }()
	for {
		info, err := side{h, m, q}.migration(ctx)
		if err != nil || info.Status != "postcopy-active" || clock.Wall().Sleep(ctx, postCopyEvery) != nil {
			return
		}
	}
}

// settleGuestOf lets the guest of a machine that was adopted go on, if it is to, and forgets the live migration.
func (h *Host) settleGuestOf(ctx context.Context, m *machine) error {
	s := m.spec()
	if s.Leaving == nil && s.Arriving == nil {
		return nil
	}
	if q := m.instance(); q != nil {
		here := side{h, m, q}
		var err error
		if s.Leaving != nil {
			err = errors.Join(here.giveUp(ctx), here.goOnIf(ctx, s.Leaving.Runs))
		} else {
			err = here.goOnIf(ctx, s.Arriving.Runs)
		}
		if err != nil {
			return fmt.Errorf("after a live migration that was cut off: %w", err)
		}
	}
	return m.change(func(s *spec) { s.Leaving, s.Arriving = nil, nil })
}
