// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"os"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// QEMU stops a guest that panics (-action panic=pause), so that the panic is seen even if nobody is there to see it
// when it happens. Its kernel tells of the panic before it has printed why, so it gets a while for that.
const (
	lastWordsLimit = 3 * time.Second // less than quitLimit, when supervise kills it
	lastWordsPause = 250 * time.Millisecond
)

// panicked lets a guest that panicked print its last words, and powers it off when it is silent.
func (h *Host) panicked(m *machine, q *instance) {
	h.opts.Log.Warn("guest panicked", "machine", m.id)
	ctx, cancel := clock.WithTimeout(h.ctx, clock.Wall(), lastWordsLimit)
	defer cancel()
	if h.run(ctx, m, q, "cont", nil, nil) == nil {
		listen(ctx, m.console())
	}
	if h.ctx.Err() == nil {
		_ = h.run(context.WithoutCancel(ctx), m, q, "quit", nil, nil) // supervise kills one that does not obey
	}
}

// listen returns when a log grows no more, or ctx ends.
func listen(ctx context.Context, log string) {
	for before := int64(-1); ; {
		info, err := os.Stat(log)
		if err != nil || info.Size() == before {
			return
		}
		before = info.Size()
		if clock.Wall().Sleep(ctx, lastWordsPause) != nil {
			return
		}
	}
}
