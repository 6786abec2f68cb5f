// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// agentPort is the virtio port on which QEMU's guest agent protocol is spoken.
const agentPort = "org.qemu.guest_agent.0"

// requestLimit bounds what may arrive without ever becoming a request.
const requestLimit = 64 << 10

// syncByte begins the answer to guest-sync-delimited, and resets whoever reads it.
const syncByte = 0xff

// agent answers the host: the part of the QEMU guest agent's protocol (qapi/qga in QEMU's
// documentation) that Nova uses.
type agent struct {
	machine *machine
}

// agentRequest is one command of the host.
type agentRequest struct {
	Execute   string          `json:"execute"`
	Arguments json.RawMessage `json:"arguments"`
	ID        json.RawMessage `json:"id"`
}

// agentReply carries one of Return and Error.
type agentReply struct {
	Return any             `json:"return,omitempty"`
	Error  *agentError     `json:"error,omitempty"`
	ID     json.RawMessage `json:"id,omitempty"`
}

type agentError struct {
	Class string `json:"class"`
	Desc  string `json:"desc"`
}

func (e *agentError) Error() string { return e.Desc }

// errNoReply is returned by a command that has no answer on success.
var errNoReply = errors.New("no reply")

// run serves the port until ctx ends. A machine without the port has no agent.
func (a *agent) run(ctx context.Context) error {
	path, err := await(ctx, findAgentPort)
	if err != nil {
		return err
	}
	// While no host is connected a read ends at once; SIGIO says when one has come. The file blocks
	// otherwise, so that neither needs polling.
	connected := make(chan os.Signal, 1)
	signal.Notify(connected, unix.SIGIO)
	defer signal.Stop(connected)
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETOWN, os.Getpid()); err != nil {
		return err
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, unix.O_ASYNC); err != nil {
		return err
	}
	var pending requestBuffer
	buf := make([]byte, 4096)
	for {
		n, err := unix.Read(fd, buf)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return err
		case n == 0:
			pending = requestBuffer{}
			select {
			case <-connected:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		for _, request := range pending.add(buf[:max(n, 0)]) {
			if err := writeAll(fd, a.answer(request)); err != nil {
				return err
			}
		}
	}
}

func writeAll(fd int, data []byte) error {
	for len(data) > 0 {
		n, err := unix.Write(fd, data)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

func findAgentPort() (string, error) {
	names, err := filepath.Glob("/sys/class/virtio-ports/*/name")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		if data, err := os.ReadFile(name); err == nil && strings.TrimSpace(string(data)) == agentPort {
			return "/dev/" + filepath.Base(filepath.Dir(name)), nil
		}
	}
	return "", os.ErrNotExist
}

// requestBuffer cuts a stream into JSON values, which need no line end between them.
type requestBuffer struct {
	data []byte
}

// add takes what was read and returns the requests that it completes.
func (b *requestBuffer) add(data []byte) [][]byte {
	var requests [][]byte
	for _, c := range data {
		if c == syncByte {
			b.data = nil
			continue
		}
		b.data = append(b.data, c)
		if (c == '}' || c == '\n') && len(bytes.TrimSpace(b.data)) == 0 {
			b.data = nil
		}
		if c == '}' && json.Valid(b.data) || c == '\n' && len(b.data) > 0 || len(b.data) > requestLimit {
			requests = append(requests, b.data)
			b.data = nil
		}
	}
	return requests
}

// answer runs one request and returns the bytes to send, none if there is no answer.
func (a *agent) answer(raw []byte) []byte {
	var request agentRequest
	var result any
	err := json.Unmarshal(raw, &request)
	if err != nil {
		err = &agentError{"GenericError", "Invalid JSON: " + err.Error()}
	} else {
		result, err = a.execute(request)
	}
	if errors.Is(err, errNoReply) {
		return nil
	}
	reply := agentReply{Return: result, ID: request.ID}
	if err != nil {
		failure := &agentError{Class: "GenericError", Desc: err.Error()}
		errors.As(err, &failure)
		reply = agentReply{Error: failure, ID: request.ID}
	}
	data, err := json.Marshal(reply)
	if err != nil {
		return nil
	}
	if request.Execute == "guest-sync-delimited" {
		data = append([]byte{syncByte}, data...)
	}
	return append(data, '\n')
}
