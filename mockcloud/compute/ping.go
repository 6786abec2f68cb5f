// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// Ping tells whether a server answers on one of those of its ports: its machine runs, and its guest answers an echo
// request on the data plane. Where there is none, nobody is asked: simulated servers that run answer. The error is
// ctx's alone: nobody hears from a host that cannot be asked either.
func (m *Manager) Ping(ctx context.Context, inst *Instance, ports []string) (bool, error) {
	h := m.hosts[inst.Host]
	if h == nil || len(ports) == 0 {
		return false, ctx.Err()
	}
	if power, err := h.power(ctx, inst.ID); err != nil || power != PowerRunning {
		return false, ctx.Err()
	}
	pinger, wired := m.Fabric.(driver.Pinger)
	if !wired {
		return true, nil
	}
	for _, port := range ports {
		answers, err := pinger.Ping(ctx, port)
		switch {
		case answers:
			return true, nil
		case ctx.Err() != nil:
			return false, ctx.Err()
		case err != nil:
			m.Log.Warn("port not pinged", "port", port, "instance", inst.ID, "error", err)
		}
	}
	return false, nil
}
