// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// cloneFile copies a file: by sharing its blocks where the file system can, else by its data alone, without
// its holes.
func cloneFile(ctx context.Context, to, from *os.File) error {
	if unix.IoctlFileClone(int(to.Fd()), int(from.Fd())) == nil {
		return nil
	}
	for at := int64(0); ; {
		data, err := from.Seek(at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) { // no more data
			return nil
		}
		if err != nil { // the file system does not know its holes
			if _, err := from.Seek(0, io.SeekStart); err != nil {
				return err
			}
			return copySparse(ctx, to, from)
		}
		hole, err := from.Seek(data, unix.SEEK_HOLE)
		if err != nil {
			return err
		}
		if err := copyRange(ctx, to, from, data, hole); err != nil {
			return err
		}
		at = hole
	}
}

// copyRange copies the bytes between two offsets.
func copyRange(ctx context.Context, to, from *os.File, start, end int64) error {
	const chunk = 1 << 20
	for at := start; at < end; at += chunk {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := io.NewSectionReader(from, at, min(chunk, end-at))
		if _, err := io.Copy(io.NewOffsetWriter(to, at), part); err != nil {
			return err
		}
	}
	return nil
}
