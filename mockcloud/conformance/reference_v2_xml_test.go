// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// xmlNode is any element.
type xmlNode struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []xmlNode  `xml:",any"`
	Text     string     `xml:",chardata"`
}

func parseXML(t testing.TB, document []byte) xmlNode {
	t.Helper()
	var root xmlNode
	if err := xml.Unmarshal(document, &root); err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	return root
}

// places are the elements and attributes of a document, by their way from the root; the keys of maps are not among
// them. The namespaces are the whole ones.
func (n *xmlNode) places(above string, into map[string]bool) {
	at := above + "/" + named(n.XMLName)
	into[at] = true
	for _, a := range n.Attrs {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
			into[at+"/@"+named(a.Name)] = true
		}
	}
	for i := range n.Children {
		n.Children[i].places(at, into)
	}
}

func named(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return "{" + name.Space + "}" + name.Local
}

// lacksInXML is what a document does not have of another, but for what differs.
func lacksInXML(t testing.TB, got, want []byte, differs []string) []string {
	t.Helper()
	has, wanted := map[string]bool{}, map[string]bool{}
	root := parseXML(t, got)
	root.places("", has)
	root = parseXML(t, want)
	root.places("", wanted)
	var wrong []string
	for _, place := range slices.Sorted(maps.Keys(wanted)) {
		if !has[place] && !slices.ContainsFunc(differs, func(d string) bool {
			return within(plainly(place), d) || within(strings.ReplaceAll(plainly(place), "@", ""), d)
		}) {
			wrong = append(wrong, "has no "+place)
		}
	}
	return wrong
}

// within reports whether a place is another or below it.
func within(place, other string) bool { return place == other || strings.HasPrefix(place, other+"/") }

// plainly is a place without namespaces, and as its JSON has it.
func plainly(place string) string {
	for {
		before, rest, found := strings.Cut(place, "{")
		if !found {
			return strings.NewReplacer("/rates/", "/rate/", "/rates", "/rate").Replace(place)
		}
		_, after, _ := strings.Cut(rest, "}")
		place = before + after
	}
}

// lacks is what a JSON value does not have of another, or has of another type, but for what differs. Of lists the first
// items are compared, of maps whose keys clients choose the values.
func lacks(got, want any, at string, differs []string) []string {
	if slices.Contains(differs, at) {
		return nil
	}
	switch want := want.(type) {
	case object:
		has, is := got.(object)
		if !is {
			break
		}
		if strings.HasSuffix(at, "/metadata") || strings.HasSuffix(at, "/addresses") || strings.HasSuffix(at, "/meta") {
			return lacks(slices.Collect(anyOf(maps.Values(has))), slices.Collect(anyOf(maps.Values(want))), at+"/*", differs)
		}
		var wrong []string
		for _, key := range slices.Sorted(maps.Keys(want)) {
			value, there := has[key]
			switch {
			case there:
				wrong = append(wrong, lacks(value, want[key], at+"/"+key, differs)...)
			case !slices.Contains(differs, at+"/"+key):
				wrong = append(wrong, "has no "+at+"/"+key)
			}
		}
		return wrong
	case []any:
		has, is := got.([]any)
		if !is || len(want) > 0 && len(has) == 0 {
			break
		}
		if len(want) == 0 {
			return nil
		}
		return lacks(has[0], want[0], at, differs)
	default:
		if fmt.Sprintf("%T", got) == fmt.Sprintf("%T", want) {
			return nil
		}
	}
	return []string{fmt.Sprintf("has %v at %s, the document %v", got, at, want)}
}

func anyOf(values func(func(any) bool)) func(func(any) bool) { return values }

// as makes a request with a body of a type, and wants the answer in it.
func (s *session) as(kind, method, path string, body []byte) (int, string, []byte) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("X-Auth-Token", s.token)
	request.Header.Set("Accept", kind)
	if len(body) > 0 {
		request.Header.Set("Content-Type", kind)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Content-Type"), text
}
