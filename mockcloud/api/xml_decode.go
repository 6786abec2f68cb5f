// SPDX-License-Identifier: MPL-2.0

package api

import (
	"reflect"
	"strings"
)

// xmlReader makes of a document what its JSON would have been, for the decoder to read: the types say what is a
// list, a map or an object, which XML does not. Scalars stay text, which legacy mounts take for numbers.
type xmlReader struct {
	*XML

	types      *planner
	version    Version
	collection string
}

// body is the body of a request of the route: an object with one member, the root. What the root has that belongs
// beside it, stands beside it: scheduler hints.
func (r *xmlReader) body(route *Route, root *element) any {
	if route.name == root.name {
		return map[string]any{root.name: r.value(root, route.in, "")}
	}
	fields := r.fieldsOf(route.in)
	field := fields[root.name]
	if route.name != "" || field == nil {
		return r.rootless(route, root)
	}
	body := map[string]any{root.name: r.value(root, field.is, "")}
	own := r.fieldsOf(field.is)
	if inner, isObject := body[root.name].(map[string]any); isObject && own != nil {
		for key, value := range inner {
			if fields[key] != nil && own[key] == nil {
				body[key] = value
				delete(inner, key)
			}
		}
	}
	return body
}

// rootless is the body of a document whose root no type knows: one that stands for the braces, or the key of a map.
func (r *xmlReader) rootless(route *Route, root *element) any {
	if r.Requests[route.Name()] == root.name {
		return r.value(root, route.in, "")
	}
	if t := route.in; route.name == "" && t.Kind() == reflect.Map && !isLeaf(t) {
		return map[string]any{root.name: r.value(root, t.Elem(), "")}
	}
	return map[string]any{root.name: r.generic(root)}
}

// value is what an element is for a type.
func (r *xmlReader) value(e *element, t reflect.Type, parent string) any {
	if isOptional(t) || isWordOr(t) && len(e.children)+len(e.attributes) > 0 {
		return r.value(e, t.Field(0).Type, parent)
	}
	if t.Kind() == reflect.Pointer && !isLeaf(t) {
		return r.value(e, t.Elem(), parent)
	}
	if isLeaf(t) || isWordOr(t) {
		return r.generic(e)
	}
	form := r.form(r.collection, parent, e.name)
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		list := []any{}
		for _, child := range e.children {
			list = append(list, r.value(child, t.Elem(), e.name))
		}
		return list
	case reflect.Map:
		return r.entries(e, t.Elem())
	case reflect.Struct:
		return r.object(e, form, r.fieldsOf(t))
	case reflect.Interface:
		return r.generic(e)
	case reflect.String:
		return e.text
	default:
		return strings.TrimSpace(e.text)
	}
}

// fieldsOf are the fields of a type of objects; nil of another's.
func (r *xmlReader) fieldsOf(t reflect.Type) map[string]*field {
	for isOptional(t) || t.Kind() == reflect.Pointer {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		} else {
			t = t.Field(0).Type
		}
	}
	if t.Kind() != reflect.Struct || isLeaf(t) {
		return nil
	}
	return r.types.decoder(t, r.version).fields
}

// entries is a map: <meta key="name">value</meta>, or <name>value</name>. The element itself may be the entry.
func (r *xmlReader) entries(e *element, t reflect.Type) any {
	all := map[string]any{}
	for _, a := range e.attributes {
		if a.name == "key" && len(e.children) == 0 {
			return map[string]any{a.value: e.text}
		}
		all[a.name] = a.value
	}
	for _, child := range e.children {
		all[keyOf(child)] = r.value(&element{name: child.name, text: child.text, children: child.children}, t, e.name)
	}
	return all
}

func keyOf(e *element) string {
	for _, a := range e.attributes {
		if a.name == "key" {
			return a.value
		}
	}
	return e.name
}

// object is an element's attributes and children as the members of an object.
func (r *xmlReader) object(e *element, form Form, fields map[string]*field) any {
	members := map[string]any{}
	for _, a := range e.attributes {
		members[form.member(a.name)] = a.value
	}
	for _, child := range e.children {
		name := form.member(child.name)
		field := fields[name]
		switch {
		case field != nil && field.rules.null && child.empty():
			members[name] = nil
		case field != nil:
			members[name] = r.value(child, field.is, e.name)
		default:
			gather(members, keyOf(&element{name: name, attributes: child.attributes}), r.generic(child))
		}
	}
	for name, place := range form.Members {
		if place == "." && e.text != "" {
			members[name] = e.text
		}
	}
	return members
}

// member is the member that an attribute or an element holds.
func (f *Form) member(name string) string {
	for member, place := range f.Members {
		if strings.TrimPrefix(place, "@") == name {
			return member
		}
	}
	if member, known := f.Aliases[name]; known {
		return member
	}
	return name
}

// generic is an element of no type: text, or an object. One that says nothing is null.
func (r *xmlReader) generic(e *element) any {
	switch {
	case e.empty():
		return nil
	case len(e.children)+len(e.attributes) == 0:
		return strings.TrimSpace(e.text)
	}
	members := map[string]any{}
	for _, a := range e.attributes {
		members[a.name] = a.value
	}
	for _, child := range e.children {
		gather(members, child.name, r.generic(child))
	}
	return members
}

// gather makes a list of what comes more than once.
func gather(members map[string]any, name string, value any) {
	before, again := members[name]
	list, isList := before.([]any)
	switch {
	case isList:
		members[name] = append(list, value)
	case again:
		members[name] = []any{before, value}
	default:
		members[name] = value
	}
}
