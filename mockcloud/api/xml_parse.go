// SPDX-License-Identifier: MPL-2.0

package api

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
)

// maxXMLDepth is the deepest nesting of elements that we read; requests of Nova's have five.
const maxXMLDepth = 32

// maxXMLAttributes is the most attributes that an element has.
const maxXMLAttributes = 256

// errXML is what is wrong with a document that we do not read: it is malformed, too deep, or has a document type,
// and with it entities.
var errXML = errors.New("the document is not well-formed, or has what we do not read")

// parseXML reads a document. It holds no more than the document did: there are no entities but the five that XML
// itself has, and nothing is fetched.
func (x *XML) parseXML(raw []byte) (*element, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	p := &xmlParser{XML: x, decoder: xml.NewDecoder(bytes.NewReader(raw)), prefixes: map[string]string{}, plain: map[string]bool{}}
	for _, form := range x.Forms {
		p.plain[form.Namespace] = true
	}
	for {
		token, err := p.decoder.Token()
		switch {
		case errors.Is(err, io.EOF) && p.root != nil && len(p.open) == 0:
			return p.root, nil
		case err != nil:
			return nil, errXML
		}
		if err := p.take(token); err != nil {
			return nil, err
		}
	}
}

// xmlParser is the reading of one document.
type xmlParser struct {
	*XML

	decoder  *xml.Decoder
	root     *element
	open     []*element
	prefixes map[string]string // by URI: as the document declares them
	plain    map[string]bool   // URIs whose names have no prefix here, whatever the document gives them
}

func (p *xmlParser) take(token xml.Token) error {
	switch token := token.(type) {
	case xml.Directive:
		return errXML
	case xml.StartElement:
		return p.start(token)
	case xml.EndElement:
		p.open = p.open[:len(p.open)-1]
	case xml.CharData:
		if len(p.open) > 0 {
			p.open[len(p.open)-1].text += string(token)
		} else if len(bytes.TrimSpace(token)) > 0 {
			return errXML
		}
	}
	return nil
}

func (p *xmlParser) start(token xml.StartElement) error {
	if len(p.open) == maxXMLDepth || len(token.Attr) > maxXMLAttributes || len(p.open) == 0 && p.root != nil {
		return errXML
	}
	for _, a := range token.Attr {
		if a.Name.Space == "xmlns" {
			p.prefixes[a.Value] = a.Name.Local
		}
	}
	made := &element{name: p.name(token.Name)}
	for _, a := range token.Attr {
		if a.Name.Space == "xmlns" || a.Name == (xml.Name{Local: "xmlns"}) {
			continue
		}
		name := p.name(a.Name)
		if slices.ContainsFunc(made.attributes, func(other attribute) bool { return other.name == name }) {
			return errXML
		}
		made.set(name, a.Value)
	}
	if p.root == nil {
		p.root = made
	} else {
		around := p.open[len(p.open)-1]
		around.children = append(around.children, made)
	}
	p.open = append(p.open, made)
	return nil
}

// name is a name with the prefix that we have for its namespace, or else the document's own; without one where
// the namespace is the default, or that of our documents.
func (p *xmlParser) name(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	declared := p.prefixes[name.Space]
	if p.Namespaces[declared] == name.Space && declared != "" {
		return declared + ":" + name.Local // two prefixes may have one namespace
	}
	for _, prefix := range slices.Sorted(maps.Keys(p.Namespaces)) {
		if p.Namespaces[prefix] == name.Space {
			return prefix + ":" + name.Local
		}
	}
	if prefix, known := p.Read[name.Space]; known {
		return prefix + ":" + name.Local
	}
	if p.plain[name.Space] {
		return name.Local
	}
	if declared != "" {
		return declared + ":" + name.Local
	}
	if !strings.ContainsAny(name.Space, "/:") { // no declaration: encoding/xml leaves the prefix
		return name.Space + ":" + name.Local
	}
	return name.Local
}
