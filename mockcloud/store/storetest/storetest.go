// SPDX-License-Identifier: MPL-2.0

// Package storetest holds a store to the behaviour that mockcloud relies on. Every engine's tests run
// it; an engine that passes may stand in for any other.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Run tests the stores that open returns, each of them new and empty. Closing them is open's matter
// (t.Cleanup); the suite closes some itself, so a second Close has to be harmless.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(*suite)
	}{
		{"rows", rows},
		{"order", order},
		{"odd keys", oddKeys},
		{"large values", largeValues},
		{"values are copied", copied},
		{"lookup", lookup},
		{"ranges", ranges},
		{"entries follow their row", entriesFollow},
		{"unique", unique},
		{"unique values can be swapped", swap},
		{"rollback", rollback},
		{"rollback of a panic", rollbackOfPanic},
		{"own writes are seen", ownWrites},
		{"loops are on a snapshot", loops},
		{"view is a snapshot", snapshot},
		{"view is read-only", readOnly},
		{"finished transaction", finished},
		{"closed store", closed},
		{"context", contexts},
		{"update within update", nested},
		{"concurrent increments", increments},
		{"concurrent claims", claims},
		{"write skew", writeSkew},
		{"readers see whole updates", wholeUpdates},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(&suite{T: t, Store: open(t)})
		})
	}
}

// Reopen tests a store that outlives its process: open opens the same state each time.
func Reopen(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	s := &suite{T: t, Store: open(t)}
	s.put("servers", "1", "one", named("web"))
	s.put("servers", "2", "two", named("db"))
	s.update(func(tx store.Tx) error { return tx.Delete("servers", "2") })
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	s.Store = open(t)
	s.wantRows("servers", "1=one")
	s.wantLookup("servers", "name", "web", "1=one")
	s.view(func(tx store.Tx) error { return wantMissing(tx, "servers", "2") })
	err := s.Update(t.Context(), func(tx store.Tx) error {
		return tx.Put("servers", "3", nil, unique1("name", "web"))
	})
	if err != nil {
		t.Errorf("a value that was not unique is: %v", err)
	}
}

// suite is one test with its store.
type suite struct {
	*testing.T
	store.Store
}

func named(name string) []store.Entry { return []store.Entry{{Index: "name", Value: name}} }

func unique1(index, value string) []store.Entry {
	return []store.Entry{{Index: index, Value: value, Unique: true}}
}

func (s *suite) update(change func(store.Tx) error) {
	s.Helper()
	if err := s.Update(s.Context(), change); err != nil {
		s.Fatalf("Update: %v", err)
	}
}

func (s *suite) view(read func(store.Tx) error) {
	s.Helper()
	if err := s.View(s.Context(), read); err != nil {
		s.Fatalf("View: %v", err)
	}
}

func (s *suite) put(table, key, value string, entries []store.Entry) {
	s.Helper()
	s.update(func(tx store.Tx) error { return tx.Put(table, key, []byte(value), entries) })
}

// wantRows demands that a table has these rows, each "key=value", in this order.
func (s *suite) wantRows(table string, want ...string) {
	s.Helper()
	s.view(func(tx store.Tx) error { return wantSeq(tx.Scan(table), want...) })
}

func (s *suite) wantLookup(table, index, value string, want ...string) {
	s.Helper()
	s.view(func(tx store.Tx) error { return wantSeq(tx.Lookup(table, index, value), want...) })
}

func wantSeq(rows iter.Seq2[store.Row, error], want ...string) error {
	var got []string
	for row, err := range rows {
		if err != nil {
			return err
		}
		got = append(got, row.Key+"="+string(row.Value))
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("rows are %q, want %q", got, want)
	}
	return nil
}

func wantValue(tx store.Tx, table, key, want string) error {
	got, err := tx.Get(table, key)
	if err == nil && string(got) != want {
		err = fmt.Errorf("value is %q, want %q", got, want)
	}
	if err != nil {
		return fmt.Errorf("%s %q: %w", table, key, err)
	}
	return nil
}

func wantMissing(tx store.Tx, table, key string) error {
	if got, err := tx.Get(table, key); !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("Get(%s, %q) = %q, want ErrNotFound: %w", table, key, got, err)
	}
	return nil
}

func wantError(what string, got, want error) error {
	if !errors.Is(got, want) {
		return fmt.Errorf("%s: want the error %q: %w", what, want.Error(), got)
	}
	return nil
}

// soon is a context that turns a hang into a failure.
func (s *suite) soon() context.Context {
	ctx, cancel := context.WithTimeout(s.Context(), 20*time.Second)
	s.Cleanup(cancel)
	return ctx
}
