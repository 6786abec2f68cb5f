// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// A demo removes what one that was killed has left, and touches none that runs or may be
// another's.
func TestSweep(t *testing.T) {
	scratch := t.TempDir()
	t.Setenv("TMPDIR", scratch)
	clouds := map[string]*local.Cloud{}
	for _, name := range []string{"dead", "alive"} {
		cloud, err := local.Open(t.Context(), local.Options{Dir: filepath.Join(scratch, demoDir+name, "cloud"), Driver: "sim"})
		if err != nil {
			t.Fatal(err)
		}
		clouds[name] = cloud
	}
	if err := clouds["dead"].Close(); err != nil {
		t.Fatal(err)
	}
	// Anybody may make such a directory in /tmp, and lead from there to a cloud that is dear to us.
	dear, others := filepath.Join(t.TempDir(), "dear"), filepath.Join(scratch, demoDir+"others")
	cloud, err := local.Open(t.Context(), local.Options{Dir: dear, Driver: "sim"})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(cloud.Close(), os.Mkdir(others, 0o700), os.Symlink(dear, filepath.Join(others, "cloud")), os.Chmod(others, 0o777)); err != nil {
		t.Fatal(err)
	}
	if err := sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(scratch, "*"))
	if err != nil || len(left) != 2 || filepath.Base(left[0]) != demoDir+"alive" || filepath.Base(left[1]) != demoDir+"others" {
		t.Errorf("%v %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(dear, "cloud.sqlite")); err != nil {
		t.Error(err)
	}
	if err := clouds["alive"].Close(); err != nil {
		t.Fatal(err)
	}
}
