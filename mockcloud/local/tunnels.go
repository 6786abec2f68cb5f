// SPDX-License-Identifier: MPL-2.0

package local

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// tunnels are the connections that handlers have taken over: an http.Server forgets them, but who closes the
// cloud must not leave them behind.
type tunnels struct {
	handlers sync.WaitGroup

	mu   sync.Mutex
	open map[net.Conn]bool
}

// connection is the key of a request's connection in its context.
type connection struct{}

// watch makes the server tell of its connections.
func (t *tunnels) watch(server *http.Server) {
	t.open = map[net.Conn]bool{}
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connection{}, conn)
	}
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		if state == http.StateHijacked {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.open[conn] = true
		}
	}
	inner := server.Handler
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.handlers.Add(1)
		defer t.handlers.Done()
		defer t.forget(r)
		inner.ServeHTTP(w, r)
	})
}

func (t *tunnels) forget(r *http.Request) {
	conn, _ := r.Context().Value(connection{}).(net.Conn)
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, conn)
}

// end closes them, and waits for their handlers until ctx ends.
func (t *tunnels) end(ctx context.Context) error {
	t.mu.Lock()
	for conn := range t.open {
		_ = conn.Close()
	}
	t.mu.Unlock()
	ended := make(chan struct{})
	go func() { // ends with the last handler
		defer close(ended)
		t.handlers.Wait()
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
