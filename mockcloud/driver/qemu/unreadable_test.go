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

// TestAnUnreadableMachineRunsOn: that we cannot read a record cuts no power; only Destroy does.
func TestAnUnreadableMachineRunsOn(t *testing.T) {
	t.Parallel()
	for name, record := range map[string]string{
		"broken":          `{"complete": tr`,
		"another version": `{"complete": true, "vcpus": 1, "memory_mib": 64, "ephemeral": false, "leaving": {}, "volumes": []}`,
		"newer version":   `{"version": 2, "complete": false, "vcpus": 1, "memory_mib": 64, "leaving": {"record": "", "agent": ""}, "ports": 5}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			h := open(t, dir)
			id := spawn(t, h, bootSector(deaf))
			pid, m := pidOf(t, h, id), h.machine(id)
			mustGo(t, h.Close(), os.WriteFile(m.record(), []byte(record), 0o600))
			for _, file := range []string{m.memory(), m.rebuilt(), m.snapshotDraft()} { // whatever they are in another version
				mustGo(t, os.WriteFile(file, nil, 0o600))
			}
			for range 2 { // however often it is opened
				h = open(t, dir)
				list, err := h.List(t.Context())
				if err != nil || len(list) != 1 || list[0].Err == nil || list[0].State != driver.Running {
					t.Fatalf("List = %+v, %v", list, err)
				}
				if got := pidOf(t, h, id); got != pid || processesOf(t, h) != 1 {
					t.Fatalf("QEMU %d of %d, want %d", got, processesOf(t, h), pid)
				}
				if err := h.Stop(t.Context(), id, 0); err == nil {
					t.Error("a machine that nobody could start again was stopped")
				}
				if kept, err := os.ReadFile(m.record()); err != nil || string(kept) != record {
					t.Errorf("the record is %q, %v", kept, err)
				}
				for _, file := range []string{m.memory(), m.rebuilt(), m.snapshotDraft(), m.root()} {
					if _, err := os.Lstat(file); err != nil {
						t.Errorf("a file was touched: %v", err)
					}
				}
				mustGo(t, h.Close())
			}
			h = open(t, dir)
			defer empty(t, h)
			mustGo(t, h.Destroy(t.Context(), id))
			if n := processesOf(t, h); n != 0 {
				t.Errorf("%d processes are left", n)
			}
		})
	}
}

// TestLeftoversAreCleared: a process that is killed leaves the files that it was writing.
func TestLeftoversAreCleared(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := open(t, dir)
	id := spawn(t, h, bootSector(deaf))
	m := h.machine(id)
	mustGo(t, h.Close())
	for _, name := range []string{"screen-12.png", ".new-34"} {
		mustGo(t, os.WriteFile(filepath.Join(m.dir, name), nil, 0o600))
	}
	h = open(t, dir)
	defer empty(t, h)
	for _, name := range []string{"screen-12.png", ".new-34"} {
		if _, err := os.Stat(filepath.Join(m.dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", name, err)
		}
	}
	for _, path := range []string{m.record(), m.pid(), m.root()} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}
