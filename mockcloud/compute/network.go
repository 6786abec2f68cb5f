// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// RefreshNetwork brings an instance's network info cache up to date with its ports: call it when a port
// or a floating address of the instance has changed. Nil when there is no such instance.
func (m *Manager) RefreshNetwork(ctx context.Context, id string) error {
	vifs, err := m.Networks.VIFs(ctx, id)
	if err != nil {
		return err
	}
	return m.Store.Update(ctx, func(tx store.Tx) error {
		inst, err := live(tx, id)
		if KindOf(err) == NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if inst.Host == "" {
			return nil // its ports, if any, are those of a build that is being undone
		}
		inst.VIFs = vifs
		return instances.Put(tx, inst)
	})
}

// NetworkChanged follows a change of an instance's ports or floating addresses that was not made through
// this package: the record at once, the data plane when nothing is under way on the instance. Nil when
// there is no such instance.
func (m *Manager) NetworkChanged(ctx context.Context, id string) error {
	before, err := m.Get(ctx, id)
	if KindOf(err) == NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if err := m.RefreshNetwork(ctx, id); err != nil {
		return err
	}
	m.inTurn(id, "", func(ctx context.Context) {
		if err := m.followPorts(ctx, id, before.VIFs); err != nil && ctx.Err() == nil {
			m.Log.Error("ports not plugged as they are now", "instance", id, "error", err)
		}
	})
	return nil
}

// followPorts plugs the instance's ports as they are now, and unplugs those of before that are gone.
func (m *Manager) followPorts(ctx context.Context, id string, before []VIF) error {
	inst, err := m.Get(ctx, id)
	if err != nil || !inst.Live() || m.hosts[inst.Host] == nil {
		return err // with a delete, all is unplugged
	}
	for _, vif := range before {
		if slices.ContainsFunc(inst.VIFs, func(v VIF) bool { return v.PortID == vif.PortID }) {
			continue
		}
		if err := m.dropPort(ctx, inst, vif.PortID); err != nil {
			return err
		}
	}
	_, err = m.plug(ctx, inst)
	return err
}

// dropPort follows the end of a port: the machine loses its NIC, where its host can take one away.
func (m *Manager) dropPort(ctx context.Context, inst *Instance, portID string) error {
	h := m.hosts[inst.Host]
	var err error
	if h.attachesInterfaces() {
		err = m.unplugInterface(ctx, h, inst.ID, portID)
	}
	return errors.Join(err, m.Fabric.Unplug(ctx, portID)) // also from a machine that would not let go of it
}

// plug connects the instance's VIFs to the data plane on its host.
func (m *Manager) plug(ctx context.Context, inst *Instance) ([]driver.NIC, error) {
	return m.plugOn(ctx, inst, inst.Host)
}

// plugOn connects them on that host, where the machine is to be; it leaves its host afterwards.
func (m *Manager) plugOn(ctx context.Context, inst *Instance, host string) ([]driver.NIC, error) {
	var nics []driver.NIC
	for _, vif := range inst.VIFs {
		on := port(inst, vif)
		on.Host = host
		nic, err := m.Fabric.Plug(ctx, on)
		if err != nil {
			return nil, fmt.Errorf("plug port %s: %w", vif.PortID, err)
		}
		nics = append(nics, nic)
	}
	return nics, nil
}

// unplug disconnects them on all hosts; a port that cannot be is only logged, for nothing can be done about it.
func (m *Manager) unplug(ctx context.Context, inst *Instance) {
	for _, vif := range inst.VIFs {
		if err := m.Fabric.Unplug(ctx, vif.PortID); err != nil {
			m.Log.Error("port not unplugged", "port", vif.PortID, "instance", inst.ID, "error", err)
		}
	}
}

// leave disconnects them on one host, where the machine is no more or never came to be. It is done whether or
// not the operation goes on.
func (m *Manager) leave(ctx context.Context, inst *Instance, host string) {
	for _, vif := range inst.VIFs {
		if err := m.Fabric.Leave(context.WithoutCancel(ctx), vif.PortID, host); err != nil {
			m.Log.Error("port not unplugged", "port", vif.PortID, "host", host, "instance", inst.ID, "error", err)
		}
	}
}

// port is the VIF as the data plane knows it, on the instance's host.
func port(inst *Instance, vif VIF) driver.Port {
	p := driver.Port{
		ID: vif.PortID, NetworkID: vif.NetworkID, Device: inst.ID, Host: inst.Host, MAC: vif.MAC, MTU: vif.MTU,
		Hostname: or(vif.Hostname, inst.Hostname),
	}
	p.DHCPOptions = vif.DHCPOptions
	for _, a := range vif.Addresses {
		if a.Type == FixedAddress {
			p.Addresses = append(p.Addresses, driver.Address{IP: a.IP, Subnet: a.Subnet})
		}
	}
	return p
}
