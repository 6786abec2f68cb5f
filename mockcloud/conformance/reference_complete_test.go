// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// referenceDocuments are those that are walked by tables of rows; the oldest has a table and a walk of its own.
func referenceDocuments() []reference {
	return []reference{kilo(), servers2016(), servers2018(), actions2016()}
}

// Every operation of the reference documents answers as its document says, or as the contract does where they differ.
func TestReference(t *testing.T) {
	t.Parallel()
	readContract(t) // or nothing is beside the repository
	documents, total, passed := 0, 0, 0
	count := func(t *testing.T, file string, of, as int) {
		documents++
		total += of
		passed += as
		t.Logf("reference operations: %s %d of %d", file, as, of)
	}
	t.Run(v2Document, func(t *testing.T) {
		of, as := walkV2(t)
		count(t, v2Document, of, as)
	})
	for _, ref := range referenceDocuments() {
		t.Run(ref.file, func(t *testing.T) {
			result := ref.walk(t)
			t.Cleanup(func() { // once all scenes are over
				of, as := result(t)
				count(t, ref.file, of, as)
			})
		})
	}
	t.Logf("reference operations: %d of %d", passed, total)
	if documents == 1+len(referenceDocuments()) { // or -run has left some out
		holdFloor(t, "reference", passed)
	}
}

// complete holds the table to the document: there is a row for each operation, each of its examples and each of its
// parameters, and nothing else.
func (ref *reference) complete(t *testing.T, operations map[string]*described) {
	t.Helper()
	examples, asked := map[string]map[int]bool{}, map[string]map[string]bool{}
	for _, sc := range ref.scenes(t) {
		for _, r := range sc.rows {
			if r.does == "" {
				continue
			}
			d := operations[r.does]
			if d == nil {
				t.Fatalf("%s describes no %q", ref.file, r.does)
			}
			if examples[r.does] == nil {
				examples[r.does], asked[r.does] = map[int]bool{}, map[string]bool{}
			}
			examples[r.does][r.example] = true
			request, _ := d.pair(r.example)
			keysOf(asked[r.does], filledIn("", request.body, plain(t, r.body)))
			for parameter := range strings.SplitSeq(r.query, "&") {
				name, _, _ := strings.Cut(parameter, "=")
				asked[r.does][name] = true
			}
		}
	}
	deviations := ref.deviations()
	for _, heading := range slices.Sorted(maps.Keys(operations)) {
		d := operations[heading]
		for n := range max(1, len(d.requests), len(d.answers)) {
			if !examples[heading][n] {
				t.Errorf("%s: no row does %q, example %d", ref.file, heading, n)
			}
		}
		for _, name := range d.parameters {
			name = name[strings.LastIndexByte(name, '.')+1:]
			if examples[heading] != nil && !asked[heading][name] && !slices.Contains(deviations[heading].unasked, name) {
				t.Errorf("%s: no row of %q asks with %s", ref.file, heading, name)
			}
		}
	}
	for heading, dev := range deviations {
		if operations[heading] == nil {
			t.Errorf("%s describes no %q", ref.file, heading)
		}
		if dev.why == "" {
			t.Errorf("%s: nothing says why %q is otherwise", ref.file, heading)
		}
	}
}

// justified holds each other status or path to the contract.
func (ref *reference) justified(t *testing.T, c *contract, operations map[string]*described) {
	t.Helper()
	for heading, dev := range ref.deviations() {
		if dev.code == 0 && dev.op == "" {
			continue
		}
		d := operations[heading]
		method, path, action := d.method, d.path, ""
		if dev.op != "" {
			method, path, _ = strings.Cut(dev.op, " ")
		}
		request, answer := d.pair(0)
		if body, is := request.body.(object); is && strings.HasSuffix(path, "/action") {
			action = slices.Collect(maps.Keys(body))[0]
		}
		path = strings.TrimPrefix(strings.TrimPrefix(path, "/v2.1"), "/{tenant_id}")
		o := c.byShape(shape(method, path, action))
		switch {
		case o == nil:
			t.Errorf("%s: %q: the contract has no %s %s %s", ref.file, heading, method, path, action)
		case dev.code != 0 && o.success(max(request.at, answer.at)) != dev.code:
			t.Errorf("%s: %q: the contract has %d", ref.file, heading, o.success(max(request.at, answer.at)))
		}
	}
}

// keysOf collects the keys of a body.
func keysOf(into map[string]bool, body any) {
	switch body := body.(type) {
	case object:
		for key, value := range body {
			into[key] = true
			keysOf(into, value)
		}
	case []any:
		for _, value := range body {
			keysOf(into, value)
		}
	}
}
