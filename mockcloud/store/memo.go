// SPDX-License-Identifier: MPL-2.0

package store

import (
	"encoding/json"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// To decode a row costs far more than to find it: 20 us for an instance, and a list of 100 is nothing
// but that. An engine whose rows stay in memory may therefore keep beside each what it was decoded to.
// Whoever reads the row gets a deep copy, as free to change as a fresh one.

// Memoizer is a Tx whose rows have a Memo.
type Memoizer interface {
	// GetRow is Get with the row's Memo.
	GetRow(table, key string) (Row, error)
}

// Memo is a place beside a row, good until the row is written again. nil keeps nothing.
type Memo struct {
	plans   *Plans
	decoded atomic.Value // *T
}

// Plans are how values are copied, by type. The zero Plans is ready for use; a store has one.
type Plans struct{ byType sync.Map } // reflect.Type -> *plan

// Memo is an empty place for a row that was just written.
func (p *Plans) Memo() *Memo { return &Memo{plans: p} }

// recall is a copy of what the row was decoded to before, or nil.
func recall[T any](m *Memo) *T {
	if m == nil {
		return nil
	}
	decoded, _ := m.decoded.Load().(*T)
	if decoded == nil {
		return nil
	}
	return replica(m.plans, decoded)
}

// remember keeps a copy of what the row was decoded to, if it is of a type that we can copy.
func remember[T any](m *Memo, decoded *T) {
	if m == nil || !m.plans.of(reflect.TypeFor[T]()).possible {
		return
	}
	m.decoded.Store(replica(m.plans, decoded))
}

func replica[T any](plans *Plans, of *T) *T {
	made := new(T)
	*made = *of
	if deepen := plans.of(reflect.TypeFor[T]()).deepen; deepen != nil {
		deepen(reflect.ValueOf(made).Elem())
	}
	return made
}

// plan makes a shallow copy of a value of some type a deep one, in place; deepen is nil for types
// without references, whose shallow copy is deep already.
type plan struct {
	possible bool
	deepen   func(reflect.Value)
}

func (p *Plans) of(t reflect.Type) *plan {
	if known, ok := p.byType.Load(t); ok {
		return known.(*plan)
	}
	made := devise(t, nil)
	p.byType.Store(t, &made)
	return &made
}

// opaque are the types whose hidden references lead to what never changes.
var opaque = []reflect.Type{
	reflect.TypeFor[time.Time](), reflect.TypeFor[netip.Addr](), reflect.TypeFor[netip.Prefix](), reflect.TypeFor[netip.AddrPort](),
}

// devise is the plan for a type; within are the types around it. What JSON cannot have filled in, and
// types within themselves, have none.
func devise(t reflect.Type, within []reflect.Type) plan {
	if slices.Contains(opaque, t) {
		return plan{possible: true}
	}
	if slices.Contains(within, t) {
		return plan{}
	}
	within = append(within[:len(within):len(within)], t)
	switch t.Kind() {
	case reflect.Pointer:
		return devisePointer(t, within)
	case reflect.Slice:
		return deviseSlice(t, within)
	case reflect.Map:
		return deviseMap(t, within)
	case reflect.Struct:
		return deviseStruct(t, within)
	case reflect.Interface:
		return plan{possible: t.NumMethod() == 0, deepen: func(v reflect.Value) {
			if !v.IsNil() {
				v.Set(reflect.ValueOf(replicaJSON(v.Interface())))
			}
		}}
	case reflect.Array:
		item := devise(t.Elem(), within)
		return plan{possible: item.possible && item.deepen == nil}
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Uintptr, reflect.Invalid:
		return plan{}
	default:
		return plan{possible: true}
	}
}

func devisePointer(t reflect.Type, within []reflect.Type) plan {
	to := devise(t.Elem(), within)
	return plan{possible: to.possible, deepen: func(v reflect.Value) {
		if v.IsNil() {
			return
		}
		made := reflect.New(t.Elem())
		made.Elem().Set(v.Elem())
		if to.deepen != nil {
			to.deepen(made.Elem())
		}
		v.Set(made)
	}}
}

func deviseSlice(t reflect.Type, within []reflect.Type) plan {
	item := devise(t.Elem(), within)
	return plan{possible: item.possible, deepen: func(v reflect.Value) {
		if v.IsNil() {
			return
		}
		made := reflect.MakeSlice(t, v.Len(), v.Len())
		reflect.Copy(made, v)
		if item.deepen != nil {
			for i := range made.Len() {
				item.deepen(made.Index(i))
			}
		}
		v.Set(made)
	}}
}

func deviseMap(t reflect.Type, within []reflect.Type) plan {
	key, item := devise(t.Key(), within), devise(t.Elem(), within)
	possible := key.possible && key.deepen == nil && item.possible
	if t == reflect.TypeFor[map[string]string]() { // metadata, extra specs: most maps are
		return plan{possible: true, deepen: func(v reflect.Value) {
			v.Set(reflect.ValueOf(maps.Clone(v.Interface().(map[string]string))))
		}}
	}
	return plan{possible: possible, deepen: func(v reflect.Value) {
		if v.IsNil() {
			return
		}
		made := reflect.MakeMapWithSize(t, v.Len())
		for each := v.MapRange(); each.Next(); {
			value := reflect.New(t.Elem()).Elem()
			value.Set(each.Value())
			if item.deepen != nil {
				item.deepen(value)
			}
			made.SetMapIndex(each.Key(), value)
		}
		v.Set(made)
	}}
}

func deviseStruct(t reflect.Type, within []reflect.Type) plan {
	type step struct {
		field  int
		deepen func(reflect.Value)
	}
	var steps []step
	for i := range t.NumField() {
		inner := devise(t.Field(i).Type, within)
		if !inner.possible || inner.deepen != nil && !t.Field(i).IsExported() {
			return plan{}
		}
		if inner.deepen != nil {
			steps = append(steps, step{i, inner.deepen})
		}
	}
	if steps == nil {
		return plan{possible: true}
	}
	return plan{possible: true, deepen: func(v reflect.Value) {
		for _, s := range steps {
			s.deepen(v.Field(s.field))
		}
	}}
}

// replicaJSON copies what encoding/json decodes into an any.
func replicaJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		made := make(map[string]any, len(v))
		for key, value := range v {
			made[key] = replicaJSON(value)
		}
		return made
	case []any:
		made := make([]any, len(v))
		for i, value := range v {
			made[i] = replicaJSON(value)
		}
		return made
	default:
		return v // nil, bool, float64, string
	}
}

// decode makes a T of the row's JSON, or of its memo.
func decode[T any](row Row) (*T, error) {
	if known := recall[T](row.Memo); known != nil {
		return known, nil
	}
	value := new(T)
	if err := json.Unmarshal(row.Value, value); err != nil {
		return nil, err
	}
	remember(row.Memo, value)
	return value, nil
}
