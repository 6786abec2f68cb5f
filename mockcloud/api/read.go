// SPDX-License-Identifier: MPL-2.0

package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// sent is a request's body as it was read, before a route is known: the JSON that it holds (numbers as
// json.Number), or the root of a document; neither for none.
type sent struct {
	json any
	xml  *element
}

// action is the body's only key.
func (b sent) action() (string, error) {
	if b.xml != nil {
		return b.xml.name, nil
	}
	object, ok := b.json.(map[string]any)
	if !ok || len(object) != 1 {
		return "", malformed()
	}
	for key := range object {
		return key, nil
	}
	return "", nil
}

// value is the body's JSON, or what it would be.
func (b sent) value(c *Call) any {
	if b.xml == nil {
		return b.json
	}
	s := c.service
	r := xmlReader{XML: s.XML, types: &s.types, version: c.Version, collection: collection(c.route.Name())}
	return r.body(c.route, b.xml)
}

func malformed() *Fault { return BadRequest("Malformed request body") }

// read reads the request's body.
func (s *Service) read(c *Call) (sent, error) {
	raw, err := io.ReadAll(c.Request.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return sent{}, NewFault(http.StatusRequestEntityTooLarge, "Request is too large.")
	case err != nil:
		return sent{}, malformed()
	case len(raw) == 0:
		return sent{}, nil
	}
	kind, known := bodyMedia(c.Request)
	if !known || kind.xml && !s.hasXML(c.mount) {
		return sent{}, NewFault(http.StatusUnsupportedMediaType, "Unsupported Content-Type")
	}
	var body sent
	if kind.xml {
		body.xml, err = s.XML.parseXML(raw)
	} else {
		body.json, err = parseJSON(raw)
	}
	if err != nil {
		return sent{}, malformed()
	}
	return body, nil
}

// parseJSON is the one value that raw holds.
func parseJSON(raw []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var body any
	if err := decoder.Decode(&body); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the value")
	}
	return body, nil
}

func isJSON(kind string) bool {
	// Clients that set no type send Go's or Python's defaults; OpenStack takes both for JSON.
	return kind == "application/json" || strings.HasSuffix(kind, "+json") ||
		kind == "text/plain" || kind == "application/octet-stream" ||
		strings.HasPrefix(kind, "application/vnd.openstack.compute") && !strings.HasSuffix(kind, "+xml")
}
