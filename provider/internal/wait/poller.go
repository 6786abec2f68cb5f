// SPDX-License-Identifier: MPL-2.0

package wait

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// Source is where a Poller looks.
type Source[T any] interface {
	// Get reads one object.
	Get(ctx context.Context, id string) (T, error)
	// List reads several at once. An id that is missing from its answer is asked for by Get, which
	// alone may say that an object is gone.
	List(ctx context.Context, ids []string) (map[string]T, error)
}

// Poller watches objects until they are what their waiters want. All waiters share its calls: one
// waiter costs a Get a round, several cost one List. Rounds begin soon after a waiter arrives and grow
// apart with Backoff, and the cloud always gets twice the time to rest that its last answer took.
//
// The goroutine that polls starts with the first waiter and ends with the last.
type Poller[T any] struct {
	source  Source[T]
	clock   Clock
	backoff Backoff

	mu      sync.Mutex
	waiters map[*waiter[T]]struct{}
	stop    context.CancelFunc // ends the polling goroutine; nil while there is none
	wake    context.CancelFunc // ends its sleep; nil while it is awake
}

type waiter[T any] struct {
	id     string
	due    time.Time
	polls  int
	result chan result[T] // holds the newest result only
}

type result[T any] struct {
	value T
	err   error
}

// NewPoller returns a poller of source.
func NewPoller[T any](source Source[T], clock Clock, backoff Backoff) *Poller[T] {
	return &Poller[T]{source: source, clock: clock, backoff: backoff, waiters: map[*waiter[T]]struct{}{}}
}

// Until returns the object with the given id as soon as done says true of it, or done's error as soon
// as it has one, or ctx's error. done is called with what each round found: an object, or the error of
// reading it. What Until returns with an error is the object as it was last seen.
func (p *Poller[T]) Until(ctx context.Context, id string, done func(T, error) (bool, error)) (T, error) {
	w := p.join(ctx, id)
	defer p.leave(w)
	var last T
	said, began := p.clock.Now(), p.clock.Now()
	for {
		select {
		case r := <-w.result:
			if r.err == nil {
				last = r.value
			}
			if ok, err := done(r.value, r.err); ok || err != nil {
				return last, err
			}
			if now := p.clock.Now(); now.Sub(said) >= silence {
				said = now
				tflog.Info(ctx, "Still waiting", progress(id, r, now.Sub(began)))
			}
		case <-ctx.Done():
			return last, ctx.Err()
		}
	}
}

// silence is after how long a wait says that it goes on.
const silence = 10 * time.Second

// Progressing is an object that can say for the log how far it is: {"status": "BUILD"}.
type Progressing interface{ Progress() map[string]any }

func progress[T any](id string, r result[T], waited time.Duration) map[string]any {
	fields := map[string]any{"id": id, "waited": waited.Round(time.Second).String()}
	if r.err != nil {
		fields["error"] = r.err.Error()
		return fields
	}
	if says, ok := any(r.value).(Progressing); ok {
		maps.Copy(fields, says.Progress())
	}
	return fields
}

func (p *Poller[T]) join(ctx context.Context, id string) *waiter[T] {
	w := &waiter[T]{id: id, due: p.clock.Now().Add(p.backoff.Pause(0)), result: make(chan result[T], 1)}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiters[w] = struct{}{}
	if p.stop == nil {
		// The first waiter may leave before the others: they take its context's values, not its end.
		polling, stop := context.WithCancel(context.WithoutCancel(ctx))
		p.stop = stop
		go p.run(polling)
	} else if p.wake != nil {
		p.wake()
	}
	return w
}

func (p *Poller[T]) leave(w *waiter[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiters, w)
	if len(p.waiters) == 0 {
		p.stop()
		p.stop = nil
	}
}

func (p *Poller[T]) run(ctx context.Context) {
	rested := p.clock.Now()
	for ctx.Err() == nil {
		if !p.sleep(ctx, rested) {
			continue // a waiter came or the last one left: look again
		}
		began := p.clock.Now()
		p.round(ctx)
		ended := p.clock.Now()
		rested = ended.Add(2 * ended.Sub(began))
	}
}

// sleep waits until the first waiter is due and the cloud has rested; false if it was woken.
func (p *Poller[T]) sleep(ctx context.Context, rested time.Time) bool {
	p.mu.Lock()
	if ctx.Err() != nil {
		p.mu.Unlock()
		return false
	}
	var due time.Time
	for w := range p.waiters {
		if due.IsZero() || w.due.Before(due) {
			due = w.due
		}
	}
	if due.Before(rested) {
		due = rested
	}
	sleeping, wake := context.WithCancel(ctx)
	p.wake = wake
	p.mu.Unlock()

	err := p.clock.Sleep(sleeping, due.Sub(p.clock.Now()))

	p.mu.Lock()
	defer p.mu.Unlock()
	wake()
	if ctx.Err() == nil { // else wake belongs to a younger goroutine
		p.wake = nil
	}
	return err == nil
}

// round reads what all present waiters wait for and hands it to them.
func (p *Poller[T]) round(ctx context.Context) {
	p.mu.Lock()
	present := make([]*waiter[T], 0, len(p.waiters))
	ids := make([]string, 0, len(p.waiters))
	for w := range p.waiters {
		present = append(present, w)
		ids = append(ids, w.id)
	}
	p.mu.Unlock()

	var found map[string]T
	if len(ids) > 1 {
		// A list that fails is no answer about any of them: each is then asked for by itself.
		found, _ = p.source.List(ctx, ids)
	}
	for _, w := range present {
		value, ok := found[w.id]
		var err error
		if !ok {
			value, err = p.source.Get(ctx, w.id)
		}
		if ctx.Err() != nil {
			return
		}
		p.deliver(w, result[T]{value, err})
	}
}

func (p *Poller[T]) deliver(w *waiter[T], r result[T]) {
	now := p.clock.Now()
	p.mu.Lock()
	if !now.Before(w.due) {
		w.polls++
	}
	w.due = now.Add(p.backoff.Pause(w.polls))
	p.mu.Unlock()
	select {
	case <-w.result: // an older result that nobody took yet
	default:
	}
	w.result <- r
}
