// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// A QEMU that refuses to tell its status on the first socket is spoken to on the second, and the first
// is let go: nobody would read there any more.
func TestTheFirstSocketIsGivenUp(t *testing.T) {
	t.Parallel()
	m := &machine{files: files{run: t.TempDir()}}
	left := answerQMP(t, m.qmp(), `"error": {"class": "GenericError", "desc": "not now"}`)
	answerQMP(t, m.qmp2(), `"return": {"status": "paused"}`)
	h := &Host{opts: Options{Log: slog.New(slog.DiscardHandler)}}
	q, state := h.reconnect(t.Context(), m, &process{})
	if q == nil || state != driver.Paused {
		t.Fatalf("%v, %v", q, state)
	}
	defer func() { _ = q.mon.Disconnect() }()
	select {
	case <-left:
	case <-within(t).Done():
		t.Error("the first socket is still connected")
	}
}

// answerQMP is a QMP server for one client, which it greets; what it says to query-status is given. The
// channel is closed when the client has gone.
func answerQMP(t *testing.T, path, status string) <-chan struct{} {
	t.Helper()
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	gone := make(chan struct{})
	go func() { // ends with the client, which the caller ends
		defer close(gone)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, `{"QMP": {"version": {"qemu": {"major": 7, "minor": 2, "micro": 0}}}}`+"\n")
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			_, id, _ := strings.Cut(lines.Text(), `"id":"`)
			id, _, _ = strings.Cut(id, `"`)
			reply := `"return": {}`
			if strings.Contains(lines.Text(), "query-status") {
				reply = status
			}
			_, _ = io.WriteString(conn, `{`+reply+`, "id": "`+id+`"}`+"\n")
		}
	}()
	return gone
}
