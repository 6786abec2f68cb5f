// SPDX-License-Identifier: MPL-2.0

package qmp

import (
	"bytes"
	"context"
	"net"
	"testing"
)

// FuzzReader: whatever a peer sends, the reader ends with its input, every subscriber is told so,
// and what it delivered are whole messages.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		greeting + "\r\n",
		`{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}, "timestamp": {"seconds": 1, "microseconds": 2}}` + "\n",
		`{"return": {}, "id": "1"}` + "\n" + `{"return": {}, "id": 1}` + "\n",
		`{"error": {"class": "GenericError", "desc": "no"}}` + "\n\n\n",
		`{"return": [`, "\x00\xff{}\n", `{"event": 7}` + "\n", `{"QMP": null, "return": null}` + "\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		c := New("fuzz", Options{})
		c.claim()
		here, there := net.Pipe()
		defer here.Close()
		defer there.Close()
		c.conn = here
		events, err := c.Events(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		reply, err := c.register(&request{Execute: "query-status"})
		if err != nil {
			t.Fatal(err)
		}
		c.read(bytes.NewReader(input))
		lines := bytes.Count(input, []byte("\n"))
		n := 0
		for e := range events {
			if e.Event == "" {
				t.Error("an event without a name")
			}
			n++
		}
		select {
		case m := <-reply:
			if m.Return == nil && m.Error == nil {
				t.Error("a reply that says nothing")
			}
			n++
		default:
		}
		if n > lines {
			t.Errorf("%d messages in %d lines", n, lines)
		}
		if _, err := c.register(&request{}); err == nil {
			t.Error("the connection outlives its reader")
		}
	})
}
