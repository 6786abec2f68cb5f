// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// TempestRun is what one run of tempest came to, as its workspace keeps it.
type TempestRun struct {
	Passed, Failed []string            // names of tests
	Skipped        map[string][]string // by the reason that tempest gave
}

// noFault is a reason to skip that lies in tempest or in how it is run: no cloud could do anything about it.
type noFault struct {
	reason *regexp.Regexp
	why    string
}

var noFaults = []noFault{
	{regexp.MustCompile(`^Instance validation tests are disabled|^Validation (should|must) be enabled`),
		"it logs in to the server, and a simulated one has nobody to let it in"},
	{regexp.MustCompile(`skipped as neutron is available$|^nova-network is (gone|not available)|^Neutron (allows|does not check) `),
		"of nova-network, which left Nova"},
	{regexp.MustCompile(`^The (os-agents API|resetNetwork server action) is not supported`),
		"of XenAPI, which left Nova"},
	{regexp.MustCompile(`^Nova cert is not available$`), "of nova-cert, which left Nova"},
	{regexp.MustCompile(`^Skipped until bug: `), "tempest waits for OpenStack to mend a bug"},
	{regexp.MustCompile(`certified_image_ref.+ required to test image certificate validation`),
		"it needs an image that Barbican's keys have signed"},
	{regexp.MustCompile(`^Serial console not supported`),
		"its client fails before it sends: it takes the letters of a text for numbers"},
	{regexp.MustCompile(`^Security compliance not available`), "of options that Keystone has off"},
	{regexp.MustCompile(`^The microversion range\[.+\] of this test is out of the configuration range\[.+\]`),
		"of microversions that end before those of this run"},
}

// skippedLine is how tempest tells of a test, or of a whole class, that it skipped.
var skippedLine = regexp.MustCompile(`(?m)^\{\d+\} (?:setUpClass \((\S+)\)|(\S+)) .*?\.\.\. SKIPPED: (.*)$`)

// ReadTempest reads the workspace in which tempest ran.
func ReadTempest(workspace string) (*TempestRun, error) {
	passed, err1 := testsIn(workspace, "passed")
	failed, err2 := testsIn(workspace, "failed")
	skipped, err3 := testsIn(workspace, "skipped")
	text, err4 := fs.ReadFile(os.DirFS(workspace), "run.log")
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, fmt.Errorf("tempest's run: %w", err)
	}
	reasons := map[string]string{} // by test, or by class
	for _, m := range skippedLine.FindAllStringSubmatch(string(text), -1) {
		reasons[m[1]+m[2]] = m[3]
	}
	run := &TempestRun{Passed: passed, Failed: failed, Skipped: map[string][]string{}}
	for _, test := range skipped {
		reason := cmp.Or(reasons[test], reasons[strings.TrimSuffix(test, filepath.Ext(test))])
		run.Skipped[reason] = append(run.Skipped[reason], test)
	}
	return run, nil
}

// testsIn reads a list of tests, without the ids and kinds that tempest puts behind their names.
func testsIn(workspace, file string) ([]string, error) {
	text, err := fs.ReadFile(os.DirFS(workspace), file)
	if err != nil {
		return nil, err
	}
	tests := strings.Fields(string(text))
	for i, test := range tests {
		tests[i], _, _ = strings.Cut(test, "[")
	}
	return tests, nil
}

// Summary is the run in a line, and a line for each reason to skip, the most frequent first.
func (r *TempestRun) Summary() []string {
	all := 0
	lines := make([]string, 0, 1+len(r.Skipped))
	byCount := func(a, b string) int {
		return cmp.Or(cmp.Compare(len(r.Skipped[b]), len(r.Skipped[a])), cmp.Compare(a, b))
	}
	for _, reason := range slices.SortedFunc(maps.Keys(r.Skipped), byCount) {
		all += len(r.Skipped[reason])
		lines = append(lines, fmt.Sprintf("%5d skipped: %s (%s)", len(r.Skipped[reason]), reason, cmp.Or(excuseFor(reason), "NO REASON OF OURS")))
	}
	return append([]string{fmt.Sprintf("%d passed, %d failed, %d skipped", len(r.Passed), len(r.Failed), all)}, lines...)
}

// Wrong are the tests that failed, and those skipped for a reason that a complete cloud would not give.
func (r *TempestRun) Wrong() []string {
	wrong := make([]string, 0, len(r.Failed))
	for _, test := range r.Failed {
		wrong = append(wrong, "failed: "+test)
	}
	for _, reason := range slices.Sorted(maps.Keys(r.Skipped)) {
		if excuseFor(reason) == "" {
			for _, test := range r.Skipped[reason] {
				wrong = append(wrong, fmt.Sprintf("skipped: %s: %s", test, cmp.Or(reason, "nothing says why")))
			}
		}
	}
	return wrong
}

// excuseFor says why tempest cannot run what it skips for that reason; "" when it could.
func excuseFor(reason string) string {
	for _, e := range noFaults {
		if e.reason.MatchString(reason) {
			return e.why
		}
	}
	return ""
}
