// SPDX-License-Identifier: MPL-2.0

package cinder

import "encoding/binary"

// emptyQCOW2 is a qcow2 image (version 2, clusters of 64 KiB) of that virtual size without any data: a
// header, a refcount table with one block, and an L1 table.
func emptyQCOW2(bytes int64) []byte {
	const (
		bits      = 16
		cluster   = 1 << bits
		perL1     = cluster * cluster / 8 // bytes of disk behind an entry of the L1 table
		tableAt   = 1 * cluster
		blockAt   = 2 * cluster
		l1At      = 3 * cluster
		perBlock  = cluster / 8
		magic     = 0x514649fb
		versionTo = 2
	)
	entries := int((bytes + perL1 - 1) / perL1)
	clusters := 3 + max(1, (entries+perBlock-1)/perBlock)
	image := make([]byte, clusters*cluster)
	word := binary.BigEndian
	word.PutUint32(image[0:], magic)
	word.PutUint32(image[4:], versionTo)
	word.PutUint32(image[20:], bits)
	word.PutUint64(image[24:], uint64(bytes))
	word.PutUint32(image[36:], uint32(entries))
	word.PutUint64(image[40:], l1At)
	word.PutUint64(image[48:], tableAt)
	word.PutUint32(image[56:], 1)
	word.PutUint64(image[tableAt:], blockAt)
	for n := range clusters {
		word.PutUint16(image[blockAt+2*n:], 1)
	}
	return image
}
