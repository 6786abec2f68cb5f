// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"crypto/md5" //nolint:gosec // Glance's old checksum, compared and not trusted
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sync/singleflight"
	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// reserve is the disk space that we leave free.
const reserve = 256 << 20

// Images keeps images as machines' disks lie on them: each once, checked and read-only. What no disk lies on, of
// whichever host, may be evicted (see image_evict.go). The directory belongs to one process.
type Images struct {
	dir     string
	qemuImg string
	flight  singleflight.Group

	mu    sync.Mutex
	bases map[string]*held // by path: those that somebody uses, evicts or has checked
	hosts []string         // the directories that disks on bases are in
}

// NewImages opens the cache in dir and clears what an earlier process left half done.
func NewImages(dir string) (*Images, error) {
	qemuImg, err := exec.LookPath("qemu-img")
	if err != nil {
		return nil, err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	partial, err := filepath.Glob(filepath.Join(dir, ".partial-*"))
	if err != nil {
		return nil, err
	}
	for _, path := range partial {
		if err := removeFile(path); err != nil {
			return nil, err
		}
	}
	c := &Images{dir: dir, qemuImg: qemuImg, bases: map[string]*held{}}
	if err := readJSON(c.hostsFile(), &c.hosts); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return c, nil
}

// base is a cached image.
type base struct {
	Path   string
	Format string // as qemu-img says it
	Bytes  int64  // virtual size
}

// formats are the disk formats that a machine boots from. The others can hide what they refer to
// in too many ways.
var formats = map[string]string{"qcow2": "qcow2", "raw": "raw", "iso": "raw"}

// copySum copies, leaving holes for zeros, and holds the content to its checksum.
func copySum(to *os.File, from io.Reader, checksum string) error {
	var size int64
	err := eachBlock(from, checksum, func(b []byte) error {
		at := size
		size += int64(len(b))
		if zero(b) {
			return nil
		}
		_, err := to.WriteAt(b, at)
		return err
	})
	if err != nil {
		return err
	}
	return to.Truncate(size)
}

// eachBlock hands all that it reads to do, and holds it to its checksum.
func eachBlock(from io.Reader, checksum string, do func([]byte) error) error {
	algorithm, want, _ := strings.Cut(checksum, ":")
	sums := map[string]func() hash.Hash{"sha512": sha512.New, "sha256": sha256.New, "md5": md5.New}
	newHash, ok := sums[algorithm]
	if !ok {
		newHash = sha256.New // identifies, but cannot be compared
	}
	h := newHash()
	buf := make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(from, buf)
		h.Write(buf[:n])
		if err := do(buf[:n]); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if got := hex.EncodeToString(h.Sum(nil)); ok && got != want {
		return fmt.Errorf("%w: its content has %s %s, not %s", driver.ErrBadImage, algorithm, got, want)
	}
	return nil
}

func zero(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}

const qcow2Magic = 0x514649fb

// checkHeader refuses a qcow2 that refers to other files, before any program opens it and follows
// (the class of CVE-2024-32498 and CVE-2024-4467).
func checkHeader(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var h struct {
		Magic, Version uint32
		BackingOffset  uint64
		_              [56]byte
		Incompatible   uint64 // since version 3
	}
	err = binary.Read(f, binary.BigEndian, &h)
	const dataFile = 1 << 2
	switch {
	case err != nil || h.Magic != qcow2Magic:
		return fmt.Errorf("%w: it is no qcow2", driver.ErrBadImage)
	case h.BackingOffset != 0:
		return fmt.Errorf("%w: it has a backing file", driver.ErrBadImage)
	case h.Version >= 3 && h.Incompatible&dataFile != 0:
		return fmt.Errorf("%w: it has an external data file", driver.ErrBadImage)
	}
	return nil
}

// info asks qemu-img, which is told the format and never guesses it.
func (c *Images) info(ctx context.Context, path, format string) (base, error) {
	out, err := c.run(ctx, "info", "-U", "-f", format, "--output=json", path)
	if err != nil {
		if ctx.Err() != nil {
			return base{}, context.Cause(ctx)
		}
		return base{}, fmt.Errorf("%w: %w", driver.ErrBadImage, err)
	}
	var info struct {
		VirtualSize int64  `json:"virtual-size"`
		Backing     string `json:"backing-filename"`
		Specific    struct {
			Data struct {
				DataFile string `json:"data-file"`
			} `json:"data"`
		} `json:"format-specific"`
	}
	if err := json.Unmarshal(out, &info); err != nil {
		return base{}, fmt.Errorf("qemu-img info: %w", err)
	}
	if info.Backing != "" || info.Specific.Data.DataFile != "" || info.VirtualSize <= 0 {
		return base{}, fmt.Errorf("%w: it refers to another file or is empty", driver.ErrBadImage)
	}
	return base{Path: path, Format: format, Bytes: info.VirtualSize}, nil
}

// run runs qemu-img; the error has what it complained of.
func (c *Images) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, c.qemuImg, args...)
	cmd.Env = environment()
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // it was killed because nobody waits for it any more
	}
	if err != nil {
		return nil, fmt.Errorf("qemu-img %s: %w", args[0], full(err))
	}
	return out, nil
}

// measure is how large a qcow2 of all that a disk has would be, in bytes.
func (c *Images) measure(ctx context.Context, path string) (int64, error) {
	out, err := c.run(ctx, "measure", "-f", "qcow2", "-O", "qcow2", "--output=json", path)
	if err != nil {
		return 0, err
	}
	var size struct {
		Required int64 `json:"required"`
	}
	if err := json.Unmarshal(out, &size); err != nil {
		return 0, fmt.Errorf("qemu-img measure: %w", err)
	}
	return size.Required, nil
}

// overlay makes a disk of at least bytes that lies on b.
func (c *Images) overlay(ctx context.Context, path string, b base, bytes int64) error {
	_, err := c.run(ctx, "create", "-q", "-f", "qcow2", "-F", b.Format, "-b", b.Path, path, fmt.Sprint(max(bytes, b.Bytes)))
	return errors.Join(err, ignoreAbsent(os.Chmod(path, 0o600)))
}

// blank makes an empty disk.
func (c *Images) blank(ctx context.Context, path string, bytes int64) error {
	_, err := c.run(ctx, "create", "-q", "-f", "qcow2", path, fmt.Sprint(bytes))
	return errors.Join(err, ignoreAbsent(os.Chmod(path, 0o600)))
}

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// room is ErrNoResources unless bytes more fit on dir's file system.
func room(dir string, bytes int64) error {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return err
	}
	if free := int64(st.Bavail) * st.Bsize; free < bytes+reserve {
		return fmt.Errorf("%w: %d MiB free on disk, %d MiB needed", driver.ErrNoResources, free>>20, (bytes+reserve)>>20)
	}
	return nil
}

// full marks the error of a full disk as what it is.
func full(err error) error {
	if errors.Is(err, unix.ENOSPC) || strings.Contains(err.Error(), "No space left") {
		return fmt.Errorf("%w: %w", driver.ErrNoResources, err)
	}
	return err
}
