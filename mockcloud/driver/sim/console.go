// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.ConsoleServer = (*Driver)(nil)

// consoleKey names a console.
type consoleKey struct {
	id   string
	kind driver.ConsoleType
}

// consoleServer listens for one console, on loopback only, as QEMU would.
type consoleServer struct {
	listener net.Listener
	conns    map[net.Conn]bool
}

// Console begins to listen for a machine's console, unless it does already. Each machine has a screen, a serial port,
// and a SPICE server that turns everybody away; on a host of Hyper-V it has an RDP server of that kind in place of SPICE
// and VNC, and on one that is no hypervisor's in particular it has all. They are gone with the machine and the Driver.
func (d *Driver) Console(ctx context.Context, id string, kind driver.ConsoleType) (driver.ConsoleAddress, error) {
	serve := d.consolesHere()[kind]
	none := driver.ConsoleAddress{}
	if err := ctx.Err(); err != nil {
		return none, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done {
		return none, errClosed
	}
	if _, err := d.find(id); err != nil {
		return none, err
	}
	if serve == nil {
		return none, fmt.Errorf("%w: console %s", driver.ErrNoDevice, kind)
	}
	key := consoleKey{id, kind}
	if d.consoles[key] == nil {
		listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed with the machine
		if err != nil {
			return none, err
		}
		server := &consoleServer{listener: listener, conns: map[net.Conn]bool{}}
		d.consoles[key] = server
		d.senders.Add(1)
		go d.accept(server, func(conn net.Conn) { serve(conn, id) })
	}
	at := d.consoles[key].listener.Addr().(*net.TCPAddr) //nolint:forcetypeassert // it listens on TCP
	return driver.ConsoleAddress{Host: at.IP.String(), Port: at.Port}, nil
}

// consolesHere are the consoles that machines have on a host of that hypervisor, as Nova's driver for it offers them.
func (d *Driver) consolesHere() map[driver.ConsoleType]func(net.Conn, string) {
	serve := map[driver.ConsoleType]func(net.Conn, string){
		driver.ConsoleVNC: d.serveScreen, driver.ConsoleSerial: d.serveSerial, driver.ConsoleSPICE: d.serveSPICE, driver.ConsoleRDP: d.serveRDP,
	}
	switch d.Options.Resources.Hypervisor {
	case defaultResources.Hypervisor:
	case hyperV:
		delete(serve, driver.ConsoleVNC)
		delete(serve, driver.ConsoleSPICE)
	default:
		delete(serve, driver.ConsoleRDP)
	}
	return serve
}

// hyperV is how Nova calls that hypervisor (hypervisor_type).
const hyperV = "hyperv"

// accept serves whoever connects, until the console is closed.
func (d *Driver) accept(server *consoleServer, serve func(net.Conn)) {
	defer d.senders.Done()
	for {
		conn, err := server.listener.Accept()
		if err != nil {
			return
		}
		d.mu.Lock()
		gone := server.conns == nil
		if !gone {
			server.conns[conn] = true
			d.senders.Add(1)
		}
		d.mu.Unlock()
		if gone {
			_ = conn.Close()
			return
		}
		go func() {
			defer d.senders.Done()
			defer func() {
				d.mu.Lock()
				defer d.mu.Unlock()
				delete(server.conns, conn)
			}()
			defer conn.Close()
			serve(conn)
		}()
	}
}

// closeConsoles ends the consoles of a machine, or of all with ""; d.mu is held.
func (d *Driver) closeConsoles(id string) {
	for key, server := range d.consoles {
		if id != "" && key.id != id {
			continue
		}
		_ = server.listener.Close()
		for conn := range server.conns {
			_ = conn.Close()
		}
		server.conns = nil
		delete(d.consoles, key)
	}
}

// look is the machine as it is now; false when it is gone.
func (d *Driver) look(id string) (machine, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	m := d.machines[id]
	if m == nil {
		return machine{}, false
	}
	return *m, true
}

// serveSerial shows what the machine has printed, and echoes what is typed: nobody can log in.
func (d *Driver) serveSerial(conn net.Conn, id string) {
	m, there := d.look(id)
	if !there {
		return
	}
	if _, err := io.WriteString(conn, strings.ReplaceAll(m.Console, "\n", "\r\n")); err == nil {
		_, _ = io.Copy(conn, conn)
	}
}

// spiceRefusal is a SPICE server's answer that the channel cannot be had (SpiceLinkReply of protocol 2.2 with
// the error SPICE_LINK_ERR_CHANNEL_NOT_AVAILABLE and no capabilities).
func spiceRefusal() []byte {
	const header, key, rest = 16, 162, 12
	reply := make([]byte, header+4+key+rest)
	copy(reply, "REDQ")
	reply[4], reply[8] = 2, 2              // the version
	reply[12] = 4 + key + rest             // what follows
	reply[header] = 9                      // the error
	reply[header+4+key+8] = 4 + key + rest // where the capabilities would be
	return reply
}

// serveSPICE hears a client out, whose SpiceLinkHeader tells how much more it says, and turns it away.
func (d *Driver) serveSPICE(conn net.Conn, _ string) {
	const longest = 4096 // as with SPICE's own server
	head := make([]byte, 16)
	if _, err := io.ReadFull(conn, head); err != nil || string(head[:4]) != "REDQ" {
		return
	}
	size := binary.LittleEndian.Uint32(head[12:])
	if size > longest {
		return
	}
	if _, err := io.CopyN(io.Discard, conn, int64(size)); err == nil {
		_, _ = conn.Write(spiceRefusal())
	}
}

// rdpRefusal is an RDP server's answer that it wants a security protocol which the client did not offer: an X.224
// connection confirm in a TPKT, with the negotiation failure SSL_REQUIRED_BY_SERVER (MS-RDPBCGR, 2.2.1.2.2).
func rdpRefusal() []byte {
	return []byte{
		3, 0, 0, 19, // TPKT: version 3, 19 bytes in all
		14, 0xd0, 0, 0, 0x12, 0x34, 0, // X.224: connection confirm, to reference 0 from 0x1234
		3, 0, 8, 0, 1, 0, 0, 0, // RDP_NEG_FAILURE
	}
}

// serveRDP reads a client's connection request, which tells its length, and turns it away.
func (d *Driver) serveRDP(conn net.Conn, _ string) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(conn, head); err != nil || head[0] != 3 || head[2] != 0 || head[3] < 4 {
		return
	}
	if _, err := io.CopyN(io.Discard, conn, int64(head[3])-4); err == nil {
		_, _ = conn.Write(rdpRefusal())
	}
}
