// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.Snapshotter = (*Driver)(nil)

// Snapshot writes an image without content, as large as the machine's root disk.
func (d *Driver) Snapshot(ctx context.Context, id string, quiesce bool, w io.Writer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d.mu.Lock()
	m, err := d.find(id)
	size := int64(0)
	if err == nil {
		size = m.RootBytes
		if quiesce && m.State == driver.Paused { // off, there is nothing to freeze
			err = errors.New("the guest agent does not answer: the machine is paused")
		}
	}
	d.mu.Unlock()
	if err != nil {
		return err
	}
	_, err = w.Write(blankDisk(size))
	return err
}

// The layout of a qcow2 image (QEMU: docs/interop/qcow2.txt).
const (
	clusterBits  = 14
	clusterSize  = 1 << clusterBits
	entrySize    = 8                       // of the tables
	l2Covers     = clusterSize / entrySize // clusters
	headerLength = 104
	qcow2Version = 3
	refcountBits = 4 // log2 of the width of a reference count
	sectorSize   = 512
)

// qcow2Header is the header of a version 3 image.
type qcow2Header struct {
	Magic                 [4]byte
	Version               uint32
	BackingFileOffset     uint64
	BackingFileSize       uint32
	ClusterBits           uint32
	Size                  uint64
	CryptMethod           uint32
	L1Size                uint32
	L1TableOffset         uint64
	RefcountTableOffset   uint64
	RefcountTableClusters uint32
	Snapshots             uint32
	SnapshotsOffset       uint64
	IncompatibleFeatures  uint64
	CompatibleFeatures    uint64
	AutoclearFeatures     uint64
	RefcountOrder         uint32
	HeaderLength          uint32
}

// blankDisk is a qcow2 image of a disk of that size that reads as zeros: a header, a table of reference
// counts with one block, and an empty L1 table.
func blankDisk(size int64) []byte {
	const table, block, l1 = 1, 2, 3 // the clusters of each
	sectors := (max(size, 1) + sectorSize - 1) / sectorSize
	size = sectors * sectorSize
	const each = int64(clusterSize * l2Covers)
	entries := (size + each - 1) / each
	l1Clusters := (entries*entrySize + clusterSize - 1) / clusterSize
	var image bytes.Buffer
	_ = binary.Write(&image, binary.BigEndian, qcow2Header{ // into memory: never fails
		Magic: [4]byte{'Q', 'F', 'I', 0xfb}, Version: qcow2Version, ClusterBits: clusterBits, Size: uint64(size),
		L1Size: uint32(entries), L1TableOffset: l1 * clusterSize,
		RefcountTableOffset: table * clusterSize, RefcountTableClusters: 1, RefcountOrder: refcountBits, HeaderLength: headerLength,
	})
	data := make([]byte, (l1+l1Clusters)*clusterSize)
	copy(data, image.Bytes())
	binary.BigEndian.PutUint64(data[table*clusterSize:], block*clusterSize)
	for n := range l1 + l1Clusters {
		binary.BigEndian.PutUint16(data[block*clusterSize+2*n:], 1)
	}
	return data
}
