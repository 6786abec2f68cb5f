// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

// twoHosts share a cache of images, as those of a cloud do.
func twoHosts(tb testing.TB, change ...func(*Options)) (from, to *Host) {
	tb.Helper()
	from = opened(tb, change...)
	to = opened(tb, append(change, func(o *Options) { o.Images, o.Name = from.opts.Images, "other" })...)
	return from, to
}

// life is what the writing guest has done so far: how often it has booted, and how many ticks it has counted.
func life(tb testing.TB, h *Host, id string) (boots, ticks int) {
	tb.Helper()
	out, err := h.ConsoleOutput(tb.Context(), id, -1)
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Count(out, banner), strings.Count(strings.ReplaceAll(out, banner, ""), "t")
}

// lives waits until the guest has counted some more.
func lives(tb testing.TB, h *Host, id string) {
	tb.Helper()
	_, before := life(tb, h, id)
	eventually(tb, "more ticks", func() bool {
		_, ticks := life(tb, h, id)
		return ticks > before+3
	})
	if boots, _ := life(tb, h, id); boots != 1 {
		tb.Errorf("the guest has booted %d times", boots)
	}
}

// counted is what the writing guest has written to its disk.
func counted(tb testing.TB, h *Host, disk string) int {
	tb.Helper()
	raw := filepath.Join(tb.TempDir(), "raw")
	if _, err := h.opts.Images.run(tb.Context(), "convert", "-f", "qcow2", "-O", "raw", disk, raw); err != nil {
		tb.Fatal(err)
	}
	b, err := os.ReadFile(raw)
	if err != nil {
		tb.Fatal(err)
	}
	return int(binary.LittleEndian.Uint16(b[512:]))
}

// setOut is a live migration between two hosts that is about to begin, of a guest that runs and writes.
func setOut(t *testing.T, move driver.LiveMove) *passage {
	t.Helper()
	from, to := twoHosts(t)
	move.To, move.Machine = to, newMachine(bootSector(writing))
	mustGo(t, from.Spawn(t.Context(), move.Machine))
	source, err := from.find(move.Machine.ID)
	mustGo(t, err)
	return &passage{
		source: side{from, source, source.instance()}, dest: side{Host: to}, move: move, runs: true, force: make(chan struct{}, 1),
	}
}

// TestTheSwitchoverIsSeenTwice: QEMU says pre-switchover still for a moment after it was told to go on.
func TestTheSwitchoverIsSeenTwice(t *testing.T) {
	t.Parallel()
	p := setOut(t, driver.LiveMove{CopyDisks: true})
	ctx := within(t)
	mustGo(t, p.prepare(ctx), p.agree(ctx))
	events, end, err := p.source.q.listen()
	mustGo(t, err)
	defer end()
	mustGo(t, p.copyDisks(ctx, events), p.send(ctx))
	eventually(t, "the switchover", func() bool {
		info, err := p.source.migration(ctx)
		mustGo(t, err)
		return info.Status == "pre-switchover"
	})
	mustGo(t, p.switchDisks(ctx, events), p.switchDisks(ctx, events))
	arrived, end, err := p.dest.q.listen()
	mustGo(t, err)
	defer end()
	mustGo(t, p.follow(ctx, events, arrived))
	p.leave()
	lives(t, p.dest.Host, p.move.Machine.ID)
}

// TestTheSourceDiesInPostCopy: half of the guest's memory is lost, and its other half must not wait for it for ever.
func TestTheSourceDiesInPostCopy(t *testing.T) {
	t.Parallel()
	p := setOut(t, driver.LiveMove{})
	inPostCopy(t, p)
	mustGo(t, p.source.q.proc.kill())
	eventually(t, "the end", func() bool { return gone(p.dest.q) })
}

// TestAMirrorThatFailedAtTheEnd: a job that is no more has not therefore ended well.
func TestAMirrorThatFailedAtTheEnd(t *testing.T) {
	t.Parallel()
	h := opened(t)
	m, err := h.find(spawn(t, h, bootSector(deaf)))
	mustGo(t, err)
	p := &passage{source: side{h, m, m.instance()}}
	told := make(chan qmp.Event, 2)
	told <- qmp.Event{Event: "STOP"}
	told <- qmp.Event{Event: "BLOCK_JOB_COMPLETED", Data: map[string]any{"device": "move-root", "error": "No space left on device"}}
	if err := p.await(within(t), told, func(jobs []blockJob) bool { return len(jobs) == 0 }); err == nil {
		t.Error("a disk that was not copied passes for one that was")
	}
}

// TestLiveMigrationKeepsTheGuest: there and back and there again, it does not boot, and no write is lost.
func TestLiveMigrationKeepsTheGuest(t *testing.T) {
	t.Parallel()
	for name, copied := range map[string]bool{"shared disks": false, "copied disks": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := twoHosts(t)
			m := newMachine(bootSector(writing))
			m.EphemeralGiB, m.SwapMiB, m.ConfigDrive = []int{1}, 16, driveFiles()
			if err := from.Spawn(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				lives(t, from, m.ID)
				if err := from.LiveMigrate(t.Context(), m.ID, driver.LiveMove{To: to, Machine: m, CopyDisks: copied}); err != nil {
					t.Fatal(err)
				}
				lives(t, to, m.ID)
				left := from.machine(m.ID)
				for _, path := range []string{left.dir, left.run} {
					if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
						t.Errorf("%s is left: %v", path, err)
					}
				}
				if n := processesOf(t, from); n != 0 {
					t.Errorf("%d processes are left", n)
				}
				from, to = to, from
			}
			if err := from.Stop(t.Context(), m.ID, 0); err != nil {
				t.Fatal(err)
			}
			_, ticks := life(t, from, m.ID)
			if n := counted(t, from, from.machine(m.ID).root()); n != ticks && n != ticks+1 {
				t.Errorf("%d written, %d told", n, ticks)
			}
			if err := from.Start(t.Context(), m.ID); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAPausedGuestStaysPaused(t *testing.T) {
	t.Parallel()
	from, to := twoHosts(t)
	m := newMachine(bootSector(writing))
	if err := from.Spawn(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	lives(t, from, m.ID)
	if err := from.Pause(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	if err := from.LiveMigrate(t.Context(), m.ID, driver.LiveMove{To: to, Machine: m, CopyDisks: true}); err != nil {
		t.Fatal(err)
	}
	if state, err := to.State(t.Context(), m.ID); state != driver.Paused || err != nil {
		t.Errorf("state %v, %v", state, err)
	}
	if err := to.Unpause(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	lives(t, to, m.ID)
}

// dwelling begins a live migration that lasts until it is told otherwise.
func dwelling(t *testing.T, from *Host, move driver.LiveMove) (end context.CancelFunc, done <-chan error) {
	t.Helper()
	move.Dwell = time.Hour
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- from.LiveMigrate(ctx, move.Machine.ID, move) }()
	eventually(t, "memory on its way", func() bool {
		p, err := from.MigrationProgress(ctx, move.Machine.ID)
		return err == nil && p.MemoryTotal >= int64(move.Machine.MemoryMiB)<<20 && p.MemoryRemaining > 0 && (!move.CopyDisks || p.DiskTotal > 0 && p.DiskRemaining == 0)
	})
	return end, ended
}

// TestLiveMigrationIsGivenUp, by an abort and by whoever waits for it: the guest runs on here, nothing is left
// there, and it can be tried again, suspended, and stopped.
func TestLiveMigrationIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, copied := range map[string]bool{"shared disks": false, "copied disks": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := twoHosts(t)
			m := newMachine(bootSector(writing))
			if err := from.Spawn(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			move := driver.LiveMove{To: to, Machine: m, CopyDisks: copied}
			for _, test := range []struct {
				give func(context.CancelFunc) error
				want error
			}{
				{func(context.CancelFunc) error { return from.AbortMigration(t.Context(), m.ID) }, driver.ErrAborted},
				{func(end context.CancelFunc) error { end(); return nil }, context.Canceled},
			} {
				lives(t, from, m.ID)
				end, done := dwelling(t, from, move)
				if copied {
					if p, err := from.MigrationProgress(t.Context(), m.ID); err != nil || p.DiskTotal == 0 || p.DiskRemaining != 0 {
						t.Errorf("progress %+v, %v", p, err)
					}
				}
				if err := test.give(end); err != nil {
					t.Error(err)
				}
				if err := <-done; !errors.Is(err, test.want) {
					t.Errorf("LiveMigrate = %v, want %v", err, test.want)
				}
				end()
				lives(t, from, m.ID)
				nothingOf(t, to, m.ID)
			}
			if err := from.Suspend(t.Context(), m.ID); err != nil {
				t.Fatal(err)
			}
			if err := from.Resume(t.Context(), m.ID); err != nil {
				t.Fatal(err)
			}
			move.Dwell = 0
			if err := from.LiveMigrate(t.Context(), m.ID, move); err != nil {
				t.Fatal(err)
			}
			if err := to.Suspend(t.Context(), m.ID); err != nil {
				t.Fatal(err)
			}
			if err := to.Resume(t.Context(), m.ID); err != nil {
				t.Fatal(err)
			}
			lives(t, to, m.ID)
		})
	}
}

// nothingOf demands that a host has nothing of a machine.
func nothingOf(t *testing.T, h *Host, id string) {
	t.Helper()
	if _, err := h.State(t.Context(), id); !errors.Is(err, driver.ErrNotFound) {
		t.Errorf("State = %v", err)
	}
	if n := processesOf(t, h); n != 0 {
		t.Errorf("%d processes are left", n)
	}
	for _, path := range []string{h.machine(id).dir, h.machine(id).run} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", path, err)
		}
	}
}

// TestForceComplete, by post-copy where this machine has it, and by a pause.
func TestForceComplete(t *testing.T) {
	t.Parallel()
	for _, pause := range []bool{false, true} {
		from, to := twoHosts(t)
		m := newMachine(bootSector(writing))
		if err := from.Spawn(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		lives(t, from, m.ID)
		_, done := dwelling(t, from, driver.LiveMove{To: to, Machine: m, CopyDisks: true})
		p, err := from.passages.of(m.ID)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("post-copy: %v", p.postCopy)
		if pause && p.postCopy {
			p.postCopy = false // follow reads it once it is forced
		}
		start := clock.Wall().Now()
		if err := from.ForceComplete(t.Context(), m.ID); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		t.Logf("forced to complete in %v", clock.Wall().Now().Sub(start))
		lives(t, to, m.ID)
		nothingOf(t, from, m.ID)
	}
}
