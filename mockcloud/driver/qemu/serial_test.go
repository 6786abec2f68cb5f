// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// echoing says to the serial port what it hears there.
var echoing = []byte{
	0xba, 0xfd, 0x03, // start: mov dx, 0x3fd
	0xec,       // wait: in al, dx
	0xa8, 0x01, // test al, 1
	0x74, 0xfb, // jz wait
	0xba, 0xf8, 0x03, // mov dx, 0x3f8
	0xec,       // in al, dx
	0xee,       // out dx, al
	0xeb, 0xf1, // jmp start
}

// seat is a viewer's place at a machine's serial port.
func seat(t *testing.T, h *Host, id string) net.Conn {
	t.Helper()
	at, err := h.Console(t.Context(), id, driver.ConsoleSerial)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := new(net.Dialer).DialContext(t.Context(), "unix", at.Path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	deadline, _ := within(t).Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		t.Fatal(err)
	}
	return conn
}

// say types something that the guest echoes.
func say(t *testing.T, words string, by net.Conn, to ...net.Conn) {
	t.Helper()
	if _, err := io.WriteString(by, words); err != nil {
		t.Fatal(err)
	}
	for n, viewer := range append(to, by) {
		var heard strings.Builder
		for !strings.HasSuffix(heard.String(), words) {
			b := make([]byte, 1)
			if _, err := viewer.Read(b); err != nil {
				t.Fatalf("viewer %d heard %q and then %v, not %q", n, heard.String(), err, words)
			}
			heard.Write(b)
		}
	}
}

// Several share a serial port, whose log is written whether anybody looks or not; a viewer is let go when the machine
// ends, and the next one finds the port of its next life.
func TestSerialIsShared(t *testing.T) {
	t.Parallel()
	h := opened(t)
	id := spawn(t, h, bootSector(echoing))
	m, err := h.find(id)
	if err != nil {
		t.Fatal(err)
	}
	logged(t, h, id, banner)
	first, second := seat(t, h, id), seat(t, h, id)
	eventually(t, "both are in", func() bool { return len(audience(m)) == 2 })
	say(t, "one", first, second)
	say(t, "two", second, first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "one is left", func() bool { return len(audience(m)) == 1 })
	say(t, "three", second)
	logged(t, h, id, "onetwothree")

	for range 2 {
		if err := h.Stop(t.Context(), id, 0); err != nil {
			t.Fatal(err)
		}
		if n, err := second.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("a machine that is off says %d bytes, %v", n, err)
		}
		if err := h.Start(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		second = seat(t, h, id)
		say(t, "again", second)
	}
}

// logged waits until the console's log has the words, which QEMU writes after it has told us.
func logged(t *testing.T, h *Host, id, words string) {
	t.Helper()
	eventually(t, "the log has "+words, func() bool {
		log, err := h.ConsoleOutput(t.Context(), id, -1)
		return err == nil && strings.Contains(log, words)
	})
}

// audience are those on the machine's serial port.
func audience(m *machine) []*viewer {
	m.line.mu.Lock()
	defer m.line.mu.Unlock()
	var all []*viewer
	if p := m.line.party; p != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		for v := range p.viewers {
			all = append(all, v)
		}
	}
	return all
}

// A machine that goes on through a restart of the host has its serial port there, whoever was on it.
func TestSerialAfterRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := open(t, dir)
	id := spawn(t, h, bootSector(echoing))
	before := seat(t, h, id)
	say(t, "before", before)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := before.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("a viewer outlives the host: %v", err)
	}
	h = open(t, dir)
	t.Cleanup(func() { empty(t, h) })
	after := seat(t, h, id)
	say(t, "after", after)
	logged(t, h, id, "beforeafter")
}

// The guest does not wait for a viewer that does not read: it is let go.
func TestSlowViewer(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe() // has no buffer of its own
	defer near.Close()
	v := &viewer{conn: far, wake: make(chan struct{}, 1)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		v.show(context.WithoutCancel(t.Context()))
		_ = far.Close()
	}()
	line := make([]byte, 64<<10)
	for range 2*serialBacklog/len(line) + 1 {
		v.add(line)
	}
	if b, err := io.ReadAll(near); err != nil || len(b) > 2*serialBacklog {
		t.Errorf("a slow viewer gets %d bytes, %v", len(b), err)
	}
	<-done
}

// Where QEMU has no SPICE, machines have none, and are told so from those whose QEMU has it.
func TestSPICE(t *testing.T) {
	t.Parallel()
	h := opened(t)
	h.spice = func() bool { return false }
	id := spawn(t, h, bootSector(deaf))
	if _, err := h.Console(t.Context(), id, driver.ConsoleSPICE); !errors.Is(err, driver.ErrNoDevice) {
		t.Errorf("Console(spice) of a QEMU without it: %v", err)
	}
	if !h.offersSPICE() {
		t.Skip("QEMU has no SPICE here: its module ui-spice-core is not installed")
	}
	h.spice = h.offersSPICE
	if _, err := h.Console(t.Context(), id, driver.ConsoleSPICE); !errors.Is(err, driver.ErrNoDevice) {
		t.Error("a QEMU that runs without SPICE has it all of a sudden")
	}
	other := spawn(t, h, bootSector(deaf))
	at, err := h.Console(t.Context(), other, driver.ConsoleSPICE)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(at.Path); err != nil || info.Mode().Type() != os.ModeSocket {
		t.Errorf("%s is %v, %v", at.Path, info, err)
	}
}
