// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

const (
	metadataPort        = 80
	metadataReadTimeout = 30 * time.Second
	metadataIdleTimeout = 2 * time.Minute
	// metadataConnections is how many connections one guest may hold.
	metadataConnections = 32
)

// deviceHandler is what Fabric.Serve was given.
type deviceHandler func(device string) http.Handler

// metadataServer answers 169.254.169.254:80 and [fe80::a9fe:a9fe]:80 on one network.
type metadataServer struct {
	server *http.Server
	done   sync.WaitGroup
}

type connectionPort struct{}

func serveMetadata(s *stack.Stack, n *network, serve deviceHandler, log *slog.Logger) (*metadataServer, error) {
	var listeners []net.Listener
	for _, at := range []netip.Addr{metadataAddr, metadataAddr6} {
		listener, err := gonet.ListenTCP(s, tcpip.FullAddress{NIC: nicID, Addr: tcpipAny(at), Port: metadataPort}, protocolOf(at))
		if err != nil {
			return nil, err
		}
		listeners = append(listeners, listener)
	}
	m := &metadataServer{}
	m.server = &http.Server{
		ReadTimeout:  metadataReadTimeout,
		WriteTimeout: metadataIdleTimeout,
		IdleTimeout:  metadataIdleTimeout,
		ErrorLog:     slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		// The connection says who asks, once: the switch let the address through from that port alone.
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connectionPort{}, n.caller(c))
		},
		ConnState: m.limit(n),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p, _ := r.Context().Value(connectionPort{}).(*port)
			if p == nil || p.closed() || serve == nil {
				http.NotFound(w, r)
				return
			}
			serve(p.settings.Load().Device).ServeHTTP(w, r)
		}),
	}
	for _, listener := range listeners {
		m.done.Go(func() { _ = m.server.Serve(listener) })
	}
	return m, nil
}

// limit closes the connections of a guest that are too many: one guest alone must not use up what all
// share.
func (m *metadataServer) limit(n *network) func(net.Conn, http.ConnState) {
	var holders sync.Map // net.Conn to the *port that holds it
	return func(c net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			p := n.caller(c)
			if p == nil {
				return
			}
			holders.Store(c, p)
			if p.metadata.Add(1) > metadataConnections {
				_ = c.Close()
			}
		case http.StateClosed, http.StateHijacked:
			if p, held := holders.LoadAndDelete(c); held {
				p.(*port).metadata.Add(-1)
			}
		}
	}
}

// caller is the port whose guest has made a connection; nil if it is none of the network's.
func (n *network) caller(c net.Conn) *port {
	from, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return nil
	}
	return n.table.Load().ip[from.AddrPort().Addr().Unmap().WithZone("")]
}

func (m *metadataServer) close() {
	_ = m.server.Close()
	m.done.Wait()
}
