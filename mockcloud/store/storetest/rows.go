// SPDX-License-Identifier: MPL-2.0

package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

func rows(s *suite) {
	s.wantRows("servers")
	s.put("servers", "1", "one", nil)
	s.put("flavors", "1", "small", nil)
	s.wantRows("servers", "1=one")
	s.put("servers", "1", "uno", nil)
	s.put("servers", "0", "", nil)
	s.wantRows("servers", "0=", "1=uno")
	s.wantRows("flavors", "1=small")
	s.wantRows("server")
	s.view(func(tx store.Tx) error {
		return errors.Join(wantValue(tx, "servers", "1", "uno"), wantValue(tx, "flavors", "1", "small"),
			wantMissing(tx, "servers", "2"), wantMissing(tx, "nothing", "1"))
	})
	s.update(func(tx store.Tx) error {
		return errors.Join(tx.Delete("servers", "1"), wantError("second Delete", tx.Delete("servers", "1"), store.ErrNotFound))
	})
	s.wantRows("servers", "0=")
}

// order inserts in one random order, deletes in another, and expects sorted keys all the time.
func order(s *suite) {
	const n = 300
	var want []string
	s.update(func(tx store.Tx) error {
		want = want[:0]
		for _, i := range rand.Perm(n) {
			if err := tx.Put("t", fmt.Sprintf("%03d", i), []byte("x"), named("same")); err != nil {
				return err
			}
			want = append(want, fmt.Sprintf("%03d=x", i))
		}
		return nil
	})
	slices.Sort(want)
	s.wantRows("t", want...)
	s.update(func(tx store.Tx) error {
		for _, i := range rand.Perm(n)[:n/2] {
			key := fmt.Sprintf("%03d", i)
			if err := tx.Delete("t", key); err != nil {
				return err
			}
			want = slices.DeleteFunc(want, func(row string) bool { return row == key+"=x" })
		}
		return nil
	})
	s.wantRows("t", want...)
	s.wantLookup("t", "name", "same", want...)
}

// oddKeys holds that keys are bytes to the store: neither case nor accents nor NUL mean anything.
func oddKeys(s *suite) {
	keys := []string{"", "\x00", "a", "a\x00", "a\x00b", "aa", "A", "é", "z", "日本", "'; DROP TABLE rows; --", "%", "_", "\n", "\U0001F600", "\uffff"}
	var want []string
	for _, key := range keys {
		s.put("odd", key, key, []store.Entry{{Index: "name", Value: key, Unique: true}, {Index: "\x00", Value: "x"}})
		want = append(want, key+"="+key)
	}
	slices.SortFunc(want, func(a, b string) int { return bytes.Compare([]byte(a[:len(a)/2]), []byte(b[:len(b)/2])) })
	s.wantRows("odd", want...)
	s.wantLookup("odd", "\x00", "x", want...)
	for _, key := range keys {
		s.wantLookup("odd", "name", key, key+"="+key)
	}
}

func largeValues(s *suite) {
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<18) // 4 MiB
	s.update(func(tx store.Tx) error { return tx.Put("blobs", "large", large, named("large")) })
	s.view(func(tx store.Tx) error {
		got, err := tx.Get("blobs", "large")
		if err == nil && !bytes.Equal(got, large) {
			err = errors.New("a large value comes back changed")
		}
		return err
	})
}

func copied(s *suite) {
	value, entries := []byte("before"), named("before")
	s.update(func(tx store.Tx) error {
		if err := tx.Put("t", "1", value, entries); err != nil {
			return err
		}
		copy(value, "behind")
		entries[0].Value = "behind"
		err := errors.Join(wantValue(tx, "t", "1", "before"), wantSeq(tx.Lookup("t", "name", "before"), "1=before"))
		value, entries = []byte("before"), named("before") // for another run of this function
		return err
	})
}

func lookup(s *suite) {
	s.put("servers", "2", "b", named("web"))
	s.put("servers", "1", "a", named("web"))
	s.put("servers", "3", "c", named("db"))
	s.put("flavors", "1", "f", named("web"))
	s.wantLookup("servers", "name", "web", "1=a", "2=b")
	s.wantLookup("servers", "name", "db", "3=c")
	s.wantLookup("servers", "name", "we")
	s.wantLookup("servers", "host", "web")
	s.wantLookup("images", "name", "web")
}

// ranges holds that an index is in the order of its values, and can be read from anywhere in it.
func ranges(s *suite) {
	for key, value := range map[string]string{"z": "a/1", "y": "a/2", "x": "a/2", "w": "a/3", "v": "b/1", "u": "a"} {
		s.put("t", key, key, []store.Entry{{Index: "order", Value: value}, {Index: "other", Value: "a/0"}})
	}
	for _, test := range []struct {
		from, until string
		limit       int
		want        []string
	}{
		{"a/", "a0", 0, []string{"z=z", "x=x", "y=y", "w=w"}},
		{"a/2", "a0", 0, []string{"x=x", "y=y", "w=w"}},
		{"a/2", "a/3", 0, []string{"x=x", "y=y"}},
		{"a/1\x00", "a0", 2, []string{"x=x", "y=y"}},
		{"", "\U0010ffff", 1, []string{"u=u"}},
		{"a/4", "a0", 0, nil},
		{"b", "a", 0, nil},
	} {
		s.view(func(tx store.Tx) error {
			return wantSeq(tx.Range("t", "order", test.from, test.until, test.limit), test.want...)
		})
	}
	s.update(func(tx store.Tx) error {
		for row, err := range tx.Range("t", "order", "a/", "a0", 0) {
			if err != nil {
				return err
			}
			if err := tx.Delete("t", row.Key); err != nil {
				return err
			}
		}
		return wantSeq(tx.Range("t", "order", "", "c", 0), "u=u", "v=v")
	})
}

func entriesFollow(s *suite) {
	many := []store.Entry{{Index: "tag", Value: "a"}, {Index: "tag", Value: "b"}, {Index: "tag", Value: "a"}, {Index: "name", Value: "web"}}
	s.put("t", "1", "x", many)
	s.wantLookup("t", "tag", "a", "1=x")
	s.wantLookup("t", "tag", "b", "1=x")
	s.put("t", "1", "y", many)
	s.wantLookup("t", "tag", "a", "1=y")
	s.put("t", "1", "z", []store.Entry{{Index: "tag", Value: "b"}})
	s.wantLookup("t", "tag", "a")
	s.wantLookup("t", "tag", "b", "1=z")
	s.wantLookup("t", "name", "web")
	s.update(func(tx store.Tx) error { return tx.Delete("t", "1") })
	s.wantLookup("t", "tag", "b")
}

func unique(s *suite) {
	s.put("users", "1", "a", unique1("name", "admin"))
	s.put("users", "1", "b", unique1("name", "admin")) // a row does not collide with itself
	s.put("groups", "1", "g", unique1("name", "admin"))
	s.update(func(tx store.Tx) error {
		taken := tx.Put("users", "2", []byte("c"), unique1("name", "admin"))
		return errors.Join(
			wantError("Put of a taken value", taken, store.ErrExists),
			wantMissing(tx, "users", "2"),
			// The transaction is still good, and what failed has left nothing behind.
			tx.Put("users", "2", []byte("d"), unique1("name", "demo")),
			wantError("Put over a row", tx.Put("users", "2", []byte("e"),
				append(unique1("mail", "m"), unique1("name", "admin")...)), store.ErrExists),
			wantValue(tx, "users", "2", "d"),
			wantSeq(tx.Lookup("users", "mail", "m")),
			wantSeq(tx.Lookup("users", "name", "demo"), "2=d"),
		)
	})
	s.wantRows("users", "1=b", "2=d")
	s.update(func(tx store.Tx) error { return tx.Delete("users", "1") })
	s.put("users", "2", "d", unique1("name", "admin"))
	s.put("users", "3", "f", unique1("name", "demo"))
}

// swap moves two unique values between two rows by way of a third value, all in one transaction.
func swap(s *suite) {
	s.put("t", "1", "a", unique1("name", "x"))
	s.put("t", "2", "b", unique1("name", "y"))
	s.update(func(tx store.Tx) error {
		return errors.Join(
			wantError("Put of a value not yet free", tx.Put("t", "1", []byte("a"), unique1("name", "y")), store.ErrExists),
			tx.Put("t", "1", []byte("a"), nil),
			tx.Put("t", "2", []byte("b"), unique1("name", "x")),
			tx.Put("t", "1", []byte("a"), unique1("name", "y")),
		)
	})
	s.wantLookup("t", "name", "x", "2=b")
	s.wantLookup("t", "name", "y", "1=a")
	s.update(func(tx store.Tx) error { // and a row may be replaced by another of the same name
		return errors.Join(tx.Delete("t", "1"), tx.Put("t", "3", []byte("c"), unique1("name", "y")))
	})
	s.wantLookup("t", "name", "y", "3=c")
}
