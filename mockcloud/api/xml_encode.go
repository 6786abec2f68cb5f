// SPDX-License-Identifier: MPL-2.0

package api

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"slices"
	"strings"
)

// tree is JSON with its members in their order.
type tree struct {
	kind    json.Delim // '{', '[', or 0 for a scalar
	members []treeMember
	items   []tree
	text    string // of a scalar
	null    bool
}

type treeMember struct {
	name  string
	value tree
}

// parseTree reads JSON that we wrote ourselves.
func parseTree(raw []byte) (tree, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return readTree(decoder)
}

func readTree(decoder *json.Decoder) (tree, error) {
	token, err := decoder.Token()
	if err != nil {
		return tree{}, err
	}
	delimiter, compound := token.(json.Delim)
	if !compound {
		made := tree{null: token == nil, text: Repr(token)} // None, True and False
		if text, isText := token.(string); isText {
			made.text = text
		}
		return made, nil
	}
	made := tree{kind: delimiter}
	for decoder.More() {
		name := ""
		if delimiter == '{' {
			if token, err = decoder.Token(); err != nil {
				return tree{}, err
			}
			name, _ = token.(string)
		}
		value, err := readTree(decoder)
		if err != nil {
			return tree{}, err
		}
		if delimiter == '{' {
			made.members = append(made.members, treeMember{name, value})
		} else {
			made.items = append(made.items, value)
		}
	}
	_, err = decoder.Token()
	return made, err
}

// Encode tells in XML what the JSON of an answer says. The operation is the answer's: "GET /servers/{id}".
func (x *XML) Encode(operation string, answer []byte) ([]byte, error) {
	whole, err := parseTree(answer)
	if err != nil {
		return nil, err
	}
	w := &xmlWriter{XML: x, collection: collection(operation)}
	name, main, links := w.root(operation, whole)
	form := w.form(w.collection, "", name)
	return w.document(name, form, main, links), nil
}

// encodeFault tells a fault in XML.
func (x *XML) encodeFault(body []byte) ([]byte, error) {
	whole, err := parseTree(body)
	if err != nil || len(whole.members) != 1 {
		return nil, err
	}
	w := &xmlWriter{XML: x}
	return w.document(whole.members[0].name, x.Fault, whole.members[0].value, nil), nil
}

// xmlWriter makes the elements of one answer.
type xmlWriter struct {
	*XML

	collection string
}

// root is the name of the document's element and what is in it: the only member of the answer beside its links,
// unless the tables name another.
func (w *xmlWriter) root(operation string, whole tree) (name string, main tree, links []treeMember) {
	var others []treeMember
	for _, m := range whole.members {
		if isLinks(m.name) && m.name != "links" {
			links = append(links, m)
		} else {
			others = append(others, m)
		}
	}
	if name, bare := w.Roots[operation]; bare {
		return name, whole, nil
	}
	if len(others) != 1 {
		return w.collection, whole, nil
	}
	if name, bare := w.Roots[others[0].name]; bare {
		return name, whole, nil
	}
	return others[0].name, others[0].value, links
}

func (w *xmlWriter) document(name string, form Form, main tree, links []treeMember) []byte {
	if form.Scalars == Inherited {
		form.Scalars = Attributes
	}
	root := named(elementName(name, form))
	w.fill(root, main, name, form)
	for _, m := range links {
		w.member(root, m, form)
	}
	if form.Flat && len(root.children) == 1 {
		root = root.children[0]
	}
	return w.write(root, form.Namespace)
}

func elementName(name string, form Form) string {
	if form.Name != "" {
		return form.Name
	}
	return name
}

// fill puts a value into an element. name is the value's JSON name.
func (w *xmlWriter) fill(e *element, value tree, name string, form Form) {
	item := form.Item
	if item == "" {
		item = singular(name)
	}
	if !isXMLName(item) {
		item = "item"
	}
	switch {
	case value.kind == '[':
		for _, one := range value.items {
			w.item(e, one, name, item, form)
		}
	case value.kind == 0:
		e.text = value.text
	case form.Key != "":
		for _, m := range value.members {
			w.entry(e, m, name, item, form)
		}
	default:
		for _, m := range value.members {
			w.member(e, m, form)
		}
		for _, name := range form.Present {
			if !slices.ContainsFunc(value.members, func(m treeMember) bool { return m.name == name }) {
				e.add(name)
			}
		}
	}
}

// item adds an item of a list. One that is wrapped in its own name is not wrapped twice.
func (w *xmlWriter) item(e *element, value tree, list, item string, form Form) {
	if len(value.members) == 1 && value.members[0].name == item && value.members[0].value.kind != 0 {
		value = value.members[0].value
	}
	inner := w.below(form, list, item)
	w.fill(e.add(elementName(item, inner)), value, item, inner)
}

// entry adds an entry of a map.
func (w *xmlWriter) entry(e *element, m treeMember, name, item string, form Form) {
	child := e.add(item)
	child.set(form.Key, m.name)
	switch {
	case form.Value != "":
		child.set(form.Value, m.value.text)
	case form.Within != "":
		inner := w.below(form, item, form.Within)
		w.fill(child.add(form.Within), m.value, form.Within, inner)
	default:
		w.fill(child, m.value, item, w.below(form, name, item))
	}
}

// below is the form of an element inside of one with that form.
func (w *xmlWriter) below(around Form, parent, name string) Form {
	form := w.form(w.collection, parent, name)
	if form.Scalars == Inherited {
		form.Scalars = around.Scalars
	}
	return form
}

func isLinks(name string) bool { return name == "links" || strings.HasSuffix(name, "_links") }

// member adds a member of an object.
func (w *xmlWriter) member(e *element, m treeMember, form Form) {
	place := form.Members[m.name]
	asAttribute, isAttribute := strings.CutPrefix(place, "@")
	scalar := m.value.kind == 0
	switch {
	case place == "-":
	case place == ".":
		e.text = m.value.text
	case isAttribute:
		e.set(asAttribute, m.value.text)
	case isLinks(m.name) && m.value.kind == '[':
		for _, link := range m.value.items {
			w.fill(e.add("atom:link"), link, "atom:link", Form{Scalars: Attributes})
		}
	case scalar && place == "" && form.Scalars == Attributes && isXMLName(m.name) && !w.isMap(e, m):
		e.set(m.name, m.value.text)
	default:
		w.child(e, m, place, form)
	}
}

// isMap reports whether a null stands in the place of a map.
func (w *xmlWriter) isMap(e *element, m treeMember) bool {
	return m.value.null && w.form(w.collection, e.name, m.name).Key != ""
}

func (w *xmlWriter) child(e *element, m treeMember, place string, form Form) {
	inner := w.below(form, e.name, m.name)
	switch {
	case m.value.null && inner.Key != "":
	case inner.Flat && m.value.kind != 0:
		w.fill(e, m.value, m.name, inner)
	default:
		if place == "" {
			place = elementName(m.name, inner)
		}
		made := named(place)
		e.children = append(e.children, made)
		w.fill(made, m.value, m.name, inner)
	}
}

// write is the document, with the namespaces of all prefixes in it at its root.
func (x *XML) write(root *element, namespace string) []byte {
	var out bytes.Buffer
	out.WriteString("<?xml version='1.0' encoding='UTF-8'?>\n")
	var head []attribute
	if namespace != "" {
		head = append(head, attribute{"xmlns", namespace})
	}
	for _, prefix := range prefixes(root, nil) {
		head = append(head, attribute{"xmlns:" + prefix, x.namespace(prefix)})
	}
	root.attributes = append(head, root.attributes...)
	root.write(&out)
	return out.Bytes()
}

// prefixes are those of the names in e and below it, in the order in which they come.
func prefixes(e *element, known []string) []string {
	note := func(name string) {
		prefix, _, has := strings.Cut(name, ":")
		if has && !slices.Contains(known, prefix) {
			known = append(known, prefix)
		}
	}
	note(e.name)
	for _, a := range e.attributes {
		note(a.name)
	}
	for _, child := range e.children {
		known = prefixes(child, known)
	}
	return known
}

// write appends the element. A character that XML cannot hold becomes U+FFFD.
func (e *element) write(out *bytes.Buffer) {
	out.WriteByte('<')
	out.WriteString(e.name)
	for _, a := range e.attributes {
		out.WriteString(" " + a.name + `="`)
		_ = xml.EscapeText(out, []byte(a.value)) // a buffer takes all
		out.WriteByte('"')
	}
	if e.text == "" && len(e.children) == 0 {
		out.WriteString("/>")
		return
	}
	out.WriteByte('>')
	_ = xml.EscapeText(out, []byte(e.text))
	for _, child := range e.children {
		child.write(out)
	}
	out.WriteString("</" + e.name + ">")
}
