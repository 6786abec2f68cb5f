// SPDX-License-Identifier: MPL-2.0

package store_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
)

type user struct {
	ID, Name string
	Groups   []string
	Quota    float64
}

func users() *store.Table[user] {
	return &store.Table[user]{
		Name: "users",
		Key:  func(u *user) string { return u.ID },
		Indexes: []store.Index[user]{
			{Name: "name", Of: func(u *user) []string { return []string{u.Name} }, Unique: true},
			{Name: "group", Of: func(u *user) []string { return u.Groups }},
		},
	}
}

func ids(rows []*user) string {
	var all []string
	for _, u := range rows {
		all = append(all, u.ID)
	}
	return strings.Join(all, " ")
}

func TestTable(t *testing.T) {
	t.Parallel()
	s, table := memory.New(), users()
	err := s.Update(t.Context(), func(tx store.Tx) error {
		for _, u := range []user{
			{ID: "2", Name: "bob", Groups: []string{"dev", "ops"}},
			{ID: "1", Name: "ann", Groups: []string{"dev"}, Quota: 1.5},
		} {
			if err := table.Insert(tx, &u); err != nil {
				return err
			}
		}
		if err := table.Insert(tx, &user{ID: "1", Name: "zoe"}); !errors.Is(err, store.ErrExists) {
			t.Errorf("Insert of a taken key: %v", err)
		}
		if err := table.Insert(tx, &user{ID: "3", Name: "bob"}); !errors.Is(err, store.ErrExists) {
			t.Errorf("Insert of a taken name: %v", err)
		}
		if err := table.Put(tx, &user{ID: "3", Quota: math.NaN()}); err == nil {
			t.Error("Put of what JSON cannot hold succeeds")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(t.Context(), func(tx store.Tx) error {
		if got, err := table.Get(tx, "1"); err != nil || got.Name != "ann" || got.Quota != 1.5 || !slices.Equal(got.Groups, []string{"dev"}) {
			t.Errorf("Get: %+v, %v", got, err)
		}
		if got, err := table.One(tx, "name", "bob"); err != nil || got.ID != "2" {
			t.Errorf("One: %+v, %v", got, err)
		}
		_, byKey := table.Get(tx, "9")
		_, byName := table.One(tx, "name", "nobody")
		if !errors.Is(byKey, store.ErrNotFound) || !errors.Is(byName, store.ErrNotFound) {
			t.Errorf("of what is not there: Get %v, One %v", byKey, byName)
		}
		for _, list := range []struct {
			what, want string
			read       func() ([]*user, error)
		}{
			{"All", "1 2", func() ([]*user, error) { return table.All(tx) }},
			{"By dev", "1 2", func() ([]*user, error) { return table.By(tx, "group", "dev") }},
			{"By ops", "2", func() ([]*user, error) { return table.By(tx, "group", "ops") }},
			{"By nothing", "", func() ([]*user, error) { return table.By(tx, "group", "") }},
		} {
			if got, err := list.read(); err != nil || ids(got) != list.want {
				t.Errorf("%s: %q, %v; want %q", list.what, ids(got), err, list.want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTableNamesTheRowItCannotRead(t *testing.T) {
	t.Parallel()
	s, table := memory.New(), users()
	if err := s.Update(t.Context(), func(tx store.Tx) error {
		return tx.Put("users", "broken", []byte(`{"ID": 7}`), nil)
	}); err != nil {
		t.Fatal(err)
	}
	_ = s.View(t.Context(), func(tx store.Tx) error {
		_, get := table.Get(tx, "broken")
		_, all := table.All(tx)
		for _, err := range []error{get, all} {
			if err == nil || !strings.Contains(err.Error(), "table users, row broken") {
				t.Errorf("error is %v", err)
			}
		}
		return nil
	})
}
