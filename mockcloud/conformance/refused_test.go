// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// Whatever Nova's schemas refuse is refused, with 400: of each body of the walks, each part missing, of every wrong
// type and size, and with keys that nobody knows; at each microversion at which what a body may be changes.
func TestRefusals(t *testing.T) {
	t.Parallel()
	st := &stage{}
	st.open(t)
	all := readSchemas(t)
	for _, o := range st.contract.Operations {
		if len(o.Request) == 0 || !st.served[o.shape()] {
			continue
		}
		t.Run(o.key(), func(t *testing.T) {
			t.Parallel()
			turns := map[int]bool{max(1, minor(o.Min, 1)): true, min(int(nova.Newest), minor(o.Max, 1<<30)): true}
			for _, r := range o.Request {
				turns[max(1, minor(r.Min, 1))] = true
			}
			for _, at := range slices.Sorted(maps.Keys(turns)) {
				walk, i := st.find(o.shape(), at, "")
				if walk == nil || walk.alone || walk.needs != "" && !st.served[st.contract.operation(t, walk.needs).shape()] {
					continue
				}
				st.distort(t, all, o, walk, i, at)
			}
		})
	}
}

// distort sends what is left of a step's body when a part of it is wrong.
func (st *stage) distort(t *testing.T, all schemas, o *operation, w *walk, i, at int) {
	t.Helper()
	scene := st.prepare(t, w, i, at)
	step := w.steps[i]
	if !scene.can(step) {
		return
	}
	method, path, raw := scene.request(step)
	if raw == nil || all.refuse(o, at, raw) {
		return
	}
	var body any
	if err := json.Unmarshal(raw, &body); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range distortions(body) {
		sent, err := json.Marshal(wrong)
		if err != nil {
			t.Fatal(err)
		}
		if o.Action != "" && !strings.HasPrefix(string(sent), `{"`+o.Action+`"`) || !all.refuse(o, at, sent) {
			continue
		}
		if status, _, answer := scene.sendRaw(method, path, sent); status != http.StatusBadRequest {
			t.Errorf("2.%d: %d, want 400: %.300s\nasked: %.300s", at, status, answer, sent)
		}
	}
}

// wrong are values of every type, some of which are wrong anywhere.
func wrong() []any {
	return []any{nil, true, 5, -1, 1.5, "", strings.Repeat("x", 256), []any{}, []any{5}, object{}, object{"nobody": 5}}
}

// distortions are a body with one thing about it different: replaced, missing, or one too many.
func distortions(body any) []any {
	all := wrong()
	switch body := body.(type) {
	case object:
		more := maps.Clone(body)
		more["nobody knows"] = "it"
		all = append(all, more)
		for key, value := range body {
			less := maps.Clone(body)
			delete(less, key)
			all = append(all, less)
			for _, other := range distortions(value) {
				changed := maps.Clone(body)
				changed[key] = other
				all = append(all, changed)
			}
		}
	case []any:
		if len(body) > 0 {
			for _, other := range distortions(body[0]) {
				all = append(all, append([]any{other}, body[1:]...))
			}
			all = append(all, append(slices.Clone(body), body...))
		}
	}
	return all
}
