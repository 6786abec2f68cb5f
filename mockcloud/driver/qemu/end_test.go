// SPDX-License-Identifier: MPL-2.0

package qemu

import "testing"

// TestEndOfWhatHasJustEnded: between the moment at which the supervisor has let go of a process that is no more and that
// at which it says so, ending the machine is no failure.
func TestEndOfWhatHasJustEnded(t *testing.T) {
	t.Parallel()
	h := opened(t)
	m, err := h.find(spawn(t, h, bootSector(deaf)))
	mustGo(t, err)
	q := m.instance()
	mustGo(t, q.proc.kill())
	eventually(t, "the end", func() bool { return gone(q) })
	told := &instance{proc: q.proc, mon: q.mon, gone: make(chan struct{})}
	ended := make(chan error, 1)
	go func() { ended <- h.end(m, told) }()
	close(told.gone)
	mustGo(t, <-ended)
}
