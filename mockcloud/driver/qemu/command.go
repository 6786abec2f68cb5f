// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// hotplugPorts are the PCIe root ports left free for volumes and interfaces that come later: q35's
// own bus takes no hot-plug. Each NIC of the start has one too, so that it can be unplugged.
const hotplugPorts = 8

// The descriptors of the QMP sockets in QEMU: made before it runs, they can be connected to at once.
const (
	qmpFD  = 3
	qmp2FD = 4
)

// obj is a JSON object of QEMU's: unlike key=value lists it needs no escaping.
type obj map[string]any

// arguments are QEMU's for a machine: it starts stopped, with nothing listening but unix sockets in
// the machine's own directory.
func (h *Host) arguments(m *machine) []string {
	s := m.spec
	args := []string{
		"-name", "guest=" + escape(s.Name) + ",debug-threads=on",
		"-uuid", s.ID,
		"-S", "-nodefaults", "-no-user-config", "-display", "none",
		"-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
		"-machine", "q35,vmport=off,dump-guest-core=off",
		"-accel", string(h.opts.Accel), "-cpu", h.opts.Accel.cpu(),
		"-smp", strconv.Itoa(s.VCPUs), "-m", fmt.Sprintf("%dM", s.MemoryMiB),
		"-rtc", "base=utc", "-boot", "strict=on",
		"-action", "panic=shutdown",
		// By this cloud-init knows that it is in an OpenStack cloud.
		"-smbios", "type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova,serial=" + s.ID + ",uuid=" + s.ID + ",family=Virtual Machine",
		"-chardev", fmt.Sprintf("socket,id=qmp0,fd=%d,server=on,wait=off", qmpFD), "-mon", "chardev=qmp0,mode=control",
		"-chardev", fmt.Sprintf("socket,id=qmp1,fd=%d,server=on,wait=off", qmp2FD), "-mon", "chardev=qmp1,mode=control",
		"-chardev", "socket,id=serial0,path=" + escape(m.serial()) + ",server=on,wait=off,logfile=" + escape(m.console()) + ",logappend=on",
		"-serial", "chardev:serial0",
		"-chardev", agentChardev(m.agent()),
		"-vga", "std",
		"-device", "pvpanic",
		"-object", "rng-random,id=rng0,filename=/dev/urandom",
	}
	for _, d := range []obj{
		{"driver": "virtio-rng-pci", "rng": "rng0", "id": "rngdev0"}, // TCG's guests have no other entropy
		{"driver": "virtio-balloon-pci", "id": "balloon0"},
		{"driver": "virtio-serial-pci", "id": "virtioserial0"},
		{"driver": "virtserialport", "bus": "virtioserial0.0", "chardev": "agent0", "name": "org.qemu.guest_agent.0", "id": "agentport0"},
	} {
		args = append(args, "-device", encode(d))
	}
	for i := range hotplugPorts + len(s.NICs) {
		args = append(args, "-device", encode(rootPort(i)))
	}
	for _, d := range m.disks() {
		args = append(args, d.arguments()...)
	}
	for i := range s.NICs {
		args = append(args, m.nicArguments(i)...)
	}
	return args
}

// rootPort is the i-th, eight of them to a slot, beginning above what QEMU places itself.
func rootPort(i int) obj {
	return obj{
		"driver": "pcie-root-port", "id": fmt.Sprintf("rp%d", i), "chassis": i + 1,
		"bus": "pcie.0", "addr": fmt.Sprintf("%#x.%d", 0x10+i/8, i%8), "multifunction": true,
	}
}

// disk is a disk of a machine, in the order of the guest's names for them.
type disk struct {
	id, path, format string
	readOnly, boot   bool
}

func (m *machine) disks() []disk {
	disks := []disk{{id: "root", path: m.root(), format: "qcow2", boot: true}}
	if m.spec.Ephemeral {
		disks = append(disks, disk{id: "eph0", path: m.ephemeral(), format: "qcow2"})
	}
	if m.spec.Swap {
		disks = append(disks, disk{id: "swap", path: m.swap(), format: "qcow2"})
	}
	if m.spec.Config {
		disks = append(disks, disk{id: "config", path: m.config(), format: "raw", readOnly: true})
	}
	return disks
}

func (d disk) arguments() []string {
	device := obj{"driver": "virtio-blk-pci", "id": d.id, "drive": "node-" + d.id}
	if d.boot {
		device["bootindex"] = 0
	}
	return []string{
		"-blockdev", encode(obj{"driver": "file", "node-name": "file-" + d.id, "filename": d.path, "read-only": d.readOnly}),
		"-blockdev", encode(obj{"driver": d.format, "node-name": "node-" + d.id, "file": "file-" + d.id, "read-only": d.readOnly}),
		"-device", encode(device),
	}
}

func (m *machine) nicArguments(i int) []string {
	nic := m.spec.NICs[i]
	id := fmt.Sprintf("net%d", i)
	device := obj{"driver": "virtio-net-pci", "id": id, "netdev": "host" + id, "mac": nic.MAC, "bus": fmt.Sprintf("rp%d", i)}
	if nic.MTU > 0 {
		device["host_mtu"] = nic.MTU
	}
	return []string{
		"-netdev", encode(obj{
			"type": "dgram", "id": "host" + id,
			"local":  obj{"type": "unix", "path": nic.Local},
			"remote": obj{"type": "unix", "path": nic.Switch},
		}),
		"-device", encode(device),
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
