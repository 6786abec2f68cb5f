// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"net/netip"
	"reflect"
	"strings"
)

// object is a record as an answer shows it.
type object = map[string]any

// attribute is what the tags of a field say.
type attribute struct {
	name  string
	index []int
	fixed bool // put:"no"
	rule  bool // rule:"yes"
	null  bool // show:"null"
	set   bool // show:"set"
}

// shape is the attributes of a record or of the fields of a request, in their order.
type shape []attribute

func shapeOf(t reflect.Type) shape {
	var all shape
	for i := range t.NumField() {
		at := t.Field(i)
		if at.Anonymous {
			for _, inner := range shapeOf(at.Type) {
				inner.index = append([]int{i}, inner.index...)
				all = append(all, inner)
			}
			continue
		}
		name, _, _ := strings.Cut(at.Tag.Get("json"), ",")
		if at.Tag.Get("show") == "no" {
			continue
		}
		all = append(all, attribute{
			name: name, index: []int{i}, fixed: at.Tag.Get("put") == "no", rule: at.Tag.Get("rule") == "yes",
			null: at.Tag.Get("show") == "null", set: at.Tag.Get("show") == "set",
		})
	}
	return all
}

func (s shape) find(name string) (attribute, bool) {
	for _, a := range s {
		if a.name == name {
			return a, true
		}
	}
	return attribute{}, false
}

// object is the record with the attributes that show lets through.
func (s shape) object(record any, show func(attribute) bool) object {
	value := reflect.ValueOf(record).Elem()
	out := make(object, len(s)+1)
	for _, a := range s {
		if !show(a) {
			continue
		}
		field := value.FieldByIndex(a.index)
		if a.set && field.IsZero() {
			continue
		}
		v := field.Interface()
		if _, address := v.(netip.Addr); (address || a.null) && field.IsZero() {
			v = nil
		}
		out[a.name] = v
		if a.name == "project_id" {
			out["tenant_id"] = v
		}
	}
	return out
}

// sent are the attributes that a request holds: all fields of requests are of type api.Opt.
func (s shape) sent(fields any) []attribute {
	value := reflect.ValueOf(fields).Elem()
	var all []attribute
	for _, a := range s {
		if value.FieldByIndex(a.index).FieldByName("Set").Bool() {
			all = append(all, a)
		}
	}
	return all
}

// assign copies what a request holds into the attributes of the same name that the record has; null
// makes them empty. Attributes that the record does not have, or keeps in another type, are left to the
// collection.
func (s shape) assign(fields any, sent []attribute, record any) {
	from, to := reflect.ValueOf(fields).Elem(), reflect.ValueOf(record).Elem()
	for _, a := range sent {
		target, ok := s.find(a.name)
		if !ok {
			continue
		}
		option, field := from.FieldByIndex(a.index), to.FieldByIndex(target.index)
		null, value := option.FieldByName("Null").Bool(), option.FieldByName("Value")
		pointer := field.Kind() == reflect.Pointer
		of := field.Type()
		if pointer {
			of = of.Elem()
		}
		switch {
		case !value.CanConvert(of):
		case null:
			field.SetZero()
		case pointer:
			field.Set(reflect.New(of))
			field.Elem().Set(value.Convert(of))
		default:
			field.Set(value.Convert(of))
		}
	}
}
