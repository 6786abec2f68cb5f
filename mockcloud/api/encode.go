// SPDX-License-Identifier: MPL-2.0

package api

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
)

// encoder appends a value's JSON.
type encoder func(to []byte, v reflect.Value) ([]byte, error)

// Shape is a type whose answer differs by version in a way that tags cannot say: what At returns is
// encoded in its place.
type Shape interface{ At(v Version) any }

// envelope is an answer that puts more than itself beside its name, as Page does.
type envelope interface {
	wrap(name string) []member
}

type member struct {
	name  string
	value any
}

// encode appends value as it looks at v, wrapped in name unless that is empty.
func (p *planner) encode(out []byte, name string, value any, v Version) ([]byte, error) {
	members := []member{{name, value}}
	if many, ok := value.(envelope); ok {
		members = many.wrap(name)
	} else if name == "" {
		return p.append(out, reflect.ValueOf(value), v)
	}
	out = append(out, '{')
	var err error
	for i, m := range members {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendString(out, m.name), ':')
		if out, err = p.append(out, reflect.ValueOf(m.value), v); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

func (p *planner) append(to []byte, value reflect.Value, v Version) ([]byte, error) {
	if !value.IsValid() {
		return append(to, "null"...), nil
	}
	return p.encoder(value.Type(), v)(to, value)
}

// encoder plans the encoder of a type, or finds the one that it planned before. A type that holds itself
// finds, while it is planned, one that waits for it.
func (p *planner) encoder(t reflect.Type, v Version) encoder {
	key := typeAt{t, v}
	if known, ok := p.encoders.Load(key); ok {
		return known.(encoder)
	}
	var made encoder
	planned := make(chan struct{})
	waiting := encoder(func(to []byte, value reflect.Value) ([]byte, error) {
		<-planned
		return made(to, value)
	})
	if known, loaded := p.encoders.LoadOrStore(key, waiting); loaded {
		return known.(encoder)
	}
	made = p.makeEncoder(t, v)
	close(planned)
	p.encoders.Store(key, made)
	return made
}

// appender is a type that writes its JSON by itself, without the cost of a json.Marshaler.
type appender interface{ appendJSON(to []byte) []byte }

func (p *planner) makeEncoder(t reflect.Type, v Version) encoder {
	switch {
	case t.Implements(reflect.TypeFor[Shape]()) && t.Kind() != reflect.Interface:
		return func(to []byte, value reflect.Value) ([]byte, error) {
			return p.append(to, reflect.ValueOf(value.Interface().(Shape).At(v)), v)
		}
	case isOptional(t):
		inner := p.encoder(t.Field(optValue).Type, v)
		return func(to []byte, value reflect.Value) ([]byte, error) {
			if value.Field(optNull).Bool() || !value.Field(optSet).Bool() {
				return append(to, "null"...), nil
			}
			return inner(to, value.Field(optValue))
		}
	case t.Implements(reflect.TypeFor[appender]()):
		return func(to []byte, value reflect.Value) ([]byte, error) {
			return value.Interface().(appender).appendJSON(to), nil
		}
	case t.Implements(reflect.TypeFor[json.Marshaler]()), t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return marshal
	}
	if t == reflect.TypeFor[json.Number]() { // what a client sent and we pass on; its kind is that of a string
		return marshal
	}
	switch t.Kind() {
	case reflect.String:
		return func(to []byte, value reflect.Value) ([]byte, error) { return appendString(to, value.String()), nil }
	case reflect.Bool:
		return func(to []byte, value reflect.Value) ([]byte, error) { return strconv.AppendBool(to, value.Bool()), nil }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(to []byte, value reflect.Value) ([]byte, error) {
			return strconv.AppendInt(to, value.Int(), 10), nil
		}
	case reflect.Pointer, reflect.Interface:
		return func(to []byte, value reflect.Value) ([]byte, error) {
			if value.IsNil() {
				return append(to, "null"...), nil
			}
			return p.append(to, value.Elem(), v)
		}
	case reflect.Slice, reflect.Array:
		return p.listEncoder(t, v)
	case reflect.Map:
		return p.mapEncoder(t, v)
	case reflect.Struct:
		return p.structEncoder(t, v)
	default:
		return marshal
	}
}

func (p *planner) listEncoder(t reflect.Type, v Version) encoder {
	item := p.encoder(t.Elem(), v)
	return func(to []byte, value reflect.Value) ([]byte, error) {
		to = append(to, '[')
		var err error
		for i := range value.Len() {
			if i > 0 {
				to = append(to, ',')
			}
			if to, err = item(to, value.Index(i)); err != nil {
				return nil, err
			}
		}
		return append(to, ']'), nil
	}
}

// mapEncoder writes keys in order, so that answers can be compared.
func (p *planner) mapEncoder(t reflect.Type, v Version) encoder {
	item := p.encoder(t.Elem(), v)
	return func(to []byte, value reflect.Value) ([]byte, error) {
		keys := value.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(keyText(a), keyText(b)) })
		to = append(to, '{')
		var err error
		for i, key := range keys {
			if i > 0 {
				to = append(to, ',')
			}
			to = append(appendString(to, keyText(key)), ':')
			if to, err = item(to, value.MapIndex(key)); err != nil {
				return nil, err
			}
		}
		return append(to, '}'), nil
	}
}

// keyText is a map's key as JSON has it.
func keyText(key reflect.Value) string {
	if key.Kind() == reflect.String {
		return key.String()
	}
	return fmt.Sprint(key)
}

// fieldEncoder is how a struct's field is written.
type fieldEncoder struct {
	index     []int
	key       []byte // "name":
	rest      bool
	omitEmpty func(reflect.Value) bool // nil: never
	encode    encoder
}

func (p *planner) structEncoder(t reflect.Type, v Version) encoder {
	var fields []fieldEncoder
	for _, f := range p.fieldsOf(t) {
		if !f.in(v) {
			continue
		}
		made := fieldEncoder{index: f.index, key: append(appendString(nil, f.name), ':'), rest: f.rest, encode: p.encoder(f.is, v)}
		if f.omitEmpty {
			made.omitEmpty = emptiness(f.is)
		}
		fields = append(fields, made)
	}
	return func(to []byte, value reflect.Value) ([]byte, error) {
		to = append(to, '{')
		start := len(to)
		var err error
		for i := range fields {
			f := &fields[i]
			at := value.FieldByIndex(f.index)
			if f.rest {
				if to, err = appendRest(to, at, f.encode, len(to) > start); err != nil {
					return nil, err
				}
				continue
			}
			if f.omitEmpty != nil && f.omitEmpty(at) {
				continue
			}
			if len(to) > start {
				to = append(to, ',')
			}
			if to, err = f.encode(append(to, f.key...), at); err != nil {
				return nil, err
			}
		}
		return append(to, '}'), nil
	}
}

func appendRest(to []byte, rest reflect.Value, encode encoder, comma bool) ([]byte, error) {
	if rest.Len() == 0 {
		return to, nil
	}
	inner, err := encode(nil, rest)
	if err != nil {
		return nil, err
	}
	if comma {
		to = append(to, ',')
	}
	return append(to, inner[1:len(inner)-1]...), nil
}

// emptiness tells what omitempty leaves out of a type.
func emptiness(t reflect.Type) func(reflect.Value) bool {
	switch {
	case isOptional(t):
		return func(v reflect.Value) bool { return !v.Field(optSet).Bool() }
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Map:
		return func(v reflect.Value) bool { return v.Len() == 0 }
	default:
		return reflect.Value.IsZero
	}
}

func marshal(to []byte, value reflect.Value) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value.Interface()); err != nil {
		return nil, err
	}
	return append(to, bytes.TrimRight(out.Bytes(), "\n")...), nil
}

func appendString(to []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x7f {
			quoted, err := marshal(nil, reflect.ValueOf(s))
			if err != nil { // a string cannot fail to encode
				return append(to, `""`...)
			}
			return append(to, quoted...)
		}
	}
	return append(append(append(to, '"'), s...), '"')
}
