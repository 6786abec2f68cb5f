// SPDX-License-Identifier: MPL-2.0

package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
)

// Table is the typed view of one table: T is kept as JSON. A Table is a constant; declare it once
// per package, next to T.
type Table[T any] struct {
	Name string
	// Key is a row's key, unique in the table.
	Key     func(*T) string
	Indexes []Index[T]
}

// Index finds rows by what Of says of them; a row may have no value, one or many.
type Index[T any] struct {
	Name   string
	Of     func(*T) []string
	Unique bool
}

// Get returns the row with that key, or ErrNotFound.
func (t *Table[T]) Get(tx Tx, key string) (*T, error) {
	if memoized, ok := tx.(Memoizer); ok {
		row, err := memoized.GetRow(t.Name, key)
		if err != nil {
			return nil, err
		}
		return t.decode(row)
	}
	value, err := tx.Get(t.Name, key)
	if err != nil {
		return nil, err
	}
	return t.decode(Row{Key: key, Value: value})
}

// Insert adds a row; ErrExists when its key or a unique value is taken.
func (t *Table[T]) Insert(tx Tx, row *T) error {
	if _, err := tx.Get(t.Name, t.Key(row)); err == nil {
		return ErrExists
	} else if !errors.Is(err, ErrNotFound) {
		return err
	}
	return t.Put(tx, row)
}

// Put inserts the row or replaces the one with its key.
func (t *Table[T]) Put(tx Tx, row *T) error {
	value, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("table %s: %w", t.Name, err)
	}
	var entries []Entry
	for _, index := range t.Indexes {
		for _, v := range index.Of(row) {
			entries = append(entries, Entry{Index: index.Name, Value: v, Unique: index.Unique})
		}
	}
	return tx.Put(t.Name, t.Key(row), value, entries)
}

// Delete removes the row with that key, or returns ErrNotFound.
func (t *Table[T]) Delete(tx Tx, key string) error { return tx.Delete(t.Name, key) }

// All returns every row, in the order of keys.
func (t *Table[T]) All(tx Tx) ([]*T, error) { return t.collect(tx.Scan(t.Name)) }

// By returns the rows with that value in that index, in the order of keys.
func (t *Table[T]) By(tx Tx, index, value string) ([]*T, error) {
	return t.collect(tx.Lookup(t.Name, index, value))
}

// Range returns the rows with a value in that index that is at least from and less than until, in the
// order of values; at most limit of them, unless that is 0.
func (t *Table[T]) Range(tx Tx, index, from, until string, limit int) ([]*T, error) {
	return t.collect(tx.Range(t.Name, index, from, until, limit))
}

// One returns the row with that value in a unique index, or ErrNotFound.
func (t *Table[T]) One(tx Tx, index, value string) (*T, error) {
	rows, err := t.By(tx, index, value)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, ErrNotFound
	}
	return rows[0], nil
}

func (t *Table[T]) collect(rows iter.Seq2[Row, error]) ([]*T, error) {
	var all []*T
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		value, err := t.decode(row)
		if err != nil {
			return nil, err
		}
		all = append(all, value)
	}
	return all, nil
}

func (t *Table[T]) decode(row Row) (*T, error) {
	value, err := decode[T](row)
	if err != nil {
		return nil, fmt.Errorf("table %s, row %s: %w", t.Name, row.Key, err)
	}
	return value, nil
}
