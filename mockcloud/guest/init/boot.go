// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// rootWait is how long a root disk may take to appear; on virtio it is there at once.
const rootWait = 30 * time.Second

// mount is one of the kernel's file systems.
type mount struct {
	kind, target string
	flags        uintptr
	options      string
}

// kernelMounts are made in the initramfs and move along into the root file system, except those
// below another of them, which move with it.
var kernelMounts = []mount{
	{"devtmpfs", "/dev", unix.MS_NOSUID, "mode=0755"},
	{"proc", "/proc", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, ""},
	{"sysfs", "/sys", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, ""},
	{"tmpfs", "/run", unix.MS_NOSUID | unix.MS_NODEV, "mode=0755,size=16m"},
	{"devpts", "/dev/pts", unix.MS_NOSUID | unix.MS_NOEXEC, "gid=5,mode=0620,ptmxmode=0666"},
	{"tmpfs", "/dev/shm", unix.MS_NOSUID | unix.MS_NODEV, "mode=1777"},
}

// boot takes the machine from the kernel's hands to a root file system as large as its disk.
func boot(ctx context.Context, c clock.Clock, out *console) error {
	for _, m := range kernelMounts {
		if err := os.MkdirAll(m.target, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.kind, m.target, m.kind, m.flags, m.options); err != nil && !errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("mount %s on %s: %w", m.kind, m.target, err)
		}
	}
	loadModules("/modules", out)

	ctx, cancel := clock.WithTimeout(ctx, c, rootWait)
	defer cancel()
	root, err := await(ctx, findRoot)
	if err != nil {
		return fmt.Errorf("no root file system (ext4, label %s): %w", rootLabel, err)
	}
	grown, err := root.grow()
	if err != nil {
		out.logf("root partition not grown: %v", err)
	}
	if err := unix.Mount(root.device(), "/sysroot", "ext4", unix.MS_NOATIME, ""); err != nil {
		return fmt.Errorf("mount %s: %w", root.device(), err)
	}
	size, err := resizeExt4("/sysroot", root.device())
	switch {
	case err != nil:
		out.logf("root file system not grown: %v", err)
	case grown:
		out.logf("root file system grown to %d MiB", size>>20)
	}
	return switchRoot("/sysroot")
}

// loadModules inserts the modules of dir in the order of their names, which the builder numbered.
// One that fails is no reason to stop: its device may not even be there.
func loadModules(dir string, out *console) {
	files, err := filepath.Glob(filepath.Join(dir, "*.ko"))
	if err != nil {
		return
	}
	for _, file := range files {
		if err := loadModule(file); err != nil && !errors.Is(err, unix.EEXIST) && !errors.Is(err, unix.ENODEV) {
			out.logf("module %s: %v", filepath.Base(file), err)
		}
	}
}

func loadModule(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.FinitModule(int(f.Fd()), "", 0)
}

// switchRoot makes the file system mounted at target the root, and frees the initramfs, which is
// memory. This process stays alive on its own, by now deleted, executable.
func switchRoot(target string) error {
	for _, m := range kernelMounts {
		if filepath.Dir(m.target) != "/" {
			continue
		}
		if err := unix.Mount(m.target, filepath.Join(target, m.target), "", unix.MS_MOVE, ""); err != nil {
			return fmt.Errorf("move %s: %w", m.target, err)
		}
	}
	for _, name := range []string{"/init", "/modules", "/dev/console", "/dev/null"} {
		if err := os.RemoveAll(name); err != nil {
			return err
		}
	}
	if err := os.Chdir(target); err != nil {
		return err
	}
	if err := unix.Mount(".", "/", "", unix.MS_MOVE, ""); err != nil {
		return fmt.Errorf("move the root: %w", err)
	}
	if err := unix.Chroot("."); err != nil {
		return fmt.Errorf("change the root: %w", err)
	}
	return os.Chdir("/")
}
