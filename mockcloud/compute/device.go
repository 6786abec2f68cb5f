// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// Devices tells where the instance's guest sees its volumes and NICs. None of an instance without a machine, and
// where its driver cannot tell.
func (m *Manager) Devices(ctx context.Context, inst *Instance) ([]driver.Device, error) {
	h := m.hosts[inst.Host]
	if h == nil {
		return nil, nil
	}
	teller, able := h.Driver.(driver.DeviceTeller)
	if !able {
		return nil, nil
	}
	devices, err := teller.Devices(ctx, inst.ID)
	if errors.Is(err, driver.ErrNotFound) || errors.Is(err, driver.ErrInterrupted) {
		return nil, nil
	}
	return devices, err
}
