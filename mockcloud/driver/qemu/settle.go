// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// settleFiles ends what calls had left half done on disk when the last process ended: it makes the machine's
// files those that its spec tells of. It tells whether a guest that is adopted has to go on: a Suspend or a
// Resume was cut off that had stopped it.
func (h *Host) settleFiles(m *machine) (stopped bool, err error) {
	s := m.spec()
	stale, err := m.unfinished()
	if err != nil {
		return false, err
	}
	stale = append(stale, m.snapshotDraft(), m.rescueDraft())
	if s.Rescue == nil {
		stale = append(stale, m.rescue(), m.rescueConfig())
	}
	for _, path := range stale {
		if err := removeFile(path); err != nil {
			return false, err
		}
	}
	cut := []string{m.memoryDraft()}
	if !s.Suspended {
		cut = append(cut, m.memory())
	}
	for _, path := range cut {
		err := os.Remove(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		stopped = stopped || err == nil
	}
	return stopped, nil
}

// settleGuest ends what calls had left half done in the QEMU of a machine that was adopted.
func (h *Host) settleGuest(ctx context.Context, m *machine, stopped bool) {
	q := m.instance()
	if q == nil {
		return
	}
	if m.status().State == driver.Crashed { // while nobody was there to see it
		h.tasks.Go(func() { h.panicked(m, q) })
		return
	}
	if stopped {
		if err := h.goOn(ctx, m, q); err != nil {
			h.opts.Log.Error("a guest that was being suspended does not go on", "machine", m.id, "error", err)
		}
	}
	h.cancelSnapshot(m, q)
	if _, err := os.Lstat(m.frozen()); err == nil {
		h.tasks.Go(func() { _ = h.thaw(m) }) // which logs, and tries again
	}
}
