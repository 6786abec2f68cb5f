// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"context"
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// rootDirs are the directories of the guest's root file system that no file brings along. The empty
// ones are mount points of the init.
var rootDirs = []struct {
	name string
	perm fs.FileMode
}{
	{"dev", 0o755}, {"proc", 0o755}, {"sys", 0o755}, {"run", 0o755}, {"mnt", 0o755}, {"media", 0o755},
	{"home", 0o755}, {"opt", 0o755}, {"srv", 0o755}, {"boot", 0o755},
	{"usr/local/bin", 0o755}, {"usr/local/sbin", 0o755},
	{"var/lib", 0o755}, {"var/log", 0o755}, {"var/spool/cron/crontabs", 0o755}, {"etc/ssh", 0o755},
	{"root", 0o700}, {"tmp", 0o1777}, {"var/tmp", 0o1777},
}

// rootModes are the files of the tree rootfs that are not 0644.
var rootModes = map[string]fs.FileMode{
	"etc/shadow":    0o600,
	"sbin/blkid":    0o755,
	"sbin/lsblk":    0o755,
	"sbin/shutdown": 0o755,
	"usr/bin/sudo":  0o755,
}

// Applets that would stand in the way of our own init.
var noApplets = []string{"linuxrc", "sbin/init"}

// makeRoot lays out the guest's root file system in dir: the tree rootfs, and busybox with a link
// for each of its applets.
func makeRoot(ctx context.Context, dir, busybox string) error {
	for _, d := range rootDirs {
		path := filepath.Join(dir, d.name)
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
		if err := os.Chmod(path, chmodMode(d.perm)); err != nil {
			return err
		}
	}
	if err := copyTree(dir); err != nil {
		return err
	}
	return installBusybox(ctx, dir, busybox)
}

// chmodMode is a mode in stat(2)'s bits as Go wants it.
func chmodMode(perm fs.FileMode) fs.FileMode {
	mode := perm & fs.ModePerm
	if perm&0o1000 != 0 {
		mode |= fs.ModeSticky
	}
	return mode
}

// copyTree writes the embedded tree rootfs to dir.
func copyTree(dir string) error {
	tree, err := fs.Sub(recipe, "rootfs")
	if err != nil {
		return err
	}
	return fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, name)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		mode, listed := rootModes[name]
		if !listed {
			mode = 0o644
		}
		if err := os.WriteFile(target, data, mode); err != nil {
			return err
		}
		return os.Chmod(target, mode) // whatever the umask is
	})
}

// installBusybox copies the binary and makes its links. It must be the static one: nothing else of
// a C library is in the guest.
func installBusybox(ctx context.Context, dir, busybox string) error {
	if err := checkStatic(busybox); err != nil {
		return err
	}
	list, err := command{name: busybox, args: []string{"--list-full"}}.run(ctx)
	if err != nil {
		return fmt.Errorf("list busybox's applets: %w", err)
	}
	data, err := os.ReadFile(busybox)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		return err
	}
	target := filepath.Join(dir, "bin", "busybox")
	if err := os.WriteFile(target, data, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(target, 0o755); err != nil {
		return err
	}
	for applet := range strings.FieldsSeq(string(list)) {
		if slices.Contains(noApplets, applet) || !filepath.IsLocal(applet) {
			continue
		}
		link := filepath.Join(dir, applet)
		if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
			return err
		}
		if _, err := os.Lstat(link); err == nil {
			continue // ours, or busybox itself
		}
		if err := os.Symlink("/bin/busybox", link); err != nil {
			return err
		}
	}
	return nil
}

// checkStatic refuses a program that asks for a dynamic loader.
func checkStatic(path string) error {
	file, err := elf.Open(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer file.Close()
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			return fmt.Errorf("%s is dynamically linked, the guest needs a static one", path)
		}
	}
	return nil
}
