// SPDX-License-Identifier: MPL-2.0

package socks_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/socks"
)

// open is a server whose dialer knows one host, which says who asked for what and then echoes.
func open(t *testing.T) *socks.Server {
	t.Helper()
	s, err := socks.Listen(t.Context(), "127.0.0.1:0", func(_ context.Context, user, host string, port uint16) (net.Conn, error) {
		switch host {
		case "nobody":
			return nil, fmt.Errorf("dial: %w", socks.ErrNobody)
		case "closed":
			return nil, syscall.ECONNREFUSED
		}
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			_, _ = fmt.Fprintf(far, "%s@%s:%d ", user, host, port)
			_, _ = io.Copy(far, far)
		}()
		return near, nil
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestCONNECT(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, c := range []struct{ name, sent, want string }{
		{"a name", "\x05\x01\x00" + "\x05\x01\x00\x03\x03web\x00\x50", "\x05\x00" + "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00" + "@web:80 "},
		{"an address", "\x05\x01\x00" + "\x05\x01\x00\x01\x0a\x00\x00\x05\x00\x16", "\x05\x00" + "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00" + "@10.0.0.5:22 "},
		{"an IPv6 address", "\x05\x01\x00" + "\x05\x01\x00\x04\xfd" + strings.Repeat("\x00", 14) + "\x05\x00\x16", "\x05\x00" + "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00" + "@fd00::5:22 "},
		{"a user", "\x05\x02\x00\x02" + "\x01\x04demo\x02pw" + "\x05\x01\x00\x03\x03web\x00\x50", "\x05\x02" + "\x01\x00" + "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00" + "demo@web:80 "},
		{"nobody", "\x05\x01\x00" + "\x05\x01\x00\x03\x06nobody\x00\x50", "\x05\x00" + "\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00"},
		{"closed", "\x05\x01\x00" + "\x05\x01\x00\x03\x06closed\x00\x50", "\x05\x00" + "\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"},
		{"BIND", "\x05\x01\x00" + "\x05\x02\x00\x03\x03web\x00\x50", "\x05\x00" + "\x05\x07\x00\x01\x00\x00\x00\x00\x00\x00"},
		{"no method", "\x05\x01\x01", "\x05\xff"},
		{"SOCKS4", "\x04\x01\x00\x50", ""},
		{"HTTP", "GET / HTTP/1.0\r\n\r\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", s.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := conn.Write([]byte(c.sent)); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(c.want))
			if _, err := io.ReadFull(conn, got); err != nil || string(got) != c.want {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
			if strings.HasSuffix(c.want, " ") { // connected
				if _, err := conn.Write([]byte("echo")); err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(conn, got[:4]); err != nil || string(got[:4]) != "echo" {
					t.Errorf("%q, %v", got[:4], err)
				}
			} else if n, err := conn.Read(make([]byte, 1)); err == nil {
				t.Errorf("goes on for %d bytes", n)
			}
		})
	}
}

func TestOnlyLoopback(t *testing.T) {
	t.Parallel()
	if s, err := socks.Listen(t.Context(), "0.0.0.0:0", nil, slog.New(slog.DiscardHandler)); err == nil {
		_ = s.Close()
		t.Error("it listens for all")
	}
}
