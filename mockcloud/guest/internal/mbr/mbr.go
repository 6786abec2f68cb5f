// SPDX-License-Identifier: MPL-2.0

// Package mbr reads and writes the partition table of a PC's master boot record. The builder writes
// one, and the guest's init rewrites it when the disk has grown: both share these few lines.
package mbr

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	// SectorSize is the unit of every LBA here.
	SectorSize = 512
	// Size of the record: boot code, four entries and the signature.
	Size = 512

	tableOffset = 446
	entrySize   = 16
	signature   = 0xaa55
	// maxSectors is what the 32-bit length of an entry can say: 2 TiB.
	maxSectors = 1<<32 - 1
)

// Types of partition used by the guest image.
const (
	TypeFAT   = 0x0e // FAT16, LBA
	TypeLinux = 0x83
)

// ErrNoTable says that the sector carries no boot record.
var ErrNoTable = errors.New("no boot record signature")

// Partition is one entry of the table; a Type of zero is an empty one. Start and Sectors count
// sectors of 512 bytes.
type Partition struct {
	Active  bool
	Type    byte
	Start   uint32
	Sectors uint32
}

// End is the first sector behind the partition.
func (p Partition) End() uint64 { return uint64(p.Start) + uint64(p.Sectors) }

// Table is the four primary partitions.
type Table [4]Partition

// Parse reads the table of a boot record of at least Size bytes.
func Parse(record []byte) (Table, error) {
	var t Table
	if len(record) < Size || binary.LittleEndian.Uint16(record[Size-2:]) != signature {
		return t, ErrNoTable
	}
	for i := range t {
		e := record[tableOffset+i*entrySize:]
		t[i] = Partition{
			Active:  e[0] == 0x80,
			Type:    e[4],
			Start:   binary.LittleEndian.Uint32(e[8:]),
			Sectors: binary.LittleEndian.Uint32(e[12:]),
		}
	}
	return t, nil
}

// Put writes the table and the signature into a boot record of at least Size bytes and leaves its
// boot code alone. The CHS addresses say "beyond CHS", so every reader takes the LBA.
func (t Table) Put(record []byte) error {
	if len(record) < Size {
		return fmt.Errorf("boot record of %d bytes, want %d", len(record), Size)
	}
	for i, p := range t {
		e := record[tableOffset+i*entrySize : tableOffset+(i+1)*entrySize]
		clear(e)
		if p.Type == 0 {
			continue
		}
		if p.Active {
			e[0] = 0x80
		}
		copy(e[1:4], []byte{0xfe, 0xff, 0xff})
		e[4] = p.Type
		copy(e[5:8], []byte{0xfe, 0xff, 0xff})
		binary.LittleEndian.PutUint32(e[8:], p.Start)
		binary.LittleEndian.PutUint32(e[12:], p.Sectors)
	}
	binary.LittleEndian.PutUint16(record[Size-2:], signature)
	return nil
}

// Grow extends partition number (from 1) to the end of a disk of so many sectors, or to the 2 TiB
// that an entry can express. It is false, and changes nothing, when there is nothing to gain or
// when another partition lies behind it.
func (t *Table) Grow(number int, diskSectors uint64) bool {
	if number < 1 || number > len(t) || t[number-1].Type == 0 {
		return false
	}
	p := &t[number-1]
	for i, other := range t {
		if i != number-1 && other.Type != 0 && other.Start >= p.Start {
			return false
		}
	}
	if diskSectors <= p.End() {
		return false
	}
	sectors := min(diskSectors-uint64(p.Start), maxSectors)
	if sectors <= uint64(p.Sectors) {
		return false
	}
	p.Sectors = uint32(sectors)
	return true
}
