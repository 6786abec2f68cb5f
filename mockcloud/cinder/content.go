// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
)

// contents keeps what is in volumes and snapshots, by name. What is made appears whole or not at all; what
// had the name before is replaced.
type contents interface {
	blank(name string, bytes int64) error
	// pour makes an image into content of that size.
	pour(ctx context.Context, name string, bytes int64, image *Image) error
	clone(ctx context.Context, from, to string, bytes int64) error
	// receive has content written into a file of that size.
	receive(name string, bytes int64, write func(path string) error) error
	extend(name string, bytes int64) error
	// remove deletes the content; nil when there is none. Who reads it reads on.
	remove(name string) error
	// path is where a host finds the content; "" where there is none.
	path(name string) string
	// open reads the content in one of the uploadFormats.
	open(ctx context.Context, name, format string, bytes int64) (io.ReadCloser, error)
	// converts reports whether open can make that format.
	converts(format string) bool
	// sweep deletes all content but that of these names.
	sweep(keep map[string]bool) error
}

// newContents keeps content in files of a directory, or simulates it when there is none.
func newContents(dir string) (contents, error) {
	if dir == "" {
		return simulated{}, nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cinder: content store: %w", err)
	}
	qemuImg, err := exec.LookPath("qemu-img")
	if err != nil {
		qemuImg = "" // raw images are enough for many
	}
	return &files{dir: dir, qemuImg: qemuImg}, nil
}

// files are sparse raw files in a directory; those that are being made end in partSuffix.
type files struct {
	dir     string
	qemuImg string // "" where it is not installed
}

const partSuffix = ".part"

func (f *files) path(name string) string { return filepath.Join(f.dir, name) }

// make has a file made under another name, sets its size and gives it its name.
func (f *files) make(name string, bytes int64, fill func(*os.File) error) error {
	part := f.path(name + partSuffix)
	file, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = fill(file)
	if err == nil {
		err = file.Truncate(bytes)
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(part, f.path(name))
	}
	if err != nil {
		return errors.Join(err, ignoreAbsent(os.Remove(part)))
	}
	return nil
}

func (f *files) blank(name string, bytes int64) error {
	if info, err := os.Stat(f.path(name)); err == nil && info.Size() == bytes {
		return nil // a crash came between it and its record
	}
	return f.make(name, bytes, func(*os.File) error { return nil })
}

func (f *files) clone(ctx context.Context, from, to string, bytes int64) error {
	source, err := os.Open(f.path(from))
	if err != nil {
		return err
	}
	defer source.Close()
	return f.make(to, bytes, func(file *os.File) error { return cloneFile(ctx, file, source) })
}

func (f *files) receive(name string, bytes int64, write func(string) error) error {
	return f.make(name, bytes, func(file *os.File) error {
		if err := file.Truncate(bytes); err != nil {
			return err
		}
		return write(file.Name())
	})
}

func (f *files) extend(name string, bytes int64) error {
	info, err := os.Stat(f.path(name))
	if err != nil || info.Size() >= bytes {
		return err
	}
	return os.Truncate(f.path(name), bytes)
}

func (f *files) remove(name string) error { return ignoreAbsent(os.Remove(f.path(name))) }

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (f *files) sweep(keep map[string]bool) error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		// Only what this store has named is its to delete.
		kind, id, _ := strings.Cut(strings.TrimSuffix(strings.TrimSuffix(entry.Name(), partSuffix), imageSuffix), "-")
		if (kind == "volume" || kind == "snapshot") && uuid.Validate(id) == nil && !keep[entry.Name()] {
			if err := f.remove(entry.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// copySparse copies what is left of source, and leaves holes where it has zeros.
func copySparse(ctx context.Context, file *os.File, source io.Reader) error {
	const block = 1 << 16
	buffer, zeros, at := make([]byte, block), make([]byte, block), int64(0)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.ReadFull(source, buffer)
		if n > 0 && string(buffer[:n]) != string(zeros[:n]) {
			if _, err := file.WriteAt(buffer[:n], at); err != nil {
				return err
			}
		}
		at += int64(n)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}
