// SPDX-License-Identifier: MPL-2.0

package console

import (
	"context"
	"log/slog"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestViewerThatDoesNotRead: it does not keep a console's connection, which may be one to a machine that is gone.
func TestViewerThatDoesNotRead(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		far, err := listener.Accept()
		if err != nil {
			return
		}
		defer far.Close()
		for err == nil {
			_, err = far.Write(make([]byte, 1<<16))
		}
	}()
	proxy := New(func(context.Context, string) (Place, error) {
		return Place{Network: "tcp", Address: listener.Addr().String()}, nil
	}, slog.New(slog.DiscardHandler))
	defer proxy.Close()
	proxy.patience = 100 * time.Millisecond
	server := httptest.NewServer(proxy)
	defer server.Close()
	ws, _, err := websocket.Dial(ctx, URL(server.URL, "serial", "any"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow() //nolint:errcheck // the proxy has ended it
	select {
	case <-ended:
	case <-ctx.Done():
		t.Fatal("the console is still connected")
	}
	proxy.bridges.Wait()
}

// TestChannelThatSaysNothing: a second connection of a SPICE session has to say what it is for.
func TestChannelThatSaysNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	proxy := New(func(context.Context, string) (Place, error) { return Place{}, ErrNoToken }, slog.New(slog.DiscardHandler))
	defer proxy.Close()
	proxy.patience = 100 * time.Millisecond
	defer proxy.keepSession("any", Place{Network: "unix", Address: t.TempDir() + "/nobody", SPICE: true})()
	server := httptest.NewServer(proxy)
	defer server.Close()
	ws, _, err := websocket.Dial(ctx, URL(server.URL, "spice-direct", "any"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow() //nolint:errcheck // the proxy has ended it
	if _, _, err := ws.Read(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("a connection that says nothing is kept: %v", err)
	}
	proxy.bridges.Wait()
}
