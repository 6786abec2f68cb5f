// SPDX-License-Identifier: MPL-2.0

package console

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// ErrNoToken is Open's for a token that is good for nothing.
var ErrNoToken = errors.New("no such token")

// Place is where a console listens, as net.Dial wants it.
type Place struct {
	Network, Address string
	SPICE            bool // a viewer has a connection for each channel of its session
}

// Open uses a token up and tells where its console listens.
type Open func(ctx context.Context, token string) (Place, error)

// Proxy serves the consoles below /console. Close it.
type Proxy struct {
	open    Open
	log     *slog.Logger
	ctx     context.Context // of every bridge; ends with Close
	stop    context.CancelFunc
	mu      sync.Mutex
	bridges sync.WaitGroup

	sessions map[string]Place // SPICE's that are open, by their tokens; mu guards them
	patience time.Duration    // viewerPatience
}

// viewerPatience is how long a viewer may take for a piece of what a console shows.
const viewerPatience = time.Minute

// New makes a proxy.
func New(open Open, log *slog.Logger) *Proxy {
	p := &Proxy{open: open, log: log, sessions: map[string]Place{}, patience: viewerPatience}
	p.ctx, p.stop = context.WithCancel(context.Background())
	return p
}

// Close ends every bridge.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.stop()
	p.mu.Unlock()
	p.bridges.Wait()
	return nil
}

// The paths below /console.
const (
	socket    = "/console/"
	vncPage   = socket + "vnc_lite.html"
	spicePage = socket + "spice_auto.html"
	rdpPage   = socket + "rdp_auto.html"
)

// URL is where a client finds the console of that type with that token; base is the cloud's URL as the client
// sees it.
func URL(base, kind, token string) string {
	token = url.QueryEscape(token)
	switch kind {
	case "novnc": // noVNC takes the WebSocket's path from its own URL
		return base + vncPage + "?path=" + url.QueryEscape(strings.TrimPrefix(pathOf(base)+socket, "/")+"?token="+token)
	case "serial":
		return "ws" + strings.TrimPrefix(base, "http") + socket + "?token=" + token
	case "spice-html5":
		return base + spicePage + "?token=" + token
	case "rdp-html5":
		return base + rdpPage + "?token=" + token
	}
	return base + socket + "?token=" + token
}

// pathOf is what a URL has behind its host.
func pathOf(base string) string {
	_, rest, _ := strings.Cut(base, "://")
	_, path, found := strings.Cut(rest, "/")
	if !found {
		return ""
	}
	return "/" + path
}

// ServeHTTP serves the pages, and WebSockets.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// A token must not leave through a link or a cache.
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	name, ours := strings.CutPrefix(r.URL.Path, socket)
	switch {
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "GET only", http.StatusMethodNotAllowed)
	case !ours:
		http.NotFound(w, r)
	case name == "" && strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		p.serveSocket(w, r)
	default:
		servePage(w, r, name)
	}
}

func (p *Proxy) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !p.begin() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer p.bridges.Done()
	// A page of another origin is refused here: it would have the token of who looks at it.
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{"binary"}, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return // it has been answered
	}
	defer ws.CloseNow() //nolint:errcheck // it is closed by now, unless the client is gone
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	near := viewer{websocket.NetConn(ctx, ws, websocket.MessageBinary), ctx, ws, p.patience}
	if err := p.serveConsole(r.Context(), r.URL.Query().Get("token"), near); err != nil && !errors.Is(err, ErrNoToken) {
		p.log.Error("console not reached", "error", err)
	}
	// As Nova's proxy does, this one ends without a word: there are clients that take the reason in a close frame
	// for the console's.
}

// serveConsole bridges a WebSocket to the console that the token is for, if it still is.
func (p *Proxy) serveConsole(ctx context.Context, token string, near viewer) error {
	if at, open := p.session(token); open {
		return serveChannel(ctx, at, near)
	}
	at, err := p.open(ctx, token)
	if err != nil {
		return err
	}
	far, err := at.dial(ctx)
	if err != nil {
		return err
	}
	if at.SPICE {
		defer p.keepSession(token, at)()
	}
	bridge(near, far)
	return nil
}

func (at Place) dial(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, at.Network, at.Address)
}

// begin counts a bridge; false after Close.
func (p *Proxy) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return false
	}
	p.bridges.Add(1)
	return true
}

// bridge copies both ways until either side is done.
func bridge(near viewer, far net.Conn) {
	ended := make(chan struct{}, 2)
	for _, way := range []struct {
		to   io.Writer
		from io.Reader
	}{{near, far}, {far, near}} {
		go func() {
			_, _ = io.Copy(way.to, way.from) // it ends when either side closes, and that is no failure
			ended <- struct{}{}
		}()
	}
	<-ended
	_ = far.Close()
	_ = near.Close()
	<-ended
}

// viewer is a WebSocket as a connection. One that does not read hides that the console has ended: there is patience
// for a piece, and no longer. That is wall time, as TCP's is.
type viewer struct {
	net.Conn

	ctx      context.Context //nolint:containedctx // io.Writer has none
	ws       *websocket.Conn
	patience time.Duration
}

func (v viewer) Write(piece []byte) (int, error) {
	ctx, cancel := context.WithTimeout(v.ctx, v.patience)
	defer cancel()
	if err := v.ws.Write(ctx, websocket.MessageBinary, piece); err != nil {
		return 0, err
	}
	return len(piece), nil
}

// await reads what a viewer has to say first, for which there is as much patience.
func (v viewer) await(said []byte) error {
	ctx, cancel := context.WithTimeout(v.ctx, v.patience)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = v.ws.CloseNow() })()
	_, err := io.ReadFull(v, said)
	return err
}
