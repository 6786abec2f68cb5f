// SPDX-License-Identifier: MPL-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// transaction is a store.Tx on a sql.Tx.
type transaction struct {
	ctx            context.Context //nolint:containedctx // lives as long as the call that has it
	tx             *sql.Tx
	prepared       *statements
	readOnly, done bool
}

func (t *transaction) ready() error {
	if t.done {
		return store.ErrTxDone
	}
	return t.ctx.Err()
}

func (t *transaction) writable() error {
	if err := t.ready(); err != nil {
		return err
	}
	if t.readOnly {
		return store.ErrReadOnly
	}
	return nil
}

// failed says in which operation on which row err happened, or that the context has ended.
func (t *transaction) failed(err error, operation, table, key string) error {
	if t.ctx.Err() != nil {
		return t.ctx.Err()
	}
	return fmt.Errorf("%s %s %q: %w", operation, table, key, err)
}

func (t *transaction) statement(prepared *sql.Stmt) *sql.Stmt {
	return t.tx.StmtContext(t.ctx, prepared)
}

func (t *transaction) exec(prepared *sql.Stmt, args ...any) error {
	_, err := t.statement(prepared).ExecContext(t.ctx, args...)
	return err
}

func (t *transaction) Get(table, key string) ([]byte, error) {
	if err := t.ready(); err != nil {
		return nil, err
	}
	var value []byte
	err := t.statement(t.prepared.get).QueryRowContext(t.ctx, table, key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, t.failed(err, "get", table, key)
	}
	return value, nil
}

func (t *transaction) Put(table, key string, value []byte, entries []store.Entry) error {
	if err := t.writable(); err != nil {
		return err
	}
	if value == nil {
		value = []byte{} // nil would be NULL
	}
	gone, added, err := t.difference(table, key, entries)
	if err != nil {
		return t.failed(err, "put", table, key)
	}
	if err := t.claim(table, key, added); err != nil {
		return err
	}
	for e := range gone {
		if err := t.exec(t.prepared.unlist, table, key, e.Index, e.Value); err != nil {
			return t.failed(err, "put", table, key)
		}
	}
	for e := range added {
		if err := t.exec(t.prepared.list, table, key, e.Index, e.Value, e.Unique); err != nil {
			return t.failed(err, "put", table, key)
		}
	}
	if err := t.exec(t.prepared.put, table, key, value); err != nil {
		return t.failed(err, "put", table, key)
	}
	return nil
}

// difference is which of the row's entries go and which come; mostly none does.
func (t *transaction) difference(table, key string, want []store.Entry) (gone, added map[store.Entry]bool, err error) {
	rows, err := t.statement(t.prepared.entries).QueryContext(t.ctx, table, key)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	gone = map[store.Entry]bool{}
	for rows.Next() {
		var e store.Entry
		if err := rows.Scan(&e.Index, &e.Value, &e.Unique); err != nil {
			return nil, nil, err
		}
		gone[e] = true
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	kept := map[store.Entry]bool{}
	added = map[store.Entry]bool{}
	for _, e := range want {
		if gone[e] || kept[e] {
			kept[e] = true
			delete(gone, e)
			continue
		}
		added[e] = true
	}
	return gone, added, nil
}

// claim fails if a unique entry belongs to another row. The database would refuse it as well, but some
// databases end the whole transaction then.
func (t *transaction) claim(table, key string, entries map[store.Entry]bool) error {
	for e := range entries {
		if !e.Unique {
			continue
		}
		var others int
		row := t.statement(t.prepared.taken).QueryRowContext(t.ctx, table, e.Index, e.Value, key)
		if err := row.Scan(&others); err != nil {
			return t.failed(err, "put", table, key)
		}
		if others > 0 {
			return store.ErrExists
		}
	}
	return nil
}

func (t *transaction) Delete(table, key string) error {
	if err := t.writable(); err != nil {
		return err
	}
	result, err := t.statement(t.prepared.remove).ExecContext(t.ctx, table, key)
	if err != nil {
		return t.failed(err, "delete", table, key)
	}
	if n, err := result.RowsAffected(); err != nil {
		return t.failed(err, "delete", table, key)
	} else if n == 0 {
		return store.ErrNotFound
	}
	if err := t.exec(t.prepared.unlistAll, table, key); err != nil {
		return t.failed(err, "delete", table, key)
	}
	return nil
}

func (t *transaction) Scan(table string) iter.Seq2[store.Row, error] {
	return t.each(t.prepared.scan, table)
}

func (t *transaction) Lookup(table, index, value string) iter.Seq2[store.Row, error] {
	return t.each(t.prepared.lookup, table, index, value)
}

func (t *transaction) Range(table, index, from, until string, limit int) iter.Seq2[store.Row, error] {
	if limit <= 0 {
		limit = math.MaxInt32
	}
	return t.each(t.prepared.span, table, index, from, until, limit)
}

// each reads all rows before it yields the first: the loop may change what the query reads.
func (t *transaction) each(query *sql.Stmt, args ...any) iter.Seq2[store.Row, error] {
	return func(yield func(store.Row, error) bool) {
		found, err := t.query(query, args...)
		for _, row := range found {
			if err = t.ready(); err != nil {
				break
			}
			if !yield(row, nil) {
				return
			}
		}
		if err != nil {
			yield(store.Row{}, err)
		}
	}
}

func (t *transaction) query(query *sql.Stmt, args ...any) ([]store.Row, error) {
	if err := t.ready(); err != nil {
		return nil, err
	}
	table, _ := args[0].(string)
	rows, err := t.statement(query).QueryContext(t.ctx, args...)
	if err != nil {
		return nil, t.failed(err, "scan", table, "")
	}
	defer rows.Close()
	var found []store.Row
	for rows.Next() {
		var row store.Row
		if err := rows.Scan(&row.Key, &row.Value); err != nil {
			return nil, t.failed(err, "scan", table, "")
		}
		found = append(found, row)
	}
	if err := rows.Err(); err != nil {
		return nil, t.failed(err, "scan", table, "")
	}
	return found, nil
}
