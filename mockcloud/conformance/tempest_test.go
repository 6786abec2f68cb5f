// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A skip counts as one that the cloud is to blame for unless tempest's own reason is a known one, and a class that
// skipped does for each of its tests.
func TestTempestRuns(t *testing.T) {
	t.Parallel()
	workspace := t.TempDir()
	for name, text := range map[string]string{
		"passed": "tempest.a.T.test_one[id-1,smoke]\n",
		"failed": "tempest.a.T.test_two[id-2]\n",
		"skipped": "tempest.a.T.test_three[id-3]\ntempest.b.Gone.test_x[id-4]\ntempest.b.Gone.test_y[id-5]\n" +
			"tempest.c.Missing.test_z[id-6]\ntempest.d.T.test_silent[id-7]\n",
		"run.log": "{0} tempest.a.T.test_one [0.1s] ... ok\n" +
			"{1} tempest.a.T.test_three ... SKIPPED: Validation must be enabled\n" +
			"{0} setUpClass (tempest.b.Gone) ... SKIPPED: nova-network is gone\n" +
			"{0} setUpClass (tempest.c.Missing) [0.0s] ... SKIPPED: trunk extension is not available\n",
	} {
		if err := os.WriteFile(filepath.Join(workspace, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run, err := ReadTempest(workspace)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := run.Summary()[0], "1 passed, 1 failed, 5 skipped"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := run.Skipped["nova-network is gone"]; !slices.Equal(got, []string{"tempest.b.Gone.test_x", "tempest.b.Gone.test_y"}) {
		t.Errorf("skipped with their class: %q", got)
	}
	want := []string{
		"failed: tempest.a.T.test_two",
		"skipped: tempest.d.T.test_silent: nothing says why",
		"skipped: tempest.c.Missing.test_z: trunk extension is not available",
	}
	if got := run.Wrong(); !slices.Equal(got, want) {
		t.Errorf("wrong: %q, want %q", got, want)
	}
	if _, err := ReadTempest(t.TempDir()); err == nil {
		t.Error("a workspace in which nothing ran is read as a run")
	}
}
