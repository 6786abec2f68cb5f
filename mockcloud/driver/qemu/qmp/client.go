// SPDX-License-Identifier: MPL-2.0

// Package qmp speaks QEMU's machine protocol over a unix socket. Client implements go-qemu's
// qmp.Monitor and differs from its socket transport in what a hypervisor needs: replies are matched
// to commands by id, each call has a context and a time limit, events are pumped from before the
// first command on and never hold anything up, a message may be of any sensible size, and an error
// keeps its class.
package qmp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/digitalocean/go-qemu/qmp"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// Event is what QEMU tells unasked, such as SHUTDOWN or RESET.
type Event = qmp.Event

// Error is QEMU's refusal of a command.
type Error struct {
	Command string `json:"-"`
	Class   string `json:"class"` // "GenericError", "CommandNotFound", "DeviceNotFound", ...
	Desc    string `json:"desc"`
}

func (e *Error) Error() string { return fmt.Sprintf("QMP %s: %s: %s", e.Command, e.Class, e.Desc) }

var (
	// ErrClosed: the connection was never made, was disconnected or broke; the cause is wrapped too.
	ErrClosed = errors.New("QMP connection is closed")
	// ErrProtocol: the peer sent what is not QMP.
	ErrProtocol = errors.New("not a QMP message")
)

// Options are a client's, all of them optional.
type Options struct {
	// Timeout limits each call, beside its context. 30 s by default.
	Timeout time.Duration
	// Clock is the wall's by default: what is waited for is a real process.
	Clock clock.Clock
	Log   *slog.Logger
}

// Client is one connection. It connects once; each QMP socket of QEMU serves one client at a time.
// All methods are safe for concurrent use.
type Client struct {
	path string
	opts Options

	greeted chan struct{}
	done    chan struct{} // the reader has ended; err says why
	writing chan struct{} // holds a token while a command is written

	mu      sync.Mutex
	conn    net.Conn
	started bool
	err     error
	version qmp.Version
	lastID  uint64
	pending map[string]chan message
	feeds   map[*feed]struct{}
}

var _ qmp.Monitor = (*Client)(nil)

// New returns a client of the socket at path, to be connected. Who subscribes to events first
// misses none.
func New(path string, opts Options) *Client {
	if opts.Timeout <= 0 {
		opts.Timeout = 30 * time.Second
	}
	if opts.Clock == nil {
		opts.Clock = clock.Wall()
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Client{
		path: path, opts: opts,
		greeted: make(chan struct{}),
		done:    make(chan struct{}),
		writing: make(chan struct{}, 1),
		pending: map[string]chan message{},
		feeds:   map[*feed]struct{}{},
	}
}

// Connect is Dial without a context; it is limited by Options.Timeout.
func (c *Client) Connect() error { return c.Dial(context.Background()) }

// Dial connects and negotiates. QEMU may send events before its greeting; they are delivered.
// A client that could not be connected is spent.
func (c *Client) Dial(ctx context.Context) error {
	ctx, cancel := clock.WithTimeout(ctx, c.opts.Clock, c.opts.Timeout)
	defer cancel()
	if !c.claim() {
		return fmt.Errorf("%w: a client connects once", ErrClosed)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", c.path)
	if err != nil {
		c.fail(err)
		c.finish()
		return fmt.Errorf("connecting to QMP: %w", cause(ctx, err))
	}
	if !c.start(conn) {
		return c.closed()
	}
	if err := c.negotiate(ctx); err != nil {
		c.fail(err)
		<-c.done
		return fmt.Errorf("QMP handshake: %w", err)
	}
	return nil
}

func (c *Client) negotiate(ctx context.Context) error {
	select {
	case <-c.greeted:
	case <-c.done:
		return c.closed()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return c.Execute(ctx, "qmp_capabilities", nil, nil)
}

// claim is true for the one who may connect, or may end a client that never will.
func (c *Client) claim() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := !c.started
	c.started = true
	return first
}

// start begins to read, unless Disconnect was faster.
func (c *Client) start(conn net.Conn) bool {
	c.mu.Lock()
	disconnected := c.err != nil
	if !disconnected {
		c.conn = conn
	}
	c.mu.Unlock()
	if disconnected {
		_ = conn.Close()
		c.finish()
		return false
	}
	go c.read(conn)
	return true
}

// Disconnect closes the connection; calls under way fail, and event channels are closed. It returns
// once the reader has ended.
func (c *Client) Disconnect() error {
	never := c.claim()
	c.fail(nil)
	if never {
		c.finish()
	}
	<-c.done
	return nil
}

// Done is closed when the connection has ended, for whatever reason.
func (c *Client) Done() <-chan struct{} { return c.done }

// Version is QEMU's, from its greeting; zero before Connect.
func (c *Client) Version() qmp.Version {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.version
}

// Execute runs a command and decodes what it returns into reply, unless that is nil. The error is an
// *Error when QEMU refused. When ctx ends first QEMU may still carry the command out; its late reply
// is dropped, and the connection stays usable.
func (c *Client) Execute(ctx context.Context, command string, args, reply any) error {
	m, err := c.roundTrip(ctx, request{Execute: command, Arguments: args}, nil)
	if err != nil {
		return err
	}
	if reply == nil {
		return nil
	}
	if err := json.Unmarshal(m.Return, reply); err != nil {
		return fmt.Errorf("QMP %s: %w: reply: %w", command, ErrProtocol, err)
	}
	return nil
}

// Run is go-qemu's form of Execute: command is a whole JSON command and out the whole JSON reply.
// An id in it is replaced by our own.
func (c *Client) Run(command []byte) (out []byte, err error) {
	var r struct {
		Execute   string          `json:"execute"`
		Arguments json.RawMessage `json:"arguments,omitempty"`
	}
	if err := json.Unmarshal(command, &r); err != nil {
		return nil, fmt.Errorf("QMP command: %w", err)
	}
	if r.Execute == "" {
		return nil, errors.New("QMP command: it executes nothing")
	}
	req := request{Execute: r.Execute}
	if r.Arguments != nil {
		req.Arguments = r.Arguments
	}
	m, err := c.roundTrip(context.Background(), req, nil)
	if err != nil {
		return nil, err
	}
	return m.raw, nil
}

// roundTrip sends a request, with descriptors beside it, and waits for the reply with its id.
func (c *Client) roundTrip(ctx context.Context, r request, rights []byte) (message, error) {
	ctx, cancel := clock.WithTimeout(ctx, c.opts.Clock, c.opts.Timeout)
	defer cancel()
	reply, err := c.register(&r)
	if err != nil {
		return message{}, fmt.Errorf("QMP %s: %w", r.Execute, err)
	}
	defer c.forget(r.ID)
	line, err := json.Marshal(r)
	if err != nil {
		return message{}, fmt.Errorf("QMP %s: arguments: %w", r.Execute, err)
	}
	if err := c.write(ctx, append(line, '\n'), rights); err != nil {
		return message{}, fmt.Errorf("QMP %s: %w", r.Execute, err)
	}
	select {
	case m := <-reply:
		return m, m.refusal(r.Execute)
	case <-c.done:
	case <-ctx.Done():
		return message{}, fmt.Errorf("QMP %s: %w", r.Execute, context.Cause(ctx))
	}
	// The reply to quit and the end of the connection come together: the reply wins.
	select {
	case m := <-reply:
		return m, m.refusal(r.Execute)
	default:
		return message{}, fmt.Errorf("QMP %s: %w", r.Execute, c.closed())
	}
}

func (c *Client) register(r *request) (<-chan message, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil || c.err != nil {
		return nil, c.closedLocked()
	}
	c.lastID++
	r.ID = strconv.FormatUint(c.lastID, 10)
	reply := make(chan message, 1)
	c.pending[r.ID] = reply
	return reply, nil
}

func (c *Client) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pending, id)
}

// write sends one line. A QEMU that reads no more fills the socket, so that a write must be
// stoppable; half a line written is the end of the connection.
func (c *Client) write(ctx context.Context, line, rights []byte) error {
	select {
	case c.writing <- struct{}{}:
		defer func() { <-c.writing }()
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-c.done:
		return c.closed()
	}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = c.conn.SetWriteDeadline(time.Unix(1, 0)) // long past: the write returns now
		close(stopped)
	})
	n, err := send(c.conn, line, rights)
	if !stop() {
		<-stopped
		_ = c.conn.SetWriteDeadline(time.Time{})
	}
	if err == nil {
		return nil
	}
	if n > 0 || ctx.Err() == nil {
		c.fail(err)
	}
	return cause(ctx, err)
}

// fail closes the connection for err, or on purpose when that is nil. The first reason stays.
func (c *Client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = ErrClosed
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
			c.err = fmt.Errorf("%w: %w", ErrClosed, err)
		}
	}
	if c.conn != nil {
		_ = c.conn.Close()
	}
}

func (c *Client) closed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closedLocked()
}

func (c *Client) closedLocked() error {
	if c.err == nil {
		return ErrClosed
	}
	return c.err
}

// cause prefers the reason why ctx ended to what the interrupted call made of it.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
