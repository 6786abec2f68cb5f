// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// neutron asks the network service's API in the name of who sent a request, as Nova does: what its
// proxies show and make are Neutron's own records, under Neutron's policy and quotas.
type neutron struct {
	service http.Handler
	c       *api.Call
	match   string // If-Match; "" is none
}

func (s *Service) neutron(c *api.Call) neutron { return neutron{service: s.Neutron, c: c} }

// at is for a request about a record as it was at that revision: Neutron refuses it (412) when the record has changed.
func (n neutron) at(revision int) neutron {
	n.match = fmt.Sprintf("revision_number=%d", revision)
	return n
}

// object is a body that is put together here.
type object = map[string]any

// neutronFault is Neutron's refusal.
type neutronFault struct {
	status  int
	Type    string `json:"type"` // "PortNotFound"
	Message string `json:"message"`
}

func (f *neutronFault) Error() string {
	return fmt.Sprintf("neutron: %d %s: %s", f.status, f.Type, f.Message)
}

// send asks for a path below /network/v2.0; answer, unless nil, is what the answer's body is read into.
func (n neutron) send(method, path string, query url.Values, body, answer any) error {
	if n.service == nil {
		return errNoNetworks()
	}
	content := new(bytes.Buffer)
	if body != nil {
		if err := json.NewEncoder(content).Encode(body); err != nil {
			return err
		}
	}
	place := (&url.URL{Path: "/network/v2.0" + path, RawQuery: query.Encode()}).String()
	request, err := http.NewRequestWithContext(n.c.Context(), method, place, content)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Auth-Token", n.c.Request.Header.Get("X-Auth-Token"))
	if n.match != "" {
		request.Header.Set("If-Match", n.match)
	}
	got := &inProcess{header: http.Header{}, status: http.StatusOK}
	n.service.ServeHTTP(got, request)
	switch {
	case got.status >= http.StatusBadRequest:
		return got.fault()
	case answer == nil:
		return nil
	}
	return json.Unmarshal(got.body.Bytes(), answer)
}

func errNoNetworks() error {
	return api.NewFault(http.StatusServiceUnavailable, "The network service is not available.")
}

// inProcess is an answer that goes to nobody outside.
type inProcess struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (p *inProcess) Header() http.Header { return p.header }

func (p *inProcess) WriteHeader(status int) { p.status = status }

func (p *inProcess) Write(b []byte) (int, error) { return p.body.Write(b) }

func (p *inProcess) fault() error {
	var body struct{ NeutronError *neutronFault }
	if err := json.Unmarshal(p.body.Bytes(), &body); err != nil || body.NeutronError == nil {
		return fmt.Errorf("neutron answered %d %s", p.status, p.body.Bytes())
	}
	body.NeutronError.status = p.status
	return body.NeutronError
}

// networkKind is a collection of Neutron's whose records are read as T.
type networkKind[T any] struct{ one, many, path string }

// list is the records that pass the filters.
func (k networkKind[T]) list(n neutron, filters url.Values) ([]T, error) {
	var answer map[string]json.RawMessage
	if err := n.send(http.MethodGet, k.path, filters, nil, &answer); err != nil {
		return nil, err
	}
	var items []T
	return items, json.Unmarshal(answer[k.many], &items)
}

func (k networkKind[T]) show(n neutron, id string) (T, error) {
	return k.ask(n, http.MethodGet, "/"+id, nil)
}

func (k networkKind[T]) create(n neutron, fields object) (T, error) {
	return k.ask(n, http.MethodPost, "", fields)
}

func (k networkKind[T]) update(n neutron, id string, fields object) (T, error) {
	return k.ask(n, http.MethodPut, "/"+id, fields)
}

func (k networkKind[T]) delete(n neutron, id string) error {
	return n.send(http.MethodDelete, k.path+"/"+id, nil, nil, nil)
}

func (k networkKind[T]) ask(n neutron, method, path string, fields object) (item T, err error) {
	var body any
	if fields != nil {
		body = object{k.one: fields}
	}
	var answer map[string]json.RawMessage
	if err := n.send(method, k.path+path, nil, body, &answer); err != nil {
		return item, err
	}
	return item, json.Unmarshal(answer[k.one], &item)
}

// where is a filter of one attribute.
func where(attribute string, values ...string) url.Values { return url.Values{attribute: values} }
