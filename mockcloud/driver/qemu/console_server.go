// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.ConsoleServer = (*Host)(nil)

// Console tells the unix socket of a console. QEMU itself listens for VNC, whose clients share the screen, and for
// SPICE, which has one client at a time; serial clients share the port by way of this process.
func (h *Host) Console(_ context.Context, id string, kind driver.ConsoleType) (driver.ConsoleAddress, error) {
	m, err := h.whole(id)
	if err != nil {
		return driver.ConsoleAddress{}, err
	}
	q := m.instance()
	switch kind {
	case driver.ConsoleVNC:
		return driver.ConsoleAddress{Path: m.vnc()}, nil
	case driver.ConsoleSerial:
		if q != nil {
			err = h.shareSerial(m, q)
		}
		return driver.ConsoleAddress{Path: m.viewers()}, err
	case driver.ConsoleSPICE:
		if has, err := h.hasSPICE(m, q); has || err != nil {
			return driver.ConsoleAddress{Path: m.files.spice()}, err
		}
	}
	return driver.ConsoleAddress{}, fmt.Errorf("%w: console %s", driver.ErrNoDevice, kind)
}

// hasSPICE: a QEMU that runs may be older than what is installed now, and is asked by its socket.
func (h *Host) hasSPICE(m *machine, q *instance) (bool, error) {
	if q == nil {
		return h.spice(), nil
	}
	_, err := os.Stat(m.files.spice())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
