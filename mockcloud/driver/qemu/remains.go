// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Process is a QEMU that runs a host's machine.
type Process struct {
	PID     int
	Machine string // its id

	arg string // by which it is known
}

// Remains are what is left of a host's directory whose Host is not open.
type Remains struct {
	Running []Process // of machines: the next Host takes hold of them
	Orphans []Process // of no machine: the next Host ends them
	Sockets []string  // directories of sockets that no machine has
}

// Examine looks at the host in dir without opening it. None is there where dir is not.
func Examine(dir string) (r Remains, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return r, err
	}
	run, err := os.Readlink(filepath.Join(dir, "run"))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	found, err := findQEMUs(run)
	if err != nil {
		return r, err
	}
	for arg, pids := range found {
		id := filepath.Base(filepath.Dir(strings.TrimSuffix(strings.TrimPrefix(arg, agentPrefix), agentSuffix)))
		list := &r.Running
		if _, err := os.Stat(filepath.Join(dir, "machines", id, "machine.json")); err != nil {
			list = &r.Orphans
		}
		for _, pid := range pids {
			*list = append(*list, Process{PID: pid, Machine: id, arg: arg})
		}
	}
	entries, err := os.ReadDir(run)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(dir, "machines", e.Name())); errors.Is(err, fs.ErrNotExist) {
			r.Sockets = append(r.Sockets, filepath.Join(run, e.Name()))
		}
	}
	return r, nil
}

// findQEMUs tells which processes run machines with their sockets below run. A QEMU is known by the path of
// its agent socket, which no other program has among its arguments.
func findQEMUs(run string) (map[string][]int, error) {
	prefix := agentPrefix + escape(run) + "/"
	return findProcesses(func(arg string) bool { return strings.HasPrefix(arg, prefix) && strings.HasSuffix(arg, agentSuffix) })
}

// Clear ends the orphans and removes sockets without machines. Nobody may have the host open.
func (r Remains) Clear() error {
	var errs []error
	for _, p := range r.Orphans {
		errs = append(errs, p.end())
	}
	for _, dir := range r.Sockets {
		errs = append(errs, os.RemoveAll(dir))
	}
	return errors.Join(errs...)
}

// Demolish ends all machines of the host in dir and removes what it has outside. Nobody may have it open.
func Demolish(dir string) error {
	r, err := Examine(dir)
	if err != nil {
		return err
	}
	r.Orphans = append(r.Orphans, r.Running...)
	err = r.Clear()
	if run, linked := os.Readlink(filepath.Join(dir, "run")); linked == nil && ownDir(run) == nil {
		err = errors.Join(err, os.RemoveAll(run))
	}
	return err
}

// end kills the process, if it is still that one.
func (p Process) end() error {
	proc, err := openProcess(p.PID)
	if err != nil {
		return nil //nolint:nilerr // it has ended
	}
	if !slices.Contains(arguments(p.PID), p.arg) {
		proc.release()
		return nil
	}
	return end(proc)
}
