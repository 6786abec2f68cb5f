// SPDX-License-Identifier: MPL-2.0

package qmp

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"time"
)

const greeting = `{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": ["oob"]}}`

// peer is a scripted QEMU: it says what the test tells it to.
type peer struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

type command struct {
	Execute   string         `json:"execute"`
	Arguments map[string]any `json:"arguments"`
	ID        string         `json:"id"`
}

// script serves the first client of a socket with play and returns the socket's path.
func script(t *testing.T, play func(p *peer)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "qmp.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		play(&peer{t: t, conn: conn, in: bufio.NewReader(conn)})
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-ended
	})
	return path
}

func (p *peer) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.conn, format+"\r\n", args...) // the client may have gone, which is its right
}

// hear is the next command, or false at the end.
func (p *peer) hear() (command, bool) {
	line, err := p.in.ReadBytes('\n')
	if err != nil {
		return command{}, false
	}
	var c command
	if err := json.Unmarshal(line, &c); err != nil {
		p.t.Errorf("the client sent %q: %v", line, err)
		return c, false
	}
	return c, true
}

// handshake greets and accepts the negotiation.
func (p *peer) handshake() bool {
	p.say(greeting)
	return p.accept()
}

func (p *peer) accept() bool {
	c, ok := p.hear()
	if ok && c.Execute != "qmp_capabilities" {
		p.t.Errorf("the first command is %q", c.Execute)
	}
	p.say(`{"return": {}, "id": %q}`, c.ID)
	return ok
}

// echo answers each command with its own arguments until the client leaves.
func (p *peer) echo() {
	for {
		c, ok := p.hear()
		if !ok {
			return
		}
		args, _ := json.Marshal(c.Arguments)
		p.say(`{"return": %s, "id": %q}`, args, c.ID)
	}
}

// connect is a client in conversation with play.
func connect(t *testing.T, opts Options, play func(p *peer)) *Client {
	t.Helper()
	c := New(script(t, func(p *peer) {
		if p.handshake() {
			play(p)
		}
	}), opts)
	t.Cleanup(func() { _ = c.Disconnect() })
	if err := c.Dial(within(t)); err != nil {
		t.Fatal(err)
	}
	return c
}

// within is a context that ends before the test runner loses patience.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// hang answers nothing until the client leaves.
func hang(p *peer) {
	for {
		if _, ok := p.hear(); !ok {
			return
		}
	}
}
