// SPDX-License-Identifier: MPL-2.0

package drivertest

import (
	"bytes"
	"image/png"
	"net"
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// connect connects to a console.
func (h *host) connect(at driver.ConsoleAddress) net.Conn {
	h.Helper()
	network, address := "unix", at.Path
	if address == "" {
		network, address = "tcp", net.JoinHostPort(at.Host, strconv.Itoa(at.Port))
	}
	conn, err := new(net.Dialer).DialContext(h.ctx, network, address)
	h.must(err, "connect to a console at "+address)
	return conn
}

func consoles(h *host) {
	server := able[driver.ConsoleServer](h)
	id := h.spawn()
	found := 0
	for _, kind := range []driver.ConsoleType{driver.ConsoleVNC, driver.ConsoleSPICE, driver.ConsoleSerial, driver.ConsoleRDP} {
		at, err := server.Console(h.ctx, id, kind)
		if err != nil {
			h.wantErr(err, driver.ErrNoDevice, "Console "+string(kind))
			continue
		}
		found++
		h.must(h.connect(at).Close(), "close")
	}
	if found == 0 {
		h.Error("the machine has no console of any type")
	}
	_, err := server.Console(h.ctx, id, "teletype")
	h.wantErr(err, driver.ErrNoDevice, "Console of a type that nobody has")
	_, err = server.Console(h.ctx, "nobody", driver.ConsoleVNC)
	h.wantErr(err, driver.ErrNotFound, "Console of no machine")
}

// sharesConsole: a second viewer of the screen does not wait for the first to leave, and a machine that goes on
// through a restart of the host shows its screen as before.
func sharesConsole(h *host) {
	server := able[driver.ConsoleServer](h)
	id := h.spawn()
	greeted := func() net.Conn {
		h.Helper()
		at, err := server.Console(h.ctx, id, driver.ConsoleVNC)
		h.must(err, "Console")
		conn := h.connect(at)
		h.greeted(conn)
		return conn
	}
	defer greeted().Close()
	defer greeted().Close()
	h.must(h.Stop(h.ctx, id, 0), "Stop")
	h.must(h.Start(h.ctx, id), "Start")
	defer greeted().Close()
	if !h.subject.Survives {
		return
	}
	h.reopen()
	server = able[driver.ConsoleServer](h)
	defer greeted().Close()
}

// greeted reads the RFB server's version.
func (h *host) greeted(conn net.Conn) {
	h.Helper()
	deadline, _ := h.ctx.Deadline()
	h.must(conn.SetDeadline(deadline), "SetDeadline")
	hello := make([]byte, len("RFB 003.008\n"))
	n, err := conn.Read(hello)
	h.must(err, "read a screen's greeting")
	if string(hello[:n]) != "RFB 003.008\n" {
		h.Errorf("a screen greets with %q", hello[:n])
	}
}

func screenshots(h *host) {
	shooter := able[driver.Screenshooter](h)
	id := h.spawn()
	shot, err := shooter.Screenshot(h.ctx, id)
	h.must(err, "Screenshot")
	screen, err := png.Decode(bytes.NewReader(shot))
	h.must(err, "decode a screenshot")
	if size := screen.Bounds().Size(); size.X < 80 || size.Y < 25 {
		h.Errorf("the screen is %v", size)
	}
	h.must(h.Stop(h.ctx, id, 0), "Stop")
	_, err = shooter.Screenshot(h.ctx, id)
	h.wantErr(err, driver.ErrNoDevice, "Screenshot of a machine that is off")
	_, err = shooter.Screenshot(h.ctx, "nobody")
	h.wantErr(err, driver.ErrNotFound, "Screenshot of no machine")
}
