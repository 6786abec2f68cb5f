// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
)

// TestExamplesAreValid: what the documentation shows is what the provider takes.
func TestExamplesAreValid(t *testing.T) {
	t.Parallel()
	examples, err := filepath.Glob("../examples/*/nova_*/*e.tf")
	if err != nil || len(examples) == 0 {
		t.Fatal(examples, err)
	}
	run := terraform(t, novatest.Start(t))
	home := t.TempDir() // with the key that they read
	if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".ssh", "id_ed25519.pub"), []byte("ssh-ed25519 AAAA"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, example := range examples {
		folder := t.TempDir()
		for _, from := range []string{"../examples/provider/provider.tf", example} {
			content, err := os.ReadFile(from)
			if err == nil {
				err = os.WriteFile(filepath.Join(folder, filepath.Base(from)), content, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		validate := run(t.Context(), "validate", "-no-color")
		validate.Dir = folder
		validate.Env = append(validate.Env, "HOME="+home)
		if out, err := validate.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", example, err, out)
		}
	}
}
