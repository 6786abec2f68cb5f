// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"net/netip"
)

// onFixedIP is what Nova demands for a change of a server's fixed addresses: no more than that it is not
// locked and on a host.
var onFixedIP = guard{anyTask: true, unlaunched: true, lockable: true, host: true}

// AddFixedIP begins to give a server's port on that network one more address. Nova tells a failure only
// in the server's fault.
func (m *Manager) AddFixedIP(ctx context.Context, caller Caller, id, networkID string) error {
	return m.changeFixedIPs(ctx, caller, id, "add_fixed_ip", func(ctx context.Context, inst *Instance) error {
		return m.Networks.AddFixedIP(ctx, inst, networkID)
	})
}

// RemoveFixedIP begins to take an address from the server's port that has it, likewise.
func (m *Manager) RemoveFixedIP(ctx context.Context, caller Caller, id string, address netip.Addr) error {
	return m.changeFixedIPs(ctx, caller, id, "remove_fixed_ip", func(ctx context.Context, inst *Instance) error {
		return m.Networks.RemoveFixedIP(ctx, inst, address)
	})
}

func (m *Manager) changeFixedIPs(ctx context.Context, caller Caller, id, name string, change func(context.Context, *Instance) error) error {
	_, err := m.doAside(ctx, caller, id, aside{
		name: name, guard: onFixedIP,
		run: func(ctx context.Context, inst *Instance) error {
			if err := change(ctx, inst); err != nil {
				return err
			}
			if err := m.RefreshNetwork(ctx, id); err != nil {
				return err
			}
			return m.followPorts(ctx, id, inst.VIFs)
		},
	})
	return err
}
