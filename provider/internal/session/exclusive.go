// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"sync"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// exclusive gives a server's interfaces to one operation at a time. Nova plugs them one after the other anyway, and what
// an attach whose answer was lost has made can be told only if nothing else was made beside it.
type exclusive struct {
	mu   sync.Mutex
	held map[string]chan struct{} // closed on release
}

func (e *exclusive) take(ctx context.Context, id string) (release func(), err error) {
	for {
		e.mu.Lock()
		busy, held := e.held[id]
		if !held {
			mine := make(chan struct{})
			if e.held == nil {
				e.held = map[string]chan struct{}{}
			}
			e.held[id] = mine
			e.mu.Unlock()
			return func() {
				e.mu.Lock()
				defer e.mu.Unlock()
				delete(e.held, id)
				close(mine)
			}, nil
		}
		e.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Alone waits until no other operation of this provider is busy with the thing, whose interfaces it plugs for example,
// and keeps others waiting until release is called.
func (s *Session) Alone(ctx context.Context, thing string) (release func(), err error) {
	return s.devices.take(ctx, thing)
}

// Poller watches what source has, at the pace at which servers are watched.
func Poller[T any](s *Session, source wait.Source[T]) *wait.Poller[T] {
	return wait.NewPoller(source, s.client.Clock(), pauses())
}
