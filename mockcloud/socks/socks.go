// SPDX-License-Identifier: MPL-2.0

// Package socks is a SOCKS5 server (RFC 1928) for CONNECT: it speaks the protocol, and leaves names and
// connections to a dialer. Whoever reaches its port may use it: it belongs on a loopback address.
package socks

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/splice"
)

const (
	version   = 5
	handshake = 30 * time.Second // for a client to say what it wants, and for the dialer
	maxOpen   = 1024             // connections at a time
)

// The methods of authentication that are offered, and the replies (RFC 1928, 3 and 6).
const (
	methodNone, methodUser, methodRefused = 0, 2, 0xff

	succeeded, failed, unreachable, refused, noSuchCommand, noSuchAddress = 0, 1, 4, 5, 7, 8
)

// ErrNobody is a dialer's for a name or an address that is nobody's.
var ErrNobody = errors.New("nobody has that name or address")

// Dialer connects to a TCP port of a host, which is a name or an address. user is what the client said who
// it is (RFC 1929), "" if it did not; its password is not looked at.
type Dialer func(ctx context.Context, user, host string, port uint16) (net.Conn, error)

// Server is an open door.
type Server struct {
	listener net.Listener
	dial     Dialer
	log      *slog.Logger
	ctx      context.Context //nolint:containedctx // ends what callers began
	stop     context.CancelFunc
	done     sync.WaitGroup
	places   chan struct{}
}

// Listen opens a door at a loopback address ("127.0.0.1:1080"); port 0 takes a free one. Close it.
func Listen(ctx context.Context, address string, dial Dialer, log *slog.Logger) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if at, ok := listener.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		_ = listener.Close()
		return nil, fmt.Errorf("%s is no loopback address: anybody could get at the guests", address)
	}
	s := &Server{listener: listener, dial: dial, log: log, places: make(chan struct{}, maxOpen)}
	s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.done.Go(s.serve)
	return s, nil
}

// Addr is where the door is.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Close ends it and every connection through it.
func (s *Server) Close() error {
	s.stop()
	err := s.listener.Close()
	s.done.Wait()
	return err
}

func (s *Server) serve() {
	for {
		select {
		case s.places <- struct{}{}:
		case <-s.ctx.Done():
			return
		}
		near, err := s.listener.Accept()
		if err != nil {
			<-s.places
			if s.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			s.log.Warn("SOCKS caller not accepted", "error", err)
			continue
		}
		s.done.Go(func() {
			defer func() { <-s.places }()
			defer func() { _ = near.Close() }()
			defer context.AfterFunc(s.ctx, func() { _ = near.Close() })()
			if err := s.answer(near); err != nil {
				s.log.Debug("SOCKS caller refused", "error", err)
			}
		})
	}
}

// answer serves one caller.
func (s *Server) answer(near net.Conn) error {
	ctx, cancel := context.WithTimeout(s.ctx, handshake)
	defer cancel()
	late := context.AfterFunc(ctx, func() { _ = near.Close() })
	defer late()
	user, err := greet(near)
	if err != nil {
		return err
	}
	host, port, err := readRequest(near)
	if err != nil {
		return err
	}
	far, err := s.dial(ctx, user, host, port)
	if err != nil {
		return errors.Join(err, reply(near, replyTo(err)))
	}
	defer func() { _ = far.Close() }()
	if !late() { // it is too late
		return ctx.Err()
	}
	if err := reply(near, succeeded); err != nil {
		return err
	}
	splice.Conns(s.ctx, near, far)
	return nil
}

func replyTo(err error) byte {
	switch {
	case errors.Is(err, ErrNobody):
		return unreachable
	case errors.Is(err, syscall.ECONNREFUSED):
		return refused
	default:
		return failed
	}
}

// greet agrees on a method, and tells the user's name.
func greet(c net.Conn) (user string, err error) {
	offered, err := readCounted(c, version)
	if err != nil {
		return "", err
	}
	method := byte(methodRefused)
	for _, m := range offered {
		if m == methodUser || m == methodNone && method != methodUser {
			method = m
		}
	}
	if _, err := c.Write([]byte{version, method}); err != nil {
		return "", err
	}
	switch method {
	case methodRefused:
		return "", errors.New("no method of authentication in common")
	case methodNone:
		return "", nil
	}
	name, err := readCounted(c, 1)
	if err != nil {
		return "", err
	}
	if _, err := readShort(c); err != nil { // the password
		return "", err
	}
	_, err = c.Write([]byte{1, 0})
	return string(name), err
}

// readCounted reads a version, which must be that one, and bytes after their number.
func readCounted(r io.Reader, want byte) ([]byte, error) {
	var head [1]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	if head[0] != want {
		return nil, fmt.Errorf("not SOCKS5: it begins with %d", head[0])
	}
	return readShort(r)
}

func readShort(r io.Reader) ([]byte, error) {
	var n [1]byte
	if _, err := io.ReadFull(r, n[:]); err != nil {
		return nil, err
	}
	b := make([]byte, n[0])
	_, err := io.ReadFull(r, b)
	return b, err
}

// readRequest reads where the caller wants to. What cannot be served is answered here.
func readRequest(c net.Conn) (host string, port uint16, err error) {
	var head [4]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return "", 0, err
	}
	if head[0] != version || head[1] != 1 {
		return "", 0, errors.Join(fmt.Errorf("command %d is not CONNECT", head[1]), reply(c, noSuchCommand))
	}
	switch head[3] {
	case 1, 4:
		b := make([]byte, map[byte]int{1: net.IPv4len, 4: net.IPv6len}[head[3]])
		if _, err := io.ReadFull(c, b); err != nil {
			return "", 0, err
		}
		ip, _ := netip.AddrFromSlice(b)
		host = ip.Unmap().String()
	case 3:
		name, err := readShort(c)
		if err != nil {
			return "", 0, err
		}
		host = string(name)
	default:
		return "", 0, errors.Join(fmt.Errorf("address type %d", head[3]), reply(c, noSuchAddress))
	}
	var at [2]byte
	_, err = io.ReadFull(c, at[:])
	return host, binary.BigEndian.Uint16(at[:]), err
}

func reply(c net.Conn, code byte) error {
	_, err := c.Write([]byte{version, code, 0, 1, 0, 0, 0, 0, 0, 0})
	return err
}
