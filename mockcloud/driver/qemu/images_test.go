// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

func TestBadMachines(t *testing.T) {
	t.Parallel()
	h := opened(t)
	good := bootSector(deaf)
	corrupt := good
	corrupt.Checksum = "sha512:" + strings.Repeat("0", 128)
	for name, test := range map[string]struct {
		change func(*driver.Machine)
		want   error
	}{
		"path as id":    {func(m *driver.Machine) { m.ID = "../escape" }, nil},
		"no processor":  {func(m *driver.Machine) { m.VCPUs = 0 }, nil},
		"processors":    {func(m *driver.Machine) { m.VCPUs = 5 }, driver.ErrNoResources},
		"disk":          {func(m *driver.Machine) { m.Root.GiB, m.EphemeralGiB = 6, []int{2, 3} }, driver.ErrNoResources},
		"no image":      {func(m *driver.Machine) { m.Root.Image = driver.Image{} }, driver.ErrBadImage},
		"checksum":      {func(m *driver.Machine) { m.Root.Image = corrupt }, driver.ErrBadImage},
		"format":        {func(m *driver.Machine) { m.Root.Image.Format = "vmdk" }, driver.ErrBadImage},
		"not a qcow2":   {func(m *driver.Machine) { m.Root.Image.Format = "qcow2" }, driver.ErrBadImage},
		"empty":         {func(m *driver.Machine) { m.Root.Image = image("raw", nil) }, driver.ErrBadImage},
		"drive's paths": {func(m *driver.Machine) { m.ConfigDrive = map[string][]byte{"../x": nil} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(good)
			test.change(m)
			err := h.Spawn(t.Context(), m)
			if err == nil || (test.want != nil && !errors.Is(err, test.want)) {
				t.Errorf("Spawn = %v, want %v", err, test.want)
			}
			if list, err := h.List(t.Context()); len(list) != 0 || err != nil {
				t.Errorf("List = %v, %v", list, err)
			}
		})
	}
}

// TestUnsafeImages: a qcow2 that refers to a file of the host's never reaches a guest.
func TestUnsafeImages(t *testing.T) {
	t.Parallel()
	h := opened(t)
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"backing file": {"-F", "raw", "-b", secret},
		"data file":    {"-o", "data_file=" + filepath.Join(dir, "data"), "1M"},
		"too large":    {"11G"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "disk.qcow2")
			create := append([]string{"create", "-q", "-f", "qcow2"}, args...)
			if len(args) == 4 {
				create = append(create, path)
			} else {
				create = append(create[:len(create)-1], path, args[len(args)-1])
			}
			if out, err := exec.CommandContext(t.Context(), "qemu-img", create...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Spawn(t.Context(), newMachine(image("qcow2", content))); !errors.Is(err, driver.ErrBadImage) {
				t.Errorf("Spawn = %v", err)
			}
		})
	}
}

func TestImagesAreFetchedOnce(t *testing.T) {
	t.Parallel()
	h := opened(t)
	img := bootSector(deaf)
	fetches, opened := 0, img.Open
	img.Open = func(ctx context.Context) (io.ReadCloser, error) {
		fetches++ // singleflight: never at the same time
		return opened(ctx)
	}
	for range 2 {
		done := make(chan error, 3)
		for range cap(done) {
			go func() {
				done <- h.CacheImage(t.Context(), img)
			}()
		}
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	if fetches != 1 {
		t.Errorf("%d fetches", fetches)
	}
	b := baseOf(t, h, img)
	if info, err := os.Stat(b.Path); err != nil || info.Mode().Perm() != 0o444 {
		t.Errorf("the base has mode %v, %v", info.Mode(), err)
	}
}
