// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// A machine for which there is no memory is not made at all; one that is there stays off, whole.
func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	free := 4096
	h := open(t, t.TempDir(), func(o *Options) { o.Available = func() (int, error) { return free, nil } })
	defer h.Close()
	there, refused := newMachine(bootSector(deaf)), newMachine(bootSector(deaf))
	if err := h.Spawn(t.Context(), there); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Destroy(t.Context(), there.ID) }()
	if err := h.Stop(t.Context(), there.ID, 0); err != nil {
		t.Fatal(err)
	}
	free = there.MemoryMiB + spareMemory - 1
	if err := h.Spawn(t.Context(), refused); !errors.Is(err, driver.ErrNoResources) {
		t.Errorf("Spawn: %v", err)
	}
	if _, err := os.Stat(filepath.Join(h.opts.Dir, "machines", refused.ID)); err == nil {
		t.Error("the machine was half made")
	}
	if err := h.Start(t.Context(), there.ID); !errors.Is(err, driver.ErrNoResources) {
		t.Errorf("Start: %v", err)
	}
	if state, err := h.State(t.Context(), there.ID); err != nil || state != driver.Shutdown {
		t.Errorf("%v %v", state, err)
	}
	free++
	if err := h.Start(t.Context(), there.ID); err != nil {
		t.Errorf("Start: %v", err)
	}
}
