// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"
	"fmt"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.InterfaceAttacher = (*Driver)(nil)

// AttachInterface gives the machine a NIC.
func (d *Driver) AttachInterface(ctx context.Context, id string, n driver.NIC) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.change(id, func(r *machine) {
		if r.nicOf(n.PortID) < 0 {
			r.NICs = append(slices.Clone(r.NICs), nic{n.PortID, n.MAC})
		}
	})
}

// DetachInterface takes the port's NIC from the machine.
func (d *Driver) DetachInterface(ctx context.Context, id, portID string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	found := false
	err := d.change(id, func(r *machine) {
		if at := r.nicOf(portID); at >= 0 {
			found = true
			r.NICs = slices.Delete(slices.Clone(r.NICs), at, at+1)
		}
	})
	if err == nil && !found {
		return fmt.Errorf("%w: NIC of port %s", driver.ErrNoDevice, portID)
	}
	return err
}

// nicOf is the place of the port's NIC, or -1.
func (m *machine) nicOf(portID string) int {
	return slices.IndexFunc(m.NICs, func(n nic) bool { return n.PortID == portID })
}
