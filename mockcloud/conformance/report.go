// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Report is what the contract proxy writes when it ends, as far as we read it.
type Report struct {
	Exchanges  int
	Seen       map[string]int // "METHOD /path [action]" -> successful exchanges
	Ranges     map[string]int // and " from 2.N", where a response schema begins
	Violations []Violation
}

// Violation is an exchange that is not as the contract says.
type Violation struct {
	Operation, Microversion, Method, URL string
	Status                               int
	What                                 string
	Request, Response                    string
}

func (v Violation) String() string {
	return fmt.Sprintf("%s %s (%s %s: %d): %s\nasked: %s\nanswered: %s",
		v.Microversion, v.Operation, v.Method, v.URL, v.Status, v.What, v.Request, v.Response)
}

// disagreement is where the contract and Nova's own code say different things, and the cloud does as the code. what is a
// part of the violation's words.
type disagreement struct{ operation, what, reason string }

var disagreements = []disagreement{
	{"PUT /servers/{server_id}/tags/{id}", "status 201, want 200", "the code sets it by hand, and tempest demands it"},
	{"PUT /servers/{server_id}/tags/{id}", "status 204, want 200", "as above, for a tag that is there"},
	{"POST /servers/{id}/action addFloatingIp", "status 202, want 200", "the code makes the answer by hand, and tempest demands 202"},
	{"POST /servers/{id}/action removeFloatingIp", "status 202, want 200", "as above"},
	{"POST /servers/{server_id}/os-volume_attachments", "status 202, want 200", "since 2.101 the code makes the answer by hand"},
	{"GET /os-tenant-networks", "/cidr': 'oneOf' failed", `Nova's cidr is always "None", which the proxy, that does not know the format cidr, takes for one`},
	{"GET /os-tenant-networks/{id}", "/cidr': 'oneOf' failed", "as above"},
}

// ReadReport reads what the proxy wrote.
func ReadReport(path string) (*Report, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &Report{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Summary is the report in a line.
func (r *Report) Summary() string {
	known := 0
	for _, v := range r.Violations {
		if v.agreed() {
			known++
		}
	}
	return fmt.Sprintf("%d exchanges with Nova, %d violations of its contract (and %d where the contract is not as Nova's code)",
		r.Exchanges, len(r.Violations)-known, known)
}

// Wrong are the violations, the first of each kind, without those where the contract itself is known to be wrong.
func (r *Report) Wrong() []Violation {
	var wrong []Violation
	seen := map[string]bool{}
	for _, v := range r.Violations {
		kind := v.Operation + " " + v.What
		if !seen[kind] && !v.agreed() {
			wrong = append(wrong, v)
		}
		seen[kind] = true
	}
	return wrong
}

func (v Violation) agreed() bool {
	for _, d := range disagreements {
		if d.operation == v.Operation && strings.Contains(v.What, d.what) {
			return true
		}
	}
	return false
}
