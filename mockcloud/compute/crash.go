// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// CrashDump begins to make a server's guest dump its memory and crash (trigger_crash_dump, since 2.17).
func (m *Manager) CrashDump(ctx context.Context, caller Caller, id string) error {
	_, err := m.doAside(ctx, caller, id, aside{
		name: "trigger_crash_dump", guard: guards["trigger_crash_dump"], record: "trigger_crash_dump",
		event: "compute_trigger_crash_dump",
		run: func(ctx context.Context, inst *Instance) error {
			host, err := m.host(inst.Host)
			if err != nil {
				return err
			}
			return use(ctx, host, "InjectNMI", id, func(ctx context.Context, d driver.CrashDumper) error { return d.InjectNMI(ctx, id) })
		},
	})
	return err
}

// InjectNetworkInfo has a server's network made known to its host again (injectNetworkInfo). It leaves no
// instance action.
func (m *Manager) InjectNetworkInfo(ctx context.Context, caller Caller, id string) error {
	_, err := m.doAside(ctx, caller, id, aside{
		name: "injectNetworkInfo", guard: guard{anyTask: true, unlaunched: true, lockable: true, host: true},
		run: func(ctx context.Context, _ *Instance) error { return m.RefreshNetwork(ctx, id) },
	})
	return err
}
