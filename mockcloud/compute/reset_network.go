// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// ResetNetwork has a server's network set up anew: its ports are plugged as they are now, and its guest sees its links
// go and come back where the host's driver can do that. As InjectNetworkInfo it leaves no instance action, for Nova
// kept none.
func (m *Manager) ResetNetwork(ctx context.Context, caller Caller, id string) error {
	_, err := m.doAside(ctx, caller, id, aside{
		name: "resetNetwork", guard: guard{anyTask: true, unlaunched: true, lockable: true, host: true},
		run: func(ctx context.Context, inst *Instance) error {
			before := inst.VIFs
			if err := m.RefreshNetwork(ctx, id); err != nil {
				return err
			}
			if err := m.followPorts(ctx, id, before); err != nil {
				return err
			}
			h, err := m.host(inst.Host)
			if err != nil {
				return err
			}
			if _, able := h.Driver.(driver.LinkResetter); !able {
				return nil
			}
			return use(ctx, h, "ResetLinks", id, func(ctx context.Context, d driver.LinkResetter) error { return d.ResetLinks(ctx, id) })
		},
	})
	return err
}
