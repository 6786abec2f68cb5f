// SPDX-License-Identifier: MPL-2.0

package qemu

// nicArguments are the machine's NICs, each in a root port of its own, so that it can be unplugged.
func nicArguments(s *spec) []string {
	var args []string
	for _, n := range s.NICs {
		args = append(args, "-netdev", encode(n.netdev()), "-device", encode(n.device()))
	}
	return args
}

// netdev is the NIC's side towards the fabric.
func (n nic) netdev() obj {
	return obj{
		"type": "dgram", "id": "host" + n.id(),
		"local":  obj{"type": "unix", "path": n.Local},
		"remote": obj{"type": "unix", "path": n.Switch},
	}
}

// device is its side towards the guest.
func (n nic) device() obj {
	device := obj{"driver": "virtio-net-pci", "id": n.id(), "netdev": "host" + n.id(), "mac": n.MAC, "bus": portName(n.Slot)}
	if n.MTU > 0 {
		device["host_mtu"] = n.MTU
	}
	return device
}
