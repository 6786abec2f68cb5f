// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/guest/internal/mbr"
)

const (
	mib = 1 << 20
	// bootStart leaves the first MiB to the boot sector, as every partitioner does.
	bootStart = mib
	// rootSize holds the userland and a journal of 4 MiB; the guest grows it to the flavor's disk.
	rootSize = 16 * mib
	// growTo is what the group descriptors reserved in the file system are good for without moving
	// any: 1 TiB, in blocks of 4 KiB.
	growTo = 1 << 28
	// rootLabel is how the init recognises its root file system.
	rootLabel = "mockcloud-root"
)

// syslinuxConfig boots without a question. no_timer_check keeps the kernel from a panic on a host
// that is too busy to deliver the timer while the kernel tests it.
const syslinuxConfig = `SERIAL 0 115200
DEFAULT linux
PROMPT 0
LABEL linux
 KERNEL /vmlinuz
 INITRD /initrd
 APPEND console=tty0 console=ttyS0 quiet no_timer_check
`

// disk is the image while it is made: a raw file with a FAT partition that syslinux boots from and
// an ext4 partition that is the guest's root.
type disk struct {
	dir      string // holds vmlinuz, initrd, syslinux.cfg and the tree root
	raw      string
	bootSize int64
}

// make builds dir/disk.raw and converts it to the qcow2 image at target. Everything is written by
// offset into the file, so nothing is mounted and no privilege is needed.
func (d *disk) make(ctx context.Context, target string) error {
	d.raw = filepath.Join(d.dir, "disk.raw")
	for _, step := range []func(context.Context) error{d.partition, d.boot, d.root, d.ownRoot} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return sh(ctx, d.dir, "qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", d.raw, target)
}

func (d *disk) rootStart() int64 { return bootStart + d.bootSize }

// partition sizes the boot partition by what goes into it and writes boot sector and table.
func (d *disk) partition(context.Context) error {
	var content int64
	for _, name := range []string{"vmlinuz", "initrd"} {
		info, err := os.Stat(filepath.Join(d.dir, name))
		if err != nil {
			return err
		}
		content += info.Size()
	}
	d.bootSize = (content/mib + 2) * mib

	record := make([]byte, mbr.Size)
	code, err := os.ReadFile(mbrCode)
	if err != nil {
		return err
	}
	copy(record[:440], code)
	table := mbr.Table{
		{Active: true, Type: mbr.TypeFAT, Start: bootStart / mbr.SectorSize, Sectors: uint32(d.bootSize / mbr.SectorSize)},
		{Type: mbr.TypeLinux, Start: uint32(d.rootStart() / mbr.SectorSize), Sectors: rootSize / mbr.SectorSize},
	}
	if err := table.Put(record); err != nil {
		return err
	}
	if err := os.WriteFile(d.raw, record, 0o600); err != nil {
		return err
	}
	return os.Truncate(d.raw, d.rootStart()+rootSize)
}

// boot makes the FAT file system with kernel, initramfs and syslinux.
func (d *disk) boot(ctx context.Context) error {
	if err := os.WriteFile(filepath.Join(d.dir, "syslinux.cfg"), []byte(syslinuxConfig), 0o600); err != nil {
		return err
	}
	drive := fmt.Sprintf("%s@@%d", d.raw, bootStart)
	// mtools would complain that the geometry does not divide the partition into whole tracks.
	mtools := func(name string, args ...string) error {
		_, err := command{dir: d.dir, env: []string{"MTOOLS_SKIP_CHECK=1"}, name: name, args: args}.run(ctx)
		return err
	}
	if err := mtools("mformat", "-i", drive, "-T", strconv.FormatInt(d.bootSize/mbr.SectorSize, 10), "-h", "255", "-s", "63",
		"-H", strconv.Itoa(bootStart/mbr.SectorSize), "-v", "BOOT", "::"); err != nil {
		return err
	}
	if err := mtools("mcopy", "-i", drive, "vmlinuz", "initrd", "syslinux.cfg", "::/"); err != nil {
		return err
	}
	return sh(ctx, d.dir, "syslinux", "-t", strconv.Itoa(bootStart), "--install", d.raw)
}

// root makes the ext4 file system. Its journal is what lets a guest survive a hard reboot in the
// middle of growing it.
func (d *disk) root(ctx context.Context) error {
	return sh(ctx, d.dir, "mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-J", "size=4", "-L", rootLabel,
		"-E", fmt.Sprintf("offset=%d,resize=%d,root_owner=0:0", d.rootStart(), growTo),
		"-d", filepath.Join(d.dir, "root"), d.raw, strconv.Itoa(rootSize/1024)+"k")
}

// ownRoot gives every file of the root file system to root: mke2fs copies the owner, which is the
// user who builds.
func (d *disk) ownRoot(ctx context.Context) error {
	if os.Geteuid() == 0 {
		return nil
	}
	var script strings.Builder
	root := filepath.Join(d.dir, "root")
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		name := strings.TrimPrefix(path, root)
		fmt.Fprintf(&script, "set_inode_field %q uid 0\nset_inode_field %q gid 0\n", name, name)
		return nil
	})
	if err != nil {
		return err
	}
	file := filepath.Join(d.dir, "owner.debugfs")
	if err := os.WriteFile(file, []byte(script.String()), 0o600); err != nil {
		return err
	}
	return sh(ctx, d.dir, "debugfs", "-w", "-f", file, fmt.Sprintf("%s?offset=%d", d.raw, d.rootStart()))
}
