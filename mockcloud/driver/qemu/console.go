// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

const (
	consoleTail = 256 << 10 // what ConsoleOutput reads at most
	logKept     = 1 << 20   // what is kept of a log
	trimEvery   = 10 * time.Second
)

// ConsoleOutput is the end of what the guest wrote to its serial port since it was spawned.
func (h *Host) ConsoleOutput(_ context.Context, id string, lines int) (string, error) {
	m, err := h.find(id)
	if err != nil {
		return "", err
	}
	b, err := tail(m.console(), consoleTail)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil // it has never been on
	}
	return string(lastLines(b, lines)), err
}

func tail(path string, n int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	from := max(0, info.Size()-n)
	return io.ReadAll(io.NewSectionReader(f, from, n))
}

// lastLines cuts b to its last n lines; all of them if n is negative.
func lastLines(b []byte, n int) []byte {
	if n < 0 {
		return b
	}
	at := len(b)
	for ; n > 0 && at > 0; n-- {
		at = bytes.LastIndexByte(b[:at-1], '\n') + 1
	}
	return b[at:]
}

// trimLogs keeps a guest that never stops printing from filling the disk.
func (h *Host) trimLogs() {
	for clock.Wall().Sleep(h.ctx, trimEvery) == nil {
		for _, m := range h.all() {
			for _, path := range []string{m.console(), m.qemuLog()} {
				if err := trim(path, logKept); err != nil && !errors.Is(err, fs.ErrNotExist) {
					h.opts.Log.Warn("trimming a log failed", "machine", m.id, "error", err)
				}
			}
		}
	}
}

// trim frees all but the last keep bytes of a log that is being written. A hole in its beginning
// loses nothing that is written meanwhile, as cutting and copying would.
func trim(path string, keep int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() <= keep {
		return err
	}
	return unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, 0, info.Size()-keep)
}
