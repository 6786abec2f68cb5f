// SPDX-License-Identifier: MPL-2.0

// Package journal keeps what happened in a cloud, so that a test or a person can read along: the last
// entries of a stream, for any number of readers who come and go.
package journal

import (
	"context"
	"sync"
)

// Journal is a stream of entries, of which it keeps the last ones. All methods are safe for concurrent
// use. Adding never waits for readers.
type Journal[T any] struct {
	mu      sync.Mutex
	ring    []T
	written int64         // how many there have been: the number of the last
	grown   chan struct{} // closed by the next Add
}

// New makes a journal that keeps the last capacity entries.
func New[T any](capacity int) *Journal[T] {
	return &Journal[T]{ring: make([]T, 0, capacity), grown: make(chan struct{})}
}

// Add appends an entry.
func (j *Journal[T]) Add(entry T) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.ring) < cap(j.ring) {
		j.ring = append(j.ring, entry)
	} else {
		j.ring[j.written%int64(cap(j.ring))] = entry
	}
	j.written++
	close(j.grown)
	j.grown = make(chan struct{})
}

// Last is the number of the newest entry; 0 when there is none.
func (j *Journal[T]) Last() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.written
}

// After returns the entries that came after that number, at most limit of them (0: all that are kept),
// the oldest first, and the number of the last one returned: what to ask After for next. Entries that
// are no longer kept are passed over.
func (j *Journal[T]) After(number int64, limit int) ([]T, int64) {
	entries, last, _ := j.after(number, limit)
	return entries, last
}

func (j *Journal[T]) after(number int64, limit int) (entries []T, last int64, grown <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	last = max(min(number, j.written), j.written-int64(len(j.ring)), 0)
	for last < j.written && (limit == 0 || len(entries) < limit) {
		entries = append(entries, j.ring[last%int64(cap(j.ring))])
		last++
	}
	return entries, last, j.grown
}

// Wait is After, but waits for an entry when there is none yet. The error is ctx's.
func (j *Journal[T]) Wait(ctx context.Context, number int64, limit int) ([]T, int64, error) {
	for {
		entries, last, grown := j.after(number, limit)
		if len(entries) > 0 {
			return entries, last, nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return nil, last, ctx.Err()
		}
	}
}
