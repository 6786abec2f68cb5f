// SPDX-License-Identifier: MPL-2.0

// Package memory keeps a store in the process: the default of a cloud in a Go test.
//
// The whole state is one immutable value behind an atomic pointer. A View takes the pointer and reads
// on, however long it likes, without a lock; an Update builds the next value beside it and publishes it
// at the end. A lock held by readers would be as short to write, but a slow listing would then stop
// every change, and one View within another could deadlock behind a waiting Update.
package memory

import (
	"context"
	"sync/atomic"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// New is an empty store.
func New() store.Store {
	s := &memory{writer: make(chan struct{}, 1)}
	s.state.Store(&state{})
	return s
}

type memory struct {
	state  atomic.Pointer[state]
	writer chan struct{} // holds a token while an Update runs; unlike a mutex, its wait can be given up
	closed atomic.Bool
	plans  store.Plans
}

// state is all rows and all index entries of all tables; a copy of it is a snapshot.
type state struct {
	rows    *tree[rowKey, record]
	entries *tree[entryKey, bool] // true: unique
}

type record struct {
	value   []byte
	entries []store.Entry
	memo    *store.Memo
}

func (s *memory) View(ctx context.Context, read func(store.Tx) error) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	tx := &transaction{ctx: ctx, plans: &s.plans, state: *s.state.Load(), readOnly: true}
	defer func() { tx.done = true }()
	return read(tx)
}

func (s *memory) Update(ctx context.Context, change func(store.Tx) error) error {
	select {
	case s.writer <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.writer }()
	if err := s.ready(ctx); err != nil {
		return err
	}
	tx := &transaction{ctx: ctx, plans: &s.plans, state: *s.state.Load()}
	defer func() { tx.done = true }()
	if err := change(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if tx.changed {
		s.state.Store(&tx.state)
	}
	return nil
}

// Close waits for the Update that runs, if one does.
func (s *memory) Close() error {
	s.closed.Store(true)
	s.writer <- struct{}{}
	<-s.writer
	return nil
}

func (s *memory) ready(ctx context.Context) error {
	if s.closed.Load() {
		return store.ErrClosed
	}
	return ctx.Err()
}
