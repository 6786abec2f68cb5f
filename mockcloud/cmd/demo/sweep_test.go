// SPDX-License-Identifier: MPL-2.0

package main

import (
	"path/filepath"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// A demo removes what one that was killed has left, and touches none that runs.
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
	if err := sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(scratch, "*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != demoDir+"alive" {
		t.Errorf("%v %v", left, err)
	}
	if err := clouds["alive"].Close(); err != nil {
		t.Fatal(err)
	}
}
