// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// ingredients are the files an image is made of.
type ingredients struct {
	init    string // the compiled init
	kernel  string // Debian packages
	busybox string
}

// cook makes the image at target in the scratch directory dir, which the caller removes.
func (in ingredients) cook(ctx context.Context, dir, target string) error {
	unpacked := filepath.Join(dir, "unpacked")
	for _, pkg := range []string{in.kernel, in.busybox} {
		if err := sh(ctx, dir, "dpkg-deb", "-x", pkg, unpacked); err != nil {
			return err
		}
	}
	if err := takeKernel(unpacked, filepath.Join(dir, "vmlinuz")); err != nil {
		return err
	}
	modules, err := kernelModules(unpacked)
	if err != nil {
		return err
	}
	if err := makeInitramfs(filepath.Join(dir, "initrd"), in.init, modules); err != nil {
		return err
	}
	if err := makeRoot(ctx, filepath.Join(dir, "root"), filepath.Join(unpacked, "bin", "busybox")); err != nil {
		return err
	}
	// 91 MB of modules are of no more use; the disk needs the room more.
	if err := os.RemoveAll(unpacked); err != nil {
		return err
	}
	return (&disk{dir: dir}).make(ctx, target)
}

// takeKernel moves the one kernel of the package to target.
func takeKernel(unpacked, target string) error {
	kernels, err := filepath.Glob(filepath.Join(unpacked, "boot", "vmlinuz-*"))
	if err != nil {
		return err
	}
	if len(kernels) != 1 {
		return fmt.Errorf("the kernel package holds %d kernels, want 1", len(kernels))
	}
	return os.Rename(kernels[0], target)
}

// makeInitramfs writes the archive the kernel boots into: our init, the device it speaks to, and
// the modules, numbered in the order in which they are to be loaded. It is not compressed: the
// image is, and unpacking is cheaper for the host than for an emulated guest.
func makeInitramfs(target, initProgram string, modules []module) error {
	f, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	program, err := os.ReadFile(initProgram)
	if err != nil {
		return err
	}
	archive := newCPIO(f)
	for _, dir := range []string{"dev", "proc", "sys", "run", "sysroot"} {
		archive.dir(dir)
	}
	archive.char("dev/console", 0o600, 5, 1)
	archive.char("dev/null", 0o666, 1, 3)
	archive.file("init", 0o755, program)
	for i, m := range modules {
		data, err := os.ReadFile(m.path)
		if err != nil {
			return err
		}
		archive.file(fmt.Sprintf("modules/%02d-%s.ko", i, m.name), 0o644, data)
	}
	if err := archive.close(); err != nil {
		return err
	}
	return f.Close()
}

// newest returns the paths ordered from the newest file to the oldest; one that vanished is last.
func newest(paths []string) []string {
	age := func(path string) int64 {
		info, err := os.Stat(path)
		if err != nil {
			return 0
		}
		return info.ModTime().UnixNano()
	}
	slices.SortFunc(paths, func(a, b string) int {
		switch {
		case age(a) > age(b):
			return -1
		case age(a) < age(b):
			return 1
		}
		return 0
	})
	return paths
}
