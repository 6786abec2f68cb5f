// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
)

// fsKind is a file system as mount(2) names it.
type fsKind string

const (
	fsUnknown fsKind = ""
	fsExt4    fsKind = "ext4"
	fsISO9660 fsKind = "iso9660"
	fsVFAT    fsKind = "vfat"
)

// signature is how a file system is recognised, and where its label is.
type signature struct {
	kind        fsKind
	magic       string
	magicOffset int64
	label       int64
	labelSize   int
}

var signatures = []signature{
	{fsISO9660, "\x01CD001\x01", 32768, 32768 + 40, 32},
	{fsExt4, "\x53\xef", 1024 + 56, 1024 + 120, 16},
	{fsVFAT, "FAT32   ", 82, 71, 11},
	{fsVFAT, "FAT16   ", 54, 43, 11},
	{fsVFAT, "FAT12   ", 54, 43, 11},
}

// probe recognises a file system by its signature and reads its label.
func probe(r io.ReaderAt) (fsKind, string) {
	for _, s := range signatures {
		magic := make([]byte, len(s.magic))
		if _, err := r.ReadAt(magic, s.magicOffset); err != nil || string(magic) != s.magic {
			continue
		}
		label := make([]byte, s.labelSize)
		if _, err := r.ReadAt(label, s.label); err != nil {
			continue
		}
		if s.kind == fsVFAT && !bootSector(r) {
			continue
		}
		text, _, _ := bytes.Cut(label, []byte{0})
		return s.kind, strings.TrimRight(string(text), " ")
	}
	return fsUnknown, ""
}

// bootSector reports whether the device begins with one.
func bootSector(r io.ReaderAt) bool {
	end := make([]byte, 2)
	_, err := r.ReadAt(end, 510)
	return err == nil && binary.LittleEndian.Uint16(end) == 0xaa55
}
