// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"os"
	"slices"
	"testing"
)

// floor is the file that says how many operations and response ranges were reached last: more is a line's change,
// fewer is a failure.
const floor = "../../.ci/reached"

// disagreements are where the contract and Nova's own code say different things, and the cloud does as the code. The
// contract is made of what the code declares.
var disagreements = map[string]string{
	// The method declares no status; it sets 201 or 204 by hand, and tempest demands these.
	"PUT /servers/{server_id}/tags/{id}": "status 201, want 200",
	// As above, for a tag that is there.
	"PUT /servers/{server_id}/tags/{id} ": "status 204, want 200",
}

// agreed reports whether what the proxy found is one of the disagreements.
func agreed(operation, what string) bool {
	return disagreements[operation] == what || disagreements[operation+" "] == what
}

// judge tells of what the proxy found, and of what it did not see any more.
func (r *report) judge(t *testing.T, c *contract) {
	t.Helper()
	for _, v := range r.Violations {
		if !agreed(v.Operation, v.What) {
			t.Errorf("2.%s %s (%s %s: %d): %s\nasked: %s\nanswered: %s",
				v.Microversion, v.Operation, v.Method, v.URL, v.Status, v.What, v.Request, v.Response)
		}
	}
	var operations, ranges int
	var missed []string
	for _, o := range c.Operations {
		if r.Seen[o.key()] > 0 {
			operations++
		} else if !o.Removed {
			missed = append(missed, o.key())
		}
		for _, response := range o.Response {
			from := response.Min
			if from == "" {
				from = "2.1"
			}
			if r.Ranges[o.key()+" from "+from] > 0 {
				ranges++
			} else if r.Seen[o.key()] > 0 {
				missed = append(missed, o.key()+" from "+from)
			}
		}
	}
	slices.Sort(missed)
	for _, what := range missed {
		t.Logf("not reached: %s", what)
	}
	t.Logf("operations reached with success: %d of %d", operations, len(c.Operations))
	t.Logf("response ranges reached: %d", ranges)
	holdFloor(t, operations, ranges)
}

func holdFloor(t *testing.T, operations, ranges int) {
	t.Helper()
	raw, err := os.ReadFile(floor)
	if err != nil {
		t.Fatal(err)
	}
	var leastOperations, leastRanges int
	if _, err := fmt.Sscanf(string(raw), "operations %d ranges %d", &leastOperations, &leastRanges); err != nil {
		t.Fatalf("%s: %v", floor, err)
	}
	switch {
	case operations < leastOperations || ranges < leastRanges:
		t.Errorf("%d operations and %d ranges were reached; it was %s", operations, ranges, raw)
	case operations > leastOperations || ranges > leastRanges:
		t.Logf("more than before: write into %s: operations %d ranges %d", floor, operations, ranges)
	}
}
