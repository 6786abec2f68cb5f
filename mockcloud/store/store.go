// SPDX-License-Identifier: MPL-2.0

// Package store keeps a cloud's records in tables that change in transactions. The engines are in
// store/memory and store/sqlite; store/storetest holds each to the same behaviour.
package store

import (
	"context"
	"errors"
	"iter"
)

var (
	// ErrNotFound: no row has that key.
	ErrNotFound = errors.New("not found")
	// ErrExists: another row has that key, or that value in a unique index.
	ErrExists = errors.New("already exists")
	// ErrNewerSchema: the state was written by a newer mockcloud than this one.
	ErrNewerSchema = errors.New("state was written by a newer version")
	// ErrReadOnly: a Put or Delete in a View.
	ErrReadOnly = errors.New("read-only transaction")
	// ErrTxDone: a Tx was used after the View or Update that lent it.
	ErrTxDone = errors.New("transaction has ended")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("store is closed")
)

// Store is a set of tables. A table comes into being with its first row.
type Store interface {
	// View runs read on one consistent snapshot. The Tx ends with the call. Views wait for nobody and
	// nobody waits for them.
	View(ctx context.Context, read func(Tx) error) error
	// Update runs change in a serializable transaction: all of it, or, when change or the commit
	// fails, nothing. change may run more than once, so it must have no effect but on the Tx. To
	// compare and set is to read, compare and Put within one Update. Updates wait for each other, so
	// one within another waits for itself until ctx ends: use the Tx there is.
	Update(ctx context.Context, change func(Tx) error) error
	Close() error
}

// Tx is a transaction on rows as bytes; code above the store uses Table. Not safe for concurrent use.
type Tx interface {
	// Get returns the row's value (the caller must not change it), or ErrNotFound.
	Get(table, key string) ([]byte, error)
	// Put inserts the row or replaces it and all its index entries. ErrExists when a unique entry
	// belongs to another row; the row is then as it was and the Tx still good. The value is copied.
	Put(table, key string, value []byte, entries []Entry) error
	// Delete removes the row and its entries, or returns ErrNotFound.
	Delete(table, key string) error
	// Scan yields every row in the order of keys (of their bytes). Scan and Lookup yield the rows as
	// they were when the loop began; the loop's body may Put and Delete.
	Scan(table string) iter.Seq2[Row, error]
	// Lookup yields, in the order of keys, the rows with that value in that index.
	Lookup(table, index, value string) iter.Seq2[Row, error]
	// Range yields the rows that have a value in that index which is at least from and less than
	// until, in the order of values and then of keys; at most limit of them, unless that is 0. Its cost
	// does not grow with the rows outside of the range or beyond the limit.
	Range(table, index, from, until string, limit int) iter.Seq2[Row, error]
}

// Row is a stored row.
type Row struct {
	Key   string
	Value []byte
	// Memo is nil in engines that have none.
	Memo *Memo
}

// Entry puts a row into an index under a value. Of the rows of a table, at most one may have a given
// (Index, Value) that is Unique.
type Entry struct {
	Index, Value string
	Unique       bool
}
