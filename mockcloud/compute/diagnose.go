// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"slices"

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
	m.meter(inst, found.NICs)
	return found, total.Hypervisor, err
}

// meter adds what the fabric has counted, where it counts: drivers of machines that it connects do not.
func (m *Manager) meter(inst *Instance, nics []driver.NICUse) {
	meter, counts := m.Fabric.(driver.PortMeter)
	if !counts {
		return
	}
	for i := range nics {
		at := slices.IndexFunc(inst.VIFs, func(v VIF) bool { return v.MAC == nics[i].MAC })
		if at < 0 {
			continue
		}
		if use, err := meter.PortUse(inst.VIFs[at].PortID); err == nil { // one that is not plugged has carried nothing
			use.MAC = nics[i].MAC
			nics[i] = use
		}
	}
}
