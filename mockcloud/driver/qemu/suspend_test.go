// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

// TestSuspendKeepsTheGuest: the guest goes on where it was, and does not boot again.
func TestSuspendKeepsTheGuest(t *testing.T) {
	t.Parallel()
	h := opened(t)
	id := spawn(t, h, bootSector(ticking))
	m, err := h.find(id)
	if err != nil {
		t.Fatal(err)
	}
	console := func() string {
		out, err := h.ConsoleOutput(t.Context(), id, -1)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	eventually(t, "ticks", func() bool { return strings.Count(console(), "t") > 5 })
	for range 2 {
		if err := h.Suspend(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(m.memory()); err != nil || info.Mode().Perm() != 0o600 || info.Size() < 1<<20 {
			t.Errorf("the memory's file: %v, %v", info, err)
		}
		before := console()
		if err := h.Resume(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		eventually(t, "more ticks", func() bool { return len(console()) > len(before)+5 })
		if n := strings.Count(console(), banner); n != 1 {
			t.Fatalf("the guest booted %d times", n)
		}
	}
	for _, path := range []string{m.memory(), m.memoryDraft()} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", path, err)
		}
	}
}

// TestSuspendWithoutRoom: a guest that cannot be saved goes on, and can be saved once there is room.
func TestSuspendWithoutRoom(t *testing.T) {
	t.Parallel()
	h := opened(t)
	id := spawn(t, h, bootSector(ticking))
	m, err := h.find(id)
	if err != nil {
		t.Fatal(err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	if err := h.freeze(t.Context(), m, m.instance(), full); err == nil || !strings.Contains(err.Error(), "No space left") {
		t.Errorf("freeze = %v", err)
	}
	if state, err := h.State(t.Context(), id); state != driver.Running || err != nil {
		t.Errorf("State = %v, %v", state, err)
	}
	if err := h.Suspend(t.Context(), id); err != nil {
		t.Error(err)
	}
	if err := h.Resume(t.Context(), id); err != nil {
		t.Error(err)
	}
}

// TestSuspendIsGivenUp: whenever ctx ends, the guest runs or is suspended.
func TestSuspendIsGivenUp(t *testing.T) {
	t.Parallel()
	h := opened(t)
	id := spawn(t, h, bootSector(ticking))
	for after := range 10 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(after)*2*time.Millisecond)
		err := h.Suspend(ctx, id)
		cancel()
		want := driver.Running
		if err == nil {
			want = driver.Suspended
		}
		if state, _ := h.State(t.Context(), id); state != want {
			t.Fatalf("after %d ms: State = %v, and Suspend = %v", 2*after, state, err)
		}
		if err := h.Start(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSuspendOfAPausedGuestIsGivenUp: it stays paused, and QEMU saves it no longer.
func TestSuspendOfAPausedGuestIsGivenUp(t *testing.T) {
	t.Parallel()
	h := opened(t)
	id := spawn(t, h, bootSector(ticking))
	m, err := h.find(id)
	mustGo(t, err, h.Pause(t.Context(), id))
	reader, writer, err := os.Pipe()
	mustGo(t, err)
	defer writer.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	go func() { // nobody reads before that: it takes as long as we want
		<-ctx.Done()
		_, _ = io.Copy(io.Discard, reader)
	}()
	defer reader.Close()
	if err := h.freeze(ctx, m, m.instance(), writer); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("freeze = %v", err)
	}
	info, err := side{h, m, m.instance()}.migration(t.Context())
	if err != nil || info.Status != "cancelled" && info.Status != "completed" { // QEMU may have been faster
		t.Errorf("QEMU's migration is %s, %v", info.Status, err)
	}
	if state, err := h.State(t.Context(), id); state != driver.Paused || err != nil {
		t.Errorf("State = %v, %v", state, err)
	}
}

// TestAMemoryThatIsSpoilt: the machine stays suspended, and a reboot makes do without.
func TestAMemoryThatIsSpoilt(t *testing.T) {
	t.Parallel()
	h := opened(t)
	id := spawn(t, h, bootSector(deaf))
	if err := h.Suspend(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	memory := h.machine(id).memory()
	info, err := os.Stat(memory)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(memory, info.Size()/2); err != nil {
		t.Fatal(err)
	}
	if err := h.Resume(t.Context(), id); err == nil || !strings.Contains(err.Error(), "load of migration failed") {
		t.Errorf("Resume = %v", err)
	}
	if state, err := h.State(t.Context(), id); state != driver.Suspended || err != nil {
		t.Errorf("State = %v, %v", state, err)
	}
	if err := h.Reboot(t.Context(), id, false, 0); err != nil {
		t.Error(err)
	}
	if state, err := h.State(t.Context(), id); state != driver.Running || err != nil {
		t.Errorf("State = %v, %v", state, err)
	}
}

// TestAFullDisk: QEMU stops a guest whose write finds the disk full. That is told of, and is no crash; the guest can go on
// once there is room.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	h := opened(t)
	id := spawn(t, h, bootSector(ticking))
	m, err := h.find(id)
	if err != nil {
		t.Fatal(err)
	}
	q := m.instance()
	// As QEMU says it, with its STOP; a disk that is full for QEMU alone cannot be had without root.
	h.note(m, q, qmp.Event{Event: "BLOCK_IO_ERROR", Data: map[string]any{"action": "stop", "reason": "No space left on device"}})
	if err := h.turn(t.Context(), m, q, "stop"); err != nil {
		t.Fatal(err)
	}
	if e := nextEvent(t, h); e.ID != id || e.State != driver.Paused || !strings.Contains(e.Reason, "No space left") {
		t.Errorf("event %+v", e)
	}
	if state, err := h.State(t.Context(), id); state != driver.Paused || err != nil {
		t.Errorf("State = %v, %v", state, err)
	}
	if err := h.Reboot(t.Context(), id, false, 0); err != nil {
		t.Fatal(err)
	}
	if state, err := h.State(t.Context(), id); state != driver.Running || err != nil {
		t.Errorf("State = %v, %v", state, err)
	}
}
