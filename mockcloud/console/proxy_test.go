// SPDX-License-Identifier: MPL-2.0

package console_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/console"
)

// far is a console that says hello and echoes.
func far(t *testing.T) string {
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
				_, _ = io.WriteString(conn, "hello")
				_, _ = io.Copy(conn, conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// serve is a proxy with the console "good", one that nobody listens at, and one that cannot be looked up.
func serve(t *testing.T) (*httptest.Server, *console.Proxy) {
	t.Helper()
	address := far(t)
	proxy := console.New(func(_ context.Context, token string) (console.Place, error) {
		switch token {
		case "good & well":
			return console.Place{Network: "tcp", Address: address}, nil
		case "deaf":
			return console.Place{Network: "unix", Address: t.TempDir() + "/nobody"}, nil
		case "broken":
			return console.Place{}, errors.New("the store is down")
		}
		return console.Place{}, console.ErrNoToken
	}, slog.New(slog.DiscardHandler))
	server := httptest.NewServer(proxy)
	t.Cleanup(func() {
		server.Close()
		_ = proxy.Close()
	})
	return server, proxy
}

func dial(t *testing.T, target string, options *websocket.DialOptions) (net.Conn, *http.Response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ws, answer, err := websocket.Dial(ctx, target, options)
	if err != nil {
		return nil, answer, err
	}
	conn := websocket.NetConn(ctx, ws, websocket.MessageBinary)
	t.Cleanup(func() { _ = conn.Close() })
	return conn, answer, nil
}

func TestBridge(t *testing.T) {
	t.Parallel()
	server, proxy := serve(t)
	conn, answer, err := dial(t, console.URL(server.URL, "serial", "good & well"), &websocket.DialOptions{Subprotocols: []string{"binary"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.Header.Get("Sec-WebSocket-Protocol"); got != "binary" {
		t.Errorf("the subprotocol is %q", got)
	}
	for _, word := range []string{"hello", "anyone?"} {
		if word != "hello" {
			if _, err := io.WriteString(conn, word); err != nil {
				t.Fatal(err)
			}
		}
		got := make([]byte, len(word))
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != word {
			t.Fatalf("got %q, %v, want %q", got, err, word)
		}
	}
	if err := proxy.Close(); err != nil {
		t.Error(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("the bridge outlives the proxy")
	}
	if _, answer, err := dial(t, console.URL(server.URL, "serial", "good & well"), nil); err == nil || answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a closed proxy answers %v, %v", answer, err)
	}
}

// A console that cannot be had ends at once, without a word.
func TestRefusals(t *testing.T) {
	t.Parallel()
	server, _ := serve(t)
	for _, token := range []string{"bad", "", "deaf", "broken"} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		ws, _, err := websocket.Dial(ctx, console.URL(server.URL, "serial", token), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, said, err := ws.Read(ctx); err == nil || ctx.Err() != nil || websocket.CloseStatus(err) >= 0 {
			t.Errorf("token %q: %q, %v", token, said, err)
		}
		_ = ws.CloseNow()
		cancel()
	}
}

// A page of another origin gets nothing, whatever token it has come by.
func TestOrigin(t *testing.T) {
	t.Parallel()
	server, _ := serve(t)
	_, answer, err := dial(t, console.URL(server.URL, "serial", "good & well"), &websocket.DialOptions{
		HTTPHeader: http.Header{"Origin": {"https://elsewhere.example"}},
	})
	if err == nil || answer.StatusCode != http.StatusForbidden {
		t.Errorf("%v, %v", answer, err)
	}
	if _, _, err := dial(t, console.URL(server.URL, "serial", "good & well"), nil); err != nil {
		t.Error(err)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	server, _ := serve(t)
	for _, test := range []struct {
		method, path string
		status       int
		kind, words  string
	}{
		{http.MethodGet, "/console/vnc_lite.html?path=x", http.StatusOK, "text/html", "vnc.js"},
		{http.MethodGet, "/console/vnc_auto.html?path=x", http.StatusOK, "text/html", "vnc.js"},
		{http.MethodGet, "/console/?token=x", http.StatusOK, "text/html", "serial.js"},
		{http.MethodGet, "/console/spice_auto.html?token=x", http.StatusOK, "text/html", "spice.js"},
		{http.MethodGet, "/console/rdp_auto.html?token=x", http.StatusOK, "text/html", "RDP"},
		{http.MethodGet, "/console/vnc.js", http.StatusOK, "text/javascript", "RFB"},
		{http.MethodGet, "/console/serial.js", http.StatusOK, "text/javascript", "xterm"},
		{http.MethodGet, "/console/serial.css", http.StatusOK, "text/css", ".xterm"},
		{http.MethodGet, "/console/spice.js", http.StatusOK, "text/javascript", `from"./spice-html5/main.js"`},
		{http.MethodGet, "/console/spice-html5/main.js", http.StatusOK, "text/javascript", "GNU Lesser General Public License"},
		{http.MethodGet, "/console/spice-html5/thirdparty/rsa.js", http.StatusOK, "text/javascript", "Tom Wu"},
		{http.MethodGet, "/console/spice-html5/", http.StatusNotFound, "text/plain", ""},
		{http.MethodGet, "/console/spice-html5/../SUMS", http.StatusNotFound, "text/plain", ""},
		{http.MethodGet, "/console/page.css", http.StatusOK, "text/css", "body"},
		{http.MethodGet, "/console/LICENSES.txt", http.StatusOK, "text/plain", "Mozilla Public License Version 2.0"},
		{http.MethodGet, "/console/LICENSES.txt", http.StatusOK, "text/plain", "GNU LESSER GENERAL PUBLIC LICENSE"},
		{http.MethodGet, "/console/SUMS", http.StatusNotFound, "text/plain", ""},
		{http.MethodGet, "/console/elsewhere", http.StatusNotFound, "text/plain", ""},
		{http.MethodGet, "/console", http.StatusNotFound, "text/plain", ""},
		{http.MethodPost, "/console/vnc_lite.html", http.StatusMethodNotAllowed, "text/plain", ""},
	} {
		request, err := http.NewRequestWithContext(t.Context(), test.method, server.URL+test.path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != test.status {
			t.Errorf("%s %s is %d, %v, want %d", test.method, test.path, answer.StatusCode, err, test.status)
		}
		if kind := answer.Header.Get("Content-Type"); !strings.HasPrefix(kind, test.kind+";") || !strings.Contains(string(text), test.words) {
			t.Errorf("%s is a %s of %d bytes without %q", test.path, kind, len(text), test.words)
		}
		if policy := answer.Header.Get("Content-Security-Policy"); test.status == http.StatusOK &&
			(!strings.Contains(policy, "script-src 'self';") || !strings.Contains(policy, "ws://"+answer.Request.URL.Host)) {
			t.Errorf("%s has the policy %q", test.path, policy)
		}
		if test.kind == "text/html" && strings.Count(string(text), "<script") != strings.Count(string(text), "></script>") {
			t.Errorf("%s has a script of its own, which its policy forbids", test.path)
		}
		if answer.Header.Get("Referrer-Policy") != "no-referrer" || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s lets its token go", test.path)
		}
	}
}

// noVNC takes the path of the WebSocket from its own URL, behind whatever prefix the cloud has.
func TestURL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ base, kind, page, socket string }{
		{"http://c:1", "novnc", "/console/vnc_lite.html", "console/?token=a%26b"},
		{"https://c/os", "novnc", "/os/console/vnc_lite.html", "os/console/?token=a%26b"},
		{"http://c:1", "spice-html5", "/console/spice_auto.html", ""},
		{"http://c:1", "rdp-html5", "/console/rdp_auto.html", ""},
		{"https://c", "serial", "/console/", ""},
		{"https://c", "spice-direct", "/console/", ""},
	} {
		got, err := url.Parse(console.URL(test.base, test.kind, "a&b"))
		if err != nil {
			t.Fatal(err)
		}
		query := got.Query()
		if got.Path != test.page || query.Get("path") != test.socket || test.socket == "" && query.Get("token") != "a&b" {
			t.Errorf("%s at %s is %s", test.kind, test.base, got)
		}
		if strings.HasPrefix(got.Scheme, "ws") != (test.kind == "serial") {
			t.Errorf("%s at %s is %s", test.kind, test.base, got)
		}
	}
}
