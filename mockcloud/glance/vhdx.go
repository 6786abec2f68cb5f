// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"encoding/binary"
	"errors"
)

// The GUIDs of [MS-VHDX] as they are in the file.
const (
	vhdxMetadataRegion = "\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e"
	vhdxFileParameters = "\x37\x67\xa1\xca\x36\xfa\x43\x4d\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b"
	vhdxDiskSize       = "\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8"
	vhdxRegionTable    = 192 << 10
	vhdxHasParent      = 1 << 1
)

// readVHDX follows the region table to the metadata, which has the disk's size and says whether the image
// needs a parent.
func readVHDX(c content) (int64, error) {
	region, err := vhdxRegion(c)
	if err != nil {
		return 0, err
	}
	table, err := c.at(region, 32)
	if err != nil {
		return 0, err
	}
	if string(table[:8]) != "metadata" {
		return 0, errors.New("its metadata is not where it should be")
	}
	size := int64(-1)
	checked := false
	for i := range int64(min(binary.LittleEndian.Uint16(table[10:]), 2047)) {
		entry, err := c.at(region+32+i*32, 32)
		if err != nil {
			return 0, err
		}
		item, err := c.at(region+int64(binary.LittleEndian.Uint32(entry[16:])), 8)
		if err != nil {
			return 0, err
		}
		switch string(entry[:16]) {
		case vhdxFileParameters:
			if binary.LittleEndian.Uint32(item[4:])&vhdxHasParent != 0 {
				return 0, errors.New("it has a parent")
			}
			checked = true
		case vhdxDiskSize:
			if size, err = bounded(binary.LittleEndian.Uint64(item)); err != nil {
				return 0, err
			}
		}
	}
	if !checked || size < 0 {
		return 0, errors.New("its metadata does not say what it must")
	}
	return size, nil
}

func vhdxRegion(c content) (int64, error) {
	header, err := c.at(vhdxRegionTable, 16)
	if err != nil {
		return 0, err
	}
	if string(header[:4]) != "regi" {
		return 0, errors.New("it has no region table")
	}
	for i := range int64(min(binary.LittleEndian.Uint32(header[8:]), 2047)) {
		entry, err := c.at(vhdxRegionTable+16+i*32, 32)
		if err != nil {
			return 0, err
		}
		if string(entry[:16]) == vhdxMetadataRegion {
			return bounded(binary.LittleEndian.Uint64(entry[16:]))
		}
	}
	return 0, errors.New("it has no metadata")
}
