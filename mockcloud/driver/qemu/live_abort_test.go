// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"errors"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// TestAbortBesidePostCopy: between the request for post-copy and the commit an abort is refused, and post-copy is not
// asked for after an abort that was accepted.
func TestAbortBesidePostCopy(t *testing.T) {
	t.Parallel()
	for name, aborted := range map[string]bool{"abort first": true, "post-copy first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := setOut(t, driver.LiveMove{Dwell: time.Hour}) // it does not end by itself
			p.end = func(error) {}
			from, to, m := p.source.Host, p.dest.Host, p.move.Machine
			mustGo(t, from.passages.add(m.ID, p))
			defer from.passages.remove(m.ID)
			ctx := within(t)
			mustGo(t, p.prepare(ctx), p.agree(ctx))
			if !p.postCopy {
				t.Skip("this machine has no post-copy")
			}
			left, end, err := p.source.q.listen()
			mustGo(t, err)
			defer end()
			arrived, end, err := p.dest.q.listen()
			mustGo(t, err)
			defer end()
			mustGo(t, p.source.do(ctx, "stop", nil, nil), p.send(ctx)) // see halt
			eventually(t, "memory on its way", func() bool {
				info, err := p.source.migration(ctx)
				return err == nil && info.Status == "active"
			})
			if aborted {
				mustGo(t, from.AbortMigration(ctx, m.ID))
				if err := p.hurry(ctx); !errors.Is(err, driver.ErrAborted) {
					t.Errorf("hurry = %v", err)
				}
				mustGo(t, p.retreat())
				lives(t, from, m.ID)
				nothingOf(t, to, m.ID)
				return
			}
			mustGo(t, p.hurry(ctx))
			if err := from.AbortMigration(ctx, m.ID); p.committed() || !errors.Is(err, driver.ErrPostCopy) {
				t.Errorf("AbortMigration = %v", err)
			}
			mustGo(t, p.source.do(ctx, "migrate-set-parameters", obj{"max-bandwidth": fullBandwidth}, nil))
			mustGo(t, p.follow(ctx, left, arrived))
			p.leave()
			lives(t, to, m.ID)
		})
	}
}

// TestTheSourceDiesBeforeTheGuestGoesOn in post-copy: a guest that cannot be let go on, since the memory that it needs
// is lost, ends, too.
func TestTheSourceDiesBeforeTheGuestGoesOn(t *testing.T) {
	t.Parallel()
	p := setOut(t, driver.LiveMove{Dwell: time.Hour})
	ctx := within(t)
	mustGo(t, p.prepare(ctx), p.source.do(ctx, "migrate-set-parameters", obj{"max-postcopy-bandwidth": 100_000}, nil), p.agree(ctx))
	if !p.postCopy {
		t.Skip("this machine has no post-copy")
	}
	mustGo(t, p.send(ctx))
	eventually(t, "memory on its way", func() bool {
		info, err := p.source.migration(ctx)
		return err == nil && info.Status == "active"
	})
	mustGo(t, p.hurry(ctx), p.source.do(ctx, "migrate-set-parameters", obj{"max-bandwidth": fullBandwidth}, nil))
	eventually(t, "post-copy", func() bool {
		var reply struct{ Status string }
		mustGo(t, p.dest.do(ctx, "query-status", nil, &reply))
		return reply.Status == "paused"
	})
	mustGo(t, p.source.q.proc.kill())
	eventually(t, "the source's end", func() bool { return gone(p.source.q) })
	if err := p.followPostCopy(); !errors.Is(err, errPostCopyLost) || p.committed() {
		t.Errorf("followPostCopy = %v", err)
	}
	mustGo(t, p.retreat())
	nothingOf(t, p.dest.Host, p.move.Machine.ID)
}
