// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// rootPrefix begins the names of the directories that hold all that a process of these tests makes, sockets too. The
// rest names the process, so that the next run can tell what one that was killed has left.
const rootPrefix = "qt-"

func rootOf(pid int, start uint64) string {
	return rootPrefix + strconv.Itoa(pid) + "-" + strconv.FormatUint(start, 36)
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	const ours = "QEMU_DRIVER_TEST_ROOT"
	if os.Getenv(ours) != "" { // a child of a test, whose machines are the parent's
		return m.Run()
	}
	if err := sweepDead(os.TempDir()); err != nil {
		fmt.Fprintln(os.Stderr, "sweeping up after runs that were killed:", err)
	}
	start, _, err := procStat(os.Getpid())
	root := filepath.Join(os.TempDir(), rootOf(os.Getpid(), start))
	err = errors.Join(err, os.Mkdir(root, 0o700), os.Setenv("TMPDIR", root), os.Unsetenv("XDG_RUNTIME_DIR"), os.Setenv(ours, root))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(root)
	return m.Run()
}

// sweepDead ends the QEMUs of processes that are no more, and removes what they had in dir.
func sweepDead(dir string) error {
	roots, err := filepath.Glob(filepath.Join(dir, rootPrefix+"*"))
	for _, root := range roots {
		var pid int
		if _, bad := fmt.Sscanf(filepath.Base(root), rootPrefix+"%d-", &pid); bad != nil {
			continue
		}
		if start, _, gone := procStat(pid); gone == nil && rootOf(pid, start) == filepath.Base(root) {
			continue
		}
		found, e := findQEMUs(root)
		err = errors.Join(err, e)
		for arg, pids := range found {
			for _, pid := range pids {
				err = errors.Join(err, Process{PID: pid, arg: arg}.end())
			}
		}
		err = errors.Join(err, os.RemoveAll(root))
	}
	return err
}

// TestKilledTestsAreSweptUp, and those that run are not.
func TestKilledTestsAreSweptUp(t *testing.T) {
	t.Parallel()
	needQEMU(t)
	parent, err := os.MkdirTemp("", "s") // a short path, for the sockets
	mustGo(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	dead := exec.CommandContext(t.Context(), "sleep", "60")
	mustGo(t, dead.Start())
	start, _, err := procStat(dead.Process.Pid)
	mustGo(t, err)
	left := rootOf(dead.Process.Pid, start)
	mustGo(t, dead.Process.Kill())
	_ = dead.Wait() // it was killed
	start, _, err = procStat(os.Getpid())
	mustGo(t, err)
	for root, state := range map[string]driver.State{left: driver.Crashed, rootOf(os.Getpid(), start): driver.Running} {
		root = filepath.Join(parent, root)
		h := open(t, root, func(o *Options) {
			mustGo(t, os.MkdirAll(o.Dir, 0o700), os.Symlink(filepath.Join(root, "r"), filepath.Join(o.Dir, "run")))
		})
		id := spawn(t, h, bootSector(deaf))
		pid := pidOf(t, h, id)
		mustGo(t, sweepDead(parent))
		if state == driver.Crashed {
			if e := nextEvent(t, h); e.ID != id || e.State != driver.Crashed {
				t.Errorf("event %+v", e)
			}
		} else if got := pidOf(t, h, id); got != pid || processesOf(t, h) != 1 {
			t.Errorf("QEMU %d of %d", got, processesOf(t, h))
		}
		if _, err := os.Stat(root); (err == nil) != (state == driver.Running) {
			t.Errorf("%s: %v", root, err)
		}
		mustGo(t, h.Destroy(context.Background(), id), h.Close())
	}
}
