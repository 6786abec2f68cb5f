// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

// crashDir tells a child process of the test which state to open.
const crashDir = "QEMU_DRIVER_CRASH_DIR"

// TestChild is the process that a crash kills: it spawns machines until then, saying so.
func TestChild(t *testing.T) { //nolint:paralleltest // it is a process of its own
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("only for the tests of crashes")
	}
	h, err := New(t.Context(), options(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	for {
		m := newMachine(bootSector(deaf))
		fmt.Println("spawning", m.ID)
		if err := h.Spawn(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		fmt.Println("spawned", m.ID)
	}
}

// crash runs the child in dir until it has spawned n machines, and kills it a moment later. It
// returns the ids of those that it saw whole.
func crash(t *testing.T, dir string, n int, moment time.Duration) (whole map[string]bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	whole = map[string]bool{}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if id, ok := strings.CutPrefix(lines.Text(), "spawned "); ok {
			whole[id] = true
		}
		if len(whole) == n {
			break
		}
	}
	if err := clock.Wall().Sleep(t.Context(), moment); err != nil {
		t.Error(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	for lines.Scan() { // what it said before it died
		if id, ok := strings.CutPrefix(lines.Text(), "spawned "); ok {
			whole[id] = true
		}
	}
	_ = cmd.Wait() // it was killed
	if len(whole) < n {
		t.Fatalf("the child spawned %d of %d machines", len(whole), n)
	}
	return whole
}

// processesOf counts the QEMUs of a host.
func processesOf(t *testing.T, h *Host) int {
	t.Helper()
	found, err := findProcesses(func(arg string) bool {
		return strings.HasPrefix(arg, agentPrefix+escape(h.runDir)+"/")
	})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, pids := range found {
		n += len(pids)
	}
	return n
}

// TestCrash kills the process at moments all through a Spawn: whole machines run on and are adopted,
// the one under way is told of, and no QEMU runs that is not listed.
func TestCrash(t *testing.T) {
	t.Parallel()
	needQEMU(t)
	for round := range 12 {
		dir := t.TempDir()
		whole := crash(t, dir, 1, time.Duration(round)*8*time.Millisecond)
		h := open(t, dir)
		list, err := h.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		running := 0
		for _, s := range list {
			switch {
			case s.Err == nil && s.State == driver.Running:
				running++
				delete(whole, s.ID)
			case !errors.Is(s.Err, driver.ErrInterrupted) || s.State != driver.NoState || whole[s.ID]:
				t.Errorf("round %d: %+v", round, s)
			}
		}
		if n := processesOf(t, h); len(whole) > 0 || n != running {
			t.Errorf("round %d: %d processes for %d machines; lost: %v", round, n, running, whole)
		}
		empty(t, h)
		if n := processesOf(t, h); n != 0 {
			t.Errorf("round %d: %d processes are left", round, n)
		}
	}
}

// TestAnAdoptedMachine does all that one of our own does.
func TestAnAdoptedMachine(t *testing.T) {
	t.Parallel()
	needQEMU(t)
	dir := t.TempDir()
	crash(t, dir, 3, 0)
	h := open(t, dir)
	defer empty(t, h)
	list, err := h.List(t.Context())
	if err != nil || len(list) < 3 {
		t.Fatalf("List = %v, %v", list, err)
	}
	var running []string
	for _, s := range list {
		if s.Err == nil {
			running = append(running, s.ID)
		}
	}
	ctx := within(t)
	if err := h.Reboot(ctx, running[0], false, 0); err != nil {
		t.Error(err)
	}
	if err := h.Stop(ctx, running[1], 10*time.Millisecond); err != nil {
		t.Error(err)
	}
	if err := h.Start(ctx, running[1]); err != nil {
		t.Error(err)
	}
	start := clock.Wall().Now()
	if err := syscall.Kill(pidOf(t, h, running[2]), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	e := nextEvent(t, h)
	if e.ID != running[2] || e.State != driver.Crashed || e.Time.Sub(start) > time.Second {
		t.Errorf("event %+v after %v", e, e.Time.Sub(start))
	}
}

// TestAPanicNobodySaw: a guest that panicked while no process of ours was there has crashed, and its QEMU ends.
func TestAPanicNobodySaw(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := open(t, dir)
	dm := newMachine(bootSector(panicking))
	ctx := within(t)
	mustGo(t, h.Spawn(ctx, dm), h.Stop(ctx, dm.ID, 0))
	m, err := h.find(dm.ID)
	mustGo(t, err)
	_, err = h.launch(ctx, m, nil)
	mustGo(t, err, h.Close())
	mon := qmp.New(m.qmp2(), qmp.Options{})
	mustGo(t, mon.Dial(ctx), mon.Execute(ctx, "cont", nil, nil))
	eventually(t, "the panic", func() bool {
		var reply struct{ Status string }
		mustGo(t, mon.Execute(ctx, "query-status", nil, &reply))
		return reply.Status == "guest-panicked"
	})
	mustGo(t, mon.Disconnect())
	h = open(t, dir)
	defer empty(t, h)
	if e := nextEvent(t, h); e.ID != dm.ID || e.State != driver.Crashed || e.Reason != "guest panicked" {
		t.Errorf("event %+v", e)
	}
	if n := processesOf(t, h); n != 0 {
		t.Errorf("%d processes are left", n)
	}
}

// TestAStalePidIsNobody: a process that has come by the recorded pid, or names the machine's path
// among other words, is left alone.
func TestAStalePidIsNobody(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := open(t, dir)
	id := spawn(t, h, bootSector(deaf))
	if err := h.Stop(t.Context(), id, 0); err != nil {
		t.Fatal(err)
	}
	m := h.machine(id)
	var innocents []*exec.Cmd
	for _, arg := range []string{"unused", "x" + agentChardev(m.agent())} {
		innocent := exec.CommandContext(t.Context(), "sh", "-c", "read wait", arg)
		if _, err := innocent.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		if err := innocent.Start(); err != nil {
			t.Fatal(err)
		}
		innocents = append(innocents, innocent)
		t.Cleanup(func() {
			_ = innocent.Process.Kill()
			_ = innocent.Wait() // it was killed
		})
	}
	pid := innocents[0].Process.Pid
	started, _, err := procStat(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeJSON(m.pid(), pidRecord{PID: pid, Start: started}); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h = open(t, dir)
	defer empty(t, h)
	if state, err := h.State(t.Context(), id); state != driver.Shutdown || err != nil {
		t.Errorf("State = %v, %v", state, err)
	}
	for _, innocent := range innocents {
		var status syscall.WaitStatus
		if p, err := syscall.Wait4(innocent.Process.Pid, &status, syscall.WNOHANG, nil); p != 0 || err != nil {
			t.Errorf("an innocent process ended: %v, %v", status, err)
		}
	}
}

// TestStrays: a QEMU whose machine is no more is ended, and so are its sockets.
func TestStrays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := open(t, dir)
	id := spawn(t, h, bootSector(deaf))
	m := h.machine(id)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(m.dir); err != nil {
		t.Fatal(err)
	}
	h = open(t, dir)
	defer empty(t, h)
	if n := processesOf(t, h); n != 0 {
		t.Errorf("%d processes are left", n)
	}
	if _, err := os.Lstat(m.run); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("its sockets are left: %v", err)
	}
}

// TestStraysOfOthers: what another user calls his processes is nothing to us, who could not end them.
func TestStraysOfOthers(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be another user")
	}
	run := t.TempDir()
	other := exec.Command("sleep", "60")
	other.Args[0] = agentChardev(filepath.Join(run, "id", "agent"))
	other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if err := other.Start(); err != nil {
		t.Skip(err)
	}
	defer func() {
		_ = other.Process.Kill()
		_ = other.Wait()
	}()
	if found, err := findQEMUs(run); len(found) != 0 || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
}

// TestAnotherVersionsMachine: what cannot be read is left as it is, and says why.
func TestAnotherVersionsMachine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := open(t, dir)
	id := spawn(t, h, bootSector(deaf))
	m := h.machine(id)
	if err := errors.Join(h.Stop(t.Context(), id, 0), h.Close()); err != nil {
		t.Fatal(err)
	}
	old := fmt.Sprintf(`{"complete": true, "id": %q, "vcpus": 1, "memory_mib": 64, "ephemeral": false}`, id)
	if err := os.WriteFile(m.record(), []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	h = open(t, dir)
	defer empty(t, h)
	if err := h.Start(t.Context(), id); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("Start = %v", err)
	}
	if _, err := os.Stat(m.root()); err != nil {
		t.Error(err)
	}
}

// TestRunDirIsOurs: a directory that somebody else made where ours should be is refused.
func TestRunDirIsOurs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(dir, "open")
	if err := os.Mkdir(open, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := ownDir(link); err == nil {
		t.Error("a link is fine")
	}
	if err := ownDir(open); err == nil {
		t.Error("a directory that all may read is fine")
	}
	if err := ownDir(filepath.Join(dir, "new")); err != nil {
		t.Error(err)
	}
}
