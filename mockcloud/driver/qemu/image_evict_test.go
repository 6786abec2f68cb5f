// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// baseOf is where the cache keeps the image.
func baseOf(tb testing.TB, h *Host, img driver.Image) (found base) {
	tb.Helper()
	err := h.opts.Images.use(tb.Context(), img, func(b base) error {
		found = b
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return found
}

func (c *Images) evictAll(t *testing.T) int {
	t.Helper()
	n, err := c.evict(t.Context(), 0, func() bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestEviction: a base goes when no disk lies on it any more: not one of a machine that is off, of one that was set
// aside or is rescued, nor of a host that this process does not have open.
func TestEviction(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := open(t, dir)
	images := h.opts.Images
	off, gone, aside, rescue, unused := bootSector(deaf), bootSector(saying), bootSector(leaving), bootSector(ticking), bootSector(resetting)
	offID, goneID, asideID := spawn(t, h, off), spawn(t, h, gone), spawn(t, h, aside)
	for _, id := range []string{offID, goneID} {
		if err := h.Stop(t.Context(), id, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Rescue(t.Context(), offID, driver.Rescue{Image: rescue}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Depart(t.Context(), asideID, 0); err != nil {
		t.Fatal(err)
	}
	kept := []string{baseOf(t, h, off).Path, baseOf(t, h, rescue).Path, baseOf(t, h, aside).Path}
	free := []string{baseOf(t, h, gone).Path, baseOf(t, h, unused).Path}
	if err := h.Destroy(t.Context(), goneID); err != nil {
		t.Fatal(err)
	}
	if n, err := images.evict(t.Context(), time.Hour, func() bool { return false }); n != 0 || err != nil {
		t.Errorf("evicted %d of those that were used just now: %v", n, err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	images, err := NewImages(images.dir) // as by a process that has no host
	if err != nil {
		t.Fatal(err)
	}
	if n := images.evictAll(t); n != len(free) {
		t.Errorf("evicted %d, want %d", n, len(free))
	}
	for _, path := range kept {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	for _, path := range free {
		for _, path := range []string{path, sealOf(path)} {
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s is there: %v", path, err)
			}
		}
	}
	h = open(t, dir, func(o *Options) { o.Images = images })
	defer empty(t, h)
	if err := h.Forget(t.Context(), asideID); err != nil {
		t.Error(err)
	}
	spawn(t, h, gone) // it is fetched again
}

// TestEvictionByAnotherName: disks lie on a base by the name that the cache's directory had when they were made; it may
// have come by another one since.
func TestEvictionByAnotherName(t *testing.T) {
	t.Parallel()
	h := opened(t)
	img := bootSector(deaf)
	spawn(t, h, img)
	alias := filepath.Join(t.TempDir(), "alias")
	if err := os.Symlink(h.opts.Images.dir, alias); err != nil {
		t.Fatal(err)
	}
	images, err := NewImages(alias)
	if err != nil {
		t.Fatal(err)
	}
	if n := images.evictAll(t); n != 0 {
		t.Errorf("evicted %d that a disk lies on", n)
	}
	if _, err := os.Stat(baseOf(t, h, img).Path); err != nil {
		t.Error(err)
	}
}

// TestEvictionBesideSpawns: no machine is ever without what it lies on.
func TestEvictionBesideSpawns(t *testing.T) {
	t.Parallel()
	h := opened(t)
	images := []driver.Image{bootSector(deaf), bootSector(saying)}
	stop := make(chan struct{})
	var evicting, spawning sync.WaitGroup
	evicting.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				h.opts.Images.evictAll(t)
			}
		}
	})
	for n := range 4 {
		spawning.Go(func() {
			for range 3 {
				m := newMachine(images[n%2])
				if err := h.Spawn(t.Context(), m); err != nil {
					t.Error(err)
					return
				}
				files := h.machine(m.ID).files
				if below, err := backingFile(files.root()); err != nil || below == "" {
					t.Errorf("the disk lies on %q: %v", below, err)
				} else if _, err := os.Stat(below); err != nil {
					t.Error(err)
				}
				if err := h.Destroy(t.Context(), m.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	spawning.Wait()
	close(stop)
	evicting.Wait()
}

// TestASpoiltBase: what was written to is compared with the image before a machine is made of it again, and mended.
func TestASpoiltBase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := open(t, dir)
	img := bootSector(deaf)
	path := baseOf(t, h, img).Path
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func() error{
		"written to": func() error { return os.WriteFile(path, append([]byte("spoilt"), whole[6:]...), 0o444) },
		"cut":        func() error { return os.Truncate(path, 100) },
		"unsealed":   func() error { return os.Remove(sealOf(path)) },
	} {
		if err := errors.Join(os.Chmod(path, 0o644), spoil()); err != nil {
			t.Fatal(err)
		}
		h := open(t, dir)
		if err := h.CacheImage(t.Context(), img); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := os.ReadFile(filepath.Clean(path)); err != nil || string(got) != string(whole) {
			t.Errorf("%s: the base has %d bytes that are not the image's: %v", name, len(got), err)
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
