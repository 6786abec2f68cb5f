// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// columns are what records are filtered and sorted by. A column is a string, an int, a bool, a time as
// moment spells it, or a map.
type columns[T any] map[string]func(*T) any

// kindOf is a value of the column's type, of an empty record.
func (all columns[T]) kindOf(name string) any {
	if column := all[strings.TrimSuffix(name, "~")]; column != nil {
		return column(new(T))
	}
	return nil
}

func (all columns[T]) sort(rows []*T, by []order, id func(*T) string) error {
	for _, o := range by {
		if _, isMap := all.kindOf(o.column).(map[string]string); isMap || all[o.column] == nil {
			return invalidInput.of("Invalid sort key")
		}
	}
	slices.SortFunc(rows, func(a, b *T) int {
		for _, o := range by {
			order := compare(all[o.column](a), all[o.column](b))
			if o.down {
				order = -order
			}
			if order != 0 {
				return order
			}
		}
		order := cmp.Compare(id(a), id(b))
		if by[0].down {
			return -order
		}
		return order
	})
	return nil
}

func compare(a, b any) int {
	switch a := a.(type) {
	case int:
		return cmp.Compare(a, b.(int))
	case bool:
		return cmp.Compare(strconv.FormatBool(a), strconv.FormatBool(b.(bool)))
	case string:
		return cmp.Compare(a, b.(string))
	}
	return 0
}

// match makes the test of one filter on a column whose values are like sample.
func (q *query) match(name, value string, sample any) (func(any) bool, error) {
	base, like := strings.CutSuffix(name, "~")
	switch sample.(type) {
	case bool:
		want, err := q.boolean(name, value)
		return func(v any) bool { return v == want }, err
	case map[string]string:
		want, ok := literal(value).(map[string]string)
		return func(v any) bool { return ok && within(want, v.(map[string]string)) }, nil
	case int:
		return func(v any) bool { return strconv.Itoa(v.(int)) == value }, nil
	}
	if slices.Contains([]string{"created_at", "updated_at"}, name) && q.call.Since(comparesTimes) {
		return times(value)
	}
	if like && q.call.Since(filtersLike) && base != "" {
		return func(v any) bool { return strings.Contains(v.(string), value) }, nil
	}
	if list, ok := literal(value).([]string); ok {
		return func(v any) bool { return slices.Contains(list, v.(string)) }, nil
	}
	return func(v any) bool { return v == value }, nil
}

// boolean reads a boolean filter; before 3.2 every word but false was true.
func (q *query) boolean(name, value string) (bool, error) {
	if !q.call.Since(strictBooleans) {
		return value != "" && !slices.Contains([]string{"False", "false", "FALSE"}, value), nil
	}
	var b flag
	if err := b.Parse(value); err != nil {
		return false, invalidInput.because("'%s = %s'", name, value)
	}
	return bool(b), nil
}

func within(want, have map[string]string) bool {
	for key, value := range want {
		if got, ok := have[key]; !ok || got != value {
			return false
		}
	}
	return true
}

// times reads a comparison of times: "gt:2019-01-01T00:00:00,lt:…".
func times(value string) (func(any) bool, error) {
	operators := map[string]func(int) bool{
		"gt": func(n int) bool { return n > 0 }, "gte": func(n int) bool { return n >= 0 }, "eq": func(n int) bool { return n == 0 },
		"neq": func(n int) bool { return n != 0 }, "lt": func(n int) bool { return n < 0 }, "lte": func(n int) bool { return n <= 0 },
	}
	var tests []func(string) bool
	for part := range strings.SplitSeq(value, ",") {
		name, at, _ := strings.Cut(part, ":")
		holds := operators[name]
		if holds == nil {
			return nil, badRequest.because("Invalid %s operator", name)
		}
		t, err := api.ParseTime(at)
		if err != nil {
			return nil, badRequest.because("Invalid %s value", at)
		}
		// Cinder's database knows whole seconds.
		tests = append(tests, func(v string) bool {
			return holds(cmp.Compare(v[:len("2006-01-02T15:04:05")], moment(t.Truncate(time.Second))[:len("2006-01-02T15:04:05")]))
		})
	}
	return func(v any) bool {
		return !slices.ContainsFunc(tests, func(holds func(string) bool) bool { return !holds(v.(string)) })
	}, nil
}

// literal reads what clients send of a map or a list: Python's literal of one, or JSON. It is a
// map[string]string, a []string, or nil for anything else.
func literal(text string) any {
	p := &literalReader{rest: strings.TrimSpace(text)}
	var value any
	switch {
	case strings.HasPrefix(p.rest, "{"):
		value = p.dict()
	case strings.HasPrefix(p.rest, "["):
		value = p.list()
	}
	if p.failed || strings.TrimSpace(p.rest) != "" {
		return nil
	}
	return value
}

type literalReader struct {
	rest   string
	failed bool
}

// eat consumes a token if it comes next.
func (p *literalReader) eat(token string) bool {
	p.rest = strings.TrimLeft(p.rest, " \t\n")
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = rest
	}
	return ok
}

// quoted consumes a string: 'a', u'a' or "a".
func (p *literalReader) quoted() string {
	if !p.eat("u'") && !p.eat("'") {
		if !p.eat(`u"`) && !p.eat(`"`) {
			p.failed = true
			return ""
		}
		return p.until('"')
	}
	return p.until('\'')
}

func (p *literalReader) until(quote byte) string {
	var out strings.Builder
	for i := 0; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '\\' && i+1 < len(p.rest):
			i++
			out.WriteByte(p.rest[i])
		case c == quote:
			p.rest = p.rest[i+1:]
			return out.String()
		default:
			out.WriteByte(c)
		}
	}
	p.failed = true
	return ""
}

func (p *literalReader) dict() map[string]string {
	all := map[string]string{}
	p.eat("{")
	for !p.failed && !p.eat("}") {
		key := p.quoted()
		p.failed = p.failed || !p.eat(":")
		all[key] = p.quoted()
		p.failed = p.failed || !p.eat(",") && !strings.HasPrefix(strings.TrimSpace(p.rest), "}")
	}
	return all
}

func (p *literalReader) list() []string {
	all := []string{}
	p.eat("[")
	for !p.failed && !p.eat("]") {
		all = append(all, p.quoted())
		p.failed = p.failed || !p.eat(",") && !strings.HasPrefix(strings.TrimSpace(p.rest), "]")
	}
	return all
}
