// SPDX-License-Identifier: MPL-2.0

package network

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSocketDirectory(t *testing.T) {
	t.Parallel()
	open := filepath.Join(t.TempDir(), "net")
	if err := os.Mkdir(open, 0o755); err != nil {
		t.Fatal(err)
	}
	long := filepath.Join(t.TempDir(), strings.Repeat("long/", 30), "net")
	stand, _, err := socketDir(long)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(stand) })
	if again, _, err := socketDir(long); again != stand || err != nil {
		t.Errorf("the same directory leads to %s and to %s, %v", stand, again, err)
	}
	for _, dir := range []string{filepath.Join(t.TempDir(), "new", "net"), open, stand} {
		path, temporary, err := socketDir(dir)
		if err != nil || temporary || path != dir {
			t.Errorf("%s: got %s, %t, %v", dir, path, temporary, err)
			continue
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: mode %v, %v", path, info.Mode(), err)
		}
		if local, bound := socketPaths(path, "port", "host"); len(local) > maxSocketPath || len(bound) > maxSocketPath {
			t.Errorf("%s is too long", local)
		}
	}
	link, file := filepath.Join(t.TempDir(), "link"), filepath.Join(t.TempDir(), "file")
	if err := errors.Join(os.Symlink(open, link), os.WriteFile(file, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{link, file} {
		if path, _, err := socketDir(dir); err == nil {
			t.Errorf("%s was taken as %s", dir, path)
		}
	}
}

func TestTemporaryDirectoryGoesWithTheFabric(t *testing.T) {
	t.Parallel()
	f, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	plug(t, f, testPort("net", 5, subnet("10.0.0.0/24")))
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", f.dir, err)
	}
}
