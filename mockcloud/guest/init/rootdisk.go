// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/guest/internal/mbr"
)

// rootLabel is what the builder calls the root file system.
const rootLabel = "mockcloud-root"

// rootDisk is the partition that holds our root.
type rootDisk struct {
	disk   string // vda
	part   string // vda2
	number int    // 2
}

func (r rootDisk) device() string { return "/dev/" + r.part }

// findRoot looks for our label among the partitions. A volume made from the same image carries it
// too; the boot disk comes first in the order of names.
func findRoot() (rootDisk, error) {
	var found rootDisk
	return found, eachBlockDevice(func(name string, kind fsKind, label string) bool {
		number, err := readInt(filepath.Join("/sys/class/block", name, "partition"))
		if err != nil || kind != fsExt4 || label != rootLabel {
			return false
		}
		// /sys/class/block/vda2 links to .../block/vda/vda2.
		link, err := filepath.EvalSymlinks(filepath.Join("/sys/class/block", name))
		if err != nil {
			return false
		}
		found = rootDisk{disk: filepath.Base(filepath.Dir(link)), part: name, number: int(number)}
		return true
	})
}

// grow extends the partition to the end of the disk, on disk and in the kernel's mind. It reports
// whether anything changed.
func (r rootDisk) grow() (bool, error) {
	sectors, err := readInt(filepath.Join("/sys/class/block", r.disk, "size"))
	if err != nil {
		return false, err
	}
	disk, err := os.OpenFile("/dev/"+r.disk, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer disk.Close()
	record := make([]byte, mbr.Size)
	if _, err := disk.ReadAt(record, 0); err != nil {
		return false, err
	}
	table, err := mbr.Parse(record)
	if err != nil {
		return false, err
	}
	if !table.Grow(r.number, uint64(sectors)) {
		return false, nil
	}
	if err := table.Put(record); err != nil {
		return false, err
	}
	if _, err := disk.WriteAt(record, 0); err != nil {
		return false, err
	}
	if err := disk.Sync(); err != nil {
		return false, err
	}
	return true, resizePartition(disk, r.number, table[r.number-1])
}

// The ioctls of linux/blkpg.h and fs/ext4/ext4.h that x/sys does not name.
const (
	blkpg                = 0x1269
	blkpgResizePartition = 3
	ext4IocResizeFS      = 0x40086610
)

type blkpgPartition struct {
	start, length int64 // bytes
	number        int32
	_             [128]byte // devname, volname: unused
}

type blkpgArg struct {
	op, flags, length int32
	data              *blkpgPartition
}

// resizePartition tells the kernel the new size of a partition, which it accepts even of a busy one.
func resizePartition(disk *os.File, number int, p mbr.Partition) error {
	partition := blkpgPartition{
		start:  int64(p.Start) * mbr.SectorSize,
		length: int64(p.Sectors) * mbr.SectorSize,
		number: int32(number),
	}
	arg := blkpgArg{op: blkpgResizePartition, length: int32(unsafe.Sizeof(partition)), data: &partition}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, disk.Fd(), blkpg, uintptr(unsafe.Pointer(&arg))); errno != 0 {
		return fmt.Errorf("resize partition %d: %w", number, errno)
	}
	return nil
}

// resizeExt4 grows the mounted file system to the size of its device and returns that, in bytes. It
// is tried at each boot, so one that power loss interrupted is finished by the next.
func resizeExt4(mountpoint, device string) (int64, error) {
	sectors, err := readInt(filepath.Join("/sys/class/block", filepath.Base(device), "size"))
	if err != nil {
		return 0, err
	}
	var stat unix.Statfs_t
	if err := unix.Statfs(mountpoint, &stat); err != nil {
		return 0, err
	}
	size := sectors * mbr.SectorSize
	blocks := uint64(size / stat.Bsize)
	dir, err := os.Open(mountpoint)
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, dir.Fd(), ext4IocResizeFS, uintptr(unsafe.Pointer(&blocks))); errno != 0 {
		return 0, fmt.Errorf("resize to %d blocks: %w", blocks, errno)
	}
	return size, nil
}

// readInt reads a file of sysfs that holds one number.
func readInt(path string) (int64, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
}

// errNoDevice says that no block device is the one wanted.
var errNoDevice = errors.New("no such block device")

// eachBlockDevice shows each block device with a file system we know to want, in the order of their
// names, until it says that this is the one.
func eachBlockDevice(want func(name string, kind fsKind, label string) bool) error {
	devices, err := os.ReadDir("/sys/class/block")
	if err != nil {
		return err
	}
	for _, device := range devices {
		f, err := os.Open("/dev/" + device.Name())
		if err != nil {
			continue // an empty drive
		}
		kind, label := probe(f)
		f.Close()
		if kind != fsUnknown && want(device.Name(), kind, label) {
			return nil
		}
	}
	return errNoDevice
}
