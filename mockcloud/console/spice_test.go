// SPDX-License-Identifier: MPL-2.0

package console_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/console"
)

const (
	mainChannel   = 1
	inputsChannel = 3
	theSession    = 4711
)

// linkTo is what a SPICE client says first: SpiceLinkHeader of protocol 2.2, and SpiceLinkMess without capabilities.
func linkTo(session uint32, channel byte) string {
	said := append([]byte("REDQ"), 2, 0, 0, 0, 2, 0, 0, 0, 18, 0, 0, 0)
	said = binary.LittleEndian.AppendUint32(said, session)
	return string(append(said, channel, 0, 0, 0, 0, 0, 0, 0, 0, 0, 18, 0, 0, 0))
}

// spiceServer listens as a SPICE server that says what it is asked, and then echoes.
func spiceServer(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				link := make([]byte, len(linkTo(0, 0)))
				if _, err := io.ReadFull(conn, link); err != nil || string(link[:4]) != "REDQ" {
					return
				}
				_, _ = fmt.Fprintf(conn, "%05d %d", binary.LittleEndian.Uint32(link[16:]), link[20])
				_, _ = io.Copy(conn, conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// serveSPICE is a proxy with one SPICE console, whose token "once" is good for one use.
func serveSPICE(t *testing.T) (server *httptest.Server) {
	t.Helper()
	address := spiceServer(t)
	var used atomic.Bool
	proxy := console.New(func(_ context.Context, token string) (console.Place, error) {
		if token != "once" || used.Swap(true) {
			return console.Place{}, console.ErrNoToken
		}
		return console.Place{Network: "tcp", Address: address, SPICE: true}, nil
	}, slog.New(slog.DiscardHandler))
	server = httptest.NewServer(proxy)
	t.Cleanup(func() {
		server.Close()
		_ = proxy.Close()
	})
	return server
}

// channel is a SPICE client's connection that has said that; closed tells that the proxy has ended it without a word.
func channel(t *testing.T, server *httptest.Server, said, want string) (conn net.Conn, closed bool) {
	t.Helper()
	conn, _, err := dial(t, console.URL(server.URL, "spice-direct", "once"), &websocket.DialOptions{Subprotocols: []string{"binary"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, said); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(want))
	switch _, err := io.ReadFull(conn, got); {
	case err == nil && string(got) == want:
		return conn, false
	case err == nil:
		t.Fatalf("the server was asked %q, want %q", got, want)
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.ErrUnexpectedEOF):
		t.Fatal(err)
	}
	return nil, true
}

// The connection that opens a session uses the token up, which goes on to be good for its channels, and for nobody
// else's session; with the session that is over.
func TestSPICEChannels(t *testing.T) {
	t.Parallel()
	server := serveSPICE(t)
	first, closed := channel(t, server, linkTo(0, mainChannel), "00000 1")
	if closed {
		t.Fatal("the session was not opened")
	}
	inputs, closed := channel(t, server, linkTo(theSession, inputsChannel), "04711 3")
	if closed {
		t.Fatal("a channel of the session was refused")
	}
	for said, what := range map[string]string{
		linkTo(0, mainChannel):                "another session",
		linkTo(theSession, mainChannel):       "another main channel",
		linkTo(0, inputsChannel):              "a channel of no session",
		"GET / HTTP/1.1\r\nHost: far\r\n\r\n": "what is not SPICE",
	} {
		if _, closed := channel(t, server, said, "?"); !closed {
			t.Errorf("a token that was used opens %s", what)
		}
	}
	for _, conn := range []net.Conn{first, inputs} {
		echo := make([]byte, 5)
		if _, err := io.WriteString(conn, "still"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, echo); err != nil || string(echo) != "still" {
			t.Errorf("the session was disturbed: %q, %v", echo, err)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; {
		conn, closed := channel(t, server, linkTo(theSession, inputsChannel), "04711 3")
		if closed {
			return
		}
		_ = conn.Close()
		if time.Now().After(end) {
			t.Fatal("the token outlives its session")
		}
	}
}
