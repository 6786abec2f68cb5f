// SPDX-License-Identifier: MPL-2.0

// Package splice joins two connections into one.
package splice

import (
	"context"
	"io"
	"net"
	"sync"
)

// Conns carries bytes both ways until both ends have closed their side, or ctx ends, and closes both.
func Conns(ctx context.Context, a, b net.Conn) {
	closeBoth := func() {
		_ = a.Close()
		_ = b.Close()
	}
	defer closeBoth()
	defer context.AfterFunc(ctx, closeBoth)()
	var both sync.WaitGroup
	half := func(to, from net.Conn) {
		if _, err := io.Copy(to, from); err != nil {
			closeBoth()
			return
		}
		if h, ok := to.(interface{ CloseWrite() error }); ok {
			_ = h.CloseWrite()
		}
	}
	both.Go(func() { half(a, b) })
	both.Go(func() { half(b, a) })
	both.Wait()
}
