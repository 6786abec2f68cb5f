// SPDX-License-Identifier: MPL-2.0

package api

import (
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// invalid is what is wrong with an input: the value, in JSON Schema's phrases, and where it was.
type invalid struct {
	path    []string
	value   any
	message string
	whole   *Fault // the answer as it stands, where the input's type has its own
}

func (e *invalid) Error() string { return e.message }

// fault is the error as Nova tells it of a body.
func (e *invalid) fault() *Fault {
	return e.of("field/attribute", len(e.path)-1)
}

// of is the error as Nova tells it of a part of that kind, named by the step of the path.
func (e *invalid) of(kind string, step int) *Fault {
	switch {
	case e.whole != nil:
		return e.whole
	case len(e.path) == 0:
		return BadRequest("%s", e.message)
	}
	return BadRequest("Invalid input for %s %s. Value: %s. %s", kind, e.path[step], str(e.value), e.message)
}

// under adds the key or index at which an inner error happened.
func under(err *invalid, key string) *invalid {
	if err != nil {
		err.path = append([]string{key}, err.path...)
	}
	return err
}

func wrong(v any, format string, args ...any) *invalid {
	return &invalid{value: v, message: fmt.Sprintf(format, args...)}
}

// reading is one decoding: of which version, and how strict.
type reading struct {
	*planner
	tolerance

	version Version
}

// tolerance is what a reading passes over.
type tolerance struct {
	// loose passes over unknown keys.
	loose bool
	// lax takes numbers and booleans spelled as strings, and null for what is not needed: queries, and legacy mounts.
	lax bool
}

// decodeBody makes the route's request type of a decoded body.
func (p *planner) decodeBody(route *Route, v Version, tolerated tolerance, body any) (any, error) {
	r := reading{planner: p, version: v, tolerance: tolerated}
	into := reflect.New(route.in)
	if err := r.unwrapped(route.name, body, into.Elem()); err != nil {
		return nil, err.fault()
	}
	return into.Interface(), nil
}

func (r *reading) unwrapped(name string, body any, into reflect.Value) *invalid {
	whole := &rules{null: isOptional(into.Type())}
	if name == "" {
		return r.value(body, into, whole)
	}
	object, ok := body.(map[string]any)
	if !ok {
		return wrong(body, "%s is not of type 'object'", Repr(body))
	}
	inner, ok := object[name]
	if !ok {
		return wrong(body, "'%s' is a required property", name)
	}
	if extra := r.unknown(object, func(key string) bool { return key == name }); extra != nil {
		return extra
	}
	return under(r.value(inner, into, whole), name)
}

// unknown refuses the keys that known does not know, unless the reading is loose.
func (r *reading) unknown(object map[string]any, known func(string) bool) *invalid {
	if r.loose {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if !known(key) {
			return wrong(object, "Additional properties are not allowed (%s was unexpected)", Repr(key))
		}
	}
	return nil
}

// value puts v into the addressable into.
func (r *reading) value(v any, into reflect.Value, rules *rules) *invalid {
	t := into.Type()
	if isOptional(t) {
		into.FieldByName("Set").SetBool(true)
		if v == nil && rules.null {
			into.FieldByName("Null").SetBool(true)
			return nil
		}
		return r.value(v, into.Field(0), rules)
	}
	if isWordOr(t) {
		return r.wordOr(v, into, rules)
	}
	if v == nil && rules.null {
		return nil
	}
	if parser, ok := into.Addr().Interface().(Parser); ok {
		parse := parser.Parse
		if lenient, ok := parser.(LooseParser); ok && r.loose {
			parse = lenient.ParseLoosely
		}
		if err := parse(v); err != nil {
			return &invalid{value: v, message: err.Error(), whole: AsFault(err)}
		}
		if into.Kind() == reflect.String {
			return rules.text(r.planner, into.String())
		}
		return rules.number(v, into)
	}
	if t.Kind() == reflect.Pointer {
		if into.IsNil() {
			into.Set(reflect.New(t.Elem()))
		}
		return r.value(v, into.Elem(), rules)
	}
	if text, ok := into.Addr().Interface().(encoding.TextUnmarshaler); ok {
		s, isString := v.(string)
		if !isString {
			return wrong(v, "%s is not of type 'string'", Repr(v))
		}
		if err := text.UnmarshalText([]byte(s)); err != nil {
			return wrong(v, "%s is not a '%s'", Repr(v), rules.format)
		}
		return rules.text(r.planner, s) // an empty text makes a zero address of no format
	}
	return r.kind(v, into, rules)
}

// wordOr reads a WordOr: a string is the word, anything else the value. What is neither gets the message
// of JSON Schema's oneOf, which does not say why.
func (r *reading) wordOr(v any, into reflect.Value, words *rules) *invalid {
	into.FieldByName("Set").SetBool(true)
	var err *invalid
	if word, isWord := v.(string); isWord {
		into.FieldByName("Word").SetString(word)
		err = words.text(r.planner, word)
	} else {
		err = r.value(v, into.Field(0), &rules{})
	}
	if err != nil {
		return wrong(v, "%s is not valid under any of the given schemas", Repr(v))
	}
	return nil
}

func (r *reading) kind(v any, into reflect.Value, rules *rules) *invalid {
	switch into.Kind() {
	case reflect.Interface:
		if v != nil {
			into.Set(reflect.ValueOf(v))
		}
		return nil
	case reflect.String:
		s, ok := v.(string)
		if !ok {
			return wrong(v, "%s is not of type 'string'", Repr(v))
		}
		into.SetString(s)
		return rules.text(r.planner, s)
	case reflect.Bool:
		return r.boolean(v, into)
	case reflect.Int, reflect.Int32, reflect.Int64:
		return r.integer(v, into, rules)
	case reflect.Float64:
		return r.float(v, into)
	case reflect.Slice:
		return r.list(v, into, rules)
	case reflect.Map:
		return r.object(v, into, rules)
	case reflect.Struct:
		return r.fields(v, into)
	default:
		panic("api: cannot decode into " + into.Type().String())
	}
}

func (r *reading) boolean(v any, into reflect.Value) *invalid {
	if b, ok := v.(bool); ok {
		into.SetBool(b)
		return nil
	}
	var b Boolean
	if r.lax && b.Parse(v) == nil {
		into.SetBool(bool(b))
		return nil
	}
	return wrong(v, "%s is not of type 'boolean'", Repr(v))
}

func (r *reading) integer(v any, into reflect.Value, rules *rules) *invalid {
	number, ok := v.(json.Number)
	if text, isString := v.(string); isString && r.lax {
		number, ok = json.Number(strings.TrimSpace(text)), true
	}
	n, err := strconv.ParseInt(number.String(), 10, 64)
	if !ok || err != nil || into.OverflowInt(n) {
		return wrong(v, "%s is not of type 'integer'", Repr(v))
	}
	into.SetInt(n)
	return rules.number(v, into)
}

func (r *reading) float(v any, into reflect.Value) *invalid {
	number, ok := v.(json.Number)
	if text, isString := v.(string); isString && r.lax {
		number, ok = json.Number(strings.TrimSpace(text)), true
	}
	n, err := number.Float64()
	if !ok || err != nil {
		return wrong(v, "%s is not of type 'number'", Repr(v))
	}
	into.SetFloat(n)
	return nil
}

func (r *reading) list(v any, into reflect.Value, rules *rules) *invalid {
	items, ok := v.([]any)
	if !ok {
		return wrong(v, "%s is not of type 'array'", Repr(v))
	}
	if err := rules.length(v, len(items)); err != nil {
		return err
	}
	list := reflect.MakeSlice(into.Type(), len(items), len(items))
	each := rules.items()
	for i, item := range items {
		if err := r.value(item, list.Index(i), each); err != nil {
			return under(err, strconv.Itoa(i))
		}
	}
	into.Set(list)
	return nil
}

func (r *reading) object(v any, into reflect.Value, rules *rules) *invalid {
	object, ok := v.(map[string]any)
	if !ok {
		return wrong(v, "%s is not of type 'object'", Repr(v))
	}
	if err := rules.length(v, len(object)); err != nil {
		return err
	}
	if rules.keys != nil {
		if err := r.unknown(object, rules.keys.MatchString); err != nil {
			return err
		}
	}
	all := reflect.MakeMapWithSize(into.Type(), len(object))
	each := rules.items()
	for _, key := range slices.Sorted(maps.Keys(object)) {
		item := reflect.New(into.Type().Elem()).Elem()
		if err := r.value(object[key], item, each); err != nil {
			return under(err, key)
		}
		all.SetMapIndex(reflect.ValueOf(key), item)
	}
	into.Set(all)
	return nil
}

// structDecoder is the fields that a type has at a version.
type structDecoder struct {
	fields map[string]*field
	needed []string
	rest   *field
}

func (p *planner) decoder(t reflect.Type, v Version) *structDecoder {
	key := typeAt{t, v}
	if known, ok := p.decoders.Load(key); ok {
		return known.(*structDecoder)
	}
	made := &structDecoder{fields: map[string]*field{}}
	all := p.fieldsOf(t)
	for i := range all {
		f := &all[i]
		switch {
		case !f.in(v):
			continue
		case f.rest:
			made.rest = f
			continue
		case f.needed && f.need.Has(v):
			made.needed = append(made.needed, f.name)
		}
		made.fields[f.name] = f
	}
	p.decoders.Store(key, made)
	return made
}

func (r *reading) fields(v any, into reflect.Value) *invalid {
	object, ok := v.(map[string]any)
	if !ok {
		return wrong(v, "%s is not of type 'object'", Repr(v))
	}
	d := r.decoder(into.Type(), r.version)
	rest := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		f := d.fields[key]
		if f == nil {
			rest[key] = object[key]
			continue
		}
		if object[key] == nil && r.lax && !f.needed && !f.rules.null {
			continue // as if it were not there
		}
		if err := r.value(object[key], into.FieldByIndex(f.index), &f.rules); err != nil {
			return under(err, key)
		}
	}
	for _, name := range d.needed {
		if _, there := object[name]; !there {
			return wrong(v, "'%s' is a required property", name)
		}
	}
	if d.rest == nil {
		return r.unknown(object, func(key string) bool { return d.fields[key] != nil })
	}
	into.FieldByIndex(d.rest.index).Set(reflect.ValueOf(rest))
	return nil
}

// readQuery makes the route's query type of the request's parameters.
func (s *Service) readQuery(c *Call) error {
	r := reading{planner: &s.types, version: c.Version, tolerance: tolerance{loose: c.Loose, lax: true}}
	into := reflect.New(c.route.ask)
	d := s.types.decoder(c.route.ask, c.Version)
	object := map[string]any{}
	for key, values := range c.Request.URL.Query() {
		f := d.fields[key]
		if f != nil && f.is.Kind() != reflect.Slice || f == nil && d.rest == nil {
			object[key] = values[len(values)-1]
			continue
		}
		list := make([]any, len(values))
		for i, value := range values {
			list[i] = value
		}
		object[key] = list
	}
	if err := r.fields(object, into.Elem()); err != nil {
		return err.of("query parameters", 0)
	}
	c.query = into.Interface()
	return nil
}
