// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// hotplugPorts are the PCIe root ports left free for volumes and interfaces that come later: q35's
// own bus takes no hot-plug. NICs and volumes of the start have one each, too, so that they can be unplugged.
const hotplugPorts = 8

// maxRootPorts is what fits between the disks and the board's own devices, eight to a slot.
const maxRootPorts = 8 * (0x1f - firstPortAddress)

const firstPortAddress = 0x10

// The descriptors of the QMP sockets in QEMU: made before it runs, they can be connected to at once.
const (
	qmpFD  = 3
	qmp2FD = 4
)

// obj is a JSON object of QEMU's: unlike key=value lists it needs no escaping.
type obj map[string]any

// arguments are QEMU's for a machine: it starts stopped, with nothing listening but unix sockets in
// the machine's own directory.
func (h *Host) arguments(m *machine, in *incoming) []string {
	s := m.spec()
	args := slices.Concat(
		h.boardArguments(&s), cpuArguments(&s), m.monitorArguments(), h.consoleArguments(m), m.guestArguments(&s),
		portArguments(s.Ports), m.diskArguments(&s), nicArguments(&s),
	)
	if in != nil {
		args = append(args, "-incoming", in.uri)
	}
	return args
}

// boardArguments are the machine without its devices.
func (h *Host) boardArguments(s *spec) []string {
	return []string{
		"-name", "guest=" + escape(s.Name) + ",debug-threads=on",
		"-uuid", s.ID,
		"-S", "-nodefaults", "-no-user-config", "-display", "none",
		"-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
		"-machine", "q35,vmport=off,dump-guest-core=off",
		"-accel", string(h.opts.Accel), "-cpu", h.opts.Accel.cpu(),
		"-m", fmt.Sprintf("%dM", s.MemoryMiB),
		"-rtc", "base=utc", "-boot", "strict=on",
		// By this cloud-init knows that it is in an OpenStack cloud.
		"-smbios", "type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova,serial=" + s.ID + ",uuid=" + s.ID + ",family=Virtual Machine",
	}
}

// monitorArguments are the QMP sockets.
func (m *machine) monitorArguments() []string {
	return []string{
		"-chardev", fmt.Sprintf("socket,id=qmp0,fd=%d,server=on,wait=off", qmpFD), "-mon", "chardev=qmp0,mode=control",
		"-chardev", fmt.Sprintf("socket,id=qmp1,fd=%d,server=on,wait=off", qmp2FD), "-mon", "chardev=qmp1,mode=control",
	}
}

// portArguments are the root ports.
func portArguments(n int) []string {
	var args []string
	for i := range n {
		args = append(args, "-device", encode(rootPort(i)))
	}
	return args
}

func portName(i int) string { return fmt.Sprintf("rp%d", i) }

// rootPort is the i-th, eight of them to a slot, beginning above what QEMU places itself.
func rootPort(i int) obj {
	return obj{
		"driver": "pcie-root-port", "id": portName(i), "chassis": i + 1,
		"bus": "pcie.0", "addr": fmt.Sprintf("%#x.%d", firstPortAddress+i/8, i%8), "multifunction": true,
	}
}

// agentChardev is the argument by which a QEMU is known to be the one of a machine: no other process
// has the path of a socket in our directory in its command line in just this form.
func agentChardev(path string) string {
	return agentPrefix + escape(path) + agentSuffix
}

const (
	agentPrefix = "socket,id=agent0,path="
	agentSuffix = ",server=on,wait=off"
)

// escape is for values in QEMU's key=value lists.
func escape(s string) string { return strings.ReplaceAll(s, ",", ",,") }

func encode(o obj) string {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err) // strings, numbers and booleans always encode
	}
	return string(b)
}

// environment is all that QEMU and qemu-img get of ours: a process's environment can hold passwords.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
}
