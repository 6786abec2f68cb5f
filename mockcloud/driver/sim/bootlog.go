// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"fmt"
	"strings"
)

// bootLog is what a booting machine prints on its console.
func bootLog(m *machine) string {
	var log strings.Builder
	seconds := 0.0
	line := func(format string, args ...any) {
		fmt.Fprintf(&log, "[%12.6f] %s\n", seconds, fmt.Sprintf(format, args...))
		seconds += 0.25
	}
	line("Linux version 6.1.0-simulated (mockcloud) #1 SMP")
	line("Command line: root=LABEL=root console=ttyS0")
	line("DMI: Mockcloud %s, simulated", m.Name)
	line("smpboot: Total of %d processors activated", m.VCPUs)
	line("Memory: %dK available", m.MemoryMiB*1024)
	for i, n := range m.NICs {
		line("virtio_net virtio%d eth%d: %s", i, i, n.MAC)
	}
	line("Run /sbin/init as init process")
	line("hostname: %s", m.Hostname)
	fmt.Fprintf(&log, "\n%s ttyS0\n\n%s login: \n", m.Hostname, m.Hostname)
	return log.String()
}
