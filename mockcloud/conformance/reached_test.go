// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"cmp"
	"os"
	"strconv"
	"strings"
	"testing"
)

// floor is the file that says how many operations, response ranges and samples were reached last: more is a change of
// its line, fewer is a failure.
const floor = "../../.ci/reached"

// judge tells of what the proxy found. Nothing that Nova has, or had, may be missed: neither an operation, nor what it answers
// at some of its microversions.
func judge(t *testing.T, r *Report, c *contract) {
	t.Helper()
	for _, v := range r.Wrong() {
		t.Error(v)
	}
	var operations, ranges, all int
	for _, o := range c.Operations {
		if r.Seen[o.key()] > 0 {
			operations++
		} else {
			t.Errorf("not reached: %s", o.key())
		}
		for _, response := range o.Response {
			all++
			if from := cmp.Or(response.Min, "2.1"); r.Ranges[o.key()+" from "+from] > 0 {
				ranges++
			} else {
				t.Errorf("not reached: %s from %s", o.key(), from)
			}
		}
	}
	t.Logf("operations reached with success: %d of %d", operations, len(c.Operations))
	t.Logf("response ranges reached: %d of %d", ranges, all)
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
