// SPDX-License-Identifier: MPL-2.0

package qmp

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/digitalocean/go-qemu/qmp/raw"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

func TestEventsBeforeTheGreetingAreDelivered(t *testing.T) {
	t.Parallel()
	c := New(script(t, func(p *peer) {
		p.say(`{"event": "RESUME", "timestamp": {"seconds": 1, "microseconds": 2}}`)
		p.say(greeting)
		p.say(`{"event": "STOP", "timestamp": {"seconds": 3, "microseconds": 4}}`)
		p.accept()
		hang(p)
	}), Options{})
	defer func() { _ = c.Disconnect() }()
	ctx := within(t)
	events, err := c.Events(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Dial(ctx); err != nil {
		t.Fatal(err)
	}
	if v := c.Version().String(); v != "7.2.22" {
		t.Errorf("version %s", v)
	}
	for _, want := range []string{"RESUME", "STOP"} {
		if e := <-events; e.Event != want {
			t.Errorf("event %q, want %q", e.Event, want)
		}
	}
}

func TestRepliesAreMatchedByID(t *testing.T) {
	t.Parallel()
	const n = 16
	c := connect(t, Options{}, func(p *peer) {
		var heard []command
		for range n {
			c, ok := p.hear()
			if !ok {
				return
			}
			heard = append(heard, c)
		}
		for i := range heard { // the last is answered first
			c := heard[n-1-i]
			p.say(`{"event": "BALLOON_CHANGE", "data": {"actual": 1}, "timestamp": {"seconds": 1, "microseconds": 2}}`)
			p.say(`{"return": {"n": %v}, "id": %q}`, c.Arguments["n"], c.ID)
		}
		hang(p)
	})
	ctx := within(t)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			var reply struct{ N int }
			if err := c.Execute(ctx, "echo", map[string]int{"n": i}, &reply); err != nil || reply.N != i {
				t.Errorf("call %d was answered %d, %v", i, reply.N, err)
			}
		})
	}
	wg.Wait()
}

func TestErrorKeepsItsClass(t *testing.T) {
	t.Parallel()
	c := connect(t, Options{}, func(p *peer) {
		r, _ := p.hear()
		p.say(`{"error": {"class": "DeviceNotFound", "desc": "Device 'x' not found"}, "id": %q}`, r.ID)
		hang(p)
	})
	err := c.Execute(within(t), "device_del", map[string]string{"id": "x"}, nil)
	var refused *Error
	if !errors.As(err, &refused) {
		t.Fatalf("error %v is no *Error", err)
	}
	if *refused != (Error{"device_del", "DeviceNotFound", "Device 'x' not found"}) {
		t.Errorf("error %+v", *refused)
	}
}

func TestACallThatIsGivenUpLeavesTheConnectionUsable(t *testing.T) {
	t.Parallel()
	heard, late := make(chan struct{}), make(chan struct{})
	c := connect(t, Options{}, func(p *peer) {
		r, _ := p.hear()
		close(heard)
		<-late
		p.say(`{"return": {"late": true}, "id": %q}`, r.ID)
		p.echo()
	})
	ctx, cancel := context.WithCancel(within(t))
	go func() {
		<-heard
		cancel()
	}()
	if err := c.Execute(ctx, "slow", nil, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled call: %v", err)
	}
	close(late)
	var reply struct{ Late, Prompt bool }
	if err := c.Execute(within(t), "next", map[string]bool{"prompt": true}, &reply); err != nil || reply.Late || !reply.Prompt {
		t.Errorf("the call after it: %+v, %v", reply, err)
	}
}

func TestTimeoutIsTheClients(t *testing.T) {
	t.Parallel()
	manual := clock.NewManual(time.Unix(0, 0))
	heard := make(chan struct{})
	c := connect(t, Options{Clock: manual, Timeout: time.Hour}, func(p *peer) {
		p.hear()
		close(heard)
		hang(p)
	})
	done := make(chan error, 1)
	go func() { done <- c.Execute(context.Background(), "query-status", nil, nil) }()
	<-heard
	manual.Advance(time.Hour)
	if err := <-done; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("call to a QEMU that hangs: %v", err)
	}
}

func TestAWriteThatBlocksObeysItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(within(t))
	leave := make(chan struct{})
	c := connect(t, Options{}, func(p *peer) {
		_, _ = p.conn.Read(make([]byte, 1)) // the beginning, and nothing more
		cancel()
		<-leave
	})
	defer close(leave)
	err := c.Execute(ctx, "huge", strings.Repeat("x", 8<<20), nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("blocked write: %v", err)
	}
	<-c.Done() // half a line was written: nothing can follow it
	if err := c.Execute(within(t), "next", nil, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("call after half a line: %v", err)
	}
}

func TestLargeReplies(t *testing.T) {
	t.Parallel()
	c := connect(t, Options{}, (*peer).echo)
	want := strings.Repeat("schema", 1<<20)
	var reply struct{ Text string }
	if err := c.Execute(within(t), "query-qmp-schema", map[string]string{"text": want}, &reply); err != nil || reply.Text != want {
		t.Errorf("got %d of %d bytes, %v", len(reply.Text), len(want), err)
	}
}

func TestASubscriberThatDoesNotReadHoldsUpNobody(t *testing.T) {
	t.Parallel()
	const n = 3 * feedSize
	c := connect(t, Options{}, func(p *peer) {
		for i := range n {
			p.say(`{"event": "RTC_CHANGE", "data": {"offset": %d}, "timestamp": {"seconds": 1, "microseconds": 2}}`, i)
		}
		p.echo()
	})
	ctx := within(t)
	if _, err := c.Events(ctx); err != nil { // reads nothing
		t.Fatal(err)
	}
	reading, err := c.Events(ctx)
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan int)
	go func() {
		count := 0
		for range reading {
			count++
		}
		read <- count
	}()
	if err := c.Execute(ctx, "query-status", nil, nil); err != nil {
		t.Errorf("call beside a flood of events: %v", err)
	}
	if err := c.Disconnect(); err != nil {
		t.Error(err)
	}
	if count := <-read; count == 0 {
		t.Error("the other subscriber got nothing")
	}
}

func TestASubscriptionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c := connect(t, Options{}, hang)
	ctx, cancel := context.WithCancel(within(t))
	events, err := c.Events(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, more := <-events; more {
		t.Error("an event from a peer that sent none")
	}
}

func TestTheEndOfTheConnectionEndsEverything(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]string{
		"end":      ``,
		"cut off":  `{"retu`,
		"nonsense": "HTTP/1.1 400 Bad Request\r\n",
		"no kind":  "{}\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, Options{}, func(p *peer) {
				p.hear()
				_, _ = p.conn.Write([]byte(last))
			})
			ctx := within(t)
			events, err := c.Events(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Execute(ctx, "query-status", nil, nil); !errors.Is(err, ErrClosed) {
				t.Errorf("call under way: %v", err)
			}
			if _, more := <-events; more {
				t.Error("an event from a peer that sent none")
			}
			if _, err := c.Events(ctx); !errors.Is(err, ErrClosed) {
				t.Errorf("subscribing afterwards: %v", err)
			}
			if err := c.Connect(); !errors.Is(err, ErrClosed) {
				t.Errorf("connecting again: %v", err)
			}
		})
	}
}

func TestTheReplyToQuitWinsOverTheEnd(t *testing.T) {
	t.Parallel()
	for range 50 {
		c := connect(t, Options{}, func(p *peer) {
			r, _ := p.hear()
			p.say(`{"return": {}, "id": %q}`, r.ID)
		})
		if err := c.Execute(within(t), "quit", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHandshakeFails(t *testing.T) {
	t.Parallel()
	refuse := func(p *peer) {
		p.say(greeting)
		r, _ := p.hear()
		p.say(`{"error": {"class": "GenericError", "desc": "no"}, "id": %q}`, r.ID)
	}
	for name, test := range map[string]struct {
		play func(*peer)
		want error
	}{
		"silence": {hang, context.DeadlineExceeded},
		"end":     {func(*peer) {}, ErrClosed},
		"refusal": {refuse, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := New(script(t, test.play), Options{Timeout: 100 * time.Millisecond})
			err := c.Connect()
			if err == nil || (test.want != nil && !errors.Is(err, test.want)) {
				t.Errorf("Connect = %v, want %v", err, test.want)
			}
			<-c.Done()
		})
	}
	c := New(filepath.Join(t.TempDir(), "nobody.sock"), Options{})
	if err := c.Connect(); err == nil {
		t.Error("connected to nobody")
	}
	if err := c.Disconnect(); err != nil {
		t.Errorf("Disconnect: %v", err)
	}
}

func TestDisconnectOfAClientThatNeverConnected(t *testing.T) {
	t.Parallel()
	c := New("nowhere", Options{})
	if err := c.Execute(t.Context(), "query-status", nil, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("call: %v", err)
	}
	for range 2 {
		if err := c.Disconnect(); err != nil {
			t.Error(err)
		}
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	c := connect(t, Options{}, func(p *peer) {
		r, _ := p.hear()
		p.say(`{"return": {"enabled": true, "present": %v}, "id": %q}`, r.Execute == "query-kvm", r.ID)
		p.echo()
	})
	// go-qemu's typed commands run over it: that is what the interface is for.
	kvm, err := raw.NewMonitor(c).QueryKVM()
	if err != nil || !kvm.Enabled || !kvm.Present {
		t.Errorf("query-kvm = %+v, %v", kvm, err)
	}
	first, err := c.Run([]byte(`{"execute": "a", "arguments": {"x": 1}, "id": "mine"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := string(first)
	if _, err := c.Run([]byte(`{"execute": "b", "arguments": {"x": 2}}`)); err != nil {
		t.Fatal(err)
	}
	if string(first) != want {
		t.Error("a later reply changed an earlier one")
	}
	var reply struct{ Return struct{ X int } }
	if err := json.Unmarshal(first, &reply); err != nil || reply.Return.X != 1 {
		t.Errorf("reply %s, %v", first, err)
	}
	for _, bad := range []string{``, `{}`, `{"execute": `} {
		if _, err := c.Run([]byte(bad)); err == nil {
			t.Errorf("Run(%q) is fine", bad)
		}
	}
}
