// SPDX-License-Identifier: MPL-2.0

package qmp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/digitalocean/go-qemu/qmp"
)

// maxMessage bounds one message; the largest that QEMU sends, its own schema, has 250 KiB.
const maxMessage = 64 << 20

// request is a command on the wire.
type request struct {
	Execute   string `json:"execute"`
	Arguments any    `json:"arguments,omitempty"`
	ID        string `json:"id"`
}

// message is anything that QEMU sends: a greeting, an event or a reply, told apart by its keys.
type message struct {
	QMP *struct {
		Version qmp.Version `json:"version"`
	} `json:"QMP"`
	Event
	ID     json.RawMessage `json:"id"`
	Return json.RawMessage `json:"return"`
	Error  *Error          `json:"error"`

	raw []byte // the whole line
}

func (m message) refusal(command string) error {
	if m.Error == nil {
		return nil
	}
	m.Error.Command = command
	return m.Error
}

// read delivers messages until the connection ends.
func (c *Client) read(conn io.Reader) {
	defer c.finish()
	r := bufio.NewReaderSize(conn, 16<<10)
	for {
		line, err := readLine(r)
		if err != nil {
			c.fail(err)
			return
		}
		m, err := parse(line)
		if err != nil {
			c.opts.Log.Error("QMP peer sent nonsense", "socket", c.path, "error", err)
			c.fail(err)
			return
		}
		c.deliver(m)
	}
}

// readLine returns the next line that is not blank, in memory of its own. A last line that was cut
// off is the error io.ErrUnexpectedEOF.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxMessage {
			return nil, fmt.Errorf("%w: more than %d bytes", ErrProtocol, maxMessage)
		}
		line = append(line, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(bytes.TrimSpace(line)) > 0:
			return nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, err
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, nil
		}
	}
}

// parse tells what a line is; one that is nothing we know is an error. Its content is not quoted:
// it may be a guest's.
func parse(line []byte) (message, error) {
	m := message{raw: line}
	if err := json.Unmarshal(line, &m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	if m.QMP == nil && m.Event.Event == "" && m.Return == nil && m.Error == nil {
		return m, fmt.Errorf("%w: neither greeting, event nor reply", ErrProtocol)
	}
	return m, nil
}

func (c *Client) deliver(m message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case m.QMP != nil:
		c.version = m.QMP.Version
		select {
		case <-c.greeted: // a second greeting says nothing new
		default:
			close(c.greeted)
		}
	case m.Event.Event != "":
		c.publish(m.Event)
	default:
		c.answer(m)
	}
}

// answer hands a reply to the call with its id. A reply that nobody waits for is a late one, or
// QEMU's answer to what it could not parse, which has no id.
func (c *Client) answer(m message) {
	var id string
	if m.ID != nil {
		_ = json.Unmarshal(m.ID, &id) // ours are strings: anything else is nobody's
	}
	reply, ok := c.pending[id]
	if !ok {
		c.opts.Log.Warn("QMP reply that nobody waits for", "socket", c.path, "id", id)
		return
	}
	delete(c.pending, id)
	reply <- m // buffered, and sent once
}

// finish is the reader's end: nobody waits any longer.
func (c *Client) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for f := range c.feeds {
		c.drop(f)
	}
	close(c.done)
}
