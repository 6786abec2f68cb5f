// SPDX-License-Identifier: MPL-2.0

package store_test

import (
	"encoding/json"
	"errors"
	"net/netip"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
)

type base struct{ Count int }

type leaf struct {
	Names []string
	Next  *int
}

// everything has each kind of field that a record of ours may have.
type everything struct {
	base
	ID       string
	When     time.Time
	Ended    *time.Time
	Address  netip.Addr
	Raw      json.RawMessage
	Labels   map[string]string
	Hints    map[string][]string
	Leaves   []leaf
	ByName   map[string]leaf
	Pointer  *leaf
	Any      any
	Extra    map[string]any
	Numbers  [3]int
	NilSlice []string
	NilMap   map[string]string
	Nothing  *leaf
}

// hidden keeps a reference where only its own methods reach.
type hidden struct {
	ID    string
	inner map[string]int
}

func (h *hidden) MarshalJSON() ([]byte, error) { return json.Marshal(h.inner) }

func (h *hidden) UnmarshalJSON(text []byte) error {
	h.ID = "h"
	return json.Unmarshal(text, &h.inner)
}

// nest is within itself.
type nest struct {
	ID   string
	Eggs []nest
}

func sample() *everything {
	seven, when := 7, time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	return &everything{
		base: base{3}, ID: "e", When: when, Ended: &when, Address: netip.MustParseAddr("fe80::1%eth0"), Raw: json.RawMessage(`{"a":1}`),
		Labels: map[string]string{"a": "b"}, Hints: map[string][]string{"x": {"y", "z"}},
		Leaves: []leaf{{Names: []string{"n"}, Next: &seven}, {}}, ByName: map[string]leaf{"l": {Names: []string{"m"}}},
		Pointer: &leaf{Names: []string{"p"}}, Any: []any{"a", 1.0, nil, map[string]any{"k": []any{true}}},
		Extra: map[string]any{"list": []any{1.0}, "object": map[string]any{"x": "y"}}, Numbers: [3]int{1, 2, 3},
	}
}

// spoil changes all that can be reached from e.
func spoil(e *everything) {
	*e.Ended = time.Time{}
	e.Raw[1] = 'X'
	e.Labels["a"] = "spoilt"
	e.Hints["x"][0] = "spoilt"
	e.Hints["new"] = nil
	e.Leaves[0].Names[0] = "spoilt"
	*e.Leaves[0].Next = 0
	e.Leaves[1].Names = []string{"spoilt"}
	e.ByName["l"].Names[0] = "spoilt"
	e.Pointer.Names[0] = "spoilt"
	e.Any.([]any)[3].(map[string]any)["k"].([]any)[0] = false
	e.Any.([]any)[0] = "spoilt"
	e.Extra["list"].([]any)[0] = 2.0
	e.Extra["object"].(map[string]any)["x"] = "spoilt"
	e.Numbers[0] = 0
}

// TestReadersDoNotShare reads a row many times over and spoils each: the next is as the first.
func TestReadersDoNotShare(t *testing.T) {
	t.Parallel()
	s := memory.New()
	table := &store.Table[everything]{Name: "t", Key: func(e *everything) string { return e.ID }}
	if err := s.Update(t.Context(), func(tx store.Tx) error { return table.Put(tx, sample()) }); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(sample())
	if err != nil {
		t.Fatal(err)
	}
	want := new(everything)
	if err := json.Unmarshal(text, want); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 50 {
				if err := s.View(t.Context(), func(tx store.Tx) error {
					got, err := table.Get(tx, "e")
					all, errAll := table.All(tx)
					if err := errors.Join(err, errAll); err != nil {
						return err
					}
					if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(all[0], want) {
						t.Errorf("read %+v and %+v, want %+v", got, all[0], want)
					}
					spoil(got)
					spoil(all[0])
					return nil
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

// TestWritesAreRead after what was read before: in the transaction, after it, and after one that failed.
func TestWritesAreRead(t *testing.T) {
	t.Parallel()
	s, table := memory.New(), users()
	set := func(name string, result error) error {
		return s.Update(t.Context(), func(tx store.Tx) error {
			if err := table.Put(tx, &user{ID: "1", Name: name}); err != nil {
				return err
			}
			if got, err := table.Get(tx, "1"); err != nil || got.Name != name {
				t.Errorf("within: %+v, %v; want %s", got, err, name)
			}
			return result
		})
	}
	failed := errors.New("no")
	for _, step := range []struct {
		name, want string
		result     error
	}{{"ann", "ann", nil}, {"bob", "ann", failed}, {"zoe", "zoe", nil}} {
		if err := set(step.name, step.result); !errors.Is(err, step.result) {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.View(t.Context(), func(tx store.Tx) error {
				got, err := table.One(tx, "name", step.want)
				if err == nil && got.Name != step.want {
					t.Errorf("%s after %s", got.Name, step.name)
				}
				return err
			}); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestTypesThatCannotBeCopied are decoded each time.
func TestTypesThatCannotBeCopied(t *testing.T) {
	t.Parallel()
	s := memory.New()
	secrets := &store.Table[hidden]{Name: "hidden", Key: func(*hidden) string { return "h" }}
	nests := &store.Table[nest]{Name: "nests", Key: func(n *nest) string { return n.ID }}
	if err := s.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(
			secrets.Put(tx, &hidden{inner: map[string]int{"a": 1}}),
			nests.Put(tx, &nest{ID: "n", Eggs: []nest{{ID: "e"}}}),
		)
	}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := s.View(t.Context(), func(tx store.Tx) error {
			secret, err := secrets.Get(tx, "h")
			outer, errNest := nests.Get(tx, "n")
			if err := errors.Join(err, errNest); err != nil {
				return err
			}
			if secret.inner["a"] != 1 || outer.Eggs[0].ID != "e" {
				t.Errorf("%+v, %+v", secret, outer)
			}
			secret.inner["a"], outer.Eggs[0].ID = 2, "spoilt"
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}
