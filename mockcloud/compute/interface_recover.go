// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// InterfaceChange is an attach or a detach of an interface that is under way.
type InterfaceChange struct {
	Record string // key of its instance action
	PortID string `json:",omitzero"` // what is detached; "" of an attach
}

// recoverInterfaces ends what was cut short: an interface that was not quite attached is taken away again,
// one that was being detached goes. Call it before the instance's VIFs are refreshed, for what they do
// not tell is how half an attach is known.
func (m *Manager) recoverInterfaces(ctx context.Context, inst *Instance) error {
	if len(inst.InterfaceChanges) == 0 || inst.Host != "" && m.hosts[inst.Host] == nil {
		return nil // nothing, or another process has that host
	}
	var errs []error
	for _, change := range inst.InterfaceChanges {
		errs = append(errs, m.recoverInterface(ctx, inst, change))
	}
	return errors.Join(append(errs, m.RefreshNetwork(ctx, inst.ID))...)
}

func (m *Manager) recoverInterface(ctx context.Context, inst *Instance, change InterfaceChange) error {
	gone, event, result := []string{change.PortID}, "compute_detach_interface", error(nil)
	if change.PortID == "" {
		now, err := m.Networks.VIFs(ctx, inst.ID)
		if err != nil {
			return err
		}
		gone, event, result = nil, "compute_attach_interface", errRestarted
		for _, vif := range now {
			if !slices.ContainsFunc(inst.VIFs, func(v VIF) bool { return v.PortID == vif.PortID }) {
				gone = append(gone, vif.PortID)
			}
		}
	}
	if _, err := m.beginAside(ctx, inst.ID, change.Record, event); err != nil {
		return err
	}
	for _, port := range gone {
		err := m.unplugInterface(ctx, m.hosts[inst.Host], inst.ID, port)
		if err != nil && !errors.Is(err, driver.ErrNotFound) {
			return err
		}
		if err := m.Networks.Detach(ctx, inst, port); err != nil && KindOf(err) != NotFound {
			return err
		}
	}
	return m.endAside(ctx, inst.ID, change.Record, result)
}
