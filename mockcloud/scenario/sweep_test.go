// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// rootOf is what the directories of a process's clouds begin with.
func rootOf(pid int) string { return fmt.Sprintf("scenario-%d-", pid) }

// sweepDead removes the clouds of runs that were killed, with the machines that outlived them.
func sweepDead() error {
	roots, err := filepath.Glob(filepath.Join(os.TempDir(), "scenario-*-*"))
	for _, root := range roots {
		var pid int
		if _, bad := fmt.Sscanf(filepath.Base(root), "scenario-%d-", &pid); bad != nil || syscall.Kill(pid, 0) == nil {
			continue
		}
		err = errors.Join(err, local.Demolish(context.Background(), filepath.Join(root, "state")), os.RemoveAll(root))
	}
	return err
}

// endWithUs ends the machines of this process's clouds when it is told to end: they would run on, and nobody
// would know of them before the next run sweeps them up.
func endWithUs() {
	told := make(chan os.Signal, 1)
	signal.Notify(told, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-told
		ours := filepath.Join(os.TempDir(), rootOf(os.Getpid()))
		paths, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, path := range paths {
			var pid int
			line, err := os.ReadFile(path)
			if _, bad := fmt.Sscanf(path, "/proc/%d/", &pid); err == nil && bad == nil && strings.Contains(string(line), ours) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		os.Exit(1)
	}()
}
