// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// crashDeed tells a child process of the test what to do to its machine, for ever.
const crashDeed = "QEMU_DRIVER_CRASH_DEED"

// deeds are what a crash cuts short.
func deeds(t *testing.T, h *Host, m *driver.Machine) map[string]func() error {
	t.Helper()
	return map[string]func() error{
		"suspend": func() error {
			return errors.Join(h.Suspend(t.Context(), m.ID), h.Resume(t.Context(), m.ID))
		},
		"snapshot": func() error { return h.Snapshot(t.Context(), m.ID, false, io.Discard) },
		"rescue": func() error {
			return errors.Join(h.Rescue(t.Context(), m.ID, driver.Rescue{Image: bootSector(saying)}), h.Unrescue(t.Context(), m.ID))
		},
		"rebuild": func() error { return h.Rebuild(t.Context(), m, true) },
	}
}

// TestChildOfStates is the process that a crash kills.
func TestChildOfStates(t *testing.T) { //nolint:paralleltest // it is a process of its own
	dir, deed := os.Getenv(crashDir), os.Getenv(crashDeed)
	if deed == "" {
		t.Skip("only for the tests of crashes")
	}
	h, err := New(t.Context(), options(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	m := newMachine(bootSector(ticking))
	m.EphemeralGiB, m.SwapMiB, m.ConfigDrive = []int{1}, 64, driveFiles()
	if err := h.Spawn(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for {
		fmt.Println("deed")
		if err := deeds(t, h, m)[deed](); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCrashInStates kills the process at moments all through what it does to a machine: the next one finds a whole
// machine, whose files, process and state agree, and which can be run.
func TestCrashInStates(t *testing.T) {
	t.Parallel()
	needQEMU(t)
	for _, deed := range []string{"suspend", "snapshot", "rescue", "rebuild"} {
		t.Run(deed, func(t *testing.T) {
			t.Parallel()
			for range 5 {
				dir := t.TempDir()
				crashInDeed(t, dir, deed, time.Duration(rand.IntN(250))*time.Millisecond)
				checkAfterCrash(t, dir)
			}
		})
	}
}

func crashInDeed(t *testing.T, dir, deed string, moment time.Duration) {
	t.Helper()
	t.Logf("%s, %v", deed, moment)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChildOfStates$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir, crashDeed+"="+deed)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, begun := bufio.NewScanner(out), false
	for !begun && lines.Scan() {
		begun = lines.Text() == "deed"
	}
	if err := clock.Wall().Sleep(t.Context(), moment); err != nil {
		t.Error(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	for lines.Scan() {
		if strings.Contains(lines.Text(), "FAIL") {
			t.Errorf("the child failed: %s", lines.Text())
		}
	}
	_ = cmd.Wait() // it was killed
	if !begun {
		t.Fatal("the child spawned no machine")
	}
}

func checkAfterCrash(t *testing.T, dir string) {
	t.Helper()
	h := open(t, dir)
	defer empty(t, h)
	list, err := h.List(t.Context())
	if err != nil || len(list) != 1 || list[0].Err != nil {
		t.Fatalf("List = %+v, %v", list, err)
	}
	m, err := h.find(list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	want := map[driver.State]int{driver.Running: 1, driver.Suspended: 0, driver.Shutdown: 0}
	if n, legal := want[list[0].State]; !legal || processesOf(t, h) != n {
		t.Errorf("%d processes in state %v", processesOf(t, h), list[0].State)
	}
	s := m.spec()
	for path, want := range map[string]bool{
		m.memory(): s.Suspended, m.rescue(): s.Rescue != nil, m.frozen(): false, m.rebuilt(): false,
		m.root(): true, m.ephemeral(0): true, m.swap(): true, m.config(): true,
	} {
		if _, err := os.Lstat(path); (err == nil) != want || (err != nil && !errors.Is(err, fs.ErrNotExist)) {
			t.Errorf("%s is there: %t (%v)", filepath.Base(path), err == nil, err)
		}
	}
	if drafts, err := filepath.Glob(filepath.Join(m.dir, ".draft-*")); err != nil || len(drafts) > 0 {
		t.Errorf("left: %q, %v", drafts, err)
	}
	if err := h.Start(t.Context(), m.id); err != nil {
		t.Error(err)
	}
	if err := h.Snapshot(t.Context(), m.id, false, io.Discard); err != nil { // no job of the dead process's is in its way
		t.Error(err)
	}
	if err := h.Suspend(t.Context(), m.id); err != nil {
		t.Error(err)
	}
}
