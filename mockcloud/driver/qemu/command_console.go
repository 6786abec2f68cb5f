// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bytes"
	"os/exec"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// consoleArguments are the serial port, whose output is logged, and the screen with what shows it.
func (h *Host) consoleArguments(m *machine) []string {
	args := []string{
		"-chardev", "socket,id=serial0,path=" + escape(m.serial()) + ",server=on,wait=off,logfile=" + escape(m.console()) + ",logappend=on",
		"-serial", "chardev:serial0",
		"-vga", "std",
		"-vnc", "unix:" + escape(m.vnc()),
	}
	if h.spice() {
		// Who can connect to the socket is who may: tickets would be passwords on top.
		args = append(args, "-spice", "unix=on,addr="+escape(m.spice())+",disable-ticketing=on,disable-agent-file-xfer=on,disable-copy-paste=on")
	}
	return args
}

// offersSPICE asks QEMU whether it has SPICE: distributions package it apart. It prints its options and fails.
func (h *Host) offersSPICE() bool {
	ctx, cancel := clock.WithTimeout(h.ctx, clock.Wall(), handshakeLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.opts.QEMU, "-spice", "help")
	cmd.Env = environment()
	said, _ := cmd.CombinedOutput() // help ends with a failure
	return bytes.Contains(said, []byte("disable-ticketing"))
}
