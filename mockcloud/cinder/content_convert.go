// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// imageSuffix marks an image on its way into or out of a volume.
const imageSuffix = ".image"

// converted are the formats as qemu-img names them; every other one is raw as it is.
var converted = map[string]string{"qcow2": "qcow2", "vmdk": "vmdk", "vdi": "vdi", "vhd": "vpc", "vhdx": "vhdx"}

var errNoConverter = errors.New("qemu-img is not installed: only raw images can be used")

func (f *files) pour(ctx context.Context, name string, bytes int64, image *Image) error {
	source, err := image.Open()
	if err != nil {
		return err
	}
	defer source.Close()
	format := converted[image.DiskFormat]
	if format == "" {
		return f.make(name, bytes, func(file *os.File) error { return atMost(copySparse(ctx, file, source), file, bytes) })
	}
	if f.qemuImg == "" {
		return fmt.Errorf("image %s is %s: %w", image.ID, image.DiskFormat, errNoConverter)
	}
	whole := name + imageSuffix
	defer f.discard(whole)
	if err := f.make(whole, image.Size, func(file *os.File) error { return copySparse(ctx, file, source) }); err != nil {
		return err
	}
	return f.make(name, bytes, func(file *os.File) error {
		err := f.convert(ctx, format, f.path(whole), "raw", file.Name())
		return atMost(err, file, bytes)
	})
}

// atMost refuses a file that is larger than its volume.
func atMost(err error, file *os.File, bytes int64) error {
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && info.Size() > bytes {
		err = fmt.Errorf("the image has %d bytes, the volume %d", info.Size(), bytes)
	}
	return err
}

func (f *files) discard(name string) { _ = f.remove(name + partSuffix); _ = f.remove(name) }

// convert runs qemu-img, which gets nothing of our environment: it can hold passwords.
func (f *files) convert(ctx context.Context, from, source, to, target string) error {
	command := exec.CommandContext(ctx, f.qemuImg, "convert", "-f", from, "-O", to, source, target)
	command.Env = []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	out, err := command.CombinedOutput()
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("qemu-img convert: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

func (f *files) converts(format string) bool {
	return format == "raw" || f.qemuImg != "" && converted[format] != ""
}

func (f *files) open(ctx context.Context, name, format string, _ int64) (io.ReadCloser, error) {
	if format == "raw" {
		return os.Open(f.path(name))
	}
	if !f.converts(format) {
		return nil, errNoConverter
	}
	whole := name + imageSuffix
	if err := f.make(whole, 0, func(*os.File) error { return nil }); err != nil {
		return nil, err
	}
	defer f.discard(whole) // who reads it reads on
	if err := f.convert(ctx, "raw", f.path(name), converted[format], f.path(whole)); err != nil {
		return nil, err
	}
	return os.Open(f.path(whole))
}

// simulated is content that nobody looks at: servers that are simulated have nothing in their volumes.
type simulated struct{}

func (simulated) blank(string, int64) error                          { return nil }
func (simulated) clone(context.Context, string, string, int64) error { return nil }
func (simulated) extend(string, int64) error                         { return nil }
func (simulated) remove(string) error                                { return nil }
func (simulated) path(string) string                                 { return "" }
func (simulated) sweep(map[string]bool) error                        { return nil }
func (simulated) pour(context.Context, string, int64, *Image) error  { return nil }

func (simulated) receive(string, int64, func(string) error) error { return nil }

func (simulated) converts(format string) bool {
	return slices.Contains([]string{"raw", "qcow2"}, format)
}

// open is a sector of zeros, or an empty qcow2 image of the volume's size.
func (simulated) open(_ context.Context, _, format string, bytes int64) (io.ReadCloser, error) {
	if format == "qcow2" {
		return io.NopCloser(strings.NewReader(string(emptyQCOW2(bytes)))), nil
	}
	return io.NopCloser(strings.NewReader(strings.Repeat("\x00", 512))), nil
}
