// SPDX-License-Identifier: MPL-2.0

package memory

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

type rowKey struct{ table, key string }

func (k rowKey) compare(other rowKey) int {
	if c := strings.Compare(k.table, other.table); c != 0 {
		return c
	}
	return strings.Compare(k.key, other.key)
}

type entryKey struct{ table, index, value, key string }

func (k entryKey) compare(other entryKey) int {
	if c := strings.Compare(k.table, other.table); c != 0 {
		return c
	}
	if c := strings.Compare(k.index, other.index); c != 0 {
		return c
	}
	if c := strings.Compare(k.value, other.value); c != 0 {
		return c
	}
	return strings.Compare(k.key, other.key)
}

// transaction is a store.Tx on its own copy of the state.
type transaction struct {
	ctx               context.Context //nolint:containedctx // lives as long as the call that has it
	state             state
	plans             *store.Plans
	readOnly, changed bool
	done              bool
}

func (tx *transaction) ready() error {
	if tx.done {
		return store.ErrTxDone
	}
	return tx.ctx.Err()
}

func (tx *transaction) writable() error {
	if err := tx.ready(); err != nil {
		return err
	}
	if tx.readOnly {
		return store.ErrReadOnly
	}
	return nil
}

func (tx *transaction) Get(table, key string) ([]byte, error) {
	row, err := tx.GetRow(table, key)
	return row.Value, err
}

func (tx *transaction) GetRow(table, key string) (store.Row, error) {
	if err := tx.ready(); err != nil {
		return store.Row{}, err
	}
	found, ok := tx.state.rows.get(rowKey{table, key})
	if !ok {
		return store.Row{}, store.ErrNotFound
	}
	return store.Row{Key: key, Value: found.value, Memo: found.memo}, nil
}

func (tx *transaction) Put(table, key string, value []byte, entries []store.Entry) error {
	if err := tx.writable(); err != nil {
		return err
	}
	for _, e := range entries {
		if e.Unique && tx.taken(table, key, e) {
			return store.ErrExists
		}
	}
	row := rowKey{table, key}
	old, _ := tx.state.rows.get(row)
	if !slices.Equal(old.entries, entries) {
		tx.unlist(row, old)
		for _, e := range entries {
			tx.state.entries = tx.state.entries.set(entryKey{table, e.Index, e.Value, key}, e.Unique)
		}
	}
	tx.state.rows = tx.state.rows.set(row, record{bytes.Clone(value), slices.Clone(entries), tx.plans.Memo()})
	tx.changed = true
	return nil
}

// taken says whether a unique entry belongs to a row other than key.
func (tx *transaction) taken(table, key string, e store.Entry) bool {
	taken := false
	tx.state.entries.from(entryKey{table, e.Index, e.Value, ""}, func(k entryKey, unique bool) bool {
		if k.table != table || k.index != e.Index || k.value != e.Value {
			return false
		}
		taken = unique && k.key != key
		return !taken
	})
	return taken
}

func (tx *transaction) unlist(row rowKey, old record) {
	for _, e := range old.entries {
		tx.state.entries = tx.state.entries.unset(entryKey{row.table, e.Index, e.Value, row.key})
	}
}

func (tx *transaction) Delete(table, key string) error {
	if err := tx.writable(); err != nil {
		return err
	}
	row := rowKey{table, key}
	old, ok := tx.state.rows.get(row)
	if !ok {
		return store.ErrNotFound
	}
	tx.unlist(row, old)
	tx.state.rows = tx.state.rows.unset(row)
	tx.changed = true
	return nil
}

func (tx *transaction) Scan(table string) iter.Seq2[store.Row, error] {
	return func(yield func(store.Row, error) bool) {
		if err := tx.ready(); err != nil {
			yield(store.Row{}, err)
			return
		}
		tx.state.rows.from(rowKey{table, ""}, func(k rowKey, found record) bool {
			if k.table != table {
				return false
			}
			return tx.yield(yield, k.key, found)
		})
	}
}

func (tx *transaction) Lookup(table, index, value string) iter.Seq2[store.Row, error] {
	return func(yield func(store.Row, error) bool) {
		if err := tx.ready(); err != nil {
			yield(store.Row{}, err)
			return
		}
		rows := tx.state.rows // as they are now: the body may change them
		tx.state.entries.from(entryKey{table, index, value, ""}, func(k entryKey, _ bool) bool {
			if k.table != table || k.index != index || k.value != value {
				return false
			}
			found, _ := rows.get(rowKey{table, k.key})
			return tx.yield(yield, k.key, found)
		})
	}
}

func (tx *transaction) Range(table, index, from, until string, limit int) iter.Seq2[store.Row, error] {
	return func(yield func(store.Row, error) bool) {
		if err := tx.ready(); err != nil {
			yield(store.Row{}, err)
			return
		}
		rows := tx.state.rows // as they are now: the body may change them
		left := limit
		tx.state.entries.from(entryKey{table, index, from, ""}, func(k entryKey, _ bool) bool {
			if k.table != table || k.index != index || k.value >= until {
				return false
			}
			found, _ := rows.get(rowKey{table, k.key})
			left--
			return tx.yield(yield, k.key, found) && left != 0
		})
	}
}

// yield passes a row on, or ends the loop with the error of a transaction that has ended meanwhile.
func (tx *transaction) yield(yield func(store.Row, error) bool, key string, found record) bool {
	if err := tx.ready(); err != nil {
		yield(store.Row{}, err)
		return false
	}
	return yield(store.Row{Key: key, Value: found.value, Memo: found.memo}, nil)
}
