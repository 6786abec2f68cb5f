// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// reference is one of the documents, and how all that it describes is done.
type reference struct {
	file   string
	read   func(t testing.TB, text string) []*described
	scenes func(testing.TB) []scene
	// cloud is what the document needs of a cloud.
	cloud cloudtest.Option
	// deviations are by heading.
	deviations func() map[string]deviation
}

// scene is a sequence of requests; scenes do not see one another.
type scene struct {
	name string
	rows []row
}

// row is one request: an operation of the document, or a step that only prepares.
type row struct {
	step
	does    string // the operation's heading; "" prepares
	example int    // which of its requests and answers; they come in pairs
	shows   shows
}

// shows is what the answer of a row is held to.
type shows int

const (
	theExample    shows = iota // it has all that the document's example has
	theServer                  // $server is in the list
	anotherServer              // $server is not in the list
	everything                 // it has, with those of other such rows, every key that the document names
)

// deviation is where the contract, being of today's Nova, says something else than a document, and wins.
type deviation struct {
	op   string // another method or path: "PUT /os-aggregates/{id}"
	code int    // another status
	// differs is what of an example is not so: "server/progress".
	differs []string
	// unasked are parameters that the operation does not have.
	unasked []string
	// unshown are keys that its answers do not have.
	unshown []string
	why     string
}

// does is an operation of a document, with the values of its path's variables but the project's.
func does(heading, of string) row { return row{does: heading, step: step{of: of}} }

// with is what of the scene stands where the document names its own: it is laid over the example.
func (r row) with(body any) row { r.body = body; return r }

func (r row) asking(query string) row { r.query = query; return r }
func (r row) at(minor int) row        { r.by = minor; return r }
func (r row) nth(example int) row     { r.example = example; return r }
func (r row) saving(save string) row  { r.save = save; return r }
func (r row) until(status string) row { r.step.until = status; return r }

func (r row) finds() row  { r.shows = theServer; return r }
func (r row) misses() row { r.shows = anotherServer; return r }
func (r row) full() row   { r.shows = everything; return r }

// acts is a sequence of operations and what prepares them.
func acts(parts ...any) []row {
	var rows []row
	for _, part := range parts {
		switch part := part.(type) {
		case row:
			rows = append(rows, part)
		case step:
			rows = append(rows, row{step: part})
		default:
			panic(fmt.Sprintf("%T is no part of a scene", part))
		}
	}
	return rows
}

// plain is a body as JSON has it.
func plain(t testing.TB, body any) any {
	t.Helper()
	raw, err := json.Marshal(body)
	var value any
	if err == nil {
		err = json.Unmarshal(raw, &value)
	}
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// pair are the request and the answer of the document that the row is about.
func (d *described) pair(n int) (request, answer example) {
	if len(d.requests) > 0 {
		request = d.requests[min(n, len(d.requests)-1)]
	}
	if len(d.answers) > 0 {
		answer = d.answers[min(n, len(d.answers)-1)]
	}
	return request, answer
}

// target is where an operation is asked for: the project of its path is the scene's, the rest is the row's.
func (w *walker) target(d *described, dev deviation, of string) (method, path string) {
	method, path = d.method, d.path
	if dev.op != "" {
		method, path, _ = strings.Cut(dev.op, " ")
	}
	if path != "/" && !strings.HasPrefix(path, "/v2.1") {
		path = "/v2.1" + path
	}
	if strings.HasPrefix(path, "/v2.1/{tenant_id}") {
		path = strings.Replace(path, "{tenant_id}", w.vars["project"], 1)
	}
	o := &operation{Path: path}
	return method, "/compute" + o.path(strings.Fields(w.filled(of)))
}

// exercise does an operation as its document says. It returns the names of all that the answer shows, and what is not as
// the document says, by where.
func (w *walker) exercise(d *described, r row, dev deviation) (shown map[string]bool, found map[string]string) {
	w.t.Helper()
	request, answer := d.pair(r.example)
	body := filledIn("", request.body, plain(w.t, r.body))
	raw, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	if all := r.of + " " + r.query + " " + string(raw); !w.has(all) {
		return nil, map[string]string{"scene": "has not all of " + all}
	}
	method, path := w.target(d, dev, r.of)
	if r.query != "" {
		path += "?" + w.filled(r.query)
	}
	sent := []byte(w.filled(string(raw)))
	if body == nil {
		sent = nil
	}
	as := *w.session
	as.version = max(1, r.by, request.at, answer.at)
	found = map[string]string{}
	send := func() bool {
		clear(found)
		status, header, text := as.sendRaw(method, path, sent)
		switch {
		case !slices.Contains(d.expected(dev), status) && (len(d.expected(dev)) > 0 || status >= http.StatusMultipleChoices):
			found["status"] = fmt.Sprintf("2.%d %s %s %s: %d, not %v: %s", as.version, method, path, sent, status, d.expected(dev), text)
			return true
		case dev.code != 0 && slices.Contains(d.codes, status):
			found["status"] = fmt.Sprintf("%d is what the document says", status)
		}
		var got, asked any
		if len(text) > 0 && (text[0] == '{' || answer.body != nil) {
			if err := json.Unmarshal(text, &got); err != nil {
				found["body"] = err.Error()
				return true
			}
		}
		shown = map[string]bool{}
		for name := range header {
			shown[name] = true
		}
		keysOf(shown, got)
		switch there := w.lists(got); {
		case r.shows == theServer && !there, r.shows == anotherServer && there:
			found["servers"] = fmt.Sprintf("%s: the server is there: %t", r.query, there)
		case r.shows == theExample && answer.body != nil:
			_ = json.Unmarshal(sent, &asked) // ours
			lacking(found, "", got, answer.body)
			echoed(found, "", asked, got, request.body, answer.body)
		}
		return w.keep(r.step, text)
	}
	if !send() {
		w.poll(func() (string, bool) {
			return d.heading + ": nothing there of " + r.save, method == http.MethodGet && send()
		})
	}
	for _, where := range dev.differs {
		switch _, there := found[where]; {
		case there:
			delete(found, where)
		case found["status"] == "":
			found[where] = "is as the document says"
		}
	}
	if len(found) == 0 {
		w.wait(r.step)
	}
	return shown, found
}

// lists reports whether $server is in a list of servers.
func (w *walker) lists(answer any) bool {
	list, _ := answer.(object)
	servers, _ := list["servers"].([]any)
	return slices.ContainsFunc(servers, func(s any) bool { return s.(object)["id"] == w.vars["server"] })
}

// expected are the statuses with which an operation succeeds.
func (d *described) expected(dev deviation) []int {
	if dev.code != 0 {
		return []int{dev.code}
	}
	return d.codes
}

// tally counts what passes.
type tally struct {
	sync.Mutex
	failed map[string]bool
	shown  map[string]map[string]bool // the keys of the answers that are to have all
	rows   int                        // not done, as when a test is asked for by name
}

// take counts a row that is done.
func (c *tally) take() {
	c.Lock()
	defer c.Unlock()
	c.rows--
}

// see collects what an answer shows.
func (c *tally) see(heading string, names map[string]bool) {
	c.Lock()
	defer c.Unlock()
	if c.shown[heading] == nil {
		c.shown[heading] = map[string]bool{}
	}
	maps.Copy(c.shown[heading], names)
}

func (c *tally) fail(heading string) {
	c.Lock()
	defer c.Unlock()
	c.failed[heading] = true
}

// walk does everything in the document. Once its scenes are over, what it returns tells how many operations there are,
// and how many of them are as the document says.
func (ref *reference) walk(t *testing.T) func(testing.TB) (all, passed int) {
	operations := map[string]*described{}
	for _, d := range ref.read(t, readReference(t, ref.file)) {
		operations[d.heading] = d
	}
	ref.complete(t, operations)
	st := &stage{}
	st.open(t, cloudtest.With(func(o *mockcloud.Options) {
		if ref.cloud != nil {
			ref.cloud(o)
		}
	}))
	ref.justified(t, st.contract, operations)
	count := &tally{failed: map[string]bool{}, shown: map[string]map[string]bool{}}
	for _, sc := range ref.scenes(t) {
		for _, r := range sc.rows {
			if r.does != "" {
				count.rows++
			}
		}
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			vars := maps.Clone(st.vars)
			id := uuid.New()
			vars["n"], vars["ip"] = id.String()[:8], fmt.Sprintf("10.77.%d.%d", 128+id[0]%128, 1+id[1]%250)
			w := &walker{session: st.owner.at(t, 1), contract: st.contract, served: st.served, vars: vars}
			for _, r := range sc.rows {
				ref.take(t, w, r, operations[r.does], count)
			}
		})
	}
	return func(t testing.TB) (all, passed int) {
		if count.rows == 0 {
			ref.showsAll(t, operations, count)
		}
		return len(operations), len(operations) - len(count.failed)
	}
}

// showsAll holds the answers that are to have everything to what the document names.
func (ref *reference) showsAll(t testing.TB, operations map[string]*described, count *tally) {
	t.Helper()
	for heading, keys := range count.shown {
		unshown := ref.deviations()[heading].unshown
		for _, name := range operations[heading].shown {
			key := name[strings.LastIndexByte(name, '.')+1:]
			if there := keys[key]; there == slices.Contains(unshown, name) {
				t.Errorf("%s: %s: its answers have %s: %t", ref.file, heading, name, there)
				count.fail(heading)
			}
		}
	}
}

// take does a row of a scene.
func (ref *reference) take(t *testing.T, w *walker, r row, d *described, count *tally) {
	t.Helper()
	if r.does == "" {
		w.take(r.step)
		return
	}
	t.Run(r.does, func(t *testing.T) {
		count.take()
		in := *w
		in.session = w.session.at(t, w.version)
		shown, found := in.exercise(d, r, ref.deviations()[r.does])
		if r.shows == everything {
			count.see(r.does, shown)
		}
		if len(found) > 0 {
			count.fail(r.does)
		}
		for _, where := range slices.Sorted(maps.Keys(found)) {
			t.Errorf("%s: %s %s", r.does, where, found[where])
		}
	})
}
