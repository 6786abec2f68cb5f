// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floor is the file that says how many operations, response ranges and samples were reached last: more is a change of
// its line, fewer is a failure.
const floor = "../../.ci/reached"

// judge tells of what the proxy found, and of what it did not see any more.
func judge(t *testing.T, r *Report, c *contract) {
	t.Helper()
	for _, v := range r.Wrong() {
		t.Error(v)
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
	holdFloor(t, "operations", operations)
	holdFloor(t, "ranges", ranges)
}

// holdFloor holds a number against its line in the floor's file.
func holdFloor(t *testing.T, name string, reached int) {
	t.Helper()
	raw, err := os.ReadFile(floor)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		of, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		least, err := strconv.Atoi(number)
		switch {
		case of != name:
		case err != nil:
			t.Fatalf("%s: %v", floor, err)
		case reached < least:
			t.Errorf("%s reached: %d; it was %d", name, reached, least)
			return
		case reached > least:
			t.Logf("more than before: write into %s: %s %d", floor, name, reached)
			return
		default:
			return
		}
	}
	t.Fatalf("%s does not tell of %s", floor, name)
}
