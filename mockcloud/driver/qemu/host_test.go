// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/drivertest"
)

func needQEMU(tb testing.TB) {
	tb.Helper()
	for _, binary := range []string{"qemu-system-x86_64", "qemu-img"} {
		if _, err := exec.LookPath(binary); err != nil {
			tb.Skipf("%s is not installed", binary)
		}
	}
}

func options(tb testing.TB, dir string) Options {
	tb.Helper()
	images, err := NewImages(filepath.Join(dir, "images"))
	if err != nil {
		tb.Fatal(err)
	}
	return Options{
		Dir: filepath.Join(dir, "host"), Name: "test", VCPUs: 4, MemoryMiB: 1024, DiskGiB: 10,
		Images: images, Log: slog.New(slog.NewTextHandler(tb.Output(), nil)),
	}
}

// open opens a host; the sockets' directory, which is not under dir, goes with the test.
func open(tb testing.TB, dir string, change ...func(*Options)) *Host {
	tb.Helper()
	needQEMU(tb)
	opts := options(tb, dir)
	for _, c := range change {
		c(&opts)
	}
	h, err := New(tb.Context(), opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(h.runDir) })
	return h
}

// opened is a host that is emptied and closed when the test ends.
func opened(tb testing.TB, change ...func(*Options)) *Host {
	tb.Helper()
	h := open(tb, tb.TempDir(), change...)
	tb.Cleanup(func() { empty(tb, h) })
	return h
}

func empty(tb testing.TB, h *Host) {
	tb.Helper()
	list, err := h.List(context.Background())
	if err != nil {
		tb.Error(err)
	}
	for _, s := range list {
		if err := h.Destroy(context.Background(), s.ID); err != nil {
			tb.Errorf("Destroy(%s): %v", s.ID, err)
		}
	}
	if err := h.Close(); err != nil {
		tb.Error(err)
	}
}

func newMachine(image driver.Image) *driver.Machine {
	return &driver.Machine{
		ID: uuid.NewString(), Name: "instance-00000001", VCPUs: 1, MemoryMiB: 64, Root: driver.RootDisk{Image: image},
	}
}

func spawn(tb testing.TB, h *Host, image driver.Image) string {
	tb.Helper()
	m := newMachine(image)
	if err := h.Spawn(tb.Context(), m); err != nil {
		tb.Fatal(err)
	}
	return m.ID
}

// pidOf is the process of a running machine.
func pidOf(tb testing.TB, h *Host, id string) int {
	tb.Helper()
	m, err := h.find(id)
	if err != nil {
		tb.Fatal(err)
	}
	q := m.instance()
	if q == nil {
		tb.Fatal("the machine is off")
	}
	return q.proc.pid
}

func within(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	tb.Cleanup(cancel)
	return ctx
}

// eventually asks until it is so.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	ctx := within(tb)
	for !ok() {
		if err := clock.Wall().Sleep(ctx, 20*time.Millisecond); err != nil {
			tb.Fatalf("%s: %v", what, err)
		}
	}
}

func nextEvent(tb testing.TB, h *Host) driver.Event {
	tb.Helper()
	select {
	case e := <-h.Events():
		return e
	case <-within(tb).Done():
		tb.Fatal("no event")
		return driver.Event{}
	}
}

func TestDriver(t *testing.T) {
	t.Parallel()
	needQEMU(t)
	drivertest.Run(t, drivertest.Subject{
		Open:     func(t *testing.T, dir string) driver.Driver { return open(t, dir) },
		Image:    bootSector(yielding),
		Survives: true,
		Kill: func(t *testing.T, d driver.Driver, id string) {
			if err := syscall.Kill(pidOf(t, d.(*Host), id), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		},
	})
}

// TestGuestsEnd: what a guest does to itself, as the event tells it.
func TestGuestsEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code []byte
		want driver.Event
	}{
		"poweroff": {leaving, driver.Event{State: driver.Shutdown, Reason: "guest shut down"}},
		"panic":    {panicking, driver.Event{State: driver.Crashed, Reason: "guest panicked"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := opened(t)
			id := spawn(t, h, bootSector(test.code))
			e := nextEvent(t, h)
			if e.ID != id || e.State != test.want.State || e.Reason != test.want.Reason {
				t.Errorf("event %+v, want %+v", e, test.want)
			}
			if state, err := h.State(t.Context(), id); state != test.want.State || err != nil {
				t.Errorf("state %v, %v", state, err)
			}
		})
	}
}

func TestAGuestThatResetsItselfStaysOn(t *testing.T) {
	t.Parallel()
	h := opened(t)
	id := spawn(t, h, bootSector(resetting))
	pid := pidOf(t, h, id)
	eventually(t, "three boots", func() bool {
		out, err := h.ConsoleOutput(t.Context(), id, -1)
		return err == nil && strings.Count(out, banner) >= 3
	})
	if state, err := h.State(t.Context(), id); state != driver.Running || err != nil || pidOf(t, h, id) != pid {
		t.Errorf("state %v, %v", state, err)
	}
}

// TestPowerButton: a guest that hears it stops long before a grace that our clock never lets pass.
func TestPowerButton(t *testing.T) {
	t.Parallel()
	manual := clock.NewManual(time.Unix(0, 0))
	h := opened(t, func(o *Options) { o.Clock = manual })
	id := spawn(t, h, bootSector(obedient))
	booted := func(times int) {
		eventually(t, "boot", func() bool {
			out, err := h.ConsoleOutput(t.Context(), id, -1)
			return err == nil && strings.Count(out, banner) >= times
		})
	}
	booted(1)
	// The banner comes before the guest enables the button: press until it hears.
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	go func() {
		for manual.BlockUntil(ctx, 1) == nil && clock.Wall().Sleep(ctx, 200*time.Millisecond) == nil {
			manual.Advance(pressEvery)
		}
	}()
	pid := pidOf(t, h, id)
	if err := h.Reboot(ctx, id, true, time.Hour); err != nil {
		t.Fatal(err)
	}
	if pidOf(t, h, id) == pid {
		t.Error("a soft reboot kept the process: the guest was reset")
	}
	booted(2)
	if err := h.Stop(ctx, id, time.Hour); err != nil {
		t.Fatal(err)
	}
	if now := manual.Now(); now.After(time.Unix(0, 0).Add(30 * time.Minute)) {
		t.Errorf("the guest did not hear the button until %v", now)
	}
	if state, err := h.State(ctx, id); state != driver.Shutdown || err != nil {
		t.Errorf("state %v, %v", state, err)
	}
}

func TestStopObeysItsContext(t *testing.T) {
	t.Parallel()
	manual := clock.NewManual(time.Unix(0, 0))
	h := opened(t, func(o *Options) { o.Clock = manual })
	id := spawn(t, h, bootSector(deaf))
	ctx, cancel := context.WithCancel(within(t))
	go func() {
		_ = manual.BlockUntil(ctx, 1)
		cancel()
	}()
	if err := h.Stop(ctx, id, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("Stop = %v", err)
	}
	if state, err := h.State(t.Context(), id); state != driver.Running || err != nil {
		t.Errorf("state %v, %v", state, err)
	}
	// The machine's end is an event again: nobody asks for it any longer.
	if err := syscall.Kill(pidOf(t, h, id), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if e := nextEvent(t, h); e.State != driver.Crashed || !strings.Contains(e.Reason, "signal 9") {
		t.Errorf("event %+v", e)
	}
}

// TestAQEMUThatHangs obeys neither quit nor anything else, and is killed.
func TestAQEMUThatHangs(t *testing.T) {
	t.Parallel()
	h := opened(t)
	id := spawn(t, h, bootSector(deaf))
	if err := syscall.Kill(pidOf(t, h, id), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if err := h.Destroy(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := h.State(t.Context(), id); !errors.Is(err, driver.ErrNotFound) {
		t.Errorf("State = %v", err)
	}
}

func TestConsole(t *testing.T) {
	t.Parallel()
	h := opened(t)
	id := spawn(t, h, bootSector(deaf))
	eventually(t, "banner", func() bool {
		out, err := h.ConsoleOutput(t.Context(), id, 1)
		return err == nil && strings.HasSuffix(out, banner)
	})
}

func TestLastLines(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		n        int
		in, want string
	}{
		{-1, "a\nb\n", "a\nb\n"}, {0, "a\nb\n", ""}, {1, "a\nb\n", "b\n"}, {1, "a\nb", "b"},
		{2, "a\nb\nc", "b\nc"}, {9, "a\nb\n", "a\nb\n"}, {1, "", ""}, {1, "\n", "\n"}, {2, "\n\n\n", "\n\n"},
	} {
		if got := string(lastLines([]byte(test.in), test.n)); got != test.want {
			t.Errorf("last %d lines of %q = %q, want %q", test.n, test.in, got, test.want)
		}
	}
}

func TestTrimKeepsTheEnd(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, append(make([]byte, 1<<20), "the end"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := trim(path, 4096); err != nil {
		t.Skipf("this file system has no holes: %v", err)
	}
	b, err := tail(path, 7)
	var st syscall.Stat_t
	if serr := syscall.Stat(path, &st); serr != nil || err != nil || string(b) != "the end" || st.Blocks*512 > 64<<10 {
		t.Errorf("tail %q, %v, %d bytes on disk, %v", b, err, st.Blocks*512, serr)
	}
}

// TestNothingIsLeft: no process, socket or file of a machine outlives it, and nobody else may read
// what is there while it lives.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	h := opened(t)
	sockets, err := os.MkdirTemp("", "nic") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(sockets)
	m := newMachine(bootSector(deaf))
	m.EphemeralGiB, m.SwapMiB, m.ConfigDrive = []int{1}, 64, driveFiles()
	m.NICs = []driver.NIC{{PortID: "p", MAC: "fa:16:3e:00:00:01", MTU: 1450, Local: filepath.Join(sockets, "vm,1"), Switch: filepath.Join(sockets, "switch")}}
	fabric, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: m.NICs[0].Switch, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer fabric.Close()
	if err := h.Spawn(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(m.NICs[0].Local); err != nil {
		t.Error(err)
	}
	pid := pidOf(t, h, m.ID)
	err = filepath.WalkDir(h.opts.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 && info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := h.Destroy(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{h.machine(m.ID).dir, h.machine(m.ID).run, m.NICs[0].Local} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", path, err)
		}
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is left: %v", pid, err)
	}
}

// TestAFailedStartSaysWhy: QEMU's own complaint is in the error, and the machine is gone.
func TestAFailedStartSaysWhy(t *testing.T) {
	t.Parallel()
	h := opened(t)
	m := newMachine(bootSector(deaf))
	m.NICs = []driver.NIC{{MAC: "no mac", Local: filepath.Join(t.TempDir(), "a"), Switch: "b"}}
	err := h.Spawn(t.Context(), m)
	if err == nil || !strings.Contains(err.Error(), "mac") {
		t.Errorf("Spawn = %v", err)
	}
	if list, err := h.List(t.Context()); len(list) != 0 || err != nil {
		t.Errorf("List = %v, %v", list, err)
	}
	if _, err := os.Lstat(h.machine(m.ID).dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("its directory is left: %v", err)
	}
}

func TestADirectoryIsOpenedOnce(t *testing.T) {
	t.Parallel()
	h := opened(t)
	if _, err := New(t.Context(), h.opts); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("New = %v", err)
	}
}
