// SPDX-License-Identifier: MPL-2.0

package qmp

import (
	"context"
	"errors"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// SendFile hands QEMU a file, as a descriptor of its own that is called name until a command uses it
// ("fd:name") or closefd closes it (getfd). Where a sandbox keeps QEMU from running programs, this is how
// its streams come from and go to anywhere.
func (c *Client) SendFile(ctx context.Context, name string, file *os.File) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	err = conn.Control(func(fd uintptr) {
		args := map[string]string{"fdname": name}
		_, sent = c.roundTrip(ctx, request{Execute: "getfd", Arguments: args}, unix.UnixRights(int(fd)))
	})
	return errors.Join(err, sent)
}

// send writes a line. The rights go with its first bytes, and are needed no more once those are written.
func send(conn net.Conn, line, rights []byte) (n int, err error) {
	if rights != nil {
		unixConn, ok := conn.(*net.UnixConn)
		if !ok {
			return 0, errors.ErrUnsupported
		}
		if n, _, err = unixConn.WriteMsgUnix(line, rights, nil); err != nil || n == len(line) {
			return n, err
		}
	}
	rest, err := conn.Write(line[n:])
	return n + rest, err
}
