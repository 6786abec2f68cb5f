// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// These tell a child process of the test which hosts to open, and what to do with which machine until it is killed.
const (
	moverDir  = "QEMU_DRIVER_MOVER_DIR"
	moverID   = "QEMU_DRIVER_MOVER_ID"
	moverDeed = "QEMU_DRIVER_MOVER_DEED"
)

// pair opens the two hosts in dir, which share a cache of images.
func pair(tb testing.TB, dir string, swapped bool) (hosts [2]*Host) {
	tb.Helper()
	images, err := NewImages(filepath.Join(dir, "images"))
	if err != nil {
		tb.Fatal(err)
	}
	for i := range hosts {
		if swapped {
			i = 1 - i
		}
		opts := Options{
			Dir: filepath.Join(dir, fmt.Sprint("host-", i)), Name: fmt.Sprint("host-", i), VCPUs: 4, MemoryMiB: 1024, DiskGiB: 10,
			Images: images, Log: slog.New(slog.NewTextHandler(tb.Output(), nil)),
		}
		if hosts[i], err = New(tb.Context(), opts); err != nil {
			tb.Fatal(err)
		}
	}
	return hosts
}

// where is the host that has the machine, and the other one.
func where(tb testing.TB, hosts [2]*Host, id string) (here, there *Host) {
	tb.Helper()
	for i, h := range hosts {
		if _, err := h.State(tb.Context(), id); err == nil {
			return h, hosts[1-i]
		}
	}
	return nil, nil
}

// TestMover is the process that a crash kills.
func TestMover(t *testing.T) { //nolint:paralleltest // it is a process of its own
	dir := os.Getenv(moverDir)
	if dir == "" {
		t.Skip("only for the tests of crashes")
	}
	hosts := pair(t, dir, false)
	m := newMachine(bootSector(writing))
	m.ID = os.Getenv(moverID)
	deeds := map[string]func(from, to *Host, copied bool) error{
		"live": func(from, to *Host, copied bool) error {
			return from.LiveMigrate(t.Context(), m.ID, driver.LiveMove{To: to, Machine: m, CopyDisks: copied})
		},
		"cold": func(from, to *Host, _ bool) error {
			baggage, err := from.Depart(t.Context(), m.ID, 0)
			if err != nil {
				return err
			}
			return errors.Join(to.Arrive(t.Context(), m, baggage, true), from.Forget(t.Context(), m.ID))
		},
	}
	fmt.Println("moving")
	for n := 0; ; n++ {
		from, to := where(t, hosts, m.ID)
		if err := deeds[os.Getenv(moverDeed)](from, to, n%2 == 0); err != nil {
			t.Fatal(err)
		}
	}
}

// killedMoving runs a child that moves the machine to and fro, and kills it.
func killedMoving(t *testing.T, dir, id, deed string, moment time.Duration) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMover$")
	cmd.Env = append(os.Environ(), moverDir+"="+dir, moverID+"="+id, moverDeed+"="+deed)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "moving" {
		t.Log(lines.Text())
	}
	if err := clock.Wall().Sleep(t.Context(), moment); err != nil {
		t.Error(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	for lines.Scan() { // it failed before it was killed
		t.Error(lines.Text())
	}
	_ = cmd.Wait() // it was killed
}

// movable makes the machine that is to be moved, and closes its hosts again.
func movable(t *testing.T, dir string) *driver.Machine {
	t.Helper()
	needQEMU(t)
	hosts := pair(t, dir, false)
	m := newMachine(bootSector(writing))
	if err := hosts[0].Spawn(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	lives(t, hosts[0], m.ID)
	for _, h := range hosts {
		t.Cleanup(func() { _ = os.RemoveAll(h.runDir) })
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// TestCrashOfALiveMigration kills the process at moments all through live migrations: the guest lives on, in one
// QEMU on one host, and has lost nothing.
func TestCrashOfALiveMigration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := movable(t, dir)
	const rounds = 16
	for round := range rounds {
		killedMoving(t, dir, m.ID, "live", time.Duration(100+round*37)*time.Millisecond)
		hosts := pair(t, dir, round%2 == 1)
		here, there := where(t, hosts, m.ID)
		if here == nil {
			t.Fatalf("round %d: the machine is lost", round)
		}
		if state, err := here.State(t.Context(), m.ID); state != driver.Running || err != nil {
			t.Errorf("round %d: state %v, %v", round, state, err)
		}
		if n := processesOf(t, here); n != 1 {
			t.Errorf("round %d: %d processes", round, n)
		}
		nothingOf(t, there, m.ID)
		lives(t, here, m.ID)
		if round == rounds-1 {
			if err := here.Stop(t.Context(), m.ID, 0); err != nil {
				t.Fatal(err)
			}
			_, ticks := life(t, here, m.ID)
			if n := counted(t, here, here.machine(m.ID).root()); n != ticks && n != ticks+1 {
				t.Errorf("%d written, %d told", n, ticks)
			}
			empty(t, here)
			empty(t, there)
			return
		}
		for _, h := range hosts {
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestCrashOfAMove kills the process at moments all through moves of a machine that is powered off for it: its disk
// is on the one host, or aside there, and what had half arrived on the other is told of.
func TestCrashOfAMove(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := movable(t, dir)
	for round := range 10 {
		killedMoving(t, dir, m.ID, "cold", time.Duration(100+round*23)*time.Millisecond)
		hosts := pair(t, dir, round%2 == 1)
		var whole []*Host
		for _, h := range hosts {
			list, err := h.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range list {
				if s.Err == nil {
					whole = append(whole, h)
					continue
				}
				if !errors.Is(s.Err, driver.ErrInterrupted) || s.State != driver.NoState {
					t.Errorf("round %d: %+v", round, s)
				}
				if err := h.Destroy(t.Context(), s.ID); err != nil {
					t.Error(err)
				}
			}
		}
		for _, h := range hosts { // as compute does: one that has not arrived comes back
			if len(whole) > 0 {
				if err := h.Forget(t.Context(), m.ID); err != nil {
					t.Error(err)
				}
				continue
			}
			err := h.Return(t.Context(), m, true)
			if err == nil {
				whole = append(whole, h)
			} else if !errors.Is(err, driver.ErrNotFound) {
				t.Errorf("round %d: Return = %v", round, err)
			}
		}
		if len(whole) != 1 {
			t.Fatalf("round %d: the machine is on %d hosts", round, len(whole))
		}
		if err := whole[0].Start(t.Context(), m.ID); err != nil {
			t.Fatal(err)
		}
		if n := processesOf(t, hosts[0]) + processesOf(t, hosts[1]); n != 1 {
			t.Errorf("round %d: %d processes", round, n)
		}
		for _, h := range hosts {
			if round == 9 {
				empty(t, h)
			} else if err := h.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestLiveMigrationIsCutOff closes both hosts, which leaves their QEMUs as a crash does, at the moments that are too
// short to be hit by a kill.
func TestLiveMigrationIsCutOff(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cut     func(t *testing.T, p *passage)
		arrives bool
	}{
		"prepared":            {func(t *testing.T, p *passage) { mustGo(t, p.prepare(t.Context())) }, false},
		"sent, not committed": {sentOnly, false},
		"committed, not on":   {committedOnly, true},
		"committed":           {func(t *testing.T, p *passage) { mustGo(t, p.prepare(t.Context()), p.cross(t.Context())) }, true},
		"post-copy":           {inPostCopy, true},
	} {
		for _, swapped := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", destination first"}[swapped], func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				m := movable(t, dir)
				hosts := pair(t, dir, false)
				from, _ := hosts[0].find(m.ID)
				p := &passage{
					source: side{hosts[0], from, from.instance()}, dest: side{Host: hosts[1]},
					move: driver.LiveMove{To: hosts[1], Machine: m, CopyDisks: !swapped}, runs: true, force: make(chan struct{}, 1),
				}
				test.cut(t, p)
				for _, h := range hosts {
					mustGo(t, h.Close())
				}
				hosts = pair(t, dir, swapped)
				want, other := hosts[0], hosts[1]
				if test.arrives {
					want, other = other, want
				}
				if state, err := want.State(t.Context(), m.ID); state != driver.Running || err != nil {
					t.Errorf("state %v, %v", state, err)
				}
				nothingOf(t, other, m.ID)
				lives(t, want, m.ID)
				mustGo(t, want.LiveMigrate(t.Context(), m.ID, driver.LiveMove{To: other, Machine: m, CopyDisks: swapped}))
				lives(t, other, m.ID)
				for _, h := range hosts {
					empty(t, h)
				}
			})
		}
	}
}

func mustGo(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// committedOnly leaves a guest that stands still, and is the destination's.
func committedOnly(t *testing.T, p *passage) {
	t.Helper()
	mustGo(t, p.prepare(t.Context()))
	p.runs = false
	mustGo(t, p.cross(t.Context()))
}

// sentOnly leaves a migration that has moved all memory, so that the guest stands still in both QEMUs.
func sentOnly(t *testing.T, p *passage) {
	t.Helper()
	ctx := within(t)
	mustGo(t, p.prepare(ctx), p.agree(ctx))
	events, end, err := p.source.q.listen()
	mustGo(t, err)
	defer end()
	mustGo(t, p.copyDisks(ctx, events), p.send(ctx))
	eventually(t, "the end", func() bool {
		info, err := p.source.migration(ctx)
		if err == nil && info.Status == "pre-switchover" {
			err = p.switchDisks(ctx, events)
		}
		mustGo(t, err)
		there, err := p.dest.migration(ctx)
		mustGo(t, err)
		return info.Status == "completed" && there.Status == "completed"
	})
}

// inPostCopy leaves a migration whose guest runs there, and still needs memory from here.
func inPostCopy(t *testing.T, p *passage) {
	t.Helper()
	ctx := within(t)
	p.move.Dwell = time.Hour
	mustGo(t, p.prepare(ctx), p.source.do(ctx, "migrate-set-parameters", obj{"max-postcopy-bandwidth": 100_000}, nil), p.agree(ctx))
	if !p.postCopy {
		t.Skip("this machine has no post-copy")
	}
	go func() { _ = p.cross(ctx) }() // fails when the hosts are closed
	eventually(t, "memory on its way", func() bool {
		info, err := p.source.migration(ctx)
		return err == nil && info.Status == "active"
	})
	p.force <- struct{}{}
	eventually(t, "the guest over there", func() bool {
		info, err := p.source.migration(ctx)
		return err == nil && info.Status == "postcopy-active" && p.committed()
	})
}
