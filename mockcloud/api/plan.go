// SPDX-License-Identifier: MPL-2.0

package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// planner holds what is known of types: tags parsed once per type, encoders and decoders planned once
// per (type, version), so that a request pays no reflection over tags.
type planner struct {
	formats  map[string]func(string) string
	fields   sync.Map  // reflect.Type -> []field
	encoders sync.Map  // typeAt -> encoder
	decoders sync.Map  // typeAt -> *structDecoder
	patterns sync.Map  // string -> *regexp.Regexp: many fields have the same
	bodies   sync.Pool // *[]byte: to write the next answers' bodies into
}

type typeAt struct {
	is      reflect.Type
	version Version
}

// field is what the tags of a struct field say.
type field struct {
	name      string
	index     []int
	is        reflect.Type
	present   []Ranges // its own and those of the groups around it: all must hold
	need      Ranges
	needed    bool
	omitEmpty bool
	rest      bool // json:"*"
	rules     rules
}

// rules are the constraints on a value.
type rules struct {
	oneOf            []string
	least, most      int // length
	hasLength        bool
	low, high        int64
	hasLow, hasHigh  bool
	format           string
	pattern          *regexp.Regexp
	null             bool
	itemLow, itemTop int // length of the strings in a list or map
	hasItem          bool
	keys             *regexp.Regexp
}

func (f *field) in(v Version) bool {
	for _, ranges := range f.present {
		if !ranges.Has(v) {
			return false
		}
	}
	return true
}

// fieldsOf parses t's tags, or returns what it parsed before. It panics on a bad tag.
func (p *planner) fieldsOf(t reflect.Type) []field {
	if known, ok := p.fields.Load(t); ok {
		return known.([]field)
	}
	var fields []field
	for i := range t.NumField() {
		at := t.Field(i)
		tag := at.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		present := mustTag(t, at, "nova")
		switch {
		case at.Anonymous && tag == "":
			inner := at.Type
			if inner.Kind() == reflect.Pointer {
				panic(fmt.Sprintf("%s.%s: embedded pointers are not supported", t, at.Name))
			}
			for _, f := range p.fieldsOf(inner) {
				f.index = append([]int{i}, f.index...)
				if present != nil {
					f.present = append([]Ranges{present}, f.present...)
				}
				fields = append(fields, f)
			}
		case name == "-" || !at.IsExported():
		case name == "":
			panic(fmt.Sprintf("%s.%s has no json tag", t, at.Name))
		default:
			f := field{
				name: name, index: []int{i}, is: at.Type, rest: name == "*",
				omitEmpty: strings.Contains(options, "omitempty"), rules: p.parseRules(t, at),
			}
			if present != nil {
				f.present = []Ranges{present}
			}
			if _, ok := at.Tag.Lookup("need"); ok {
				f.needed, f.need = true, mustTag(t, at, "need")
			}
			fields = append(fields, f)
		}
	}
	p.fields.Store(t, fields)
	return fields
}

func mustTag(t reflect.Type, at reflect.StructField, key string) Ranges {
	ranges, err := ParseRanges(at.Tag.Get(key))
	if err != nil {
		panic(fmt.Sprintf("%s.%s: %s: %v", t, at.Name, key, err))
	}
	return ranges
}

func (p *planner) parseRules(t reflect.Type, at reflect.StructField) rules {
	must := func(err error) {
		if err != nil {
			panic(fmt.Sprintf("%s.%s: %v", t, at.Name, err))
		}
	}
	var r rules
	var err error
	if text := at.Tag.Get("oneof"); text != "" {
		r.oneOf = strings.Fields(text)
	}
	if text := at.Tag.Get("len"); text != "" {
		r.hasLength = true
		r.least, r.most, err = span(text)
		must(err)
	}
	if text := at.Tag.Get("itemlen"); text != "" {
		r.hasItem = true
		r.itemLow, r.itemTop, err = span(text)
		must(err)
	}
	if text, ok := at.Tag.Lookup("range"); ok {
		low, high, found := strings.Cut(strings.TrimPrefix(text, "-"), "-")
		if strings.HasPrefix(text, "-") {
			low = "-" + low
		}
		if !found {
			must(fmt.Errorf("range %q has no end", text))
		}
		r.low, err = strconv.ParseInt(low, 10, 64)
		must(err)
		r.hasLow = true
		if high != "" {
			r.high, err = strconv.ParseInt(high, 10, 64)
			must(err)
			r.hasHigh = true
		}
	}
	if text := at.Tag.Get("pattern"); text != "" {
		r.pattern, err = p.compile(text)
		must(err)
	}
	if text := at.Tag.Get("keys"); text != "" {
		r.keys, err = p.compile(text)
		must(err)
	}
	r.format = at.Tag.Get("format")
	r.null = at.Tag.Get("null") == "ok"
	return r
}

func (p *planner) compile(pattern string) (*regexp.Regexp, error) {
	if known, ok := p.patterns.Load(pattern); ok {
		return known.(*regexp.Regexp), nil
	}
	compiled, err := regexp.Compile(pattern)
	if err == nil {
		p.patterns.Store(pattern, compiled)
	}
	return compiled, err
}

func span(text string) (least, most int, err error) {
	low, high, ok := strings.Cut(text, "-")
	if !ok {
		high = low
	}
	if least, err = strconv.Atoi(low); err != nil {
		return 0, 0, err
	}
	if high == "" {
		return least, int(newest), nil
	}
	most, err = strconv.Atoi(high)
	return least, most, err
}

// check parses the tags of everything that can be reached from t, and panics where one is bad or
// two fields have one name in one version.
func (p *planner) check(t reflect.Type) {
	p.walk(t, map[reflect.Type]bool{}, func(of reflect.Type, fields []field) {
		for i, f := range fields {
			if f.rules.format != "" && formats[f.rules.format] == nil && p.formats[f.rules.format] == nil {
				panic(fmt.Sprintf("%s.%s: no format %q", of, f.name, f.rules.format))
			}
			for _, g := range fields[:i] {
				if f.name == g.name && !disjoint(f.present, g.present) {
					panic(fmt.Sprintf("%s: two fields are named %q", of, f.name))
				}
			}
		}
	})
}

func disjoint(a, b []Ranges) bool {
	for _, x := range a {
		for _, y := range b {
			if !overlap(x, y) {
				return true
			}
		}
	}
	return false
}

// ranges tells note every range that tags reachable from t mention.
func (p *planner) ranges(t reflect.Type, note func(Ranges)) {
	p.walk(t, map[reflect.Type]bool{}, func(_ reflect.Type, fields []field) {
		for _, f := range fields {
			note(f.need)
			for _, ranges := range f.present {
				note(ranges)
			}
		}
	})
}

func (p *planner) walk(t reflect.Type, seen map[reflect.Type]bool, visit func(reflect.Type, []field)) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	if isOptional(t) || isWordOr(t) || isLeaf(t) && t.Kind() != reflect.Pointer {
		if isOptional(t) || isWordOr(t) {
			p.walk(t.Field(0).Type, seen, visit)
		}
		return
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		p.walk(t.Elem(), seen, visit)
	case reflect.Struct:
		fields := p.fieldsOf(t)
		visit(t, fields)
		for _, f := range fields {
			p.walk(f.is, seen, visit)
		}
	}
}

// isLeaf reports whether a type says itself how it looks in JSON.
func isLeaf(t reflect.Type) bool {
	for _, known := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[Parser]()} {
		if t.Implements(known) || reflect.PointerTo(t).Implements(known) {
			return true
		}
	}
	return isText(t)
}
