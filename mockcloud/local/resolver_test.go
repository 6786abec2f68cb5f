// SPDX-License-Identifier: MPL-2.0

package local

import (
	"os"
	"path/filepath"
	"testing"
)

func TestResolverOf(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"# comment\nsearch x\nnameserver ::1\nnameserver 192.0.2.53\nnameserver 192.0.2.54\n": "192.0.2.53:53",
		"nameserver\nnameserver here\n": "invalid AddrPort",
	} {
		file := filepath.Join(t.TempDir(), "resolv.conf")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := resolverOf(file).String(); got != want {
			t.Errorf("%q: %s, want %s", content, got, want)
		}
	}
	if resolverOf(filepath.Join(t.TempDir(), "none")).IsValid() {
		t.Error("a file that is not there names a server")
	}
}
