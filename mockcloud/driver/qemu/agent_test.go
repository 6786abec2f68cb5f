// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// agentPeer is a scripted guest agent.
type agentPeer struct {
	conn net.Conn
	in   *bufio.Reader
}

// agentScript serves each client of a socket with play and returns the socket's path.
func agentScript(t *testing.T, play func(p *agentPeer)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			play(&agentPeer{conn, bufio.NewReader(conn)})
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-ended
	})
	return path
}

func (p *agentPeer) say(format string, args ...any) { _, _ = fmt.Fprintf(p.conn, format, args...) }

type agentCall struct {
	Execute   string
	Arguments map[string]int
}

func (p *agentPeer) hear() (c agentCall) {
	line, err := p.in.ReadBytes('\n')
	if err == nil {
		_ = json.Unmarshal(bytes.TrimLeft(line, "\xff"), &c)
	}
	return c
}

// synced answers the synchronisation, and hears the command.
func (p *agentPeer) synced() agentCall {
	p.say("\xff{\"return\": %d}\n", p.hear().Arguments["id"])
	return p.hear()
}

func TestAgent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		play func(*agentPeer)
		want string
		err  string
	}{
		"answers": {play: func(p *agentPeer) {
			c := p.synced()
			p.say(`{"return": {"said": "%s %d"}}`+"\n", c.Execute, c.Arguments["n"])
		}, want: "guest-test 7"},
		"has stale answers in the pipe": {play: func(p *agentPeer) {
			id := p.hear().Arguments["id"]
			p.say("{\"return\": {\"said\": \"old\"}}\n\xff{\"return\": %d}\n\xff{\"return\": %d}\n", id+1, id)
			p.hear()
			p.say(`{"return": {"said": "new"}}` + "\n")
		}, want: "new"},
		"complains of the sentinel": {play: func(p *agentPeer) {
			p.say(`{"error": {"class": "GenericError", "desc": "JSON parse error"}}` + "\n")
			p.synced()
			p.say(`{"return": {"said": "yes"}}` + "\n")
		}, want: "yes"},
		"refuses": {play: func(p *agentPeer) {
			p.synced()
			p.say(`{"error": {"class": "CommandNotFound", "desc": "no \n such command"}}` + "\n")
		}, err: `guest agent: guest-test: CommandNotFound: "no \n such command"`},
		"hangs up":                {play: func(p *agentPeer) { p.hear() }, err: "the guest agent does not answer: EOF"},
		"hangs up on the command": {play: func(p *agentPeer) { p.synced() }, err: "guest agent: guest-test: EOF"},
		"babbles": {play: func(p *agentPeer) {
			p.synced()
			for p.conn != nil {
				if _, err := p.conn.Write(bytes.Repeat([]byte("x"), 1<<16)); err != nil {
					return
				}
			}
		}, err: "guest agent: guest-test: it says more than 1048576 bytes"},
		"talks nonsense": {play: func(p *agentPeer) {
			p.synced()
			p.say("nonsense\n")
		}, err: "guest agent: guest-test: its answer is none: invalid character 'o' in literal null (expecting 'u')"},
		"returns nothing": {play: func(p *agentPeer) {
			p.synced()
			p.say("{}\n")
		}, err: "guest agent: guest-test: its answer is neither a result nor an error"},
		"returns another thing": {play: func(p *agentPeer) {
			p.synced()
			p.say(`{"return": 5}` + "\n")
		}, err: "guest agent: guest-test: its result is another: json: cannot unmarshal number into Go value of type struct { Said string }"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got struct{ Said string }
			err := callAgent(within(t), agentScript(t, test.play), "guest-test", map[string]int{"n": 7}, &got)
			if got.Said != test.want || test.err == "" != (err == nil) || err != nil && err.Error() != test.err {
				t.Errorf("said %q, %v; want %q, %s", got.Said, err, test.want, test.err)
			}
		})
	}
}

// A silent guest holds nobody up who is not ready to wait, nor those who come after.
func TestAgentThatIsSilent(t *testing.T) {
	t.Parallel()
	silent := true
	heard := make(chan struct{}, 1)
	socket := agentScript(t, func(p *agentPeer) {
		if !silent {
			p.synced()
			p.say(`{"return": {}}` + "\n")
			return
		}
		silent = false
		p.hear()
		heard <- struct{}{}
		_, _ = p.in.ReadByte() // until the client gives up
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	mind := errors.New("changed its mind")
	go func() {
		<-heard
		cancel(mind)
	}()
	if err := callAgent(ctx, socket, "guest-ping", nil, nil); !errors.Is(err, mind) || !errors.Is(err, driver.ErrNoAgent) {
		t.Errorf("given up: %v", err)
	}
	if err := callAgent(within(t), socket, "guest-ping", nil, nil); err != nil {
		t.Errorf("the next: %v", err)
	}
}

func TestTurn(t *testing.T) {
	t.Parallel()
	var mine turn
	if err := mine.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := mine.take(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("taken twice: %v", err)
	}
	mine.give()
	if err := mine.take(t.Context()); err != nil {
		t.Error(err)
	}
}

// A machine whose guest knows of no agent, and one that is off, are told of at once.
func TestAgentOfNoGuest(t *testing.T) {
	t.Parallel()
	h := opened(t)
	id := spawn(t, h, bootSector(deaf))
	m, err := h.whole(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"nothing in the guest has opened its port", "the machine is off"} {
		if err := h.agent(within(t), m, "guest-ping", nil, nil); !errors.Is(err, driver.ErrNoAgent) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want: %s", err, want)
		}
		if err := h.Stop(t.Context(), id, 0); err != nil {
			t.Fatal(err)
		}
	}
}
