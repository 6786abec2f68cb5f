// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// TestXMLClient does all walks of API 2.1 with the legacy API in its place, asked in XML by a client that knows nothing of
// our tables. What a GET answers in JSON, it answers in XML as well: every text and number.
func TestXMLClient(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	cloud := cloudtest.Start(t, roomy(t))
	target, err := url.Parse(cloud.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := &xmlClient{t: t, target: target, forward: httputil.NewSingleHostReverseProxy(target)}
	server := httptest.NewServer(client)
	t.Cleanup(server.Close)
	admin := login(t, server.URL, cloud.Password("admin"))
	vars := environment(t, admin)
	client.project = admin.project
	served := servedBy(cloud)
	for _, walk := range walks() {
		if !slices.Contains(walk.at(t, contract), 1) {
			continue
		}
		t.Run(walk.name, func(t *testing.T) { // not in parallel: as in TestContract
			w := &walker{session: admin.at(t, 1), contract: contract, served: served, vars: maps.Clone(vars)}
			w.vars["n"] = "1"
			for _, step := range walk.steps {
				w.take(step)
			}
		})
	}
	t.Logf("%d requests in XML, %d answers", client.requests.Load(), client.answers.Load())
	if client.requests.Load() == 0 || client.answers.Load() == 0 {
		t.Error("nothing was said in XML")
	}
}

// xmlClient stands before a cloud and speaks XML in the place of who speaks JSON.
type xmlClient struct {
	t        testing.TB
	target   *url.URL
	project  string
	forward  http.Handler
	requests atomic.Int64
	answers  atomic.Int64
}

// ServeHTTP implements http.Handler.
func (c *xmlClient) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, compute := strings.CutPrefix(r.URL.Path, "/compute/v2.1/")
	if !compute || c.project == "" || r.Header.Get("OpenStack-API-Version") != "compute 2.1" {
		c.forward.ServeHTTP(w, r)
		return
	}
	r.URL.Path = "/compute/v2/" + c.project + "/" + path
	r.URL.RawPath = ""
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Error(err)
	}
	if len(body) > 0 {
		body = documentOf(body, path)
		r.Header.Set("Content-Type", "application/xml")
		c.requests.Add(1)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Accept", "application/json")
	answer := httptest.NewRecorder()
	c.forward.ServeHTTP(answer, r)
	if r.Method == http.MethodGet && answer.Code == http.StatusOK {
		c.compare(r, answer.Body.Bytes())
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// compare asks for an answer again, in XML, and wants all texts of the JSON in it.
func (c *xmlClient) compare(r *http.Request, inJSON []byte) {
	again := r.Clone(r.Context())
	again.Body = http.NoBody
	if strings.HasSuffix(r.URL.Path, "/") {
		again.Header.Set("Accept", "application/xml")
	} else {
		again.URL.Path += ".xml"
	}
	answer, after := httptest.NewRecorder(), httptest.NewRecorder()
	c.forward.ServeHTTP(answer, again)
	c.forward.ServeHTTP(after, r)
	if after.Code != http.StatusOK { // it is gone
		return
	}
	var root xmlNode
	if err := xml.Unmarshal(answer.Body.Bytes(), &root); answer.Code != http.StatusOK || err != nil {
		c.t.Errorf("%s: %d %v: %s", again.URL, answer.Code, err, answer.Body)
		return
	}
	value, err := exactly(inJSON)
	later, lateErr := exactly(after.Body.Bytes())
	if err := errors.Join(err, lateErr); err != nil {
		c.t.Errorf("%s: %v: %s", r.URL, err, inJSON)
		return
	}
	c.answers.Add(1)
	still := textsOf(later, nil) // a server may have gone on meanwhile
	has := map[string]bool{}
	root.texts(has)
	for _, text := range textsOf(value, nil) {
		if !has[text] && slices.Contains(still, text) {
			c.t.Errorf("%s: %q is not in the XML: %s", r.URL, text, answer.Body)
		}
	}
}

// texts are all texts and values of a document, and the names that stand for keys.
func (n *xmlNode) texts(into map[string]bool) {
	into[n.Text] = true
	for _, a := range n.Attrs {
		into[a.Value] = true
	}
	for i := range n.Children {
		n.Children[i].texts(into)
	}
}

// textsOf are all texts and numbers of a JSON value.
func textsOf(value any, all []string) []string {
	switch value := value.(type) {
	case object:
		for _, inner := range value {
			all = textsOf(inner, all)
		}
	case []any:
		for _, inner := range value {
			all = textsOf(inner, all)
		}
	case string:
		all = append(all, value)
	case json.Number:
		all = append(all, value.String())
	}
	return all
}

// exactly is a JSON value with its numbers as they are spelled.
func exactly(raw []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	err := decoder.Decode(&value)
	return value, err
}

// documentOf is the XML of a body, as a client would write it that knows nothing of types: scalars are attributes, and
// what stands beside the first member is in it.
func documentOf(body []byte, path string) []byte {
	value, err := exactly(body)
	if err != nil {
		return body
	}
	whole, isObject := value.(object)
	if !isObject {
		return body
	}
	main := ""
	for _, name := range slices.Sorted(maps.Keys(whole)) {
		if _, compound := whole[name].(object); compound && !strings.Contains(name, ":") {
			main = name
		}
	}
	switch {
	case len(whole) == 1:
		for name, inner := range whole {
			return element(name, inner)
		}
	case main == "":
		for root, at := range map[string]string{"service": "os-services", "updates": "os-hosts"} {
			if strings.HasPrefix(path, at) {
				return element(root, whole)
			}
		}
		return element("body", whole)
	}
	inner := maps.Clone(whole[main].(object))
	for name, beside := range whole {
		if name != main {
			inner[strings.Replace(name, "os:", "OS-SCH-HNT:", 1)] = beside
		}
	}
	return element(main, inner)
}

var plainName = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9._-]*:)?[A-Za-z][A-Za-z0-9._-]*$`)

// element is a value in an element.
func element(name string, value any) []byte {
	var head, inner bytes.Buffer
	declare := func(name string) string {
		if prefix, _, has := strings.Cut(name, ":"); has && !strings.Contains(head.String(), "xmlns:"+prefix+"=") {
			head.WriteString(" xmlns:" + prefix + `="` + prefix + `"`)
		}
		return name
	}
	if !plainName.MatchString(name) {
		head.WriteString(` key="` + escaped(name) + `"`)
		name = "item"
	}
	declare(name)
	switch value := value.(type) {
	case object:
		for _, member := range slices.Sorted(maps.Keys(value)) {
			switch at := value[member].(type) {
			case nil, object, []any:
				inner.Write(element(member, at))
			default:
				if plainName.MatchString(member) {
					declare(member)
					head.WriteString(" " + member + `="` + escaped(fmt.Sprint(at)) + `"`)
				} else {
					inner.Write(element(member, at))
				}
			}
		}
	case []any:
		for _, item := range value {
			inner.Write(element("item", item))
		}
	case nil:
	default:
		inner.WriteString(escaped(fmt.Sprint(value)))
	}
	return slices.Concat([]byte("<"+name), head.Bytes(), []byte(">"), inner.Bytes(), []byte("</"+name+">"))
}

func escaped(text string) string {
	var out bytes.Buffer
	_ = xml.EscapeText(&out, []byte(text)) // a buffer takes all
	return out.String()
}
