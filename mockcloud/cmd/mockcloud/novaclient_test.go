// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// pythonWith is a Python that has a package, or "".
func pythonWith(t *testing.T, name string) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} { // Debian's has Debian's packages
		if exec.CommandContext(t.Context(), python, "-c", "import "+name).Run() == nil {
			return python
		}
	}
	return ""
}

// TestNovaClient drives the proxies, and systems that Nova no longer has, by the library that was Nova's own client. It is of
// a time after them, and asks at 2.1 for what it has no methods for any more.
func TestNovaClient(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("Python takes seconds to start")
	}
	python := pythonWith(t, "novaclient")
	if python == "" {
		t.Skip("there is no novaclient here: apt-get install python3-novaclient")
	}
	for _, release := range []string{"", "kilo"} {
		t.Run("release "+release, func(t *testing.T) {
			t.Parallel()
			s := serve(t, t.TempDir(), "--release", release)
			cmd := exec.CommandContext(t.Context(), python, "testdata/proxies.py")
			cmd.Env = s.environment(t, "admin")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("novaclient: %v\n%s\n%s", err, out, s.said())
			}
			var driven []string
			for line := range strings.Lines(string(out)) {
				if what, is := strings.CutPrefix(strings.TrimSpace(line), "driven: "); is && !slices.Contains(driven, what) {
					driven = append(driven, what)
				}
			}
			t.Logf("novaclient has driven %d operations:\n%s", len(driven), strings.Join(driven, "\n"))
		})
	}
}
