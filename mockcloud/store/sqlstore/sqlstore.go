// SPDX-License-Identifier: MPL-2.0

// Package sqlstore is a store on a SQL database: the part that is the same whichever database it is.
// The engine brings connections and two tables,
//
//	rows    (tbl, id, value)                    primary key (tbl, id)
//	entries (tbl, idx, val, id, uniq boolean)   primary key (tbl, idx, val, id), index (tbl, id),
//	                                            unique (tbl, idx, val) where uniq
//
// whose text sorts by its bytes and holds any of them. The statements are standard SQL, ON CONFLICT and
// numbered placeholders, which SQLite and PostgreSQL both take.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Store is a store.Store on database/sql.
type Store struct {
	reader, writer *sql.DB
	read, write    *statements
	closed         atomic.Bool
}

// New is a store on two pools of connections to the same database, which it closes in the end. A
// read-only transaction of the reader is a snapshot; one of the writer is serializable from its very
// beginning. A writer of one connection makes the updates of this process queue where their contexts
// can end the wait.
func New(ctx context.Context, reader, writer *sql.DB) (*Store, error) {
	s := &Store{reader: reader, writer: writer}
	var err error
	if s.read, err = prepare(ctx, reader); err == nil {
		s.write, err = prepare(ctx, writer)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// View is store.Store's.
func (s *Store) View(ctx context.Context, read func(store.Tx) error) error {
	return s.run(ctx, s.reader, s.read, &sql.TxOptions{ReadOnly: true}, read)
}

// Update is store.Store's.
func (s *Store) Update(ctx context.Context, change func(store.Tx) error) error {
	return s.run(ctx, s.writer, s.write, nil, change)
}

func (s *Store) run(
	ctx context.Context, db *sql.DB, prepared *statements, opts *sql.TxOptions, body func(store.Tx) error,
) error {
	if s.closed.Load() {
		return store.ErrClosed
	}
	begun, err := db.BeginTx(ctx, opts)
	if err != nil {
		return s.explain(ctx, fmt.Errorf("begin: %w", err))
	}
	tx := &transaction{ctx: ctx, tx: begun, prepared: prepared, readOnly: opts != nil && opts.ReadOnly}
	defer func() {
		tx.done = true
		_ = begun.Rollback() // does nothing after Commit
	}()
	if err := body(tx); err != nil {
		return err
	}
	if tx.readOnly {
		return nil
	}
	if err := begun.Commit(); err != nil {
		return s.explain(ctx, fmt.Errorf("commit: %w", err))
	}
	return nil
}

// explain prefers the reason why an operation was cut short to what the driver then says.
func (s *Store) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.closed.Load() {
		return store.ErrClosed
	}
	return err
}

// Close ends the connections. Transactions that run end with an error.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	return errors.Join(s.reader.Close(), s.writer.Close())
}
