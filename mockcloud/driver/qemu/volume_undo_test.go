// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"testing"
)

// TestSwapOfALateReply: where we gave up waiting for a swap's end, the record says which volume the guest has.
func TestSwapOfALateReply(t *testing.T) {
	t.Parallel()
	for name, swapped := range map[string]bool{"done after all": true, "not done": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plugged(t, yielding)
			one, two := p.volume(8, "content"), p.volume(8, "")
			p.must(p.AttachVolume(t.Context(), p.id, one))
			m := p.machine()
			q, s := m.instance(), m.spec()
			v := s.Volumes[0]
			next := v
			next.Volume = two
			from, into := s.volumeDisk(v), s.volumeDisk(next)
			into.size = one.Size
			events, end, err := q.follow(t.Context())
			p.must(err)
			defer end()
			p.must(p.mirror(t.Context(), m, q, events, &from, &into))
			p.must(m.changeVolume(one.ID, func(v *volume) { v.Volume = two }))
			if swapped {
				job := swapJob(into.node)
				p.must(p.run(t.Context(), m, q, "block-job-complete", obj{"device": job}, nil))
				p.must(awaitJob(t.Context(), q, events, job, jobCompleted))
			}
			err = p.undoSwap(t.Context(), m, q, events, v, two.ID, &into, context.DeadlineExceeded)
			if !swapped {
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("undoSwap = %v", err)
				}
				p.holds(one)
				return
			}
			p.must(err)
			p.must(p.dropNodes(t.Context(), m, q, &from))
			p.holds(two)
			p.begins(two.Path, "content")
		})
	}
}
