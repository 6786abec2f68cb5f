// SPDX-License-Identifier: MPL-2.0

package api

import (
	"regexp"
	"slices"
	"strings"
)

// XML is the other notation of a service's bodies, on its legacy mounts. There is one encoder and one decoder for
// all types: an answer is encoded as ever, and what its JSON says is then told in elements; a document is read
// into what its JSON would have been, guided by the request's type, and decoded as ever. So nothing has a
// serializer of its own. The rules, of an object's member by its name and value:
//
//	a scalar                an attribute; where the Form says Elements, an element with text
//	an object, a list       an element, a list's items in elements of the singular
//	links, NAME_links       an atom:link for each
//	prefix:name             a name in the prefix's namespace
//	what is no XML name     <item key="…">
//	null, true, false       None, True, False, as Python spells them
//
// What deviates is in the tables. When reading, an attribute and an element with text are the same.
type XML struct {
	// Namespaces are the URIs of the prefixes in members' names. A prefix that has none is its own URI.
	Namespaces map[string]string
	// Read are older URIs that clients may send for a prefix.
	Read map[string]string
	// Roots name the root of an answer whose JSON has none around it: by the operation ("GET /limits"), or by the
	// JSON name of what it has.
	Roots map[string]string
	// Requests name, by the operation, the root that stands for the braces of a request whose JSON has no name either.
	Requests map[string]string
	// Forms are the elements that deviate, by their JSON names: "collection:name" below a path's last fixed segment,
	// else "parent/name", else "name". An answer's root has the form of its name.
	Forms map[string]Form
	// Fault is the form of all faults.
	Fault Form
}

// Form is how an element deviates from the rules.
type Form struct {
	// Name is the element's name, where it is not the member's.
	Name string
	// Namespace is the default one of a document with this root; "" is none.
	Namespace string
	// Scalars is how the scalars in it are written, and in what is below it unless that says otherwise.
	Scalars Scalars
	// Members are the places of single members: "@name" an attribute, "name" an element, "." the element's text, "-"
	// none, for they are not shown.
	Members map[string]string
	// Aliases are other names that are read for members.
	Aliases map[string]string
	// Item is the name of what it holds: a list's items, or with Key a map's entries.
	Item string
	// Key is the attribute for a map's keys. Value is the one for its values; without it they are what the entry
	// holds, in an element Within if that is said.
	Key, Value, Within string
	// Present are elements that it has even where the JSON has nothing of that name.
	Present []string
	// Flat: what it holds stands in its own place.
	Flat bool
}

// Scalars is how the scalars of an object are written.
type Scalars int

// Scalars of an element are written as those of the one around it; at the root as Attributes.
const (
	Inherited Scalars = iota
	Attributes
	Elements
)

// AtomNamespace is that of links and of feeds.
const AtomNamespace = "http://www.w3.org/2005/Atom"

// xmlName is a name with at most one prefix.
var xmlName = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9._-]*:)?[A-Za-z_][A-Za-z0-9._-]*$`)

// isXMLName reports whether a name needs no key attribute. What begins with xml is XML's own.
func isXMLName(name string) bool {
	return xmlName.MatchString(name) && (len(name) < 3 || !strings.EqualFold(name[:3], "xml"))
}

// element is an element of a document. Names have their prefix.
type element struct {
	name       string
	attributes []attribute
	children   []*element
	text       string
}

type attribute struct{ name, value string }

// named is an element of that name, which need not be one of XML's.
func named(name string) *element {
	if isXMLName(name) {
		return &element{name: name}
	}
	return &element{name: "item", attributes: []attribute{{"key", name}}}
}

// empty reports whether the element says nothing but its name.
func (e *element) empty() bool {
	return len(e.attributes)+len(e.children) == 0 && strings.TrimSpace(e.text) == ""
}

func (e *element) set(name, value string) {
	e.attributes = append(e.attributes, attribute{name, value})
}

func (e *element) add(name string) *element {
	child := &element{name: name}
	e.children = append(e.children, child)
	return child
}

// form is that of a JSON name in its place.
func (x *XML) form(collection, parent, name string) Form {
	for _, key := range []string{collection + ":" + name, parent + "/" + name, name} {
		if form, known := x.Forms[key]; known {
			return form
		}
	}
	return Form{}
}

// collection is the last fixed segment of an operation's path: "ips" of "GET /servers/{id}/ips/{label}".
func collection(operation string) string {
	_, path, _ := strings.Cut(operation, " ")
	path, _, _ = strings.Cut(path, " ")
	for _, segment := range slices.Backward(strings.Split(path, "/")) {
		if segment != "" && segment[0] != '{' && segment != "detail" {
			return segment
		}
	}
	return ""
}

// singular is the name of the items of a list that no form names.
func singular(name string) string {
	switch {
	case strings.HasSuffix(name, "ies"):
		return strings.TrimSuffix(name, "ies") + "y"
	case strings.HasSuffix(name, "s"):
		return strings.TrimSuffix(name, "s")
	default:
		return "item"
	}
}

// namespace is the URI of a prefix.
func (x *XML) namespace(prefix string) string {
	if prefix == "atom" {
		return AtomNamespace
	}
	if uri, known := x.Namespaces[prefix]; known {
		return uri
	}
	return prefix
}
