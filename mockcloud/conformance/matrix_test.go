// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// matrix is every operation asked by every kind of caller.
type matrix struct {
	stage
	policy  api.Policy
	rules   map[string]string // by operation.shape
	callers []caller
}

// Every operation that is served answers everybody as Nova's policy says, and tells nobody of another project whether
// something exists.
func TestPolicyMatrix(t *testing.T) {
	t.Parallel()
	m := &matrix{}
	cloud := m.open(t)
	m.policy, m.rules = readPolicy(t, m.contract)
	m.admit(t, cloud)
	for _, o := range cloud.Nova.Operations() {
		key := shape(o.Method, o.Path, o.Action)
		at := int(nova.Newest)
		known := m.contract.byShape(key)
		if known == nil {
			continue // only Kilo's reference has it, and its walk is another
		}
		at = min(at, minor(known.Max, at))
		if len(o.Only) > 0 {
			at = min(at, int(o.Only[len(o.Only)-1].To))
		}
		t.Run(strings.ReplaceAll(key, "/", " "), func(t *testing.T) { // not in parallel where hosts go out of service
			walk, i := m.find(key, at, "")
			if walk == nil {
				t.Fatalf("no walk tells how to ask for %s at 2.%d", key, at)
			}
			if !walk.alone {
				t.Parallel()
			}
			m.ask(t, walk, i, at)
		})
	}
}

// ask has each caller do a step of a walk whose steps before have been done for it.
func (m *matrix) ask(t *testing.T, w *walk, i, at int) {
	s := w.steps[i]
	o := m.contract.byKey[s.op]
	check, rule := m.policy[m.rules[o.shape()]], m.rules[o.shape()]
	scene := m.prepare(t, w, i, at)
	if !scene.can(s) {
		t.Fatal("what it is about is not to be had")
	}
	for _, c := range m.callers {
		if c.identity == nil {
			if got := scene.by(c, s); got.status != http.StatusUnauthorized && !public(s.op) {
				t.Errorf("%s: %d, want 401: %s", c.name, got.status, got.body)
			}
			continue
		}
		target := api.Target{ProjectID: m.vars["project"], UserID: m.vars["user"]}
		if !strings.Contains(s.of, "$") || ownUsers(o) || everybodys(s.op) {
			target = api.Target{ProjectID: c.identity.ProjectID, UserID: c.identity.UserID}
		}
		allowed := check == nil || check(c.identity, target)
		if c.identity.ProjectID != m.vars["project"] {
			m.stranger(t, c, scene, s, allowed)
			continue
		}
		if !allowed {
			got := scene.by(c, s)
			if got.status != http.StatusForbidden || !bytes.Contains(got.body, []byte("Policy doesn't allow "+rule+" to be performed.")) {
				t.Errorf("%s: %d, want 403 by %s: %s", c.name, got.status, rule, got.body)
			}
			continue
		}
		got := m.prepare(t, w, i, at).by(c, s)
		want := s.refused
		switch {
		case want == 0 && got.status < 300, want != 0 && want == got.status:
		case check == nil && got.status == http.StatusForbidden && c.name == "reader": // Nova leaves it to a neighbour, who does not let it
		case ownUsers(o) && got.status == http.StatusNotFound: // it is the owner's
		default:
			t.Errorf("%s: %d, want success: %s", c.name, got.status, got.body)
		}
	}
}

// stranger asks from outside the project: about what is the project's the answer is that of what does not exist.
func (m *matrix) stranger(t *testing.T, c caller, scene *walker, s step, allowed bool) {
	t.Helper()
	got := scene.by(c, s)
	if got.status == http.StatusUnauthorized || got.status >= http.StatusInternalServerError && got.status != http.StatusNotImplemented {
		t.Errorf("%s: %d: %s", c.name, got.status, got.body)
	}
	if !strings.Contains(s.of, "$") || everybodys(s.op) {
		if !allowed && got.status != http.StatusForbidden {
			t.Errorf("%s: %d, want 403: %s", c.name, got.status, got.body)
		}
		if got.status < 300 {
			m.silent(t, c, scene, got.body)
		}
		return
	}
	if !allowed && got.status != http.StatusForbidden && got.status != http.StatusNotFound && !lenient(s.op) {
		t.Errorf("%s: %d, want 403 or 404: %s", c.name, got.status, got.body)
	}
	nowhere := *scene
	nowhere.vars = maps.Clone(scene.vars)
	for _, name := range names.FindAllString(s.of, -1) {
		if !known[name[1:]] {
			nowhere.vars[name[1:]] = like(scene.vars[name[1:]])
		}
	}
	missing := nowhere.by(c, s)
	if a, b := scene.anonymous(s, got), nowhere.anonymous(s, missing); a != b {
		t.Errorf("%s: about what is somebody else's: %s\nabout what does not exist: %s", c.name, a, b)
	}
}

// known are what everybody may know of.
var known = map[string]bool{"project": true, "spare": true, "user": true, "host": true, "other": true, "flavor": true, "n": true}

// silent holds that an answer names nothing of somebody else's project.
func (m *matrix) silent(t *testing.T, c caller, scene *walker, body []byte) {
	t.Helper()
	for name, value := range scene.vars {
		if len(value) >= 32 && scene.vars[name] != m.vars[name] && bytes.Contains(body, []byte(value)) {
			t.Errorf("%s: the answer tells of %s: %s", c.name, name, body)
		}
	}
}

// like is an id of the same form that nothing has.
func like(id string) string {
	switch {
	case len(id) == 32:
		return strings.ReplaceAll(uuid.NewString(), "-", "")
	case uuid.Validate(id) == nil:
		return uuid.NewString()
	default:
		return "987654"
	}
}

// anonymous is an answer without the ids that were asked for, nor what each request has of its own.
func (w *walker) anonymous(s step, got reply) string {
	body := string(got.body)
	for _, name := range names.FindAllString(s.of, -1) {
		body = regexp.MustCompile(`\b`+regexp.QuoteMeta(w.vars[name[1:]])+`\b`).ReplaceAllLiteralString(body, name)
	}
	return fmt.Sprintf("%d %s", got.status, requestID.ReplaceAllString(body, "req"))
}

var requestID = regexp.MustCompile(`req-[0-9a-f-]{36}`)

// public operations need no token.
func public(op string) bool { return op == "GET /" || op == "GET /versions/{id}" }

// everybodys are operations on what is no project's: names that the cloud's DNS tells whoever asks it.
func everybodys(op string) bool { return strings.Contains(op, " /os-floating-ip-dns/") }

// lenient operations list what belongs to a server without a look at the server: of one that does not exist, nothing.
func lenient(op string) bool { return op == "GET /servers/{server_id}/consoles" }

// ownUsers are operations on what belongs to a user, who is the caller unless it says otherwise.
func ownUsers(o *operation) bool { return strings.HasPrefix(o.Path, "/os-keypairs") }
