// SPDX-License-Identifier: MPL-2.0

package clock

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// Manual is a clock that stands still until a test turns it. Whoever waits on it wakes in the order of
// time, and of asking where the times are equal.
type Manual struct {
	mu      sync.Mutex
	now     time.Time
	asked   uint64 // how many have waited so far; breaks ties
	waiters waiters
	changed chan struct{} // closed and renewed whenever somebody begins to wait
}

// NewManual is a Manual that stands at start.
func NewManual(start time.Time) *Manual {
	return &Manual{now: start.UTC(), changed: make(chan struct{})}
}

func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *Manual) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	timer := m.Timer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *Manual) Timer(d time.Duration) Timer {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := &waiter{clock: m, at: m.now.Add(d), order: m.asked, c: make(chan time.Time, 1), place: fired}
	m.asked++
	if d <= 0 {
		w.c <- m.now
		return w
	}
	heap.Push(&m.waiters, w)
	close(m.changed)
	m.changed = make(chan struct{})
	return w
}

// Advance turns the clock on by d and wakes, at its own moment, everybody whose time has come. It does
// not wait for those who wake: what they do next happens at the new time, so a loop that sleeps again
// needs an Advance of its own (with BlockUntil before it).
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	end := m.now.Add(max(d, 0))
	for len(m.waiters) > 0 && !m.waiters[0].at.After(end) {
		w := heap.Pop(&m.waiters).(*waiter)
		m.now = w.at
		w.c <- w.at
	}
	m.now = end
}

// Next turns the clock on to the moment of whoever is to wake first and wakes those of that moment;
// false, and nothing happens, if nobody waits.
func (m *Manual) Next() bool {
	m.mu.Lock()
	if len(m.waiters) == 0 {
		m.mu.Unlock()
		return false
	}
	d := m.waiters[0].at.Sub(m.now)
	m.mu.Unlock()
	m.Advance(d)
	return true
}

// Waiters is how many timers and sleepers wait.
func (m *Manual) Waiters() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.waiters)
}

// BlockUntil returns nil once at least n wait, or ctx's error.
func (m *Manual) BlockUntil(ctx context.Context, n int) error {
	for {
		m.mu.Lock()
		waiting, changed := len(m.waiters), m.changed
		m.mu.Unlock()
		if waiting >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// fired is the place of a waiter that no longer waits.
const fired = -1

type waiter struct {
	clock *Manual
	at    time.Time
	order uint64
	c     chan time.Time
	place int // in the heap
}

func (w *waiter) C() <-chan time.Time { return w.c }

func (w *waiter) Stop() bool {
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	if w.place == fired {
		return false
	}
	heap.Remove(&w.clock.waiters, w.place)
	return true
}

// waiters is a heap, the first to wake on top.
type waiters []*waiter

func (h waiters) Len() int { return len(h) }

func (h waiters) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].order < h[j].order
	}
	return h[i].at.Before(h[j].at)
}

func (h waiters) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *waiters) Push(x any) {
	w := x.(*waiter)
	w.place = len(*h)
	*h = append(*h, w)
}

func (h *waiters) Pop() any {
	last := len(*h) - 1
	w := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	w.place = fired
	return w
}
