// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// satisfiesQuery tells that the host is as a JsonFilter's query wants it:
// ["and", [">=", "$free_ram_mb", 1024], ["=", "$host", "a"]]. A query that cannot be read finds no host.
func satisfiesQuery(r Request, h Host) bool {
	if r.Query == "" {
		return true
	}
	var query []any
	if err := json.Unmarshal([]byte(r.Query), &query); err != nil {
		return false
	}
	result, ok := evaluate(query, facts(h))
	return ok && truth(result)
}

// facts are the host's capabilities with all numbers as JSON has them.
func facts(h Host) map[string]any {
	all := h.capabilities()
	for key, value := range all {
		if n, isInt := value.(int); isInt {
			all[key] = float64(n)
		}
	}
	return all
}

// evaluate is the value of a query: a command and its arguments. Arguments that have no value are left out,
// as Nova does. ok is false for a command that there is not.
func evaluate(query []any, facts map[string]any) (value any, ok bool) {
	if len(query) == 0 {
		return true, true
	}
	name, _ := query[0].(string)
	var arguments []any
	for _, argument := range query[1:] {
		switch a := argument.(type) {
		case []any:
			if argument, ok = evaluate(a, facts); !ok {
				return nil, false
			}
		case string:
			if variable, isVariable := strings.CutPrefix(a, "$"); isVariable {
				argument, _ = lookup(facts, strings.Split(variable, "."))
			}
		}
		if argument != nil && argument != "" {
			arguments = append(arguments, argument)
		}
	}
	command, known := commands[name]
	if !known {
		return nil, false
	}
	return command(arguments), true
}

var commands = map[string]func([]any) any{
	"and": func(all []any) any { return !slices.ContainsFunc(all, func(a any) bool { return !truth(a) }) },
	"or":  func(all []any) any { return slices.ContainsFunc(all, truth) },
	"not": func(all []any) any {
		flipped := make([]any, len(all))
		for i, a := range all {
			flipped[i] = !truth(a)
		}
		return flipped
	},
	"=":  first(reflect.DeepEqual),
	"<":  first(ordered(orders["<"])),
	">":  first(ordered(orders[">"])),
	"<=": first(ordered(orders["<="])),
	">=": first(ordered(orders[">="])),
	"in": func(all []any) any {
		return len(all) > 1 && slices.ContainsFunc(all[1:], func(a any) bool { return reflect.DeepEqual(all[0], a) })
	},
}

// first compares the first argument with each other one.
func first(holds func(a, b any) bool) func([]any) any {
	return func(all []any) any {
		return len(all) > 1 && !slices.ContainsFunc(all[1:], func(b any) bool { return !holds(all[0], b) })
	}
}

// ordered compares two numbers or two texts.
func ordered(holds func(order int) bool) func(a, b any) bool {
	return func(a, b any) bool {
		switch a := a.(type) {
		case float64:
			b, same := b.(float64)
			return same && holds(slices.Compare([]float64{a}, []float64{b}))
		case string:
			b, same := b.(string)
			return same && holds(strings.Compare(a, b))
		}
		return false
	}
}

// truth is Python's: what is neither zero nor empty; a list as a whole result is true if any of it is.
func truth(value any) bool {
	switch v := value.(type) {
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v != ""
	case []any:
		return slices.ContainsFunc(v, truth)
	}
	return value != nil
}
