// SPDX-License-Identifier: MPL-2.0

package api

import (
	"encoding"
	"encoding/json"
	"errors"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Parser is a type with its own rules for what JSON it takes: v is what encoding/json decodes into an
// any, with numbers as json.Number. The error's text ends Nova's sentence, in JSON Schema's phrases; a
// Fault is the whole answer. A Parser that is a string or an integer may have the tags of one, too.
type Parser interface{ Parse(v any) error }

// LooseParser is a Parser that takes more from requests that are read loosely.
type LooseParser interface {
	Parser
	ParseLoosely(v any) error
}

// WrongType is a Parser's error for a value of none of the JSON types.
func WrongType(v any, types ...string) error {
	return errors.New(Repr(v) + " is not of type '" + strings.Join(types, "', '") + "'")
}

// Opt tells a value that was sent from one that was not, and both from null. In answers it is null
// unless Set; with omitempty it is left out.
type Opt[T any] struct {
	Value     T
	Set, Null bool
}

// Some is a value that is set.
func Some[T any](value T) Opt[T] { return Opt[T]{Value: value, Set: true} }

// The fields of an Opt, in their order.
const (
	optValue = iota
	optSet
	optNull
)

func (Opt[T]) optional() {}

func isOptional(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.Implements(reflect.TypeFor[interface{ optional() }]())
}

func isText(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) ||
		reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// Boolean is true or false, or one of the words that OpenStack takes for them.
type Boolean bool

// Parse implements Parser.
func (b *Boolean) Parse(v any) error {
	switch v := v.(type) {
	case bool:
		*b = Boolean(v)
		return nil
	case string:
		switch strings.ToLower(v) {
		case "true", "1", "on", "yes":
			*b = true
			return nil
		case "false", "0", "off", "no":
			*b = false
			return nil
		}
	}
	return errors.New(Repr(v) + " is not one of [True, 'True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes', " +
		"False, 'False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no']")
}

// Integer is a whole number, or a string that spells one.
type Integer int64

// Parse implements Parser.
func (n *Integer) Parse(v any) error {
	var text string
	switch v := v.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
	default:
		return WrongType(v, "integer", "string")
	}
	parsed, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		if _, isText := v.(string); !isText {
			return WrongType(v, "integer", "string")
		}
		return errors.New(Repr(v) + " does not match '^-?[0-9]+$'")
	}
	*n = Integer(parsed)
	return nil
}

// Natural is a whole number, or a string of digits. The range tag says where it begins.
type Natural int64

// Parse implements Parser.
func (n *Natural) Parse(v any) error {
	if text, ok := v.(string); ok {
		if text == "" {
			return errors.New("'' is too short")
		}
		if strings.Trim(text, "0123456789") != "" {
			return errors.New(Repr(v) + " does not match '^[0-9]*$'")
		}
	}
	return (*Integer)(n).Parse(v)
}

// Time is a moment as most of Nova's answers spell it: 2026-01-02T03:04:05Z. The zero time is null.
type Time struct{ time.Time }

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) { return t.appendJSON(nil), nil }

func (t Time) appendJSON(to []byte) []byte { return appendTime(to, t.Time, `"2006-01-02T15:04:05Z"`) }

// Micros is a moment as Nova's older answers spell it: 2026-01-02T03:04:05.000000. The zero time is
// null.
type Micros struct{ time.Time }

// MarshalJSON implements json.Marshaler.
func (t Micros) MarshalJSON() ([]byte, error) { return t.appendJSON(nil), nil }

func (t Micros) appendJSON(to []byte) []byte {
	return appendTime(to, t.Time, `"2006-01-02T15:04:05.000000"`)
}

func appendTime(to []byte, t time.Time, layout string) []byte {
	if t.IsZero() {
		return append(to, "null"...)
	}
	return t.UTC().AppendFormat(to, layout)
}

var (
	_ Parser                   = (*Boolean)(nil)
	_ Parser                   = (*Integer)(nil)
	_ Parser                   = (*Natural)(nil)
	_ json.Marshaler           = Time{}
	_ encoding.TextUnmarshaler = (*netip.Addr)(nil)
)

// Pointer is the value, or nil when it was not sent or is null.
func (o Opt[T]) Pointer() *T {
	if !o.Set || o.Null {
		return nil
	}
	return &o.Value
}

// WordOr is a T, or one of the words that the field's oneof tag allows.
type WordOr[T any] struct {
	Value T
	Word  string
	Set   bool
}

func (WordOr[T]) wordOr() {}

func isWordOr(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.Implements(reflect.TypeFor[interface{ wordOr() }]())
}
