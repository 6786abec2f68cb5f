// SPDX-License-Identifier: MPL-2.0

package sim_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// console connects to a machine's console.
func console(t *testing.T, d *sim.Driver, id string, kind driver.ConsoleType) net.Conn {
	t.Helper()
	at, err := d.Console(t.Context(), id, kind)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", net.JoinHostPort(at.Host, strconv.Itoa(at.Port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// say sends data and demands that answer.
func say(t *testing.T, conn net.Conn, data, want string) {
	t.Helper()
	if _, err := io.WriteString(conn, data); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		t.Fatalf("%q is answered by %q, %v, want %q", data, got, err, want)
	}
}

func spawned(t *testing.T) *sim.Driver {
	t.Helper()
	d := open(t, sim.Options{Clock: clock.Wall()})
	t.Cleanup(func() { _ = d.Close() })
	m := &driver.Machine{ID: "m", Name: "instance-1", VCPUs: 1, MemoryMiB: 64, Root: driver.RootDisk{GiB: 3}}
	if err := d.Spawn(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	return d
}

// A viewer gets the whole screen in the pixels that it asks for, and is cut off when the machine is gone.
func TestScreen(t *testing.T) {
	t.Parallel()
	d := spawned(t)
	conn := console(t, d, "m", driver.ConsoleVNC)
	say(t, conn, "", "RFB 003.008\n")
	say(t, conn, "RFB 003.008\n", "\x01\x01")
	say(t, conn, "\x01", "\x00\x00\x00\x00")
	say(t, conn, "\x01", "\x01\x40\x00\xc8\x20\x18\x00\x01\x00\xff\x00\xff\x00\xff\x10\x08\x00\x00\x00\x00\x00\x00\x00\x0ainstance-1")
	// Encodings and a key, which nothing answers; 2 by 1 pixels beyond the left of the screen's end.
	_, _ = io.WriteString(conn, "\x02\x00\x00\x01\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00\x00\x41")
	say(t, conn, "\x03\x00\x01\x3e\x00\x00\x00\x09\x00\x01",
		"\x00\x00\x00\x01\x01\x3e\x00\x00\x00\x02\x00\x01\x00\x00\x00\x00\x70\x40\x20\x00\x70\x40\x20\x00")
	// 16 bits, 5-6-5, big endian.
	_, _ = io.WriteString(conn, "\x00\x00\x00\x00\x10\x10\x01\x01\x00\x1f\x00\x3f\x00\x1f\x0b\x05\x00\x00\x00\x00")
	say(t, conn, "\x03\x00\x00\x00\x00\x00\x00\x01\x00\x01", "\x00\x00\x00\x01\x00\x00\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00\x19\xed")
	if err := d.Destroy(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Error("the screen of a machine that is gone is still there")
	}
}

// Who does not speak the protocol is cut off.
func TestScreenRefuses(t *testing.T) {
	t.Parallel()
	d := spawned(t)
	for _, said := range []string{
		"GET / HTTP/1", "RFB 003.008\n\x02", "RFB 003.008\n\x01\x01\xff", "RFB 003.008\n\x01\x01\x06\x00\x00\x00\xff\xff\xff\xff",
		"RFB 003.003\n\x01\x00\x00\x00\x00\x18\x18\x00\x01\x00\xff\x00\xff\x00\xff\x10\x08\x00\x00\x00\x00",
	} {
		conn := console(t, d, "m", driver.ConsoleVNC)
		if _, err := io.WriteString(conn, said); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(conn); err != nil {
			t.Errorf("%q: %v, want the end", said, err)
		}
	}
}

func TestSerialConsole(t *testing.T) {
	t.Parallel()
	d := spawned(t)
	log, err := d.ConsoleOutput(t.Context(), "m", -1)
	if err != nil || !strings.Contains(log, "login:") {
		t.Fatalf("%q, %v", log, err)
	}
	conn := console(t, d, "m", driver.ConsoleSerial)
	say(t, conn, "root\r", strings.ReplaceAll(log, "\n", "\r\n")+"root\r")
}

func TestSPICETurnsAway(t *testing.T) {
	t.Parallel()
	conn := console(t, spawned(t), "m", driver.ConsoleSPICE)
	// SpiceLinkHeader of protocol 2.2, and SpiceLinkMess for the main channel without capabilities.
	_, _ = io.WriteString(conn, "REDQ\x02\x00\x00\x00\x02\x00\x00\x00\x12\x00\x00\x00"+"\x00\x00\x00\x00\x01"+strings.Repeat("\x00", 9)+"\x12\x00\x00\x00")
	reply, err := io.ReadAll(conn)
	if err != nil || len(reply) != 16+178 || !bytes.HasPrefix(reply, []byte("REDQ\x02\x00\x00\x00\x02\x00\x00\x00\xb2\x00\x00\x00\x09\x00\x00\x00")) {
		t.Errorf("the reply is %d bytes, %q, %v", len(reply), reply[:min(20, len(reply))], err)
	}
}

// What is no SPICE, or would be too much of it, gets no answer.
func TestSPICERefuses(t *testing.T) {
	t.Parallel()
	d := spawned(t)
	for _, said := range []string{"GET / HTTP/1.1\r\n\r\n", "REDQ\x02\x00\x00\x00\x02\x00\x00\x00\xff\xff\xff\xff"} {
		conn := console(t, d, "m", driver.ConsoleSPICE)
		_, _ = io.WriteString(conn, said)
		if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%q is answered: %v", said, err)
		}
	}
}

func TestRDPTurnsAway(t *testing.T) {
	t.Parallel()
	conn := console(t, spawned(t), "m", driver.ConsoleRDP)
	_, _ = io.WriteString(conn, "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x00\x00\x00\x00") // for standard RDP security
	reply, err := io.ReadAll(conn)
	if want := "\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x03\x00\x08\x00\x01\x00\x00\x00"; err != nil || string(reply) != want {
		t.Errorf("the reply is %q, %v, want %q", reply, err, want)
	}
}

// A host has the consoles that Nova's driver for its hypervisor offers.
func TestConsolesOfHypervisors(t *testing.T) {
	t.Parallel()
	vnc, spice, serial, rdp := driver.ConsoleVNC, driver.ConsoleSPICE, driver.ConsoleSerial, driver.ConsoleRDP
	for hypervisor, want := range map[string][]driver.ConsoleType{
		"": {vnc, spice, serial, rdp}, "QEMU": {vnc, spice, serial}, "hyperv": {serial, rdp},
	} {
		d, err := sim.New(sim.Options{Clock: clock.Wall(), Resources: driver.Resources{Hypervisor: hypervisor}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		if err := d.Spawn(t.Context(), &driver.Machine{ID: "m", VCPUs: 1, MemoryMiB: 64}); err != nil {
			t.Fatal(err)
		}
		var has []driver.ConsoleType
		for _, kind := range []driver.ConsoleType{vnc, spice, serial, rdp} {
			switch _, err := d.Console(t.Context(), "m", kind); {
			case err == nil:
				has = append(has, kind)
			case !errors.Is(err, driver.ErrNoDevice):
				t.Errorf("%s on %q: %v", kind, hypervisor, err)
			}
		}
		if !slices.Equal(has, want) {
			t.Errorf("machines on %q have the consoles %v, want %v", hypervisor, has, want)
		}
	}
}

// QEMU finds the snapshots valid, and as large as the disk.
func TestSnapshotIsValid(t *testing.T) {
	t.Parallel()
	img, err := exec.LookPath("qemu-img")
	if err != nil {
		t.Skip("qemu-img is not here")
	}
	d := spawned(t)
	file := filepath.Join(t.TempDir(), "snapshot.qcow2")
	var image bytes.Buffer
	if err := d.Snapshot(t.Context(), "m", true, &image); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, image.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []struct {
		args []string
		want string
	}{
		{[]string{"check", "-f", "qcow2", file}, "No errors were found"},
		{[]string{"info", "-f", "qcow2", "--output=json", file}, `"virtual-size": 3221225472`},
	} {
		out, err := exec.CommandContext(t.Context(), img, command.args...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), command.want) {
			t.Errorf("qemu-img %s: %v\n%s", command.args[0], err, out)
		}
	}
}
