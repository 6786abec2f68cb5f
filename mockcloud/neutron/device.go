// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"slices"
	"strings"
)

// The device owners of ports that the service makes for itself.
const (
	OwnerDHCP       = "network:dhcp"
	OwnerInterface  = "network:router_interface"
	OwnerGateway    = "network:router_gateway"
	ownerFloatingIP = "network:floatingip"
	ownerSubPort    = "trunk:subport"
)

// serviceOwners own the ports by which the service knows its own again: no request makes such a port, or
// gives one to another device.
var serviceOwners = []string{OwnerDHCP, OwnerInterface, OwnerGateway, ownerFloatingIP, ownerSubPort}

// trusted reports whether the port is a network device's, which no security group guards.
func (p *Port) trusted() bool { return strings.HasPrefix(p.DeviceOwner, "network:") }

// checkDevice refuses to make a port the service's own, or to take one from it.
func (p *Port) checkDevice(before *Port) error {
	if p.DeviceID == before.DeviceID && p.DeviceOwner == before.DeviceOwner {
		return nil
	}
	for _, owner := range []string{before.DeviceOwner, p.DeviceOwner} {
		if slices.Contains(serviceOwners, owner) {
			return invalidInput.of("device owner " + owner + " is the service's own")
		}
	}
	return nil
}
