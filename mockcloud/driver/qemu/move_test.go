// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// TestArrivesLarger: the disks have the new size and what the guest wrote, the old ones are as they were, and the machine
// comes back to them. It is the same on another host and on the one that it left.
func TestArrivesLarger(t *testing.T) {
	t.Parallel()
	for _, same := range []bool{false, true} {
		from, to := twoHosts(t)
		if same {
			to = from
		}
		m := newMachine(bootSector(writing))
		m.EphemeralGiB, m.SwapMiB, m.ConfigDrive = []int{1}, 16, driveFiles()
		if err := from.Spawn(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		lives(t, from, m.ID)
		baggage, err := from.Depart(t.Context(), m.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		written := counted(t, from, baggage["root"])
		if written == 0 {
			t.Error("the guest has written nothing")
		}
		larger := *m
		larger.VCPUs, larger.Root.GiB, larger.EphemeralGiB, larger.SwapMiB = 2, 3, []int{2}, 32
		if err := to.Arrive(t.Context(), &larger, baggage, false); err != nil {
			t.Fatal(err)
		}
		there := to.machine(m.ID)
		sizes(t, to, map[string]int64{there.root(): 3 << 30, there.ephemeral(0): 2 << 30, there.swap(): 32 << 20})
		sizes(t, from, map[string]int64{baggage["root"]: 1 << 20, baggage["eph0"]: 1 << 30})
		if err := to.Start(t.Context(), m.ID); err != nil {
			t.Fatal(err)
		}
		lives(t, to, m.ID)
		if err := to.Destroy(t.Context(), m.ID); err != nil {
			t.Fatal(err)
		}
		if err := from.Return(t.Context(), m, false); err != nil {
			t.Fatal(err)
		}
		if n := counted(t, from, from.machine(m.ID).root()); n != written {
			t.Errorf("%d written before the way there and back, %d after it", written, n)
		}
	}
}

func sizes(t *testing.T, h *Host, want map[string]int64) {
	t.Helper()
	for path, bytes := range want {
		if info, err := h.opts.Images.inspect(t.Context(), path); err != nil || info.Bytes != bytes {
			t.Errorf("%s has %d bytes, want %d: %v", filepath.Base(path), info.Bytes, bytes, err)
		}
	}
}

// TestDoesNotArrive: nothing is left of a machine whose baggage is not whole, and its disks are where they were.
func TestDoesNotArrive(t *testing.T) {
	t.Parallel()
	from, to := twoHosts(t)
	m := newMachine(bootSector(deaf))
	if err := from.Spawn(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	baggage, err := from.Depart(t.Context(), m.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	huge := *m
	huge.MemoryMiB = 1 << 20
	if err := to.Arrive(t.Context(), &huge, baggage, true); !errors.Is(err, driver.ErrNoResources) {
		t.Errorf("Arrive with too much memory = %v", err)
	}
	if err := to.Arrive(t.Context(), m, driver.Baggage{}, true); err == nil {
		t.Error("a machine arrived without its root disk")
	}
	if err := to.Arrive(t.Context(), m, driver.Baggage{"root": baggage["root"] + ".gone"}, true); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Arrive with a disk that is not there = %v", err)
	}
	nothingOf(t, to, m.ID)
	if err := from.Return(t.Context(), m, true); err != nil {
		t.Error(err)
	}
}

// TestForgetIsCutOff: what it left half removed is removed by the next process.
func TestForgetIsCutOff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := open(t, dir)
	m := newMachine(bootSector(deaf))
	if err := h.Spawn(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Depart(t.Context(), m.ID, 0); err != nil {
		t.Fatal(err)
	}
	aside := h.aside(m.ID)
	if err := errors.Join(os.Remove(aside.record()), h.Close()); err != nil {
		t.Fatal(err)
	}
	h = open(t, dir)
	defer empty(t, h)
	if _, err := os.Lstat(aside.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is left: %v", err)
	}
	if err := h.Return(t.Context(), m, true); !errors.Is(err, driver.ErrNotFound) {
		t.Errorf("Return = %v", err)
	}
}
