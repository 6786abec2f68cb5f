// SPDX-License-Identifier: MPL-2.0

package storetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

var errChange = errors.New("no")

func rollback(s *suite) {
	s.put("t", "1", "one", unique1("name", "a"))
	err := s.Update(s.Context(), func(tx store.Tx) error {
		return errors.Join(
			tx.Put("t", "1", []byte("uno"), unique1("name", "b")),
			tx.Put("t", "2", []byte("two"), unique1("name", "a")),
			tx.Delete("t", "1"),
			errChange,
		)
	})
	if !errors.Is(err, errChange) {
		s.Fatalf("Update returns %v, not what change returned", err)
	}
	s.wantRows("t", "1=one")
	s.wantLookup("t", "name", "a", "1=one")
	s.wantLookup("t", "name", "b")
}

func rollbackOfPanic(s *suite) {
	func() {
		defer func() {
			if got := recover(); got != errChange { //nolint:errorlint // the very value
				s.Errorf("recovered %v", got)
			}
		}()
		_ = s.Update(s.Context(), func(tx store.Tx) error {
			if err := tx.Put("t", "1", nil, nil); err != nil {
				return err
			}
			panic(errChange)
		})
	}()
	s.wantRows("t")
	s.put("t", "2", "two", nil) // and nothing is left locked
	s.wantRows("t", "2=two")
}

func ownWrites(s *suite) {
	s.put("t", "1", "one", named("a"))
	s.update(func(tx store.Tx) error {
		return errors.Join(
			tx.Put("t", "2", []byte("two"), named("a")),
			wantSeq(tx.Lookup("t", "name", "a"), "1=one", "2=two"),
			tx.Delete("t", "1"),
			wantSeq(tx.Scan("t"), "2=two"),
			wantMissing(tx, "t", "1"),
		)
	})
}

func loops(s *suite) {
	for i := range 4 {
		s.put("t", fmt.Sprint(i), "old", named("a"))
	}
	for name, loop := range map[string]func(store.Tx) error{
		"Scan": func(tx store.Tx) error {
			seen := 0
			for row, err := range tx.Scan("t") {
				if err != nil {
					return err
				}
				seen++
				if err := errors.Join(tx.Delete("t", row.Key), tx.Put("t", "9"+row.Key, []byte("new"), named("a"))); err != nil {
					return err
				}
			}
			return wantSeen(seen)
		},
		"Lookup": func(tx store.Tx) error {
			seen := 0
			for row, err := range tx.Lookup("t", "name", "a") {
				if err != nil {
					return err
				}
				seen++
				if err := errors.Join(tx.Put("t", "z"+row.Key, nil, named("a")), tx.Delete("t", row.Key)); err != nil {
					return err
				}
			}
			return wantSeen(seen)
		},
		"break": func(tx store.Tx) error {
			for _, err := range tx.Scan("t") {
				if err != nil {
					return err
				}
				break
			}
			return tx.Put("t", "after", nil, nil)
		},
	} {
		if err := s.Update(s.Context(), func(tx store.Tx) error { return errors.Join(loop(tx), errChange) }); err.Error() != errChange.Error() {
			s.Errorf("%s: %v", name, err)
		}
	}
}

func wantSeen(seen int) error {
	if seen != 4 {
		return fmt.Errorf("the loop has seen %d rows, want 4", seen)
	}
	return nil
}

// snapshot holds a View open over Updates: they neither wait for it nor show in it.
func snapshot(s *suite) {
	s.put("t", "1", "old", named("a"))
	s.view(func(tx store.Tx) error {
		if err := wantValue(tx, "t", "1", "old"); err != nil {
			return err
		}
		err := s.Update(s.soon(), func(tx store.Tx) error {
			return errors.Join(tx.Put("t", "1", []byte("new"), nil), tx.Put("t", "2", []byte("new"), named("a")))
		})
		return errors.Join(err,
			wantValue(tx, "t", "1", "old"),
			wantSeq(tx.Scan("t"), "1=old"),
			wantSeq(tx.Lookup("t", "name", "a"), "1=old"),
			s.View(s.soon(), func(inner store.Tx) error { return wantValue(inner, "t", "1", "new") }),
		)
	})
	s.update(func(tx store.Tx) error { // a View within an Update sees what was there before it
		return errors.Join(
			tx.Put("t", "1", []byte("newest"), nil),
			s.View(s.soon(), func(inner store.Tx) error { return wantValue(inner, "t", "1", "new") }),
		)
	})
}

func readOnly(s *suite) {
	s.put("t", "1", "one", nil)
	s.view(func(tx store.Tx) error {
		return errors.Join(
			wantError("Put", tx.Put("t", "1", nil, nil), store.ErrReadOnly),
			wantError("Delete", tx.Delete("t", "1"), store.ErrReadOnly),
			wantValue(tx, "t", "1", "one"),
		)
	})
	if err := s.View(s.Context(), func(store.Tx) error { return errChange }); !errors.Is(err, errChange) {
		s.Errorf("View returns %v, not what read returned", err)
	}
}

func finished(s *suite) {
	s.put("t", "1", "one", nil)
	var viewed, updated, failed store.Tx
	s.view(func(tx store.Tx) error { viewed = tx; return nil })
	s.update(func(tx store.Tx) error { updated = tx; return nil })
	_ = s.Update(s.Context(), func(tx store.Tx) error { failed = tx; return errChange })
	for _, tx := range []store.Tx{viewed, updated, failed} {
		_, get := tx.Get("t", "1")
		for what, err := range map[string]error{
			"Get": get, "Put": tx.Put("t", "1", nil, nil), "Delete": tx.Delete("t", "1"),
			"Scan": wantSeq(tx.Scan("t")), "Lookup": wantSeq(tx.Lookup("t", "name", "a")),
		} {
			if err := wantError(what, err, store.ErrTxDone); err != nil {
				s.Error(err)
			}
		}
	}
	s.wantRows("t", "1=one")
}

func closed(s *suite) {
	for range 2 {
		if err := s.Close(); err != nil {
			s.Fatalf("Close: %v", err)
		}
	}
	never := func(store.Tx) error { s.Error("runs on a closed store"); return nil }
	if err := s.View(s.Context(), never); !errors.Is(err, store.ErrClosed) {
		s.Errorf("View: %v", err)
	}
	if err := s.Update(s.Context(), never); !errors.Is(err, store.ErrClosed) {
		s.Errorf("Update: %v", err)
	}
}

func contexts(s *suite) {
	s.put("t", "1", "one", nil)
	ended, end := context.WithCancel(s.Context())
	end()
	never := func(store.Tx) error { s.Error("runs in an ended context"); return nil }
	if err := errors.Join(
		wantError("View", s.View(ended, never), context.Canceled),
		wantError("Update", s.Update(ended, never), context.Canceled),
	); err != nil {
		s.Error(err)
	}
	ctx, cancel := context.WithCancel(s.Context())
	err := s.Update(ctx, func(tx store.Tx) error {
		if err := tx.Put("t", "1", []byte("uno"), nil); err != nil {
			return err
		}
		cancel()
		_, get := tx.Get("t", "1")
		if err := errors.Join(
			wantError("Get", get, context.Canceled),
			wantError("Put", tx.Put("t", "2", nil, nil), context.Canceled),
			wantError("Scan", wantSeq(tx.Scan("t")), context.Canceled),
		); err != nil {
			s.Error(err)
		}
		return nil // whatever change makes of it, nothing is committed
	})
	if !errors.Is(err, context.Canceled) {
		s.Errorf("Update whose context ended meanwhile: %v", err)
	}
	s.wantRows("t", "1=one")
}

// nested is a mistake, and must not hang for longer than its context allows.
func nested(s *suite) {
	ctx, cancel := context.WithCancel(s.Context())
	s.update(func(tx store.Tx) error {
		inner := make(chan error, 1)
		go func() { inner <- s.Update(ctx, func(store.Tx) error { return errChange }) }()
		cancel()
		return errors.Join(
			wantError("Update within Update", <-inner, context.Canceled),
			tx.Put("t", "1", []byte("one"), nil),
		)
	})
	s.wantRows("t", "1=one")
}
