// SPDX-License-Identifier: MPL-2.0

package qemu

// consoleArguments are the serial port, whose output is logged, and the screen.
func (m *machine) consoleArguments() []string {
	return []string{
		"-chardev", "socket,id=serial0,path=" + escape(m.serial()) + ",server=on,wait=off,logfile=" + escape(m.console()) + ",logappend=on",
		"-serial", "chardev:serial0",
		"-vga", "std",
	}
}
