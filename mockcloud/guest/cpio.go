// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"fmt"
	"io"
	"path"
	"strings"
)

// Modes of a cpio entry, as in stat(2).
const (
	modeDir  = 0o040000
	modeFile = 0o100000
	modeChar = 0o020000
)

// cpioWriter writes a "newc" archive, the one form of initramfs that the kernel reads (its
// Documentation/driver-api/early-userspace/buffer-format.rst). Everything in it belongs to root and
// carries no time, so equal input makes an equal archive. The first error sticks.
type cpioWriter struct {
	w       io.Writer
	written int64
	inode   int
	dirs    map[string]bool
	err     error
}

func newCPIO(w io.Writer) *cpioWriter {
	return &cpioWriter{w: w, dirs: map[string]bool{".": true, "/": true, "": true}}
}

// dir adds a directory, with its parents.
func (c *cpioWriter) dir(name string) {
	name = clean(name)
	if c.dirs[name] {
		return
	}
	c.dir(path.Dir(name))
	c.dirs[name] = true
	c.entry(name, modeDir|0o755, 0, 0, nil)
}

// file adds a regular file, with its parents.
func (c *cpioWriter) file(name string, perm int, data []byte) {
	name = clean(name)
	c.dir(path.Dir(name))
	c.entry(name, modeFile|perm, 0, 0, data)
}

// char adds a character device, with its parents: what mknod would need root for.
func (c *cpioWriter) char(name string, perm, major, minor int) {
	name = clean(name)
	c.dir(path.Dir(name))
	c.entry(name, modeChar|perm, major, minor, nil)
}

// close writes the end of the archive.
func (c *cpioWriter) close() error {
	c.inode = -1
	c.entry("TRAILER!!!", 0, 0, 0, nil)
	return c.err
}

func clean(name string) string { return strings.TrimPrefix(path.Clean(name), "/") }

func (c *cpioWriter) entry(name string, mode, major, minor int, data []byte) {
	c.inode++
	c.printf("070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
		c.inode, mode, 0, 0, 1, 0, len(data), 0, 0, major, minor, len(name)+1, 0, name)
	c.pad()
	c.write(data)
	c.pad()
}

func (c *cpioWriter) printf(format string, args ...any) {
	c.write(fmt.Appendf(nil, format, args...))
}

// pad aligns to four bytes.
func (c *cpioWriter) pad() { c.write(make([]byte, (4-c.written%4)%4)) }

func (c *cpioWriter) write(p []byte) {
	if c.err != nil || len(p) == 0 {
		return
	}
	n, err := c.w.Write(p)
	c.written += int64(n)
	c.err = err
}
