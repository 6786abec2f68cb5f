// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// pidRecord is qemu.json: the process that runs the machine.
type pidRecord struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start"` // see process.start
}

// files are where a machine keeps its own.
type files struct {
	dir string // Options.Dir/machines/ID
	run string // where its sockets are
}

func (f files) record() string  { return filepath.Join(f.dir, "machine.json") }
func (f files) pid() string     { return filepath.Join(f.dir, "qemu.json") }
func (f files) qemuLog() string { return filepath.Join(f.dir, "qemu.log") }
func (f files) console() string { return filepath.Join(f.dir, "console.log") }
func (f files) root() string    { return filepath.Join(f.dir, "disk.qcow2") }
func (f files) swap() string    { return filepath.Join(f.dir, "disk.swap.qcow2") }
func (f files) config() string  { return filepath.Join(f.dir, "disk.config.iso") }

func (f files) ephemeral(n int) string {
	return filepath.Join(f.dir, fmt.Sprintf("disk.eph%d.qcow2", n))
}

// memory is the guest of a suspended machine; the draft is one that is being written.
func (f files) memory() string      { return filepath.Join(f.dir, "memory.state") }
func (f files) memoryDraft() string { return filepath.Join(f.dir, ".draft-memory") }

// rescue is the disk of a machine that is rescued, made as a draft.
func (f files) rescue() string      { return filepath.Join(f.dir, "disk.rescue.qcow2") }
func (f files) rescueDraft() string { return filepath.Join(f.dir, ".draft-rescue") }

// rescueConfig is the config drive while it is, if it has one of its own then.
func (f files) rescueConfig() string { return filepath.Join(f.dir, "disk.config.rescue.iso") }

// rebuilt is a directory of what the machine was rebuilt as, made as a draft.
func (f files) rebuilt() string      { return filepath.Join(f.dir, "rebuilt") }
func (f files) rebuildDraft() string { return filepath.Join(f.dir, ".draft-rebuild") }

// snapshotDraft is a copy of the root disk; frozen marks a guest whose file systems are, or may be.
func (f files) snapshotDraft() string { return filepath.Join(f.dir, ".draft-snapshot") }
func (f files) frozen() string        { return filepath.Join(f.dir, ".frozen") }

// unfinished are the files that an earlier process was still writing when it ended: see replace and Screenshot.
func (f files) unfinished() (paths []string, err error) {
	entries, err := os.ReadDir(f.dir)
	for _, e := range entries {
		for _, pattern := range []string{newFiles, screenFiles} {
			if is, _ := filepath.Match(pattern, e.Name()); is {
				paths = append(paths, filepath.Join(f.dir, e.Name()))
			}
		}
	}
	return paths, err
}

func (f files) qmp() string     { return filepath.Join(f.run, "qmp") }
func (f files) qmp2() string    { return filepath.Join(f.run, "qmp2") }
func (f files) serial() string  { return filepath.Join(f.run, "serial") }
func (f files) viewers() string { return filepath.Join(f.run, "tty") } // the serial port, for several: see serial.go
func (f files) vnc() string     { return filepath.Join(f.run, "vnc") }
func (f files) spice() string   { return filepath.Join(f.run, "spice") }
func (f files) agent() string   { return filepath.Join(f.run, "agent") }

// Of a live migration, at its destination: where its memory and its disks come in.
func (f files) crossing() string { return filepath.Join(f.run, "move") }
func (f files) nbd() string      { return filepath.Join(f.run, "nbd") }

// The names of files of a moment: patterns, as of os.CreateTemp.
const (
	newFiles    = ".new-*"
	screenFiles = "screen-*.png"
)

// longestSocket is the file name that a machine's directory of sockets must leave room for.
const longestSocket = "/serial"

// make creates both directories, which must not be there yet.
func (f files) make() error {
	for _, dir := range []string{f.dir, f.run} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	return nil
}

// remove removes all that the machine had, the spec last of all: a removal that is cut off is
// seen, and done again.
func (f files) remove(nics []nic) error {
	var errs []error
	for _, nic := range nics {
		errs = append(errs, removeFile(nic.Local))
	}
	errs = append(errs, os.RemoveAll(f.run))
	entries, err := os.ReadDir(f.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, err)
	}
	for _, e := range entries {
		if path := filepath.Join(f.dir, e.Name()); path != f.record() {
			errs = append(errs, os.RemoveAll(path))
		}
	}
	return errors.Join(append(errs, os.RemoveAll(f.dir))...)
}

// removeFile is os.Remove that is content with nothing to remove.
func removeFile(path string) error {
	if path == "" {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// writeJSON replaces a file in one step, so that a reader finds the old content or the new. That
// holds for a process that dies at any moment; saveJSON's file survives a power cut as well.
func writeJSON(path string, v any) error {
	return replace(path, v, func(*os.File) error { return nil })
}

func saveJSON(path string, v any) error { return replace(path, v, (*os.File).Sync) }

func replace(path string, v any, flush func(*os.File) error) error {
	b, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), newFiles) // 0600
	if err != nil {
		return err
	}
	defer func() { _ = removeFile(tmp.Name()) }()
	_, err = tmp.Write(append(b, '\n'))
	if err = errors.Join(err, flush(tmp), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	err = json.Unmarshal(b, v)
	if wrong := new(json.UnmarshalTypeError); errors.As(err, &wrong) {
		err = fmt.Errorf("another version of this program wrote it: %w", err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// lockLimit is how long a lock may outlive its holder: one who is killed between the fork and the exec of
// a child leaves it to the child until then.
const lockLimit = time.Second

// lock makes sure that nobody else has the directory open; the lock ends with the file or with us.
func lock(ctx context.Context, dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	const pause = 10 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if waited >= lockLimit || clock.Wall().Sleep(ctx, pause) != nil {
			return nil, errors.Join(fmt.Errorf("%s is in use by another process: %w", dir, err), f.Close())
		}
	}
}

// runDir makes the short directory for the sockets of the host in dir, and remembers it in dir/run:
// the environment may name another place the next time, and machines are still running in this one.
func runDir(dir string) (string, error) {
	run, err := SocketDir(dir)
	if err != nil {
		return "", err
	}
	if err := os.Symlink(run, filepath.Join(dir, "run")); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return run, ownDir(run)
}

// SocketDir is the short directory that the host in dir has, or would make, for its machines' sockets.
func SocketDir(dir string) (string, error) {
	run, err := os.Readlink(filepath.Join(dir, "run"))
	if errors.Is(err, fs.ErrNotExist) {
		sum := sha256.Sum256([]byte(dir))
		base := os.Getenv("XDG_RUNTIME_DIR")
		if info, err := os.Stat(base); base == "" || err != nil || !info.IsDir() {
			base = os.TempDir()
		}
		run, err = filepath.Join(base, "mockcloud-"+hex.EncodeToString(sum[:6])), nil
	}
	if err != nil {
		return "", err
	}
	const uuid = 36
	if room := 107 - len(run) - 1 - uuid - len(longestSocket); room < 0 {
		return "", fmt.Errorf("%s is %d bytes too long for sockets; set XDG_RUNTIME_DIR to a shorter one", run, -room)
	}
	return run, nil
}

// ownDir makes sure that dir is a directory of ours that nobody else can enter: others may have made
// it first where everybody may.
func ownDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	var st unix.Stat_t
	if err := unix.Lstat(dir, &st); err != nil {
		return &os.PathError{Op: "lstat", Path: dir, Err: err}
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR || int(st.Uid) != os.Getuid() || st.Mode&0o077 != 0 {
		return fmt.Errorf("%s is not a directory that only we may enter", dir)
	}
	return nil
}
