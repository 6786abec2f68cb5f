// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// The names of the disks that are not counted.
const (
	rootDisk = "root"
	swapDisk = "swap"
)

// aside is where Depart sets a machine aside: Options.Dir/aside/ID.
func (h *Host) aside(id string) *machine {
	return &machine{id: id, files: files{dir: filepath.Join(h.asideDir(), id), run: filepath.Join(h.runDir, id)}}
}

func (h *Host) asideDir() string { return filepath.Join(h.opts.Dir, "aside") }

// loadAside clears what a Forget that was cut off has left.
func (h *Host) loadAside() error {
	if err := os.MkdirAll(h.asideDir(), 0o700); err != nil {
		return err
	}
	dirs, err := os.ReadDir(h.asideDir())
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		if !goodID.MatchString(dir.Name()) {
			continue // nothing of ours
		}
		aside := h.aside(dir.Name())
		if _, err := os.Stat(aside.record()); errors.Is(err, fs.ErrNotExist) {
			if err := dropAside(aside); err != nil {
				return err
			}
		}
	}
	return nil
}

// ownDisks are the machine's local disks that its guest writes to.
func (m *machine) ownDisks(s *spec) (own []disk) {
	for _, d := range m.disks(s) {
		if !d.readOnly && filepath.Dir(d.path) == m.dir {
			own = append(own, d)
		}
	}
	return own
}

// diskSizes are what a machine's disks are to have, in bytes, by name; 0 leaves one as it is.
func diskSizes(dm *driver.Machine) map[string]int64 {
	sizes := map[string]int64{rootDisk: int64(dm.Root.GiB) << 30, swapDisk: int64(dm.SwapMiB) << 20}
	for n, gib := range dm.EphemeralGiB {
		sizes[fmt.Sprintf("eph%d", n)] = int64(gib) << 30
	}
	return sizes
}

// overlayInfo is what a machine's qcow2 is made of.
type overlayInfo struct {
	Bytes   int64  `json:"virtual-size"`
	Backing string `json:"full-backing-filename"` // "": it lies on nothing
	Format  string `json:"backing-filename-format"`
}

// inspect tells what a disk of ours is; a machine may have it open.
func (c *Images) inspect(ctx context.Context, path string) (info overlayInfo, err error) {
	out, err := c.run(ctx, "info", "-U", "-f", "qcow2", "--output=json", path)
	if err != nil {
		return info, err
	}
	if err := json.Unmarshal(out, &info); err != nil {
		return info, fmt.Errorf("qemu-img info: %w", err)
	}
	return info, nil
}

// grow makes a disk of a machine that is off larger, and never smaller.
func (c *Images) grow(ctx context.Context, path string, bytes int64) error {
	info, err := c.inspect(ctx, path)
	if err != nil || info.Bytes >= bytes {
		return err
	}
	_, err = c.run(ctx, "resize", "-q", "-f", "qcow2", path, fmt.Sprint(bytes))
	return err
}

// allocated is how much of a file is on disk.
func allocated(path string) (int64, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return 0, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	return st.Blocks * 512, nil
}

// copyDisk copies a file that nobody writes to: by sharing its blocks where the file system can, otherwise by
// copying what is not a hole.
func copyDisk(ctx context.Context, from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if unix.IoctlFileClone(int(out.Fd()), int(in.Fd())) == nil {
		return nil
	}
	info, err := in.Stat()
	if err != nil {
		return err
	}
	for at := int64(0); ; {
		start, err := in.Seek(at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) { // nothing but a hole follows
			return out.Truncate(info.Size())
		}
		if err != nil {
			return err
		}
		if at, err = in.Seek(start, unix.SEEK_HOLE); err != nil {
			return err
		}
		if err := copyRange(ctx, in, out, start, at); err != nil {
			return err
		}
	}
}

// copyStep is how much is copied between two looks at the context.
const copyStep = 16 << 20

func copyRange(ctx context.Context, in, out *os.File, start, end int64) error {
	for _, f := range []*os.File{in, out} {
		if _, err := f.Seek(start, io.SeekStart); err != nil {
			return err
		}
	}
	for start < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.CopyN(out, in, min(copyStep, end-start))
		if err != nil {
			return err
		}
		start += n
	}
	return nil
}
