// SPDX-License-Identifier: MPL-2.0

//go:build unix

package network

import (
	"io/fs"
	"os"
	"syscall"
)

// owned tells whether a file is the user's.
func owned(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
