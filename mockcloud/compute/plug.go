// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// plug connects the instance's VIFs to the data plane.
func (m *Manager) plug(ctx context.Context, inst *Instance) ([]driver.NIC, error) {
	var nics []driver.NIC
	for _, vif := range inst.VIFs {
		nic, err := m.Fabric.Plug(ctx, port(inst, vif))
		if err != nil {
			return nil, fmt.Errorf("plug port %s: %w", vif.PortID, err)
		}
		nics = append(nics, nic)
	}
	return nics, nil
}

// unplug disconnects them; a port that cannot be is only logged, for nothing can be done about it.
func (m *Manager) unplug(ctx context.Context, inst *Instance) {
	for _, vif := range inst.VIFs {
		if err := m.Fabric.Unplug(ctx, vif.PortID); err != nil {
			m.Log.Error("port not unplugged", "port", vif.PortID, "instance", inst.ID, "error", err)
		}
	}
}

func port(inst *Instance, vif VIF) driver.Port {
	p := driver.Port{
		ID: vif.PortID, NetworkID: vif.NetworkID, Device: inst.ID, MAC: vif.MAC, MTU: vif.MTU,
		Hostname: or(vif.Hostname, inst.Hostname),
	}
	for _, a := range vif.Addresses {
		if a.Type == FixedAddress {
			p.Addresses = append(p.Addresses, driver.Address{IP: a.IP, Subnet: a.Subnet})
		}
	}
	return p
}
