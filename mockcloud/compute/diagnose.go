// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// powerNames are Nova's names of the power states.
var powerNames = map[PowerState]string{
	PowerNoState: "pending", PowerRunning: "running", PowerPaused: "paused", PowerShutdown: "shutdown", PowerCrashed: "crashed",
	PowerSuspended: "suspended",
}

// String is Nova's name of the power state: "running".
func (p PowerState) String() string { return powerNames[p] }

// Diagnose tells what a running server's machine uses, and what kind of hypervisor says so. Errors: Conflict of
// a server that does not run, NotImplemented of a host that cannot tell.
func (m *Manager) Diagnose(ctx context.Context, id string) (found driver.Diagnostics, hypervisor string, err error) {
	inst, err := m.hosted(ctx, id)
	if err != nil {
		return found, "", err
	}
	host, err := m.host(inst.Host)
	if err != nil {
		return found, "", err
	}
	power, err := host.power(ctx, id)
	if err != nil {
		return found, "", err
	}
	if power != PowerRunning {
		return found, "", &InstanceInvalidState{InstanceID: id, Action: "get_diagnostics", Attr: "power state", State: power.String()}
	}
	total, err := host.resources(ctx)
	if err != nil {
		return found, "", err
	}
	err = use(ctx, host, "Diagnose", id, func(ctx context.Context, d driver.Diagnoser) error {
		found, err = d.Diagnose(ctx, id)
		return err
	})
	return found, total.Hypervisor, err
}
