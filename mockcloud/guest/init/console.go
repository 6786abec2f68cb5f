// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// console is where the guest speaks to its owner: /dev/console, which is ttyS0, which Nova shows as
// the console log. Lines of several goroutines do not mix.
type console struct {
	mu sync.Mutex
	w  io.Writer
}

// logf writes one line with our name in front.
func (c *console) logf(format string, args ...any) {
	c.print("mockcloud-guest: " + fmt.Sprintf(format, args...))
}

// print writes the text, which may be several lines, as it is.
func (c *console) print(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// The kernel's console is not in raw mode everywhere, so we end lines as terminals want them.
	text = strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\r\n") + "\r\n"
	_, _ = io.WriteString(c.w, text) // there is nowhere to complain to
}
