// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// qemuIO has qemu-io carry out a command on a disk that nobody has open.
func qemuIO(t *testing.T, path, command string) error {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "qemu-io", "-f", "qcow2", "-c", command, path).CombinedOutput()
	if err != nil || strings.Contains(string(out), "verification failed") {
		return errors.Join(err, errors.New(string(out)))
	}
	return nil
}

// TestRebuildKeepsEphemerals: as it is told; the root disk and swap are new, and so is the config drive.
func TestRebuildKeepsEphemerals(t *testing.T) {
	t.Parallel()
	for name, preserve := range map[string]bool{"kept": true, "made anew": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := opened(t)
			m := newMachine(bootSector(deaf))
			m.EphemeralGiB, m.SwapMiB, m.ConfigDrive = []int{1, 1}, 64, driveFiles()
			if err := h.Spawn(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			if err := h.Stop(t.Context(), m.ID, 0); err != nil {
				t.Fatal(err)
			}
			files := h.machine(m.ID).files
			for _, path := range []string{files.root(), files.ephemeral(0), files.ephemeral(1), files.swap()} {
				if err := qemuIO(t, path, "write -P 7 64k 64k"); err != nil {
					t.Fatal(err)
				}
			}
			changed := *m
			changed.Root.Image, changed.ConfigDrive = bootSector(saying), nil
			if err := h.Rebuild(t.Context(), &changed, preserve); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the new image", func() bool {
				out, err := h.ConsoleOutput(t.Context(), m.ID, -1)
				return err == nil && strings.Contains(out, banner+"r")
			})
			if err := h.Stop(t.Context(), m.ID, 0); err != nil {
				t.Fatal(err)
			}
			for path, want := range map[string]bool{files.root(): false, files.ephemeral(0): preserve, files.ephemeral(1): preserve, files.swap(): false} {
				if err := qemuIO(t, path, "read -P 7 64k 64k"); (err == nil) != want {
					t.Errorf("%s: %v", filepath.Base(path), err)
				}
			}
			for _, path := range []string{files.config(), files.rebuilt(), files.rebuildDraft()} {
				if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s is left: %v", path, err)
				}
			}
		})
	}
}

// TestAFailedRebuild: the machine runs on, unless its own end was the last thing that went well.
func TestAFailedRebuild(t *testing.T) {
	t.Parallel()
	h := opened(t)
	m := newMachine(bootSector(deaf))
	if err := h.Spawn(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	pid := pidOf(t, h, m.ID)
	changed := *m
	changed.Root.Image.Checksum = "sha512:" + strings.Repeat("0", 128)
	if err := h.Rebuild(t.Context(), &changed, false); !errors.Is(err, driver.ErrBadImage) {
		t.Errorf("Rebuild = %v", err)
	}
	if pidOf(t, h, m.ID) != pid {
		t.Error("the guest was ended")
	}
	if _, err := os.Lstat(h.machine(m.ID).rebuildDraft()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the draft is left: %v", err)
	}
}
