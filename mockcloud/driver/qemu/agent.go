// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// Limits on a guest agent, in wall time and bytes: a guest is not to be trusted with either.
const (
	agentSyncLimit  = 5 * time.Second // until the agent answers at all
	agentCallLimit  = time.Minute     // a command: a freeze waits for the guest's writers
	agentReplyLimit = 1 << 20
)

// agentError is the agent's refusal of a command.
type agentError struct {
	Command string `json:"-"`
	Class   string `json:"class"` // "GenericError", "CommandNotFound", ...
	Desc    string `json:"desc"`
}

func (e *agentError) Error() string {
	return fmt.Sprintf("guest agent: %s: %.50s: %.300q", e.Command, e.Class, e.Desc)
}

// turn lets one caller at a time have something that takes long; unlike a mutex it is waited for with a
// context. The zero value is free.
type turn struct {
	once  sync.Once
	token chan struct{}
}

// take waits for the turn; without an error, give it back.
func (t *turn) take(ctx context.Context) error {
	t.once.Do(func() { t.token = make(chan struct{}, 1) })
	select {
	case t.token <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t *turn) give() { <-t.token }

// agent has the guest agent of a machine that is on execute a command ("guest-ping": qapi/qga in QEMU's
// documentation) and decodes what it returns into reply, unless that is nil. args may be nil. The error is
// driver.ErrNoAgent when there is no agent, an *agentError when it refuses. Commands of one machine are executed one at a
// time; those that have no reply (guest-shutdown) are not for this.
func (h *Host) agent(ctx context.Context, m *machine, command string, args, reply any) error {
	if err := m.talking.take(ctx); err != nil {
		return err
	}
	defer m.talking.give()
	q := m.instance()
	if q == nil {
		return fmt.Errorf("%w: the machine is off", driver.ErrNoAgent)
	}
	listens, err := h.agentListens(ctx, m, q)
	if err != nil {
		return err
	}
	if !listens {
		return fmt.Errorf("%w: nothing in the guest has opened its port", driver.ErrNoAgent)
	}
	return callAgent(ctx, m.files.agent(), command, args, reply)
}

// agentListens asks QEMU whether the guest has the agent's port open, so that nobody waits for a guest
// without an agent.
func (h *Host) agentListens(ctx context.Context, m *machine, q *instance) (bool, error) {
	var chardevs []struct {
		Label string `json:"label"`
		Open  bool   `json:"frontend-open"`
	}
	if err := h.run(ctx, m, q, "query-chardev", nil, &chardevs); err != nil {
		return false, err
	}
	for _, c := range chardevs {
		if c.Label == "agent0" {
			return c.Open, nil
		}
	}
	return false, nil
}

// callAgent connects to the agent behind a socket, for one command.
func callAgent(ctx context.Context, socket, command string, args, reply any) error {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return fmt.Errorf("%w: %w", driver.ErrNoAgent, err)
	}
	defer func() { _ = conn.Close() }()
	said := &io.LimitedReader{R: conn, N: agentReplyLimit}
	a := &agentConn{conn: conn, said: said, in: bufio.NewReader(said)}
	if err := a.limited(ctx, agentSyncLimit, a.sync); err != nil {
		return fmt.Errorf("%w: %w", driver.ErrNoAgent, err)
	}
	err = a.limited(ctx, agentCallLimit, func() error { return a.execute(command, args, reply) })
	var refusal *agentError
	if err != nil && !errors.As(err, &refusal) {
		err = fmt.Errorf("guest agent: %s: %w", command, err)
	}
	return err
}

// agentConn is a connection to an agent that may say a bounded number of bytes.
type agentConn struct {
	conn net.Conn
	said *io.LimitedReader
	in   *bufio.Reader // of said
}

// limited runs do, and cuts the connection once limit has passed or ctx ends.
func (a *agentConn) limited(ctx context.Context, limit time.Duration, do func() error) error {
	ctx, cancel := clock.WithTimeout(ctx, clock.Wall(), limit)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = a.conn.Close() })()
	err := do()
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil && a.said.N <= 0:
		return fmt.Errorf("it says more than %d bytes", agentReplyLimit)
	}
	return err
}

// agentSentinel precedes the answer to guest-sync-delimited, and resets whoever reads it.
const agentSentinel = 0xff

// sync makes sure that an agent is there and that what it says next is the answer to what it is asked next:
// answers to callers who gave up may still be in the pipe.
func (a *agentConn) sync() error {
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails
	id := binary.BigEndian.Uint32(random[:])
	if _, err := a.conn.Write([]byte{agentSentinel}); err != nil {
		return err
	}
	if err := a.send("guest-sync-delimited", map[string]uint32{"id": id}); err != nil {
		return err
	}
	for {
		if _, err := a.in.ReadBytes(agentSentinel); err != nil {
			return err
		}
		line, err := a.in.ReadBytes('\n')
		if err != nil {
			return err
		}
		var got uint32
		if decodeAgent(line, "guest-sync-delimited", &got) == nil && got == id {
			return nil
		}
	}
}

func (a *agentConn) execute(command string, args, reply any) error {
	if err := a.send(command, args); err != nil {
		return err
	}
	line, err := a.in.ReadBytes('\n')
	if err != nil {
		return err
	}
	return decodeAgent(line, command, reply)
}

func (a *agentConn) send(command string, args any) error {
	request := map[string]any{"execute": command}
	if args != nil {
		request["arguments"] = args
	}
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	_, err = a.conn.Write(append(line, '\n'))
	return err
}

// decodeAgent takes an answer apart.
func decodeAgent(line []byte, command string, reply any) error {
	var answer struct {
		Return json.RawMessage `json:"return"`
		Error  *agentError     `json:"error"`
	}
	switch err := json.Unmarshal(line, &answer); {
	case err != nil:
		return fmt.Errorf("its answer is none: %w", err)
	case answer.Error != nil:
		answer.Error.Command = command
		return answer.Error
	case answer.Return == nil:
		return errors.New("its answer is neither a result nor an error")
	case reply == nil:
		return nil
	}
	if err := json.Unmarshal(answer.Return, reply); err != nil {
		return fmt.Errorf("its result is another: %w", err)
	}
	return nil
}
