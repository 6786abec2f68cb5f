// SPDX-License-Identifier: MPL-2.0

package qemu

// guestArguments are the devices by which the host and the guest know of each other.
func (m *machine) guestArguments(s *spec) []string {
	args := []string{
		"-chardev", agentChardev(m.agent()),
		"-action", "panic=pause",
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
	return append(args, watchdogArguments(s)...)
}
