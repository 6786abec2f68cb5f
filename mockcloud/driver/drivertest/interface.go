// SPDX-License-Identifier: MPL-2.0

package drivertest

import (
	"os"
	"path/filepath"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// interfaces holds for drivers that can attach NICs.
func interfaces(h *host) {
	attacher := able[driver.InterfaceAttacher](h)
	id, first, second := h.spawn(), h.nic("a"), h.nic("b")
	h.must(attacher.AttachInterface(h.ctx, id, first), "AttachInterface")
	h.must(attacher.AttachInterface(h.ctx, id, first), "AttachInterface again")
	h.must(attacher.DetachInterface(h.ctx, id, first.PortID), "DetachInterface")
	if _, err := os.Stat(first.Local); !os.IsNotExist(err) {
		h.Errorf("after DetachInterface its socket is there still: %v", err)
	}
	h.wantErr(attacher.DetachInterface(h.ctx, id, first.PortID), driver.ErrNoDevice, "DetachInterface again")
	h.must(attacher.AttachInterface(h.ctx, id, first), "AttachInterface of the same port anew")
	h.reopen()
	attacher = able[driver.InterfaceAttacher](h)
	h.must(h.Stop(h.ctx, id, 0), "Stop")
	h.must(attacher.AttachInterface(h.ctx, id, second), "AttachInterface to a stopped machine")
	h.must(h.Start(h.ctx, id), "Start")
	h.must(attacher.DetachInterface(h.ctx, id, first.PortID), "DetachInterface after the start")
	h.must(h.Stop(h.ctx, id, 0), "Stop")
	h.must(attacher.DetachInterface(h.ctx, id, second.PortID), "DetachInterface from a stopped machine")
	h.wantErr(attacher.AttachInterface(h.ctx, "nobody", first), driver.ErrNotFound, "AttachInterface to no machine")
	h.wantErr(attacher.DetachInterface(h.ctx, "nobody", first.PortID), driver.ErrNotFound, "DetachInterface from no machine")
}

// nic is a port that is plugged into nothing.
func (h *host) nic(name string) driver.NIC {
	h.Helper()
	dir, err := os.MkdirTemp("", "nic") // h.TempDir is too long for a socket
	h.must(err, "sockets")
	h.Cleanup(func() { _ = os.RemoveAll(dir) })
	return driver.NIC{PortID: "port-" + name, MAC: "fa:16:3e:00:00:0" + name, MTU: 1450, Local: filepath.Join(dir, "vm"), Switch: filepath.Join(dir, "switch")}
}
